"""A calendar laid out on the line of real seconds: how much working time passes, when days close, all by bisection.

Instants are whole seconds since 1970-01-01T00:00Z; dates are proleptic ordinals. A year is compiled when first needed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.sla.calendar import WEEKDAYS, Calendar, ordinal, spans, zone

DAY = 86_400
FIRST_YEAR, LAST_YEAR = 1900, 2199
IDLE_YEARS = 5  # a search that meets no working time for so long is given up

_EPOCH = date(1970, 1, 1).toordinal()


class DayEnds(NamedTuple):
    """The instants at which days end, ascending, and the dates they end."""

    instants: Sequence[int]
    dates: Sequence[int]


class _Year(NamedTuple):
    """The shifts and day ends of the local dates of one year."""

    begin: int
    starts: list[int]
    ends: list[int]
    worked: list[int]  # working seconds of the year at the end of each shift
    closes: DayEnds
    midnights: DayEnds

    def worked_until(self, instant: int) -> int:
        index = bisect_right(self.starts, instant) - 1
        return self.worked[index] - max(0, self.ends[index] - instant) if index >= 0 else 0


class Timeline:
    """A compiled calendar. Get it from `timeline()`, which shares it between equal calendars."""

    def __init__(self, calendar: Calendar) -> None:
        self.zone = zone(calendar.timezone)
        self.week = tuple(spans(calendar.week.get(weekday, ())) for weekday in WEEKDAYS)
        self.exceptions = {ordinal(day): spans(shifts) for day, shifts in calendar.exceptions.items()}

    def date(self, instant: int) -> int:
        """The local date of an instant."""
        return self._local(instant).toordinal()

    def worked(self, since: int, until: int) -> int:
        """Working seconds in `[since, until)`."""
        return sum(year.worked_until(until) - year.worked_until(since) for year in self._years(since, until))

    def spent(self, since: int, seconds: int, until: int | None = None) -> int | None:
        """The instant at which so many (> 0) working seconds from `since` on are used up.

        None if that is not by `until`, or without `until` as far as a search for a deadline goes.
        """
        for year in self._working_years(since) if until is None else self._years(since, until):
            target = year.worked_until(since) + seconds
            index = bisect_left(year.worked, target)
            if index < len(year.worked):
                return year.ends[index] - (year.worked[index] - target)
            seconds = target - (year.worked[-1] if year.worked else 0)
        return None

    def shifts(self, since: int, until: int) -> Iterator[tuple[int, int]]:
        """The working time within `[since, until)`, shift by shift."""
        for year in self._years(since, until):
            for index in range(bisect_right(year.ends, since), bisect_left(year.starts, until)):
                yield max(since, year.starts[index]), min(until, year.ends[index])

    def day_ends(self, since: int, until: int | None = None, *, working: bool) -> Iterator[tuple[int, int]]:
        """Each (instant, date) in `[since, until)` at which a working day closes, or if not `working` any date ends.

        Without `until`: as far as a search for a deadline goes.
        """
        if until is not None:
            years = self._years(since, until)
        elif working:
            years = self._working_years(since)
        else:
            years = (_year(self, number) for number in range(self._local(since - DAY).year, LAST_YEAR + 1))
        for year in years:
            instants, dates = year.closes if working else year.midnights
            first = bisect_left(instants, since)
            last = len(instants) if until is None else bisect_left(instants, until)
            yield from zip(instants[first:last], dates[first:last], strict=True)

    def _local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self.zone)

    def _years(self, since: int, until: int) -> Iterator[_Year]:
        # A day more on each side: 24:00 of a date is the next date's instant, and a clock set back over midnight
        # repeats a date.
        for number in range(self._local(since - DAY).year, self._local(until + DAY).year + 1):
            yield _year(self, number)

    def _working_years(self, since: int) -> Iterator[_Year]:
        """The years with shifts that end at `since` or later, as long as no idle time of IDLE_YEARS comes between."""
        limit = _years_after(since)
        for number in range(self._local(since - DAY).year, LAST_YEAR + 1):
            year = _year(self, number)
            if year.begin >= limit:
                return
            index = bisect_left(year.ends, since)
            if index < len(year.ends):
                if year.starts[index] >= limit:
                    return
                yield year
                limit = _years_after(max(since, year.ends[-1]))


@lru_cache(maxsize=256)
def timeline(calendar: Calendar) -> Timeline:
    """The compiled calendar; the most recently used ones are kept."""
    return Timeline(calendar)


@lru_cache(maxsize=512)
def _year(line: Timeline, number: int) -> _Year:
    midnights = _midnights(line.zone, number)
    first = date(number, 1, 1).toordinal()
    year = _Year(
        begin=midnights[0],
        starts=[],
        ends=[],
        worked=[],
        closes=DayEnds([], []),
        midnights=DayEnds(midnights[1:], range(first, first + len(midnights) - 1)),
    )
    closes, closed_dates = [], []
    worked = 0
    for day, (midnight, next_midnight) in enumerate(pairwise(midnights), first):
        shifts = line.exceptions.get(day)
        if shifts is None:
            shifts = line.week[(day - 1) % 7]
        regular = next_midnight - midnight == DAY  # no clock change within the date: wall time is real time
        for wall_start, wall_end in shifts:
            start = midnight + wall_start if regular else instant_of(line.zone, day, wall_start)
            end = midnight + wall_end if regular else instant_of(line.zone, day, wall_end)
            worked += end - start
            year.starts.append(start)
            year.ends.append(end)
            year.worked.append(worked)
        if shifts:
            closes.append(year.ends[-1])
            closed_dates.append(day)
    return year._replace(closes=DayEnds(closes, closed_dates))


@lru_cache(maxsize=512)
def _midnights(tz: ZoneInfo, number: int) -> tuple[int, ...]:
    """The instants at which the dates of a year begin, and the one at which the last of them ends."""
    days = range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal() + 1)
    return tuple(instant_of(tz, day, 0) for day in days)


def instant_of(tz: ZoneInfo, day: int, seconds: int) -> int:
    """The instant of a wall time: its first occurrence if there are two, the end of the gap if it is skipped."""
    local = (datetime.fromordinal(day) + timedelta(seconds=seconds)).replace(tzinfo=tz)
    wall = (day - _EPOCH) * DAY + seconds
    earlier, later = _offset(local), _offset(local.replace(fold=1))
    if earlier >= later:
        return wall - earlier
    # Skipped: the clock change is the first instant between the two readings of the wall time with the later offset.
    between = range(wall - later, wall - earlier)
    changed = bisect_left(between, True, key=lambda instant: _offset(datetime.fromtimestamp(instant, tz)) == later)
    return between.start + changed


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None  # a ZoneInfo always answers
    return offset // timedelta(seconds=1)


def _years_after(instant: int) -> int:
    """The same time of the same date IDLE_YEARS later; of 29 February the 1 March."""
    moment = datetime.fromtimestamp(instant, UTC)
    if (moment.month, moment.day) == (2, 29):
        moment += timedelta(days=1)
    return int(moment.replace(year=moment.year + IDLE_YEARS).timestamp())
