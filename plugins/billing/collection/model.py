"""What collection at home takes and tells: receipt books, visits, what was collected (BIL-3). Amounts are fen."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.collection.numbers import State, Tally
from plugins.billing.counter.model import Fen, Name, Text
from plugins.billing.ledger.entries import Means

ROWS: Final = 200  # of a page
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
BookStatus = Literal["out", "returned"]
VisitStatus = Literal["agreed", "paid", "unpaid", "called_off"]
Reason = Annotated[str, msgspec.Meta(max_length=200)]


class NewReceiptBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A book that is handed out: its numbers as they are printed on the first and the last slip, 200 at most.
    `signed`: the collector has signed for it."""

    first: Label
    last: Label
    holder_id: UUID
    signed: bool = False


class ReceiptBook(msgspec.Struct, frozen=True):
    """A book in a collector's hands, or back. `used_fen` is what the valid receipts of its numbers come to."""

    id: UUID
    first: str
    last: str
    size: int
    holder_id: UUID
    holder_name: str
    handed_at: datetime
    handed_by_name: str
    status: BookStatus
    used: int
    spoiled: int
    lost: int
    unused: int
    used_fen: int
    returned_at: datetime | None
    returned_by_name: str
    version: int


class ReceiptBookPage(msgspec.Struct, frozen=True):
    """Books, the latest handed out first; `cursor` asks for the next page, null: there is none."""

    items: list[ReceiptBook]
    cursor: str | None


class NumberRun(msgspec.Struct, frozen=True):
    """Numbers beside each other that are unused, or one that is not. `skipped`: unused, and a later one is not.
    A used number has its receipt; one whose receipt is void is spoiled, for its reason."""

    first: str
    last: str
    count: int
    state: State
    skipped: bool
    receipt_id: UUID | None
    receipt: str
    amount_fen: int
    reason: str
    at: datetime | None
    by_name: str


class ReceiptBookDetail(msgspec.Struct, frozen=True):
    """A book with all its numbers, and what the ledger has of their receipts."""

    id: UUID
    book: ReceiptBook
    runs: list[NumberRun]
    ledger_fen: int

    @property
    def tally(self) -> Tally:
        """How many of the numbers are in which state."""
        return Tally(self.book.used, self.book.spoiled, self.book.lost, self.book.unused)


class NumberMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers that are spoiled or lost, as printed; without `last` it is one."""

    state: Literal["spoiled", "lost"]
    first: Label
    reason: Reason
    last: Annotated[str, msgspec.Meta(max_length=30)] = ""


class ReturnedBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many unused slips were counted in the book that comes back."""

    unused: Annotated[int, msgspec.Meta(ge=0, le=200)]


class NewHomeVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A visit that a household agrees to: the site's day and wall time, who goes. `dunning_id` is the step of dunning
    that led to it."""

    unit_id: UUID
    party_id: UUID
    day: date
    starts: time
    ends: time
    collector_id: UUID
    why: Text = ""
    note: Text = ""
    dunning_id: UUID | None = None


class ChangedVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another time, or somebody else who goes."""

    day: date
    starts: time
    ends: time
    collector_id: UUID
    why: Text = ""
    note: Text = ""


class VisitOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing was paid, or why the visit is called off."""

    reason: Reason


class HomeVisit(msgspec.Struct, frozen=True):
    """A visit with what the unit owes by now; `phone` is masked. Of one that was paid: the receipt, the printed number
    and the amount; `reason` says why it was not paid or called off. `dunning` is the number of the step."""

    id: UUID
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    phone: str
    day: date
    starts: time
    ends: time
    collector_id: UUID
    collector_name: str
    why: str
    note: str
    dunning_id: UUID | None
    dunning: str
    status: VisitStatus
    reason: str
    receipt_id: UUID | None
    paper_number: str
    amount_fen: int | None
    open_fen: int
    overdue_fen: int
    agreed_at: datetime
    agreed_by_name: str
    settled_at: datetime | None
    settled_by_name: str
    version: int


class HomeVisitPage(msgspec.Struct, frozen=True):
    """Visits of a day along the way; `cursor` asks for the next page, null: there is none."""

    items: list[HomeVisit]
    cursor: str | None


class NewCollection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was collected on a visit: on which printed number, by what means, how much, on which day. It goes to the
    charges that are named, without any to all of the unit, the oldest first; the rest is prepaid."""

    paper_number: Label
    means: Means
    amount_fen: Fen
    collected_on: date
    charge_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=500)] | None = None
    reference: Name = ""
    remark: Text = ""
