"""Amounts that a formula comes to: once, or a month, charged by the day like any price."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Final

import msgspec

from plugins.billing.amounts.charge import Charge, Charged, Discount, Item, Prorate, Subject, charge
from plugins.billing.amounts.history import History, Since
from plugins.billing.amounts.number import plain
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Span, common, cut
from plugins.billing.formula.compile import Formula, compile_formula
from plugins.billing.formula.units import YUAN, Unit, unit_of

A_MONTH: Final = YUAN / unit_of("month")
_ONE: Final = Subject((Since(date.min, Fraction(1)),))


class FormulaVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A formula as it stood when it was used."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    text: str


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a formula is given, and in which unit."""

    unit: str
    value: Fraction

    def __post_init__(self) -> None:
        unit_of(self.unit)


class KnownSince(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a formula is given, from which day on, and in which unit."""

    unit: str
    values: tuple[Since, ...]

    def __post_init__(self) -> None:
        unit_of(self.unit)


class Once(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="formula"):
    """A formula that comes to yuan, and what it is given."""

    formula: FormulaVersion
    inputs: dict[str, Known]
    rounding: Rounding


class Amount(msgspec.Struct, frozen=True):
    """What is owed in fen, and in yuan as it was before the rounding."""

    amount_fen: int
    yuan: str


class Monthly(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="formula_charge"):
    """A formula that comes to yuan a month, and what it is given by the day; otherwise as `Charge`."""

    formula: FormulaVersion
    inputs: dict[str, KnownSince]
    prorate: Prorate
    rounding: Rounding
    period: Span
    service: Span
    discounts: tuple[Discount, ...]


def once(asked: Once) -> Amount:
    """What it comes to. Raises FormulaError."""
    formula = _compiled(asked.formula, asked.inputs, YUAN)
    yuan = formula.value({name: known.value for name, known in asked.inputs.items()})
    return Amount(asked.rounding.fen(yuan), plain(yuan))


def monthly(asked: Monthly) -> Charged:
    """What is owed: the formula's price on each charged day, by the part of the month. Raises as `as_charge`."""
    return charge(as_charge(asked))


def as_charge(asked: Monthly) -> Charge:
    """The charge of 1 at the prices that the formula comes to. Raises AmountError.

    A charged day on which an input has no value yet is `missing_quantity`; days that are not charged are not looked at.
    """
    formula = _compiled(asked.formula, asked.inputs, A_MONTH)
    histories = {name: History(known.values, "missing_quantity") for name, known in asked.inputs.items()}
    charged = common(asked.period, asked.service)
    changes = {day for history in histories.values() for day in history.dates}
    prices = tuple(
        Since(days.first, formula.value({name: history.at(days.first) for name, history in histories.items()}))
        for days in (cut(charged, changes) if charged else ())
    )
    item = Item(prices, asked.prorate, asked.rounding)
    return Charge(item, _ONE, asked.period, asked.service, asked.discounts)


def _compiled(formula: FormulaVersion, inputs: dict[str, Known] | dict[str, KnownSince], unit: Unit) -> Formula:
    return _checked(formula.text, tuple((name, known.unit) for name, known in inputs.items()), unit)


@lru_cache(maxsize=256)  # a run charges thousands of households by one formula
def _checked(text: str, units: tuple[tuple[str, str], ...], unit: Unit) -> Formula:
    return compile_formula(text, {name: unit_of(of) for name, of in units}, unit)
