"""Prepayment offers: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.amounts.spans import DAY, months_after
from plugins.billing.counter.model import Fen, Name, ReceiptDetail
from plugins.billing.ledger.entries import Means
from plugins.billing.runs.facts import Reason

MOST: Final = 200  # rows of a page
Months = Annotated[int, msgspec.Meta(ge=1, le=60)]
# why months have no price, and what to do about it
UNPRICED: Final[dict[Reason, str]] = {
    "missing_price": msgid("The item has no price in these months yet: publish a version of it first."),
    "missing_quantity": msgid("The unit lacks its area or number of spaces: enter it first."),
    "missing_payer": msgid("Nobody is known who pays for the unit: enter its owner in the roll first."),
    "two_payers": msgid("Two tenants overlap: say in the roll until when the first one stayed."),
    "missing_handover": msgid(
        "The day of the handover is missing: the item's year begins there. Enter it in the roll."
    ),
    "formula": msgid("The formula comes to no amount: look at it with this unit's values."),
    "changed_formula": msgid("The formula changes within a period: let the new version begin with one."),
}


class NewOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who pays `paid` months of an item ahead has the `free` months after them free. It can be taken on the days from
    `since` to `until`, both included; null: until further notice."""

    item_id: UUID
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    paid: Months
    free: Annotated[int, msgspec.Meta(ge=1, le=24)]
    since: date
    until: date | None = None


class OfferEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another last day on which an offer can be taken; null: until further notice."""

    until: date | None


class Offer(msgspec.Struct, frozen=True):
    """An offer as it was published."""

    id: UUID
    item_id: UUID
    item: str
    title: str
    paid: int
    free: int
    since: date
    until: date | None
    at: datetime
    by_name: str
    version: int

    def open(self, day: date) -> bool:
        """Whether it can be taken on that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def months(self, first: date) -> Stretch:
        """Its months from that day on."""
        free = months_after(first, self.paid)
        return Stretch(first, free - DAY, free, months_after(first, self.paid + self.free) - DAY)


class Stretch(msgspec.Struct, frozen=True):
    """First and last day of the months that are paid for, and of those that are free."""

    first_day: date
    last_day: date
    free_first: date
    free_last: date


class OfferPage(msgspec.Struct, frozen=True):
    """Offers, the latest first; `cursor` asks for those before them."""

    items: list[Offer]
    cursor: UUID | None


class QuoteLine(msgspec.Struct, frozen=True):
    """What runs will charge for these days, in fen."""

    first_day: date
    last_day: date
    amount_fen: int


class Quote(msgspec.Struct, frozen=True):
    """What an offer costs at a unit, in fen: the months that are paid for, as runs charge them."""

    offer: Offer
    unit_id: UUID
    unit: str
    first_day: date
    last_day: date
    free_first: date
    free_last: date
    amount_fen: int
    lines: list[QuoteLine]


class Taking(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A household takes an offer, and pays for its months at the counter. `amount_fen` is what it was told; the rest is
    as with any payment there. `key`: the same again is the same."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    offer_id: UUID
    unit_id: UUID
    first_day: date
    party_id: UUID
    means: Means
    amount_fen: Fen
    given_fen: Fen | None = None
    reference: Name = ""
    agent_name: Name = ""
    agent_relation: Name = ""
    identified: bool = False
    remark: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Taken(msgspec.Struct, frozen=True):
    """The receipt that was given, and the discount of the months that are free."""

    id: UUID
    discount_id: UUID
    receipt: ReceiptDetail
