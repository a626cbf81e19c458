"""Spans of days, both ends included, and what is cut and counted in them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

DAY = timedelta(days=1)


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """The days from `first` to `last`, both included; None is open. None at all if the last is before the first."""

    first: date | None
    last: date | None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def edges(self) -> Iterator[date]:
        """The days on which something begins: the first, and the one after the last."""
        if self.first is not None:
            yield self.first
        if self.last is not None and self.last < date.max:
            yield self.last + DAY


class Days(msgspec.Struct, frozen=True, order=True, rename={"first": "from", "last": "to"}):
    """The days from `first` to `last`: at least one, and known to end."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1


def common(one: Span, other: Span) -> Days | None:
    """The days of both. Raises ValueError if they do not begin, or do not end."""
    firsts = [day for day in (one.first, other.first) if day is not None]
    lasts = [day for day in (one.last, other.last) if day is not None]
    if not firsts or not lasts:
        raise ValueError("the period is open: say from when to when")
    first, last = max(firsts), min(lasts)
    return Days(first, last) if first <= last else None


def cut(days: Days, at: Iterable[date]) -> Iterator[Days]:
    """The days in pieces, a new one beginning on each of the dates; in order."""
    first = days.first
    for day in sorted({day for day in at if days.first < day <= days.last}):
        yield Days(first, day - DAY)
        first = day
    yield Days(first, days.last)


def months(days: Days) -> Iterator[Days]:
    """The days in pieces that each lie in one month; in order."""
    first = days.first
    while (last := month_end(first)) < days.last:
        yield Days(first, last)
        first = last + DAY
    yield Days(first, days.last)


def month_length(day: date) -> int:
    """How many days the month of that day has."""
    return calendar.monthrange(day.year, day.month)[1]


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=month_length(day))


def months_after(day: date, count: int) -> date:
    """The day that many months later; in a month without such a day its last one (民法典 § 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    start = date(year, month + 1, 1)
    return start.replace(day=min(day.day, month_length(start)))
