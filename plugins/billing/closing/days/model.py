"""Closings of days and weeks as stored and as asked for (BIL-4). Amounts in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from plugins.billing.closing.days.figures import Figures, Found, Moved, OfItem, OfUnit, Told

ClosingKind = Literal["day", "week"]
Missing = Literal["", "closed", "earlier", "open_shift", "late", "not_over", "future"]


class NewClosing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which day, or any day of which week. `note` says what is done about what is out of the ordinary."""

    kind: ClosingKind
    day: date
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Closing(msgspec.Struct, frozen=True):
    """A closing as listed. `anomalies` counts what was out of the ordinary."""

    id: UUID
    kind: ClosingKind
    first_day: date
    last_day: date
    entries: int
    ledger_fen: int
    difference_fen: int
    anomalies: int
    note: str
    at: datetime
    by_name: str


class ClosingPage(msgspec.Struct, frozen=True):
    """Closings, the latest first; `cursor` goes into the next request, null at the end."""

    items: list[Closing]
    cursor: str | None


class ClosingDetail(msgspec.Struct, frozen=True):
    """A closing with its sums and with what was out of the ordinary."""

    closing: Closing
    figures: Figures
    found: list[Found]


class Preview(msgspec.Struct, frozen=True):
    """What closing a day or week would come to now. `missing` says what comes before: '' nothing; `closed` already,
    `first` has to be closed before (`earlier`, `late`), a shift is open, the week is `not_over`, the day to come."""

    kind: ClosingKind
    first_day: date
    last_day: date
    figures: Figures
    found: list[Found]
    missing: Missing
    first: date | None


class Seen(msgspec.Struct, frozen=True):
    """What the database knows of a day. `last` is the last day that is closed, `earlier` one before this with money or
    shifts that no closing has covered."""

    last: date | None
    earlier: date | None
    moved: list[Moved]
    items: list[OfItem]
    shifts: list[Told]
    back: list[OfUnit]
    arrears: list[OfUnit]
    managers: str
