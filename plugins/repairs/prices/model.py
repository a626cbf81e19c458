"""Prices (REP-3): what rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid

PriceKind = Literal["material", "labour", "fee"]
PRICE_KINDS: dict[PriceKind, str] = {
    "material": msgid("Material"),
    "labour": msgid("Labour"),
    "fee": msgid("Fee"),
}
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,20}\Z")]


class NewPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What something costs from a day on, in fen; `retired`: from then on it is not charged any more."""

    code: Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    kind: PriceKind
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    price_fen: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
    warranty_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0
    retired: bool = False


class NewPrices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold from the same day on; those that are as they were change nothing."""

    valid_from: date
    prices: Annotated[tuple[NewPrice, ...], msgspec.Meta(min_length=1, max_length=2000)]


class Price(msgspec.Struct, frozen=True):
    """A revision of a price; `valid_from` until the code's next one."""

    id: UUID
    code: str
    name: str
    kind: PriceKind
    unit: str
    price_fen: int
    warranty_days: int
    valid_from: date
    retired: bool
    set_at: datetime
    set_by_name: str
