"""A charge computed anew (BIL-7): from the same facts it comes to the same, from others to what `charge` says."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Charge
from plugins.billing.amounts.correction import Correction, correct
from plugins.billing.amounts.spans import Days
from plugins.billing.calculation import read_calculation
from plugins.billing.corrections.anew import Billed, anew
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import Held, Owed, Rules, UnitFacts
from plugins.billing.runs.scope import without
from tests.plugins.billing.corrections.conftest import MARCH, Office
from tests.plugins.billing.runs.test_engine import BUYER, FEN, ITEM, OWNER, START, UNIT, item, rules, unit

DAYS = st.dates(date(2026, 2, 20), date(2026, 4, 10))
AREAS = st.lists(st.tuples(DAYS, st.integers(0, 30_000)), max_size=3, unique_by=lambda change: change[0])
PRICES = st.lists(
    st.tuples(DAYS, st.decimals("0", "9", places=3).map(Fraction), st.sampled_from(["calendar", "thirty", "whole"])),
    max_size=2,
)
SALES = st.none() | DAYS
ID = UUID(int=9)


def engine_of(prices: list[Any]) -> Engine:
    versions = [rules(), *(Rules(at, n, price, "", how, FEN) for n, (at, price, how) in enumerate(prices, 2))]
    return Engine(MARCH, [item(*versions)])


def facts_of(areas: list[tuple[date, int]], sale: date | None) -> UnitFacts:
    day = timedelta(days=1)
    held: tuple[Held, ...] = (Held(OWNER, "owner", None, None),)
    if sale is not None:
        held = Held(OWNER, "owner", None, sale - day), Held(BUYER, "owner", sale, None)
    return unit(quantities={"built": [(START, 10_000), *areas]}, held=held)


def billed(owed: Owed, charged: int | None = None, waived: int = 0) -> Billed:
    fen = owed.amount_fen if charged is None else charged
    return Billed(ID, UNIT, ITEM, owed.party_id, owed.first_day, owed.last_day, owed.facts, fen, waived)


@given(AREAS, PRICES, SALES)
def test_from_the_same_facts_a_charge_comes_to_the_same(areas: list[Any], prices: list[Any], sale: date | None) -> None:
    engine, facts = engine_of(prices), facts_of(areas, sale)
    for owed in engine.compute([facts]):
        assert isinstance(owed, Owed)
        charge = billed(owed)
        assert charge.period == Days(MARCH, date(2026, 3, 31))
        assert anew(engine, facts, charge, charge.period, ()) is None


@given(AREAS, AREAS, PRICES, PRICES, st.integers(0, 10_000))
def test_from_other_facts_it_comes_to_what_charge_says(
    before: list[Any], after: list[Any], old: list[Any], new: list[Any], waived: int
) -> None:
    [owed] = engine_of(old).compute([facts_of(before, None)])
    assert isinstance(owed, Owed)
    waived = min(waived, owed.amount_fen)
    charge = billed(owed, owed.amount_fen - waived, waived)
    assert charge.period is not None
    found = anew(engine_of(new), facts_of(after, None), charge, charge.period, ())
    [right] = engine_of(new).compute([facts_of(after, None)])
    assert isinstance(right, Owed)
    asked = read_calculation(msgspec.json.decode(right.facts)["facts"])
    assert isinstance(asked, Charge)
    difference = correct(Correction((asked,), (owed.amount_fen,))).total_fen
    assert (found.difference_fen if found else 0) == max(difference, -charge.charged_fen)
    assert found is None or (found.freed == () and [line.facts for line in found.lines] == [right.facts])


@given(AREAS, SALES, SALES)
def test_days_are_somebodys_once(areas: list[Any], before: date | None, after: date | None) -> None:
    """What a charge keeps and what it frees are its days, and a run charges what is free."""
    engine, facts = engine_of([]), facts_of(areas, after)
    left: Counter[date] = Counter()
    taken = []
    for owed in list(engine.compute([facts_of(areas, before)])):
        assert isinstance(owed, Owed)
        charge = billed(owed)
        assert charge.period is not None
        found = anew(engine, facts, charge, charge.period, ())
        freed = found.freed if found else ()
        own = Days(owed.first_day, owed.last_day)
        taken += _without(own, freed)
    for span in taken:
        left.update(_days(span))
    known = msgspec.structs.replace(facts, billed={ITEM: taken})
    for owed in engine.compute([known]):
        assert isinstance(owed, Owed)
        left.update(_days(Days(owed.first_day, owed.last_day)))
    assert left == Counter(_days(Days(MARCH, date(2026, 3, 31))))


def test_what_no_run_computes_is_left_alone() -> None:
    [owed] = engine_of([]).compute([facts_of([], None)])
    assert isinstance(owed, Owed)
    for facts in ("", "{}", owed.facts.replace('"charge"', '"meter"'), owed.facts.replace('"discounts":[]', "")):
        assert billed(msgspec.structs.replace(owed, facts=facts)).period is None


async def test_adjustments_add_up_to_what_is_right_less_what_was_billed(office: Office) -> None:
    """MO-1: whatever is mended in whatever order, the books balance, and charges come to what is right."""
    chance = random.Random(7)  # the same every time
    fee, bins = await office.item("fee", "2.35"), await office.item("bins", "8", "fixed")
    units = [await office.unit(f"30{n}", "100") for n in range(4)]
    months = [date(2026, month, 1) for month in (9, 10, 11)]
    for month in months:
        await office.issued(fee, bins, month=month)
    for charge in chance.sample(await office.open_charges(), 10):
        await office.pay(charge)
    number, moved = 1, 0
    for _ in range(12):
        for _ in range(chance.randint(1, 3)):
            day = chance.choice(months) + timedelta(days=chance.randint(-40, 25))
            if chance.random() < 0.7:
                await office.area_from(chance.choice(units), day, f"{chance.randint(0, 20_000) / 100:.2f}")
            else:
                number += 1
                await office.price(fee, f"{chance.randint(0, 900) / 100:.2f}", number, day)
        found = await office.look(months[0] - timedelta(days=60))
        lines = await office.lines(found)
        before = sum(row[4] for row in await office.charged())
        if not lines:
            continue
        done = await office.approved(found)
        while await office.settle(done, 5):
            pass
        assert (await office.seen(done)).passed == 0
        right = sum((line.right_fen or 0) - line.was_fen for line in lines)
        moved += right
        assert sum(row[4] for row in await office.charged()) == before + right
        assert found.debit_fen - found.credit_fen == right
        assert await office.lines(await office.look(months[0])) == []
    posted = await office.rows(
        "SELECT -sum(p.amount_fen)::bigint FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id "
        "AND e.id = p.entry_id WHERE p.company_id = $1 AND p.account = 'income' AND e.kind = 'adjustment'"
    )
    assert posted == [(moved,)]
    assert await office.rows("SELECT sum(amount_fen)::bigint FROM billing_posting WHERE company_id = $1") == [(0,)]


def _without(days: Days, gone: tuple[Days, ...]) -> list[Days]:
    return list(without([days], gone))


def _days(days: Days) -> list[date]:
    return [days.first + timedelta(days=n) for n in range(len(days))]
