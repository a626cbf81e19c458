"""The engine of runs: each line is what `charge` says, nothing is passed over in silence (BIL-1, BIL-2)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Charge, Subject, charge
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Days, Span
from plugins.billing.amounts.versions import Version, item_from
from plugins.billing.line import DEFINITION, Drift, replay
from plugins.billing.runs.engine import Engine, begins_in
from plugins.billing.runs.facts import BilledItem, Held, Owed, Rules, Skipped, UnitFacts
from plugins.billing.runs.lines import kept_line
from plugins.billing.runs.scope import payers, without
from plugins.billing.tariffs.scope import Assigned

ITEM, UNIT, OWNER, BUYER, TENANT = (UUID(int=n) for n in range(1, 6))
MARCH = date(2026, 3, 1)
START = date(2020, 1, 1)
FEN = Rounding("fen", "half_up")


def rules(first: date = START, price: str | None = "2.35", number: int = 1, **other: Any) -> Rules:
    value = None if price is None else Fraction(price)
    return Rules(first, number, value, other.get("formula", ""), other.get("prorate", "calendar"), FEN)


def item(*versions: Rules, **other: Any) -> BilledItem:
    facts: dict[str, Any] = {
        "id": ITEM,
        "basis": "built",
        "cycle": "month",
        "payer": "owner",
        "due_days": 9,
        "ended_on": None,
        "assigned": (Assigned("", None, START, None, True),),
        **other,
    }
    return BilledItem(versions=versions or (rules(),), **facts)


def unit(**other: Any) -> UnitFacts:
    facts = {"quantities": {"built": [(START, 8950)]}, "held": (Held(OWNER, "owner", None, None),), **other}
    return UnitFacts(UNIT, "1", **facts)


def run(of: BilledItem, *units: UnitFacts, month: date = MARCH) -> list[Owed | Skipped]:
    return [*Engine(month, [of]).compute(units or [unit()])]


def told(found: list[Owed | Skipped]) -> list[tuple[Any, ...]]:
    return [
        (each.party_id, each.first_day.day, each.last_day.day, each.amount_fen)
        if isinstance(each, Owed)
        else (each.reason, each.first_day.day, each.last_day.day)
        for each in found
    ]


def test_a_line_is_price_by_area_is_due_and_keeps_what_it_was_computed_from() -> None:
    (owed,) = run(item())
    assert isinstance(owed, Owed)
    assert (owed.amount_fen, owed.due_on) == (21033, date(2026, 3, 10))  # 2.35 × 89.5 = 210.325
    version, line = kept_line(DEFINITION, owed.facts)
    assert version == 1
    calculation = replay(line)
    assert isinstance(calculation, Charge)
    assert calculation.subject.quantity[0].value == Fraction("89.5")


def test_a_line_that_was_tampered_with_does_not_replay() -> None:
    (owed,) = run(item())
    assert isinstance(owed, Owed)
    with pytest.raises(Drift):
        replay(kept_line(DEFINITION, owed.facts.replace('"2.35"', '"2.36"'))[1])


DAYS = st.dates(date(2026, 1, 20), date(2026, 4, 20))
PRICES = st.decimals("0", "99", places=4).map(Fraction)
ROUNDINGS = st.builds(Rounding, st.sampled_from(["fen", "jiao", "yuan"]), st.sampled_from(["half_up", "up", "down"]))
AREAS = st.lists(st.tuples(DAYS, st.integers(0, 30000)), max_size=4, unique_by=lambda change: change[0])


@given(
    st.lists(st.tuples(DAYS, PRICES, st.sampled_from(["calendar", "thirty", "whole"]), ROUNDINGS), max_size=3),
    AREAS,
    st.tuples(DAYS, DAYS),
    st.sampled_from(["month", "quarter"]),
)
def test_every_line_is_what_charge_says(
    later: list[Any], areas: list[tuple[date, int]], stay: tuple[date, date], cycle: str
) -> None:
    first, last = sorted(stay)
    versions = [rules(), *(Rules(at, n, price, "", how, to) for n, (at, price, how, to) in enumerate(later, 2))]
    of = item(*versions, cycle=cycle)
    month = MARCH if cycle == "month" else date(2026, 1, 1)
    history = [(START, 10000), *areas]
    who = (Held(OWNER, "owner", first, last),)
    for owed in run(of, unit(quantities={"built": history}, held=who), month=month):
        if not isinstance(owed, Owed):
            continue
        plain = [Version(v.first, v.number, v.price or Fraction(0), v.prorate, v.rounding) for v in versions]
        period = Span(month, date(2026, 3, 31))
        service = Span(owed.first_day, owed.last_day)
        subject = Subject(tuple(Since(at, Fraction(value, 100)) for at, value in history))
        assert (
            owed.amount_fen == charge(Charge(item_from(plain, owed.first_day), subject, period, service, ())).amount_fen
        )
        replay(kept_line(DEFINITION, owed.facts)[1])


def test_buyer_and_seller_pay_their_own_days() -> None:
    sold = (Held(OWNER, "owner", None, date(2026, 3, 15)), Held(BUYER, "owner", date(2026, 3, 16), None))
    assert told(run(item(), unit(held=sold))) == [(OWNER, 1, 15, 10177), (BUYER, 16, 31, 10855)]


def test_owners_together_are_one_payer() -> None:
    couple = (Held(BUYER, "owner", date(2021, 5, 1), None), Held(OWNER, "owner", None, None))
    assert told(run(item(), unit(held=couple))) == [(OWNER, 1, 31, 21033)]


def test_a_tenant_pays_where_the_occupant_does_and_the_owner_for_the_days_between() -> None:
    rented = (Held(OWNER, "owner", None, None), Held(TENANT, "tenant", date(2026, 3, 11), date(2026, 3, 20)))
    found = told(run(item(payer="occupant"), unit(held=rented)))
    assert [each[:3] for each in found] == [(OWNER, 1, 10), (TENANT, 11, 20), (OWNER, 21, 31)]
    assert [each[:3] for each in told(run(item(), unit(held=rented)))] == [(OWNER, 1, 31)]


def test_what_is_missing_is_a_skip_with_its_days_and_never_nought() -> None:
    """BIL-2"""
    assert told(run(item(), unit(quantities={}))) == [("missing_quantity", 1, 31)]
    assert told(run(item(rules(date(2026, 3, 2))))) == [("missing_price", 1, 31)]
    assert told(run(item(), unit(held=()))) == [("missing_payer", 1, 31)]
    late = unit(held=(Held(OWNER, "owner", date(2026, 3, 12), None),))
    assert told(run(item(), late)) == [(OWNER, 12, 31, 13569), ("missing_payer", 1, 11)]
    two = (Held(OWNER, "tenant", START, None), Held(TENANT, "tenant", date(2026, 3, 3), None))
    assert told(run(item(payer="occupant"), unit(held=two))) == [("two_payers", 1, 31)]
    assert told(run(item(cycle="anniversary"))) == [("missing_handover", 1, 31)]


def test_an_agent_owes_nothing() -> None:
    agent = (Held(BUYER, "agent", None, None),)
    assert told(run(item(), unit(held=agent))) == [("missing_payer", 1, 31)]


def test_an_anniversary_is_billed_in_the_month_of_the_handover_alone() -> None:
    of = item(cycle="anniversary")
    (owed,) = run(of, unit(moved_in_on=date(2022, 3, 17)))
    assert isinstance(owed, Owed)
    assert (owed.first_day, owed.last_day) == (date(2026, 3, 17), date(2027, 3, 16))
    assert run(of, unit(moved_in_on=date(2022, 4, 17))) == []
    assert run(of, unit(moved_in_on=date(2027, 3, 17))) == []


def test_a_quarter_is_billed_in_its_first_month() -> None:
    of = item(cycle="quarter")
    assert (begins_in(of, MARCH), begins_in(of, date(2026, 4, 1))) == (False, True)
    assert run(of) == []
    (owed,) = run(of, month=date(2026, 4, 1))
    assert (owed.first_day, owed.last_day) == (date(2026, 4, 1), date(2026, 6, 30))


def test_an_item_that_ended_is_charged_to_its_last_day() -> None:
    assert [each[:3] for each in told(run(item(ended_on=date(2026, 3, 10))))] == [(OWNER, 1, 10)]
    assert run(item(ended_on=date(2026, 2, 28))) == []


def test_days_that_are_billed_already_are_left_out() -> None:
    billed = {ITEM: [Days(date(2026, 3, 1), date(2026, 3, 10)), Days(date(2026, 3, 21), date(2026, 3, 31))]}
    assert [each[:3] for each in told(run(item(), unit(billed=billed)))] == [(OWNER, 11, 20)]
    assert run(item(), unit(billed={ITEM: [Days(MARCH, date(2026, 3, 31))]})) == []


def test_a_formula_is_charged_as_it_stands_and_replays() -> None:
    formula = "min(built, 90[m2]) * 2[yuan/m2/month] + spaces * 10[yuan/space/month]"
    quantities = {"built": [(START, 12000)], "spaces": [(START, 200)]}
    (owed,) = run(item(rules(price=None, formula=formula)), unit(quantities=quantities))
    assert isinstance(owed, Owed)
    assert owed.amount_fen == 20000
    replay(kept_line(DEFINITION, owed.facts)[1])
    assert told(run(item(rules(price=None, formula=formula)))) == [("missing_quantity", 1, 31)]
    assert told(run(item(rules(price=None, formula="built / 0 * 1[yuan/m2/month]")))) == [("formula", 1, 31)]


def test_a_formula_that_begins_within_the_period_is_reported() -> None:
    later = rules(date(2026, 3, 15), None, 2, formula="built * 2[yuan/m2/month]")
    assert told(run(item(rules(), later))) == [("changed_formula", 1, 31)]
    assert [each[1:3] for each in told(run(item(rules(), later), month=date(2026, 4, 1)))] == [(1, 30)]


SPANS = st.tuples(DAYS, st.integers(0, 40)).map(lambda each: Days(each[0], each[0] + timedelta(each[1])))


@given(SPANS, st.lists(SPANS, max_size=4))
def test_what_is_left_and_what_is_taken_are_the_whole(days: Days, taken: list[Days]) -> None:
    def dates(spans: list[Days]) -> set[date]:
        return {span.first + timedelta(n) for span in spans for n in range(len(span))}

    left = list(without([days], taken))
    assert dates(left) == dates([days]) - dates(taken)
    assert sum(map(len, left)) == len(dates(left))


@given(SPANS, st.lists(st.tuples(SPANS, st.sampled_from([OWNER, BUYER])), max_size=4))
def test_every_day_has_one_payer_or_none(days: Days, owners: list[tuple[Days, UUID]]) -> None:
    found = payers(days, [Held(who, "owner", span.first, span.last) for span, who in owners], "owner")
    assert sum(len(span) for _, span in found.payers) + sum(map(len, found.nobody)) == len(days)


def test_a_line_says_no_more_than_it_was_computed_from() -> None:
    history = [(date(2019, 1, 1), 1), (START, 8950), (date(2024, 1, 1), 8950), (date(2027, 1, 1), 7)]
    (owed,) = run(item(rules(date(2010, 1, 1), "9"), rules(number=2)), unit(quantities={"built": history}))
    assert isinstance(owed, Owed)
    facts = msgspec.json.decode(owed.facts)["facts"]
    assert facts["item"]["prices"] == [{"from": "2020-01-01", "value": "2.35"}]
    assert facts["subject"]["quantity"] == [{"from": "2024-01-01", "value": "89.5"}]
