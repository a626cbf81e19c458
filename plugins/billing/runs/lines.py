"""The lines of one item. What depends on days alone is computed once for all units; each then adds its quantity.

An amount is linear in its quantities, so that a period's coefficients, taken from the very parts that `charge` adds up,
give what `charge` gives; a property test holds it to that. A formula need not be linear and is computed as it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from operator import mul
from typing import Final

import msgspec

from plugins.billing.amounts.charge import Charge, Charged, Discount, Item, Part, Subject, charge, priced
from plugins.billing.amounts.discounts import Granting, Off
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.meter import meter
from plugins.billing.amounts.number import as_json
from plugins.billing.amounts.rent import Rent, as_charge
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.share import SharePart, part
from plugins.billing.amounts.spans import Days, Span, common
from plugins.billing.amounts.versions import Version, item_from
from plugins.billing.formula.tariff import FormulaVersion, KnownSince, Monthly, monthly
from plugins.billing.granted import less, meeting
from plugins.billing.line import Drift, Line
from plugins.billing.meters.dial import Dial
from plugins.billing.rents.lease import Lease
from plugins.billing.runs.facts import BilledItem, Reason, Rules
from plugins.billing.tariffs.formulas import UNITS, names_of

Quantities = Mapping[str, Sequence[tuple[date, int]]]
Change = tuple[date, int]
Discounts = tuple[Discount, ...]
_FIXED: Final = ((date.min, 100),)


class ChangedFormula(AmountError):
    """A formula begins or ends in the middle of what is charged: no line can say both."""

    def __init__(self) -> None:
        super().__init__("formula", "the formula changes within the charged days")


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line keeps: the item's version, what it was computed from, what it came to."""

    version: int
    facts: msgspec.Raw
    outcome: msgspec.Raw


def kept_line(definition: int, text: str) -> tuple[int, Line]:
    """The item's version and the line that a stored text holds, as `replay` takes it. Raises Drift."""
    try:
        kept = msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError as error:
        raise Drift(f"the line cannot be read: {error}") from None
    return kept.version, Line(definition, bytes(kept.facts).decode(), bytes(kept.outcome).decode())


class _Plan:
    """Days that are charged with quantities that change on certain days, whatever they are."""

    def __init__(
        self, item: Item, version: int, period: Days, service: Days, dates: Sequence[date], granted: Discounts
    ) -> None:
        stand_ins = tuple(Since(first, Fraction(number)) for number, first in enumerate(dates, 1))
        asked = Charge(item, Subject(stand_ins), _span(period), _span(service), granted)
        coefficients = [Fraction(0)] * len(dates)
        parts = []
        for piece in priced(asked):
            coefficients[int(piece.quantity) - 1] += piece.price * piece.factor * piece.fraction
            parts.append(Part(piece.days.first, piece.days.last, str(piece.fraction)))
        # yuan for a hundredth of the quantity, as integers over one denominator
        common = math.lcm(*(coefficient.denominator for coefficient in coefficients))
        self._coefficients = [int(coefficient * common) for coefficient in coefficients]
        self._denominator = common * 100
        self._dates = dates
        self._rounding: Rounding = item.rounding
        facts, subject = as_json(asked), as_json(asked.subject)
        before, found, after = facts.partition(f'"subject":{subject}')
        assert found  # a struct is written field by field
        self._before = f'{{"version":{version},"facts":{before}"subject":{{"quantity":['
        self._between = f']}}{after},"outcome":{{"amount_fen":'
        self._after = f',"parts":{as_json(parts)}}}}}'
        self._froms = [f'{{"from":"{first.isoformat()}","value":"' for first in dates]

    def line(self, values: Sequence[int]) -> tuple[int, str]:
        """The amount in fen, and the text to keep, for quantities in hundredths."""
        numerator = sum(map(mul, self._coefficients, values))
        amount = self._rounding.fen_of(numerator, self._denominator)
        quantity = ",".join(f'{first}{_decimal(value)}"}}' for first, value in zip(self._froms, values, strict=True))
        return amount, f"{self._before}{quantity}{self._between}{amount}{self._after}"


