"""From facts of many units to lines and skips (BIL-2): what is alike for thousands of them is computed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Final
from uuid import UUID

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.periods import MONTHS, Cycle, period_with
from plugins.billing.amounts.spans import DAY, Days, Span, common, months_after
from plugins.billing.runs.facts import BilledItem, Owed, Reason, Skipped, UnitFacts
from plugins.billing.runs.lines import Lines
from plugins.billing.runs.scope import payers, within, without
from plugins.billing.tariffs.scope import charged_days


def begins_in(item: BilledItem, month: date) -> bool:
    """Whether a period of the item can have its first day in that month."""
    return item.cycle == "anniversary" or period_with(item.cycle, month).first == month


def months_of(item: BilledItem) -> int:
    """How many months a period of the item has."""
    return MONTHS[item.cycle]


class Engine:
    """The lines of one month's items. It keeps what units have in common as long as it lives."""

    def __init__(self, month: date, items: Sequence[BilledItem]) -> None:
        self._month: Final = Days(month, months_after(month, 1) - DAY)
        self._items: Final = [(item, Lines(item)) for item in items]
        self._of_id: Final = {item.id: (number, item, lines) for number, (item, lines) in enumerate(self._items)}
        self._around = lru_cache(maxsize=4096)(self._charged_around)
        self._period = lru_cache(maxsize=4096)(self._period_of)

    def compute(self, units: Iterable[UnitFacts]) -> Iterator[Owed | Skipped]:
        """Lines and skips, unit by unit. A unit that an item is not charged for has neither."""
        for unit in units:
            for number, (item, lines) in enumerate(self._items):
                yield from self._of(number, item, lines, unit)

    def _of(self, number: int, item: BilledItem, lines: Lines, unit: UnitFacts) -> Iterator[Owed | Skipped]:
        if item.cycle == "anniversary" and unit.moved_in_on is None:
            if self._charged(number, item, unit, self._month):
                yield Skipped(item.id, unit.id, "missing_handover", self._month.first, self._month.last)
            return
        period = self._period(item.cycle, unit.moved_in_on if item.cycle == "anniversary" else None)
        if period is None:
            return
        if item.basis == "meter":
            yield from self._metered(number, item, lines, unit, period)
            return
        if item.basis == "shared":
            yield from self._shared(item, lines, unit, period)
            return
        days: Iterable[Days]
        if item.basis == "rent":
            days = without([period], unit.billed.get(item.id, ()))
            yield from self._rented(item, lines, unit, period, days)
            return
        days = self._charged(number, item, unit, period)
        if billed := unit.billed.get(item.id):
            days = without(days, billed)
        yield from self._found(item, lines, unit, period, days)

    def by_contract(self, item_id: UUID) -> bool:
        """Whether contracts say what it costs, and on which days."""
        return self._of_id[item_id][1].basis == "rent"

    def anew(self, item_id: UUID, unit: UnitFacts, period: Days, days: Iterable[Days]) -> Iterator[Owed | Skipped]:
        """What those days of a period come to by the facts that are known now, and to whom (BIL-7)."""
        number, item, lines = self._of_id[item_id]
        if item.basis == "rent":
            yield from self._rented(item, lines, unit, period, days)
            return
        charged = self._charged(number, item, unit, period)
        both = [found for one in days for other in charged if (found := common(_open(one), _open(other))) is not None]
        yield from self._found(item, lines, unit, period, both)

    def _found(
        self, item: BilledItem, lines: Lines, unit: UnitFacts, period: Days, days: Iterable[Days]
    ) -> Iterator[Owed | Skipped]:
        skips: dict[Reason, tuple[date, date]] = {}
        granted = (*item.discounts, *unit.discounts.get(item.id, ()))
        for stretch in days:
            for payer, service in self._paid_by(item, unit, stretch, skips):
                try:
                    amount, facts = lines.line(period, service, unit.quantities, granted)
                except AmountError as error:
                    _skip(skips, lines.reason(error), service)
                else:
                    due_on = period.first + item.due_days * DAY
                    yield Owed(item.id, unit.id, payer, service.first, service.last, due_on, amount, facts)
        for reason, (first, last) in skips.items():
            yield Skipped(item.id, unit.id, reason, first, last)

    def _metered(
        self, number: int, item: BilledItem, lines: Lines, unit: UnitFacts, period: Days
    ) -> Iterator[Owed | Skipped]:
        """A meter is charged from the last reading before the period to the last one in it, where the item is charged
        on that day, and is to be paid so many days after it. Whoever pays for a part of it needs readings of their
        own."""
        dial = unit.meters.get(item.id)
        if dial is not None and not dial.there(period):
            return
        stretch = dial.stretch(period) if dial is not None else None
        if dial is None or stretch is None:
            if self._charged(number, item, unit, period):
                yield Skipped(item.id, unit.id, "missing_reading", period.first, period.last)
            return
        if not self._charged(number, item, unit, Days(stretch.last, stretch.last)):
            return
        skips: dict[Reason, tuple[date, date]] = {}
        for days in without([stretch], unit.billed.get(item.id, ())):
            for payer, service in self._paid_by(item, unit, days, skips):
                try:
                    amount, facts = lines.metered(dial, service)
                except AmountError as error:
                    _skip(skips, lines.reason(error), service)
                else:
                    due_on = service.last + item.due_days * DAY
                    yield Owed(item.id, unit.id, payer, service.first, service.last, due_on, amount, facts)
        for reason, (first, last) in skips.items():
            yield Skipped(item.id, unit.id, reason, first, last)

    def _shared(self, item: BilledItem, lines: Lines, unit: UnitFacts, period: Days) -> Iterator[Owed | Skipped]:
        """A share is owed for the whole period, by whoever pays for its last day. Where it was settled, the unit was
        charged: what it is not part of it has no share of."""
        share = unit.shares.get(item.id)
        if share is None or not share.weight or [*without([period], unit.billed.get(item.id, ()))] != [period]:
            return
        skips: dict[Reason, tuple[date, date]] = {}
        for payer, _ in self._paid_by(item, unit, Days(period.last, period.last), skips):
            amount, facts = lines.shared(share)
            due_on = period.first + item.due_days * DAY
            yield Owed(item.id, unit.id, payer, period.first, period.last, due_on, amount, facts)
        for reason in skips:
            yield Skipped(item.id, unit.id, reason, period.first, period.last)

    def _rented(
        self, item: BilledItem, lines: Lines, unit: UnitFacts, period: Days, days: Iterable[Days]
    ) -> Iterator[Owed | Skipped]:
        """A contract is charged on its own days, to its tenant, by its own prices; days without one are nobody's. It
        is to be paid so many days after the period begins, or after the contract does."""
        leases = unit.leases.get(item.id)
        if not leases:
            return
        skips: dict[Reason, tuple[date, date]] = {}
        granted = (*item.discounts, *unit.discounts.get(item.id, ()))
        for stretch in _until(days, item.ended_on):
            for lease in leases:
                service = common(_open(stretch), Span(lease.terms.first, lease.until))
                if service is None:
                    continue
                try:
                    amount, facts = lines.rented(lease, period, service, unit.quantities, granted)
                except AmountError as error:
                    _skip(skips, lines.reason(error), service)
                else:
                    due_on = max(period.first, lease.terms.first) + item.due_days * DAY
                    yield Owed(item.id, unit.id, lease.party_id, service.first, service.last, due_on, amount, facts)
        for reason, (first, last) in skips.items():
            yield Skipped(item.id, unit.id, reason, first, last)

    def _paid_by(
        self, item: BilledItem, unit: UnitFacts, days: Days, skips: dict[Reason, tuple[date, date]]
    ) -> Iterable[tuple[UUID, Days]]:
        if len(unit.held) == 1:
            (one,) = unit.held
            always = (one.first is None or one.first <= days.first) and (one.last is None or days.last <= one.last)
            if always and (one.role == "owner" or (one.role == "tenant" and item.payer == "occupant")):
                return ((one.party_id, days),)
        try:
            found = payers(days, unit.held, item.payer)
        except AmountError:
            _skip(skips, "two_payers", days)
            return ()
        for nobody in found.nobody:
            _skip(skips, "missing_payer", nobody)
        return [(UUID(payer), service) for payer, service in found.payers]

    def _charged(self, number: int, item: BilledItem, unit: UnitFacts, period: Days) -> tuple[Days, ...]:
        own = unit.assigned.get(item.id)
        if own is None:
            return self._around(number, unit.building, period)
        return _until(charged_days((*item.assigned, *own), unit.id, unit.building, period), item.ended_on)

    def _charged_around(self, number: int, building: str, period: Days) -> tuple[Days, ...]:
        item = self._items[number][0]
        return _until(charged_days(item.assigned, _NO_UNIT, building, period), item.ended_on)

    def _period_of(self, cycle: Cycle, handover: date | None) -> Days | None:
        """The period whose first day lies in the month, if there is one."""
        if handover is not None and handover > self._month.last:
            return None
        period = period_with(cycle, self._month.last, handover)
        return period if period.first >= self._month.first else None


_NO_UNIT: Final = UUID(int=0)


def _open(days: Days) -> Span:
    return Span(days.first, days.last)


def _until(days: Iterable[Days], last: date | None) -> tuple[Days, ...]:
    return tuple(left for stretch in days if (left := within(stretch, last)) is not None)


def _skip(skips: dict[Reason, tuple[date, date]], reason: Reason, days: Days) -> None:
    first, last = skips.get(reason, (days.first, days.last))
    skips[reason] = min(first, days.first), max(last, days.last)
