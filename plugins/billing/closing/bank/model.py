"""Lines of bank statements and months as stored and as asked for (BIL-4). Amounts in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.closing.bank.matching import Proposal, Transfer
from plugins.billing.closing.bank.reading import Mistake

State = Literal["open", "reconciled", "set_aside"]
OPEN: Final = 200  # of a month's list at most
Note = Annotated[str, msgspec.Meta(max_length=200)]


class BankLine(msgspec.Struct, frozen=True):
    """A line as stored: `entry_id` is the entry of the ledger that it is, `note` why it is none. `reopened` says why it
    is open again: the entry was undone, or somebody took it back."""

    id: UUID
    account: str
    serial: str
    booked_on: date
    amount_fen: int
    payer: str
    remark: str
    entry_id: UUID | None
    note: str
    settled_at: datetime | None
    settled_by_name: str
    status: State
    version: int
    reopened_at: datetime | None = None
    reopened: Literal["", "undone", "taken_back"] = ""


class BankPage(msgspec.Struct, frozen=True):
    """Lines, the latest first; `cursor` goes into the next request, null at the end."""

    items: list[BankLine]
    cursor: str | None


class BankDetail(msgspec.Struct, frozen=True):
    """A line; while it is open, whose payment it may be, and which entries of the ledger have its amount."""

    line: BankLine
    proposals: list[Proposal]
    transfers: list[Transfer]


class Taken(msgspec.Struct, frozen=True):
    """What came of a file: lines that are new, were there before, and were found in the ledger at once; rows that could
    not be taken."""

    new: int
    known: int
    reconciled: int
    mistakes: list[Mistake]


class Matched(msgspec.Struct, frozen=True):
    """How many lines were found in the ledger."""

    reconciled: int


class Settle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line is: the payment of a unit by a party, an entry of the ledger, or neither, and `note` says what."""

    unit_id: UUID | None = None
    party_id: UUID | None = None
    entry_id: UUID | None = None
    note: Note = ""


class Month(msgspec.Struct, frozen=True):
    """A month's bank statement beside the ledger's transfers. Lines that were set aside are no part of `bank_fen`.
    `carried_lines` are of months before that were signed, and have been opened again since."""

    month: date
    lines: int
    bank_fen: int
    set_aside_fen: int
    entries: int
    ledger_fen: int
    difference_fen: int
    open_lines: int
    open_entries: int
    carried_lines: int = 0


class Signed(msgspec.Struct, frozen=True):
    """What somebody signed for a month."""

    id: UUID
    month: date
    bank_fen: int
    ledger_fen: int
    difference_fen: int
    open_lines: int
    open_entries: int
    note: str
    at: datetime
    by_name: str


class MonthDetail(msgspec.Struct, frozen=True):
    """A month as it stands, what was signed for it, and what is open: at most 200 lines and 200 entries. `carried` are
    lines of months before that were signed, at most 200."""

    now: Month
    signed: Signed | None
    lines: list[BankLine]
    entries: list[Transfer]
    carried: list[BankLine] = []


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The month's first day; `note` says why bank and ledger differ."""

    month: date
    note: Note = ""