class Lines:
    """The lines of an item; remembers plans and what they came to."""

    def __init__(self, item: BilledItem) -> None:
        self._item: Final = item
        self._plans: dict[tuple[Days, Days, tuple[date, ...], Discounts], _Plan] = {}
        self._known: dict[object, tuple[int, str]] = {}
        self._rules_of: dict[Days, Rules] = {}

    def line(
        self, period: Days, service: Days, quantities: Quantities, granted: Sequence[Granting] = ()
    ) -> tuple[int, str]:
        """The amount in fen for the days of `service`, and the text to keep. Raises AmountError."""
        factors, off = _met(granted, period, service)
        known = self._before(period, service, quantities, factors)
        return self._less(known, period, service, off) if off else known

    def _before(self, period: Days, service: Days, quantities: Quantities, granted: Discounts) -> tuple[int, str]:
        """The same before fixed sums come off."""
        rules = self._rules_of.get(service)
        if rules is None:
            rules = self._rules_of[service] = self._rules(service)
        if rules.formula:
            return self._by_formula(rules, period, service, quantities, granted)
        basis = self._item.basis
        history = _relevant(_FIXED if basis == "fixed" else quantities.get(basis, ()), service)
        key = (period, service, history, granted)
        known = self._known.get(key)
        if known is None:
            dates = tuple(first for first, _ in history)
            plan = self._plans.get((period, service, dates, granted))
            if plan is None:
                plan = _Plan(self._charged_as(service), rules.number, period, service, dates, granted)
                self._plans[period, service, dates, granted] = plan
            known = self._known[key] = plan.line([value for _, value in history])
        return known

    def _less(self, before: tuple[int, str], period: Days, service: Days, off: tuple[Off, ...]) -> tuple[int, str]:
        key = (before[1], off)
        known = self._known.get(key)
        if known is None:
            kept = msgspec.json.decode(before[1], type=Kept)
            charged = msgspec.json.decode(kept.outcome, type=Charged)
            found = less(charged, _span(period), _span(service), off)
            facts = f'{{"kind":"granted","charge":{bytes(kept.facts).decode()},"off":{as_json(off)}}}'
            text = f'{{"version":{kept.version},"facts":{facts},"outcome":{as_json(found)}}}'
            known = self._known[key] = found.amount_fen, text
        return known

    def metered(self, dial: Dial, service: Days) -> tuple[int, str]:
        """The same for the days from one reading of a meter to another. Raises AmountError."""
        rules = self._rules(service)
        asked = dial.meter(service, rules.tiers, rules.rounding)
        found = meter(asked)
        text = f'{{"version":{rules.number},"facts":{as_json(asked)},"outcome":{as_json(found)}}}'
        return found.amount_fen, text

    def shared(self, asked: SharePart) -> tuple[int, str]:
        """The same for a share of a cost, which has no version."""
        found = part(asked)
        return found.amount_fen, f'{{"version":0,"facts":{as_json(asked)},"outcome":{as_json(found)}}}'

    def rented(
        self, lease: Lease, period: Days, service: Days, quantities: Quantities, granted: Sequence[Granting] = ()
    ) -> tuple[int, str]:
        """The same for days of a contract, by its prices. Raises AmountError."""
        rules, (factors, off) = self._rules(service), _met(granted, period, service)
        history = _relevant(_FIXED if lease.per == "month" else quantities.get(lease.per, ()), service)
        subject = Subject(tuple(Since(first, Fraction(value, 100)) for first, value in history))
        of = rules.prorate, rules.rounding, _span(period), _span(service), factors
        asked = Rent(lease.terms, subject, *of)
        found = charge(as_charge(asked))
        text = f'{{"version":{rules.number},"facts":{as_json(asked)},"outcome":{as_json(found)}}}'
        return self._less((found.amount_fen, text), period, service, off) if off else (found.amount_fen, text)

    def reason(self, error: AmountError) -> Reason:
        """Why there is no line, as a skip says it."""
        if isinstance(error, ChangedFormula):
            return "changed_formula"
        if error.code in ("reading_went_back", "implausible"):
            return "implausible"
        return error.code if error.code in ("missing_price", "missing_quantity", "missing_reading") else "formula"

    def _rules(self, service: Days) -> Rules:
        """The version that a charge of these days follows. Raises AmountError."""
        published = [rules for rules in self._item.versions if rules.first <= service.first]
        if not published:
            raise AmountError("missing_price")
        rules = max(published, key=lambda rules: (rules.first, rules.number))
        later = [other.formula for other in self._item.versions if service.first < other.first <= service.last]
        if any(formula != rules.formula for formula in later):
            raise ChangedFormula
        return rules

    def _charged_as(self, service: Days) -> Item:
        versions = [
            Version(rules.first, rules.number, rules.price, rules.prorate, rules.rounding)
            for rules in self._item.versions
            if rules.price is not None
        ]
        item = item_from(versions, service.first)
        begun = max(since.first for since in item.prices if since.first <= service.first)
        prices = tuple(since for since in item.prices if begun <= since.first <= service.last)
        return Item(prices, item.prorate, item.rounding)

    def _by_formula(
        self, rules: Rules, period: Days, service: Days, quantities: Quantities, granted: Discounts
    ) -> tuple[int, str]:
        named = names_of(rules.formula)
        histories = {name: _relevant(quantities.get(basis, ()), service) for name, basis in sorted(named.items())}
        key = (period, service, tuple(histories.items()), granted)
        known = self._known.get(key)
        if known is None:
            inputs = {
                name: KnownSince(UNITS[named[name]], tuple(Since(at, Fraction(value, 100)) for at, value in history))
                for name, history in histories.items()
            }
            formula = FormulaVersion(rules.number, rules.formula)
            asked = Monthly(formula, inputs, rules.prorate, rules.rounding, _span(period), _span(service), granted)
            charged = monthly(asked)
            text = f'{{"version":{rules.number},"facts":{as_json(asked)},"outcome":{as_json(charged)}}}'
            known = self._known[key] = charged.amount_fen, text
        return known


