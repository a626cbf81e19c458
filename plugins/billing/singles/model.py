"""Single charges: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec

MOST: Final = 200  # rows of a page
Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
Times = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?\Z")]


class NewSingle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a unit owes once, for a day. Where the item has a price on that day it is that, `times` over;
    where it has none, `amount_fen` each time. Without `party_id` whoever the item says pays; without `due_on` it is due
    the item's days after that day."""

    item_id: UUID
    unit_id: UUID
    day: date
    party_id: UUID | None = None
    times: Times = "1"
    amount_fen: Amount | None = None
    due_on: date | None = None


class Single(msgspec.Struct, frozen=True):
    """A single charge as posted, in fen."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    day: date
    due_on: date
    amount_fen: int


class SinglePage(msgspec.Struct, frozen=True):
    """Single charges, the latest first; `cursor` asks for those before them."""

    items: list[Single]
    cursor: UUID | None
