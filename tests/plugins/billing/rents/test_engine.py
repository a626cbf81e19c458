"""Rents as runs charge them: by the contract's own prices, on its own days, to its tenant (BIL-1)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Charge, Discount, Item, Subject, charge, priced
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.number import as_json
from plugins.billing.amounts.rent import Escalation, Rent, Terms, as_charge, escalated, in_force
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Days, Span, month_end, months_after
from plugins.billing.calculation import read_calculation
from plugins.billing.line import DEFINITION, replay
from plugins.billing.rents.lease import Lease, Per
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import BilledItem, Owed, Skipped, UnitFacts
from plugins.billing.runs.lines import kept_line
from plugins.billing.telling import tell
from tests.plugins.billing.runs.test_engine import BUYER, FEN, ITEM, MARCH, START, TENANT, UNIT, item, rules, told

SHOP = item(rules(price=None), basis="rent", assigned=())


def rise(by: str = "0.05", every: int = 12, how: Any = "rate", rounding: Rounding | None = FEN) -> Escalation:
    return Escalation(every, how, Fraction(by), rounding)


def lease(first: date, last: date, price: str = "1000", escalation: Escalation | None = None, **more: Any) -> Lease:
    per: Per = more.get("per", "month")
    terms = Terms(first, last, Fraction(price), escalation)
    return Lease(more.get("party", TENANT), more.get("until", last), per, terms)


def let(*leases: Lease, **more: Any) -> UnitFacts:
    return UnitFacts(UNIT, "1", leases={ITEM: list(leases)}, **more)


def run(of: BilledItem, unit: UnitFacts, month: date = MARCH) -> list[Owed | Skipped]:
    return [*Engine(month, [of]).compute([unit])]


def steps(owed: Owed | Skipped) -> list[str]:
    assert isinstance(owed, Owed)
    return [str(step) for step in tell(replay(kept_line(DEFINITION, owed.facts)[1]))]


YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("leases", "expected"),
    [
        ([lease(*YEAR)], [(TENANT, 1, 31, 100_000)]),
        ([lease(date(2026, 3, 11), YEAR[1])], [(TENANT, 11, 31, 67_742)]),  # 21/31
        ([lease(YEAR[0], date(2026, 3, 10))], [(TENANT, 1, 10, 32_258)]),
        ([lease(*YEAR, until=date(2026, 3, 10))], [(TENANT, 1, 10, 32_258)]),
        ([lease(*YEAR, until=date(2026, 2, 28))], []),
        ([lease(date(2026, 4, 1), YEAR[1])], []),
        # it rises on the 16th: 15/31 of 1000 and 16/31 of 1050
        ([lease(date(2025, 3, 16), YEAR[1], escalation=rise())], [(TENANT, 1, 31, 102_581)]),
        ([lease(date(2025, 3, 16), YEAR[1], escalation=rise("200", how="amount"))], [(TENANT, 1, 31, 110_323)]),
        # one tenant leaves, another comes after five days
        (
            [lease(YEAR[0], date(2026, 3, 10)), lease(date(2026, 3, 16), YEAR[1], "1200", party=BUYER)],
            [(TENANT, 1, 10, 32_258), (BUYER, 16, 31, 61_935)],
        ),
        # the same tenant under a new contract: two lines
        (
            [lease(YEAR[0], date(2026, 3, 15)), lease(date(2026, 3, 16), YEAR[1], "1200")],
            [(TENANT, 1, 15, 48_387), (TENANT, 16, 31, 61_935)],
        ),
    ],
)
def test_a_contract_is_charged_on_its_own_days_at_its_own_price(
    leases: list[Lease], expected: list[tuple[Any, ...]]
) -> None:
    assert told(run(SHOP, let(*leases))) == expected


def test_a_unit_without_a_contract_is_neither_charged_nor_skipped() -> None:
    assert run(SHOP, UnitFacts(UNIT, "1")) == []


def test_a_price_by_area_takes_the_area_of_each_day_and_is_missed_where_there_is_none() -> None:
    by_area = lease(*YEAR, price="50", per="usable")
    assert told(run(SHOP, let(by_area, quantities={"usable": [(START, 2050)]}))) == [(TENANT, 1, 31, 102_500)]
    grows = {"usable": [(START, 2000), (date(2026, 3, 16), 4000)]}
    assert told(run(SHOP, let(by_area, quantities=grows))) == [(TENANT, 1, 31, 151_613)]
    assert told(run(SHOP, let(by_area))) == [("missing_quantity", 1, 31)]


def test_an_item_without_a_version_cannot_say_how_days_count() -> None:
    later = item(rules(first=date(2026, 4, 1), price=None), basis="rent", assigned=())
    assert told(run(later, let(lease(*YEAR)))) == [("missing_price", 1, 31)]


def test_days_that_are_billed_already_are_not_charged_again_nor_those_after_the_item_ends() -> None:
    gaps = let(lease(*YEAR), billed={ITEM: [Days(MARCH, date(2026, 3, 10))]})
    assert [each[:3] for each in told(run(SHOP, gaps))] == [(TENANT, 11, 31)]
    ending = msgspec.structs.replace(SHOP, ended_on=date(2026, 3, 5))
    assert [each[:3] for each in told(run(ending, let(lease(*YEAR))))] == [(TENANT, 1, 5)]


def test_rent_is_due_after_the_period_or_the_contract_begins() -> None:
    (whole,) = run(SHOP, let(lease(*YEAR)))
    (part,) = run(SHOP, let(lease(date(2026, 3, 20), YEAR[1])))
    assert isinstance(whole, Owed) and isinstance(part, Owed)
    assert (whole.due_on, part.due_on) == (date(2026, 3, 10), date(2026, 3, 29))


def test_months_that_are_free_of_rent_are_discounts() -> None:
    free = {ITEM: [Discount(MARCH, date(2026, 3, 10), Fraction(0))]}
    assert told(run(SHOP, let(lease(*YEAR), discounts=free))) == [(TENANT, 1, 31, 67_742)]


def test_a_quarter_is_charged_with_the_rise_in_it() -> None:
    quarter = item(rules(price=None), basis="rent", assigned=(), cycle="quarter")
    rent = lease(date(2025, 2, 1), YEAR[1], escalation=rise())
    (owed,) = run(quarter, let(rent), month=date(2026, 1, 1))
    assert isinstance(owed, Owed)
    assert (owed.first_day, owed.last_day, owed.amount_fen) == (*(YEAR[0], date(2026, 3, 31)), 310_000)


def test_a_line_keeps_the_contracts_terms_and_tells_its_steps() -> None:
    (owed,) = run(SHOP, let(lease(date(2025, 3, 16), YEAR[1], escalation=rise())))
    assert steps(owed) == [
        "by contract from 2025-03-16: 1000 a month",
        "by contract from 2026-03-16: 1050 a month",
        "2026-03-01 to 2026-03-15: 1000 × 1 × 1 × 15/31",
        "2026-03-16 to 2026-03-31: 1050 × 1 × 1 × 16/31",
        "amount: 1,025.81",
    ]
    assert isinstance(owed, Owed)
    calculation = replay(kept_line(DEFINITION, owed.facts)[1])
    assert isinstance(calculation, Rent) and calculation.terms.escalation == rise()


def test_a_step_that_is_not_rounded_is_a_fraction_and_comes_back_from_json() -> None:
    third = Terms(*YEAR, Fraction(1000, 3), rise(rounding=None, every=1))
    month = Span(MARCH, date(2026, 3, 31))
    asked = Rent(third, Subject((Since(START, Fraction(1)),)), "calendar", FEN, month, month, ())
    assert read_calculation(msgspec.json.decode(as_json(asked))) == asked
    assert [since.first for since in in_force(asked)] == [MARCH]


PRICES = st.decimals("0.01", "99999", places=2).map(Fraction)
FIRSTS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
ESCALATIONS = st.none() | st.builds(
    Escalation,
    st.integers(1, 36),
    st.sampled_from(["rate", "amount"]),
    st.decimals("0.0001", "0.3", places=4).map(Fraction),
    st.none() | st.builds(Rounding, st.sampled_from(["fen", "jiao", "yuan"]), st.sampled_from(["half_up", "up"])),
)


@given(FIRSTS, st.integers(1, 1500), PRICES, ESCALATIONS)
def test_the_months_of_a_contract_add_up_to_its_days(
    first: date, days: int, price: Fraction, escalation: Escalation | None
) -> None:
    """What runs charge month by month is what `charge` says of all days at once, but for one rounding a month."""
    last = first + timedelta(days=days)
    rent = lease(first, last, str(price), escalation)
    whole = Span(first, last)
    item_ = Item(rent.terms.prices, "calendar", FEN)
    at_once = Charge(item_, Subject((Since(first, Fraction(1)),)), whole, whole, ())
    months, total, exact = 0, 0, Fraction(0)
    month = first.replace(day=1)
    while month <= last:
        (owed,) = run(SHOP, let(rent), month=month)
        assert isinstance(owed, Owed)
        assert (owed.first_day, owed.last_day) == (max(first, month), min(last, month_end(month)))
        kept = replay(kept_line(DEFINITION, owed.facts)[1])
        assert isinstance(kept, Rent)
        exact += sum((part.yuan for part in priced(as_charge(kept))), Fraction(0))
        total += owed.amount_fen
        months, month = months + 1, months_after(month, 1)
    assert exact == sum((part.yuan for part in priced(at_once)), Fraction(0))
    assert abs(total - charge(at_once).amount_fen) <= months


@given(FIRSTS, st.integers(1, 3000), PRICES, ESCALATIONS.filter(bool))
def test_prices_never_fall_and_steps_are_counted_from_the_first_day(
    first: date, days: int, price: Fraction, escalation: Escalation
) -> None:
    prices = escalated(price, first, first + timedelta(days=days), escalation)
    assert prices[0] == Since(first, price)
    for number, (one, other) in enumerate(pairwise(prices), 1):
        assert other.first == months_after(first, number * escalation.every_months)
        # a rise of less than half a fen is rounded away, and one that is rounded down to nothing too
        assert other.value >= one.value or escalation.rounding is not None
    if escalation.rounding is None:
        assert all(one.value < other.value for one, other in pairwise(prices))


@given(FIRSTS, PRICES, ESCALATIONS)
def test_a_month_costs_no_less_where_the_price_rises(
    first: date, price: Fraction, escalation: Escalation | None
) -> None:
    """Monotone in the escalation: with a rise, each month comes to at least what it comes to without."""
    if escalation is None or (escalation.rounding is not None and escalation.rounding.mode != "up"):
        return
    last = months_after(first, 30)
    flat, rising = (let(lease(first, last, str(price), each)) for each in (None, escalation))
    month = first.replace(day=1)
    while month <= last:
        (one,), (more,) = run(SHOP, flat, month=month), run(SHOP, rising, month=month)
        assert isinstance(one, Owed) and isinstance(more, Owed)
        assert more.amount_fen >= one.amount_fen
        month = months_after(month, 1)


@given(FIRSTS, st.lists(st.integers(1, 45), min_size=1, max_size=5), st.booleans())
def test_each_day_of_a_month_is_owed_by_the_contract_that_has_it(first: date, lengths: list[int], gaps: bool) -> None:
    leases: list[Lease] = []
    day = first
    for number, length in enumerate(lengths):
        leases.append(lease(day, day + timedelta(length - 1), party=(TENANT, BUYER)[number % 2]))
        day += timedelta(length + (3 if gaps else 0))
    month = first.replace(day=1)
    while month < day:
        found = run(SHOP, let(*leases), month=month)
        for number in range((months_after(month, 1) - month).days):
            on = month + timedelta(number)
            who = [each.party_id for each in leases if each.terms.first <= on <= each.until]
            lines = [each for each in found if each.first_day <= on <= each.last_day]
            assert [each.party_id for each in lines if isinstance(each, Owed)] == who
        month = months_after(month, 1)