def _relevant(history: Sequence[Change], service: Days) -> tuple[Change, ...]:
    """What is valid on the days, without what was entered again unchanged. Raises AmountError `missing_quantity`."""
    if len(history) == 1 and history[0][0] <= service.first:
        return (history[0],)
    ordered = sorted(history)
    begun = [change for change in ordered if change[0] <= service.first][-1:]
    if not begun:
        raise AmountError("missing_quantity")
    during = [change for change in ordered if service.first < change[0] <= service.last]
    return tuple(next(alike) for _, alike in groupby((*begun, *during), lambda change: change[1]))


def _met(granted: Sequence[Granting], period: Days, service: Days) -> tuple[Discounts, tuple[Off, ...]]:
    """The factors and the fixed sums of what is granted that count for these days of a period."""
    if not granted:
        return (), ()
    off = meeting(tuple(each for each in granted if isinstance(each, Off)), period, service)
    return _within((each for each in granted if isinstance(each, Discount)), service), off


def _within(granted: Iterable[Discount], service: Days) -> Discounts:
    """Those that cover a day of these, in an order of their own, each once."""
    met = {each for each in granted if common(each, _span(service)) is not None}
    return tuple(sorted(met, key=lambda each: (each.first or date.min, each.last or date.max, each.factor, each.why)))


def _decimal(hundredths: int) -> str:
    """As `plain` writes it, of what is no less than 0."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02}".rstrip("0") if part else str(whole)


def _span(days: Days) -> Span:
    return Span(days.first, days.last)
