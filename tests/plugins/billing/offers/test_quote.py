"""What an offer costs: n of the n + m months that it is for, computed as runs compute them (BIL-1)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Conflict
from plugins.billing.amounts.charge import Discount
from plugins.billing.amounts.discounts import Off, prepaid
from plugins.billing.amounts.spans import months_after
from plugins.billing.offers.model import Offer
from plugins.billing.offers.quote import earliest, quote
from plugins.billing.offers.repository import Seen
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import BilledItem, Owed
from tests.plugins.billing.runs.test_engine import ITEM, UNIT, item, rules, unit

TODAY = date(2026, 11, 23)
FIRSTS = st.integers(0, 24).map(lambda n: months_after(date(2026, 11, 1), n))
OFF = st.builds(Off, st.just(date(2026, 11, 1)), st.dates(date(2026, 12, 1), date(2029, 1, 1)), st.integers(1, 30_000))


def seen(of: BilledItem, paid: int, free: int, charged_to: date | None = None) -> Seen:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    offer = Offer(UUID(int=7), ITEM, "物业费", "交送", paid, free, date(2026, 1, 1), None, at, "李经理", 1)
    return Seen(offer, of, "1幢101", unit(), charged_to, False)


def months(of: BilledItem, first: date, count: int) -> list[int]:
    """What runs of these months charge."""
    found = [line for n in range(count) for line in Engine(months_after(first, n), [of]).compute([unit()])]
    return [line.amount_fen for line in found if isinstance(line, Owed)]


@given(FIRSTS, st.integers(1, 24), st.integers(1, 12), st.lists(OFF, max_size=2))
def test_it_costs_what_runs_charge_for_the_paid_months_and_they_charge_no_more(
    first: date, paid: int, free: int, off: list[Off]
) -> None:
    of = item(discounts=tuple(off))
    months_free = prepaid(first, paid, free)
    granted = item(discounts=(*off, months_free))
    try:
        told = quote(seen(of, paid, free), unit(), first, TODAY)
    except Conflict:  # what comes off leaves nothing
        assert sum(months(of, first, paid)) == 0
        return
    assert (told.free_first, told.free_last) == (months_free.first, months_free.last)
    assert [line.amount_fen for line in told.lines] == months(of, first, paid)
    charged = months(granted, first, paid + free)
    assert sum(charged) == told.amount_fen and charged[paid:] == [0] * free


@given(FIRSTS, st.integers(1, 24), st.integers(1, 12))
def test_paid_months_cost_their_part_of_all_months(first: date, paid: int, free: int) -> None:
    told = quote(seen(item(), paid, free), unit(), first, TODAY)
    assert Fraction(told.amount_fen, sum(months(item(), first, paid + free))) == Fraction(paid, paid + free)


@pytest.mark.parametrize(
    ("cycle", "moved_in", "amounts"),
    [
        ("month", None, [20000] * 5),
        ("quarter", None, [40000, 60000]),
        ("year", None, [40000, 60000]),
        ("anniversary", date(2019, 1, 16), [49_677, 50_323]),  # its year is cut at mid January, rounded apart
    ],
)
def test_months_are_cut_where_the_items_periods_are(cycle: Any, moved_in: date | None, amounts: list[int]) -> None:
    of = item(rules(price=None, formula="200[yuan/month]"), cycle=cycle)
    there = unit(moved_in_on=moved_in)
    told = quote(seen(of, 5, 1), there, date(2026, 11, 1), TODAY)
    assert [line.amount_fen for line in told.lines] == amounts
    assert told.amount_fen == 100_000


def test_without_a_handover_a_year_from_it_has_no_price() -> None:
    with pytest.raises(Conflict, match="handover"):
        quote(seen(item(cycle="anniversary"), 5, 1), unit(), None, TODAY)


@pytest.mark.parametrize(
    ("charged_to", "begins"),
    [
        (None, date(2026, 11, 1)),
        (date(2026, 9, 30), date(2026, 10, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2027, 1, 15), date(2027, 2, 1)),
    ],
)
def test_it_begins_with_the_month_after_the_last_that_is_charged(charged_to: date | None, begins: date) -> None:
    assert earliest(seen(item(), 1, 1, charged_to), TODAY) == begins
    assert quote(seen(item(), 1, 1, charged_to), unit(), None, TODAY).first_day == begins


def test_what_was_granted_before_counts_in_the_price() -> None:
    of = item(discounts=(Discount(date(2026, 11, 1), None, Fraction(1, 2)),))
    assert quote(seen(of, 2, 1), unit(), None, TODAY).amount_fen == 2 * 10_516
    assert quote(seen(of, 2, 1), unit(), None, TODAY).unit_id == UNIT
