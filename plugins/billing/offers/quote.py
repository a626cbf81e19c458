"""What an offer costs at a unit: its months by the code of the runs, so that they come to what is charged. Pure."""

from __future__ import annotations

from datetime import date

from core.sdk import Conflict, Invalid, msgid
from plugins.billing.amounts.periods import periods
from plugins.billing.amounts.spans import Days, Span, common, months_after
from plugins.billing.ledger.entries import MOST
from plugins.billing.offers.model import UNPRICED, Quote, QuoteLine
from plugins.billing.offers.repository import Seen
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import Owed, Skipped, UnitFacts


def earliest(seen: Seen, today: date) -> date:
    """The month after the last one that is charged or paid for ahead; the present one where none is."""
    if seen.charged_to is None:
        return today.replace(day=1)
    return months_after(seen.charged_to.replace(day=1), 1)


def quote(seen: Seen, facts: UnitFacts, first: date | None, today: date) -> Quote:
    """What the months that are paid for cost, from the first day of a month on. Raises Invalid of `first_day`, and
    Conflict for months that are charged or paid for ahead, or that have no price."""
    begins = earliest(seen, today)
    first = first or begins
    if first.day != 1:
        raise Invalid.field("first_day", msgid("Give the first day of a month."))
    if first < begins:
        raise Conflict(
            msgid("Months before {day} are charged or paid for ahead already: begin with that month."),
            params={"day": str(begins)},
        )
    if first > months_after(today.replace(day=1), 24):
        raise Invalid.field("first_day", msgid("Begin within two years."))
    months = seen.offer.months(first)
    lines = _lines(seen, facts, Days(months.first_day, months.last_day))
    amount = sum(line.amount_fen for line in lines)
    if not 0 < amount <= MOST:
        raise Conflict(msgid("These months cost nothing at this unit: there is nothing to be paid ahead."))
    return Quote(
        seen.offer,
        facts.id,
        seen.label,
        months.first_day,
        months.last_day,
        months.free_first,
        months.free_last,
        amount,
        lines,
    )


def _lines(seen: Seen, facts: UnitFacts, paid: Days) -> list[QuoteLine]:
    item, handover = seen.item, facts.moved_in_on
    if item.cycle == "anniversary" and (handover is None or paid.first < handover):
        raise Conflict(UNPRICED["missing_handover"])
    engine, lines = Engine(paid.first, [item]), []
    for period in periods(item.cycle, paid, handover):
        days = common(Span(paid.first, paid.last), Span(period.first, period.last))
        assert days is not None  # it touches them
        for found in engine.anew(item.id, facts, period, [days]):
            if isinstance(found, Skipped):
                raise Conflict(UNPRICED[found.reason])
            lines.append(_line(found))
    return lines


def _line(owed: Owed) -> QuoteLine:
    return QuoteLine(owed.first_day, owed.last_day, owed.amount_fen)
