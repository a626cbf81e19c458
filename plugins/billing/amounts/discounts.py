"""What is granted: discounts of a charge for vacancy and for paying ahead, and a fixed sum off at the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from plugins.billing.amounts.charge import Discount
from plugins.billing.amounts.spans import DAY, Days, months_after


def vacancy(vacant: Iterable[Days], factor: Fraction, after_days: int = 0) -> tuple[Discount, ...]:
    """Only `factor` of the price where a unit stands empty, from the day on that follows so many days of it."""
    return tuple(
        Discount(days.first + after_days * DAY, days.last, factor) for days in vacant if len(days) > after_days
    )


def prepaid(first: date, paid: int, free: int) -> Discount:
    """Who pays so many months ahead from that day on has so many free: those that follow (预交 n 个月送 m 个月)."""
    return Discount(months_after(first, paid), months_after(first, paid + free) - DAY, Fraction(0))


def granted(amount_fen: int, off_fen: int) -> int:
    """The credit, below 0, for a fixed sum off an amount that was rounded; never more than is owed."""
    return -max(0, min(amount_fen, off_fen))
