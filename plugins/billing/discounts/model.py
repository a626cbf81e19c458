"""Discounts: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.ledger.entries import MOST as MOST_FEN

MOST: Final = 200  # rows of a page
Kind = Literal["vacancy", "other", "prepaid"]
Asked = Literal["vacancy", "other"]
ASKED: Final[dict[Asked, str]] = {"vacancy": msgid("Vacancy"), "other": msgid("Another reason")}
# what came with money for months ahead is asked of nobody: the offer was published
KINDS: Final[dict[Kind, str]] = {
    "vacancy": ASKED["vacancy"],
    "other": ASKED["other"],
    "prepaid": msgid("Paid months ahead"),
}
Factor = Annotated[str, msgspec.Meta(pattern=r"^0(\.[0-9]{1,4})?\Z")]


class NewDiscount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Only `factor` of an item's price (0.7: seven tenths), or `off_fen` off each full period's amount, from `since` to
    `until`, both included, at a unit, or at the whole site without one. It counts once a second person has agreed."""

    item_id: UUID
    unit_id: UUID | None = None
    kind: Asked
    since: date
    until: date | None = None
    factor: Factor | None = None
    off_fen: Annotated[int, msgspec.Meta(ge=1, le=MOST_FEN)] | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another last day of a discount; the day before its first takes it back altogether."""

    until: date


class AskedFor(msgspec.Struct, frozen=True):
    """A discount waits for a second look."""

    approval_id: UUID


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a second person agrees to: the discount, and how it is called in words."""

    discount: NewDiscount
    asked_by: UUID | None
    asked_by_name: str
    item: str
    place: str
    percent: str
    yuan: str = ""
    since: date
    until: str


class Discount(msgspec.Struct, frozen=True):
    """A discount that counts: `factor` of the price, or `off_fen` off each full period. `by_name` is who agreed, or who
    published the offer that was taken with the receipt."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID | None
    unit: str
    kind: Kind
    since: date
    until: date | None
    factor: str | None
    reason: str
    asked_by_name: str
    at: datetime
    by_name: str
    version: int
    off_fen: int | None = None
    receipt_id: UUID | None = None


class DiscountPage(msgspec.Struct, frozen=True):
    """Discounts, the latest first; `cursor` asks for those before them."""

    items: list[Discount]
    cursor: UUID | None
