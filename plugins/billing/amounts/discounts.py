"""What is granted: discounts of a charge for vacancy and for paying ahead, and a fixed sum off at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from plugins.billing.amounts.charge import Discount
from plugins.billing.amounts.spans import DAY, Days, Span, cut, months_after


class Off(Span, frozen=True, forbid_unknown_fields=True):
    """So much comes off a full period's amount that has all its days among these; of several on a day the largest."""

    off_fen: int


Granting = Discount | Off


def vacancy(vacant: Iterable[Days], factor: Fraction, after_days: int = 0) -> tuple[Discount, ...]:
    """Only `factor` of the price where a unit stands empty, from the day on that follows so many days of it."""
    return tuple(
        Discount(days.first + after_days * DAY, days.last, factor) for days in vacant if len(days) > after_days
    )


def prepaid(first: date, paid: int, free: int) -> Discount:
    """Who pays so many months ahead from that day on has so many free: those that follow (预交 n 个月送 m 个月)."""
    return Discount(months_after(first, paid), months_after(first, paid + free) - DAY, Fraction(0))


def off_for(period: Days, service: Days, off: Sequence[Off]) -> int:
    """What comes off for these days of a period, in fen: its share by the day. Rounded down from the period's first day
    on, so that the shares of days that are charged apart come to that of all of them."""

    def through(last: date) -> int:
        if last < period.first:
            return 0
        edges = (edge for each in off for edge in each.edges)
        pieces = cut(Days(period.first, last), edges)
        return sum(len(p) * max((o.off_fen for o in off if p.first in o), default=0) for p in pieces) // len(period)

    return through(service.last) - through(service.first - DAY)


def granted(amount_fen: int, off_fen: int) -> int:
    """The credit, below 0, for a fixed sum off an amount that was rounded; never more than is owed."""
    return -max(0, min(amount_fen, off_fen))
