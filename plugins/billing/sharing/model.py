"""Shared costs: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.tariffs.model import MEASURED, Price

MOST: Final = 200  # rows of a page
Method = Literal["built", "usable", "charged", "coefficient", "equal"]
METHODS: Final[dict[Method, str]] = {
    "built": MEASURED["built"],
    "usable": MEASURED["usable"],
    "charged": MEASURED["charged"],
    "coefficient": MEASURED["coefficient"],
    "equal": msgid("Equally"),
}
Fen = Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class NewCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A month's cost over the units where the item is charged at its end, of one building or of all. Either the fen of
    a bill, or a meter of the site and what each unit of it costs in yuan: then it is what was used in the month."""

    item_id: UUID
    month: date
    building: Annotated[str, msgspec.Meta(max_length=40)] = ""
    method: Method
    total_fen: Fen | None = None
    bill: Annotated[str, msgspec.Meta(max_length=60)] = ""
    meter_id: UUID | None = None
    price: Price | None = None


class Cost(msgspec.Struct, frozen=True):
    """A cost as settled, in fen: over so many units whose weights come to `weights`. `billed`: a run charges it."""

    id: UUID
    item_id: UUID
    item: str
    month: date
    building: str
    method: Method
    total_fen: int
    bill: str
    meter_id: UUID | None
    used: str | None
    price: str | None
    units: int
    weights: str
    at: datetime
    by_name: str
    billed: bool


class CostPage(msgspec.Struct, frozen=True):
    """Costs, the latest month first; `cursor` asks for those after them."""

    items: list[Cost]
    cursor: UUID | None


class CostShare(msgspec.Struct, frozen=True):
    """A unit's share, in fen."""

    unit_id: UUID
    unit: str
    weight: str
    amount_fen: int


class CostDetail(msgspec.Struct, frozen=True):
    """A cost with shares in the roll's order; `cursor` asks for those after them."""

    cost: Cost
    shares: list[CostShare]
    cursor: UUID | None
