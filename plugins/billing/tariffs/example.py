"""Which version counts on a day, and what it comes to for a household as an example: computed as bills are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

import msgspec

from plugins.billing.amounts.charge import Charge, Item, Subject
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.meter import Meter, Readings, Tier
from plugins.billing.amounts.number import exact, plain, read
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Span, month_end
from plugins.billing.calculation import compute
from plugins.billing.formula.tariff import FormulaVersion, Monthly
from plugins.billing.tariffs.formulas import inputs, names_of
from plugins.billing.tariffs.model import MEASURED, Basis, Example, FeeItem, Given, Measured, TariffVersion

_SAMPLES: Final[dict[Basis, Fraction]] = {
    "built": Fraction(90),
    "usable": Fraction(75),
    "charged": Fraction(90),
    "spaces": Fraction(1),
    "fixed": Fraction(1),
    "meter": Fraction(20),
    "once": Fraction(1),
}
_ALWAYS: Final = Span(None, None)


def version_of(versions: Sequence[TariffVersion], day: date) -> TariffVersion | None:
    """The version of that day, the rule being that of `amounts.versions`; None before the first."""
    published = (version for version in versions if version.valid_from <= day)
    return max(published, key=lambda version: (version.valid_from, version.number), default=None)


def coming_after(versions: Sequence[TariffVersion], day: date) -> TariffVersion | None:
    """The next version to take effect after the day."""
    later = [version.valid_from for version in versions if version.valid_from > day]
    return version_of(versions, min(later)) if later else None


def needs(item: FeeItem, version: TariffVersion) -> tuple[Measured, ...]:
    """The quantities without which the version comes to nothing for a unit."""
    if version.formula:
        used = set(names_of(version.formula).values())
        return tuple(basis for basis in MEASURED if basis in used)
    return tuple(basis for basis in MEASURED if basis == item.basis)


def example(item: FeeItem, version: TariffVersion, day: date) -> Example:
    """What the whole month of that day comes to by the version, for 90 m², or one space, or one household; what was
    used 20 of, and something single once."""
    first = day.replace(day=1)
    month, rounding = Span(first, month_end(day)), Rounding(version.rounding_unit, version.rounding_mode)
    asked: Charge | Monthly | Meter
    if version.tiers:
        given: tuple[Basis, ...] = (item.basis,)
        tiers = read(msgspec.to_builtins(version.tiers), tuple[Tier, ...])
        asked = Meter(Readings(Fraction(0), _SAMPLES[item.basis]), None, Fraction(1), None, tiers, rounding)
    elif version.price is None:
        named = needs(item, version)
        given = tuple(basis for basis in _SAMPLES if basis in named)
        known = {basis: (Since(first, value),) for basis, value in _SAMPLES.items() if basis in named}
        formula = FormulaVersion(version.number, version.formula)
        asked = Monthly(formula, inputs(version.formula, known), version.prorate, rounding, month, _ALWAYS, ())
    else:
        given = (item.basis,)
        fee = Item((Since(first, exact(version.price)),), version.prorate, rounding)
        asked = Charge(fee, Subject((Since(first, _SAMPLES[item.basis]),)), month, _ALWAYS, ())
    told = tuple(Given(basis, plain(_SAMPLES[basis])) for basis in given)
    try:
        return Example(told, compute(asked).amount_fen)  # type: ignore[union-attr]  # all come to an amount
    except AmountError:
        return Example(told, None)
