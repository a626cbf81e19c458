"""A site's working time as people enter it: a time zone, shifts per weekday, and dates that differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Shifts = tuple[tuple[str, str], ...]

_WALL_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Working time of a site; an immutable value, equal and hashed by content.

    `timezone` is an IANA name. `week` maps `mon` … `sun` to shifts `[start, end)` in local wall time `HH:MM`, `24:00`
    allowed as an end; a weekday left out is closed. `exceptions` maps a local date `YYYY-MM-DD` to the shifts that
    replace that day's, none meaning closed. Raises ValueError naming the place if the zone, a weekday, a date or a wall
    time is not one, or if a shift does not end after it starts or overlaps another of its day.
    """

    timezone: str
    week: dict[str, Shifts]
    exceptions: dict[str, Shifts] = {}

    def __post_init__(self) -> None:
        zone(self.timezone)
        for weekday, shifts in self.week.items():
            if weekday not in WEEKDAYS:
                raise ValueError(f"week: {weekday!r} is not a weekday; write one of {', '.join(WEEKDAYS)}")
            _check(shifts, f"week.{weekday}")
        for day, shifts in self.exceptions.items():
            ordinal(day)
            _check(shifts, f"exceptions.{day}")

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.timezone, frozenset(self.week.items()), frozenset(self.exceptions.items())))


def zone(timezone: str) -> ZoneInfo:
    """The IANA zone of that name; ValueError if there is none."""
    try:
        return ZoneInfo(timezone)
    except (
        KeyError,
        ValueError,
        OSError,
    ) as error:  # ZoneInfo opens a file of that name: a folder's name is an OSError
        raise ValueError(f"timezone: {timezone!r} is not an IANA time zone") from error


def ordinal(day: str) -> int:
    """The proleptic ordinal of a date written `YYYY-MM-DD`; ValueError if it is not one."""
    try:
        if _DATE.fullmatch(day):
            return date.fromisoformat(day).toordinal()
    except ValueError:
        pass
    raise ValueError(f"exceptions: {day!r} is not a date; write YYYY-MM-DD")


def spans(shifts: Iterable[tuple[str, str]]) -> tuple[tuple[int, int], ...]:
    """Shifts as (start, end) in seconds of wall time since local 00:00, in order of time."""
    return tuple(sorted((_seconds(start), _seconds(end)) for start, end in shifts))


def _seconds(wall: str) -> int:
    return int(wall[:2]) * 3600 + int(wall[3:]) * 60


def _check(shifts: Shifts, place: str) -> None:
    for start, end in shifts:
        for wall in (start, end):
            if not _WALL_TIME.fullmatch(wall):
                raise ValueError(f"{place}: {wall!r} is not a wall time; write HH:MM from 00:00 to 24:00")
        if start >= end:
            raise ValueError(f"{place}: the shift {start}–{end} does not end after it starts")
    ordered = sorted(shifts)
    for (start, end), (later_start, later_end) in pairwise(ordered):
        if later_start < end:
            raise ValueError(f"{place}: the shifts {start}–{end} and {later_start}–{later_end} overlap")
