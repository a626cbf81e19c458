"""Public holidays and make-up working days (调休) of mainland China, as the State Council's notices set them.

The days come from `chinesecalendar`, which holds each notice day by day and refuses a year that is not announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import msgspec
from chinese_calendar import constants  # type: ignore[import-untyped]

FIRST_YEAR = 2024  # of earlier years no ticket's clock is computed anew


class Break(msgspec.Struct, frozen=True):
    """One holiday: its name (a message id), the dates of rest, and the days off that are worked instead."""

    name: str
    first: date
    last: date
    made_up: tuple[date, ...]


@cache
def closed_days() -> frozenset[date]:
    """The dates of rest; those that fall on a weekend are among them, for sites that work on weekends."""
    return frozenset(day for day in constants.holidays if day.year >= FIRST_YEAR)


@cache
def make_up_days() -> frozenset[date]:
    """Saturdays and Sundays that are worked in exchange."""
    return frozenset(day for day in constants.workdays if day.year >= FIRST_YEAR)


@cache
def announced_until() -> int:
    """The last year whose notice is known."""
    return max(day.year for day in closed_days())


def breaks(year: int) -> Iterator[Break]:
    """The holidays of a year in order; none for a year not announced. One that falls into another is part of it."""
    named: dict[str, list[date]] = {}
    for day in sorted(day for day in closed_days() if day.year == year):
        named.setdefault(str(constants.holidays[day]), []).append(day)
    last = date.min
    for name, days in named.items():
        if days[0] <= last:
            continue
        last = days[-1]
        made_up = (day for day in make_up_days() if day.year == year and str(constants.workdays[day]) == name)
        yield Break(name, days[0], last, tuple(sorted(made_up)))
