"""Why a deadline is what it is: the picture of a goal's life, day by day, and the same in words."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from core.web.views.parts import Word

BarKind = Literal["running", "overrun", "closed", "paused", "forgotten"]


class Bar(msgspec.Struct, frozen=True):
    """A stretch of one local day, in the picture's units; `since` and `until` are its instants, `seconds` counted."""

    x: float
    width: float
    kind: BarKind
    since: datetime
    until: datetime
    seconds: int


class Tick(msgspec.Struct, frozen=True):
    """Something that happened, or falls due, at an instant of the day. Its words stand above the bar (`level` 0), below
    it (1) or nowhere (2); left of it if `end`."""

    x: float
    label: str
    at: datetime
    tone: str = ""
    end: bool = False
    level: int = 0


class Day(msgspec.Struct, frozen=True):
    """A row of the picture. `skipped` days before it are left out."""

    y: int
    date: str
    weekday: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    counted: int = 0  # of a day unit: 1 where this day's end counted
    skipped: int = 0


class Picture(msgspec.Struct, frozen=True):
    """Rows of 24 hours; `left` is where midnight stands, `hour` how wide an hour is."""

    width: int
    height: int
    left: int
    hour: int
    days: tuple[Day, ...]


class Stretch(msgspec.Struct, frozen=True):
    """A line of the table: what a stretch was, what it counted, and the sum so far (seconds, or days of a day unit)."""

    since: datetime
    until: datetime
    state: Word
    counted: int
    total: int
    days: tuple[str, ...] = ()
    terms: int = 0
    calendar: int = 0


class Source(msgspec.Struct, frozen=True):
    """What applied from `since` on: an amount on a `clock` or in words, and the revisions that said so (none: the house
    default)."""

    since: datetime
    revisions: tuple[str, ...]
    words: tuple[str, ...] = ()
    amount: int = 0
    unit: str = ""
    clock: str = ""


class GoalLife(msgspec.Struct, frozen=True):
    """A goal's page. `number`, `title` and `back` are the ticket's; `kept`: it was ended in time; `around_the_clock`:
    nights and holidays count."""

    number: str
    title: str
    back: str
    goal: str
    state: Word
    amount: int
    unit: str
    used: int
    due: datetime | None
    breached: datetime | None
    kept: bool
    around_the_clock: bool
    as_of: datetime
    picture: Picture
    stretches: tuple[Stretch, ...]
    terms: tuple[Source, ...]
    calendars: tuple[Source, ...]
