"""The periods that an item is billed for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from plugins.billing.amounts.spans import DAY, Days, months_after

Cycle = Literal["month", "quarter", "year", "anniversary"]
MONTHS: Final[dict[Cycle, int]] = {"month": 1, "quarter": 3, "year": 12, "anniversary": 12}


def period_with(cycle: Cycle, day: date, handover: date | None = None) -> Days:
    """The period in which the day lies; of `anniversary` it begins on the day of the handover, every year.

    A handover on 29 February is on the 28th in other years. Raises ValueError for a day before the handover.
    """
    if cycle == "anniversary" and (handover is None or day < handover):
        raise ValueError(f"{day} is before the handover, or the handover is not known")
    anchor = handover if cycle == "anniversary" and handover else date.min
    step = MONTHS[cycle]
    number = ((day.year - anchor.year) * 12 + day.month - anchor.month) // step
    if months_after(anchor, number * step) > day:
        number -= 1
    return Days(months_after(anchor, number * step), months_after(anchor, (number + 1) * step) - DAY)


def periods(cycle: Cycle, days: Days, handover: date | None = None) -> Iterator[Days]:
    """The whole periods that touch the days, in order and without a gap. Raises as `period_with`."""
    day = days.first
    while day <= days.last:
        period = period_with(cycle, day, handover)
        yield period
        day = period.last + DAY
