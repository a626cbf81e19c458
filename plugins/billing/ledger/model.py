"""The ledger as it is told: entries with their postings, a household's account, months (MO-1, MO-7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

from plugins.billing.ledger.entries import Account

Kind = Literal[
    "charge", "payment", "allocation", "deposit", "deposit_return", "refund", "waiver", "adjustment", "reversal"
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
MOST: Final = 200  # entries of a page
Note = Annotated[str, msgspec.Meta(max_length=200)]


class Line(msgspec.Struct, frozen=True):
    """A posting: debit above nought, credit below. `item` is the item's title, `unit` the unit's label."""

    account: Account
    amount_fen: int
    item_id: UUID | None
    item: str
    unit_id: UUID | None
    unit: str
    party_id: UUID | None
    charge_id: UUID | None
    means: str


class Entry(msgspec.Struct, frozen=True):
    """An entry of the journal. `reverses` is the entry that it undoes, `reversed_by` the one that undoes it;
    `by_name` is empty where a job posted it."""

    id: UUID
    posted_on: date
    kind: Kind
    reverses: UUID | None
    reversed_by: UUID | None
    note: str
    at: datetime
    by_name: str
    lines: list[Line]

    @property
    def amount_fen(self) -> int:
        """What it moves: the sum of its debits."""
        return sum(line.amount_fen for line in self.lines if line.amount_fen > 0)


class Journal(msgspec.Struct, frozen=True):
    """A page of entries, the newest first. `cursor` asks for the next page; null: there is none."""

    items: list[Entry]
    cursor: str | None


class Wanted(msgspec.Struct, frozen=True):
    """Which entries: of a kind, of these days (both included), of a unit, of units whose label has the text in it."""

    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    unit_id: UUID | None = None
    text: str = ""


class OpenCharge(msgspec.Struct, frozen=True):
    """A charge that is not paid yet. Without a bill's line beside it, it counts as due on the day it was posted.
    `days` are those since it was due, 0 before."""

    charge_id: UUID
    item_id: UUID
    item: str
    party_id: UUID
    party: str
    first_day: date | None
    last_day: date | None
    due_on: date
    days: int
    charged_fen: int
    open_fen: int


class Standing(msgspec.Struct, frozen=True):
    """What a party has prepaid, or has left as a deposit."""

    party_id: UUID
    party: str
    item_id: UUID | None
    item: str
    amount_fen: int


class UnitAccount(msgspec.Struct, frozen=True):
    """A household's account: open charges by item and age, what is prepaid and held, and the sums of these."""

    unit_id: UUID
    unit: str
    charges: list[OpenCharge]
    prepaid: list[Standing]
    deposits: list[Standing]
    open_fen: int
    overdue_fen: int
    prepaid_fen: int
    deposit_fen: int


class Period(msgspec.Struct, frozen=True):
    """A month of a site's ledger. `missing` says what comes before it can be closed: '' nothing, `not_over`, or
    `earlier`, the `first` of whose months is still open."""

    month: date
    entries: int
    debit_fen: int
    credit_fen: int
    closed_at: datetime | None
    closed_by: str
    missing: Literal["", "not_over", "earlier"] = ""
    first: date | None = None


class Close(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first day of the month that is closed."""

    month: date


class Reverse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an entry is undone."""

    reason: Note


class Posted(msgspec.Struct, frozen=True):
    """An entry as posted; not `new` where it had been before under the same key."""

    id: UUID
    posted_on: date
    new: bool
