"""Corrections as stored and as asked for: what rules, API and console share (BIL-7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.runs.facts import Reason

Status = Literal["computing", "preview", "asked", "approved", "posted", "discarded"]
Scope = Literal["site", "item", "unit", "unit_item"]
Outcome = Literal["", "posted", "passed"]
MOST: Final = 200  # rows of a page


class NewCorrection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was wrong, and from which day on: of the whole site, of an item, of a unit, or of both."""

    reason: Annotated[str, msgspec.Meta(max_length=200)]
    since: date
    item_id: UUID | None = None
    unit_id: UUID | None = None


class Correction(msgspec.Struct, frozen=True):
    """A correction; amounts in fen. `looked` charges were computed anew, `lines` of them come to something else.

    Of `unknown` lines nothing is known before facts are mended. `settled` lines have had their turn; `passed` of them
    were left alone, because the charge had changed since. Empty `item`, `unit`: all.
    """

    id: UUID
    reason: str
    since: date
    item_id: UUID | None
    item: str
    unit_id: UUID | None
    unit: str
    status: Status
    done: int
    units: int
    looked: int
    lines: int
    unknown: int
    credit_fen: int
    debit_fen: int
    settled: int
    passed: int
    created_at: datetime
    created_by: UUID | None
    created_by_name: str
    computed_at: datetime | None
    asked_at: datetime | None
    approved_at: datetime | None
    approved_by_name: str
    posted_at: datetime | None
    discarded_at: datetime | None
    version: int


class CorrectionPage(msgspec.Struct, frozen=True):
    """Corrections, the latest first; `cursor` goes into the next request, null at the end."""

    items: list[Correction]
    cursor: str | None


class Line(msgspec.Struct, frozen=True):
    """A charge that comes to something else; in fen. `right_fen` null: `reason` says which facts are missing.

    `outcome` is empty before it is posted, `passed` where the charge had changed in between.
    """

    id: UUID
    correction_id: UUID
    charge_id: UUID
    item_id: UUID
    item: str
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    first_day: date
    last_day: date
    was_fen: int
    right_fen: int | None
    difference_fen: int
    reason: Reason | Literal[""]
    freed: bool
    outcome: Outcome
    entry_id: UUID | None


class LinePage(msgspec.Struct, frozen=True):
    """Lines in the order of their units' ids; `cursor` goes into the next request, null at the end."""

    items: list[Line]
    cursor: str | None


class Credit(msgspec.Struct, frozen=True):
    """What a household has prepaid through a correction, and has prepaid by now; in fen. `left_fen` can still be asked
    back, unless `refund` says that it is asked for already, by `approval_id`. Otherwise `refund` tells of what was
    agreed to since: all of it is paid, or some waits to be paid.
    """

    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    credit_fen: int
    prepaid_fen: int
    left_fen: int
    refund: Literal["", "asked", "approved", "paid"]
    approval_id: UUID | None = None


class AskBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A household's credit to be given back, or less than it, in fen."""

    unit_id: UUID
    party_id: UUID
    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=10**13)]


class CreditPage(msgspec.Struct, frozen=True):
    """Credits of a correction; `cursor` goes into the next request, null at the end."""

    items: list[Credit]
    cursor: str | None


class FreedDays(msgspec.Struct, frozen=True):
    """Days that somebody else owes, both included."""

    first_day: date
    last_day: date


class Explained(msgspec.Struct, frozen=True):
    """How a line came about: the steps before and after, and days that somebody else owes.

    There are no steps for whoever may not see amounts.
    """

    line: Line
    before: list[str]
    after: list[str]
    replayed: bool
    freed: list[FreedDays]
