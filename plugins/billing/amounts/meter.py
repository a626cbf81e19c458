"""What a meter's readings come to: the amount used, and its price by tiers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Annotated

import msgspec

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.number import plain
from plugins.billing.amounts.rounding import Rounding


class Readings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the meter showed at the beginning and at the end."""

    previous: Fraction
    current: Fraction

    def __post_init__(self) -> None:
        if min(self.previous, self.current) < 0:
            raise ValueError("a meter shows no less than 0")


class Replaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A meter was taken out at `old_final`, and another put in at `new_initial`."""

    old_final: Fraction
    new_initial: Fraction


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yuan for each unit beyond the tier before, up to and with `up_to`; None: all the rest."""

    up_to: Fraction | None
    price: Fraction


class Meter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="meter"):
    """Readings as the meter shows them, each worth `multiplier` units; `digits` before the point, if it turns over."""

    readings: Readings
    digits: Annotated[int, msgspec.Meta(ge=1, le=12)] | None
    multiplier: Fraction
    replaced: Replaced | None
    tiers: tuple[Tier, ...]
    rounding: Rounding

    def __post_init__(self) -> None:
        if self.multiplier <= 0:
            raise ValueError("the multiplier must be above 0")
        ends = [tier.up_to for tier in self.tiers]
        bounds = [Fraction(0), *(end for end in ends[:-1] if end is not None)]
        if not ends or ends[-1] is not None or len(bounds) != len(ends):
            raise ValueError("of the tiers the last one, and no other, must be open")
        if any(upper <= lower for lower, upper in pairwise(bounds)):
            raise ValueError("the tiers must rise")


class InTier(msgspec.Struct, frozen=True):
    """So many units at the price of one tier."""

    units: Fraction
    price: Fraction

    @property
    def yuan(self) -> Fraction:
        """What they come to, not rounded."""
        return self.units * self.price


class Metered(msgspec.Struct, frozen=True):
    """How many units were used, as a plain decimal, and what they cost in fen."""

    used: str
    amount_fen: int


def meter(asked: Meter) -> Metered:
    """What was used and costs. Raises AmountError `reading_went_back` and `implausible`."""
    used = units_used(asked)
    yuan = sum((part.yuan for part in in_tiers(asked.tiers, used)), Fraction(0))
    return Metered(plain(used), asked.rounding.fen(yuan))


def in_tiers(tiers: tuple[Tier, ...], used: Fraction) -> Iterator[InTier]:
    """So many units in the tiers they fall into, the first first."""
    lower = Fraction(0)
    for tier in tiers:
        upper = used if tier.up_to is None else min(used, tier.up_to)
        if upper > lower:
            yield InTier(upper - lower, tier.price)
            lower = upper


def units_used(asked: Meter) -> Fraction:
    """What went through the meter, or the old and the new one. Raises as `meter`."""
    return _turned(asked) * asked.multiplier


def _turned(asked: Meter) -> Fraction:
    previous, current = asked.readings.previous, asked.readings.current
    if asked.replaced is not None:
        old, new = asked.replaced.old_final - previous, current - asked.replaced.new_initial
        if old < 0 or new < 0:
            raise AmountError("reading_went_back")
        return old + new
    if current >= previous:
        return current - previous
    if asked.digits is None:
        raise AmountError("reading_went_back")
    capacity: int = 10**asked.digits
    turned = capacity - previous + current
    # no meter of so many digits showed the one, or turned on by the other within a period
    if previous >= capacity or turned > Fraction(capacity, 2):
        raise AmountError("implausible")
    return turned
