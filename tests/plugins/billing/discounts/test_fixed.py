"""Fixed discounts: a sum off each full period's rounded amount, shared by the day, never below 0 (BIL-1, ARC-3)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Discount
from plugins.billing.amounts.discounts import Granting, Off, off_for
from plugins.billing.amounts.spans import Days, cut
from plugins.billing.corrections.anew import Billed, anew
from plugins.billing.granted import Granted, grant
from plugins.billing.line import DEFINITION, replay
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import Held, Owed
from plugins.billing.runs.lines import kept_line
from plugins.billing.telling import tell
from tests.plugins.billing.discounts.conftest import Desk
from tests.plugins.billing.discounts.test_discounts import agreed, ask
from tests.plugins.billing.runs.test_engine import BUYER, ITEM, MARCH, OWNER, UNIT, item, rules, run, unit
from tests.support.web import Web

LAST = date(2026, 3, 31)
PERIOD = Days(MARCH, LAST)
WHOLE = 21033  # 2.35 × 89.5 m², rounded
DAYS = st.dates(date(2026, 2, 20), date(2026, 4, 10))
OFF = st.builds(lambda one, other, fen: Off(min(one, other), max(one, other), fen), DAYS, DAYS, st.integers(1, 40_000))
FACTOR = st.builds(
    lambda one, other, factor: Discount(min(one, other), max(one, other), factor),
    DAYS,
    DAYS,
    st.decimals("0", "0.9", places=2).map(Fraction),
)


@pytest.mark.parametrize(
    ("granted", "owed"),
    [
        ([Off(MARCH, LAST, 2000)], WHOLE - 2000),
        ([Off(date(2026, 1, 1), None, 2000)], WHOLE - 2000),
        ([Off(MARCH, date(2026, 3, 10), 3100)], WHOLE - 1000),  # 10 of 31 days
        ([Off(MARCH, LAST, 100), Off(MARCH, LAST, 300)], WHOLE - 300),  # the largest, as of factors the smallest
        ([Off(MARCH, LAST, 3100), Off(date(2026, 3, 22), LAST, 6200)], WHOLE - 2100 - 2000),
        ([Off(MARCH, LAST, WHOLE + 1)], 0),
        ([Off(MARCH, LAST, 1000), Discount(MARCH, LAST, Fraction(1, 2))], 10516 - 1000),  # the factor comes first
        ([Off(MARCH, LAST, 1000), Discount(MARCH, LAST, Fraction(0))], 0),
        ([Off(date(2026, 4, 1), None, 1000)], WHOLE),
    ],
)
def test_a_fixed_sum_comes_off_what_was_rounded(granted: list[Granting], owed: int) -> None:
    (line,) = run(item(), unit(discounts={ITEM: granted}))
    assert isinstance(line, Owed)
    assert line.amount_fen == owed


def test_a_line_keeps_what_it_was_before_and_tells_what_came_off() -> None:
    (line,) = run(item(), unit(discounts={ITEM: [Off(MARCH, LAST, 2000)]}))
    assert isinstance(line, Owed)
    calculation = replay(kept_line(DEFINITION, line.facts)[1])
    assert isinstance(calculation, Granted)
    assert (grant(calculation).before_fen, grant(calculation).granted_fen) == (WHOLE, 2000)
    assert [str(step) for step in tell(calculation)][-3:] == [
        "amount: 210.33", "fixed sum off: 20.00", "amount: 190.33",
    ]  # fmt: skip


def test_a_formula_has_a_fixed_sum_off_too() -> None:
    of = item(rules(price=None, formula="built * 2[yuan/m2/month]"))
    (line,) = run(of, unit(discounts={ITEM: [Off(MARCH, LAST, 900)]}))
    assert isinstance(line, Owed)
    assert line.amount_fen == 17000
    replay(kept_line(DEFINITION, line.facts)[1])


def test_a_line_says_why_its_days_cost_less() -> None:
    (line,) = run(item(), unit(discounts={ITEM: [Discount(MARCH, None, Fraction(0), "prepaid")]}))
    assert isinstance(line, Owed)
    assert line.amount_fen == 0
    told = [str(step) for step in tell(replay(kept_line(DEFINITION, line.facts)[1]))]
    assert "free for paying ahead, 2026-03-01 to 2026-03-31: × 0" in told


@given(st.lists(OFF, max_size=4), st.sets(st.dates(MARCH, LAST), max_size=5))
def test_the_shares_of_days_that_are_charged_apart_come_to_that_of_the_whole(off: list[Off], at: set[date]) -> None:
    apart = [off_for(PERIOD, piece, off) for piece in cut(PERIOD, at)]
    assert sum(apart) == off_for(PERIOD, PERIOD, off) <= max((each.off_fen for each in off), default=0)
    assert min(apart) >= 0


@given(st.lists(OFF | FACTOR, max_size=5), st.dates(MARCH + timedelta(1), LAST))
def test_no_line_is_below_0_and_all_replay(granted: list[Granting], sold: date) -> None:
    held = (Held(OWNER, "owner", None, sold - timedelta(1)), Held(BUYER, "owner", sold, None))
    for line in run(item(), unit(held=held, discounts={ITEM: granted})):
        assert isinstance(line, Owed)
        before = run(item(), unit(held=held, discounts={ITEM: [d for d in granted if isinstance(d, Discount)]}))
        assert 0 <= line.amount_fen <= sum(one.amount_fen for one in before if isinstance(one, Owed))
        replay(kept_line(DEFINITION, line.facts)[1])


@given(st.lists(OFF, min_size=1, max_size=3))
def test_a_correction_computes_a_fixed_sum_anew(off: list[Off]) -> None:
    """BIL-7: from unchanged facts it comes to what it came to."""
    facts = unit(discounts={ITEM: off})
    (line,) = run(item(), facts)
    assert isinstance(line, Owed)
    billed = Billed(
        UUID(int=9), UNIT, ITEM, OWNER, line.first_day, line.last_day, line.facts, line.amount_fen, waived_fen=0
    )
    assert billed.period == PERIOD
    engine = Engine(MARCH, [item()])
    assert anew(engine, facts, billed, PERIOD, ()) is None
    changed = anew(engine, unit(), billed, PERIOD, ())
    assert (changed.difference_fen if changed else 0) == WHOLE - line.amount_fen


async def test_a_fixed_discount_is_agreed_to_and_what_is_owed_is_posted(
    desk: Desk, finance: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    fee = await desk.item("fee", "2")
    one, small = await desk.unit("101"), await desk.unit("102", "3")
    await desk.unit("103")
    for unit_id in (one, small):
        await agreed(desk, finance, manager, {**ask(fee, unit_id, off_fen=2_500, kind="other"), "factor": None})
    (shown, _) = (await finance.get(f"{desk.api}/discounts")).json()["items"]
    assert (shown["factor"], shown["off_fen"]) == (None, 2_500)
    await desk.issued(fee)
    assert await desk.charges() == [("101", "fee", 17_500), ("102", "fee", 0), ("103", "fee", 20_000)]
    posted = await desk.rows("SELECT sum(amount_fen)::bigint FROM billing_posting WHERE company_id = $1 "
                             "AND account = 'receivable'")  # fmt: skip
    assert posted == [(37_500,)]


@pytest.mark.parametrize("wrong", [{"factor": "0.7", "off_fen": 100}, {"factor": None}, {"off_fen": 0, "factor": None}])
async def test_it_is_a_part_or_a_sum_and_not_both(
    desk: Desk, finance: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    fee, unit_id = await desk.item("fee", "2"), await desk.unit("101")
    assert (await finance.post(f"{desk.api}/discounts", json=ask(fee, unit_id, **wrong))).status_code in (400, 422)


async def test_the_console_asks_for_a_fixed_sum(desk: Desk, web: Web) -> None:
    clerk, lead = await web.console(desk.house, "finance"), await web.console(desk.house, "manager")
    clerk.headers["hx-request"] = lead.headers["hx-request"] = "true"
    here = f"{desk.console}/discounts"
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    form = {"item_id": str(fee), "unit": "1幢101", "kind": "other", "since": "2026-11-01", "reason": "特困"}
    for wrong, said in (
        ({}, "Give either a part of the price or a fixed sum."),
        ({"percent": "70", "yuan": "5"}, "Give either a part of the price or a fixed sum."),
        ({"yuan": "0"}, "Enter an amount above nought."),
        ({"yuan": "1.234"}, "at most two decimals"),
    ):
        refused = await clerk.post(here, data={**form, **wrong})
        assert refused.status_code == 422 and said in refused.text
    asked = await clerk.post(here, data={**form, "yuan": "25.50"})
    look = asked.headers["hx-redirect"]
    assert "25.50 yuan off each full period: fee, 1幢101, 2026-11-01 to —" in (await lead.get(look)).text
    assert (await lead.post(f"{look}/decision", data={"verdict": "approve", "approve": "true"})).status_code < 400
    assert ">25.50<" in (await lead.get(here)).text
    await desk.computed(fee)
    [(line,)] = await desk.rows("SELECT id FROM billing_charge WHERE company_id = $1")
    page = (await clerk.get(f"{desk.console}/lines/{line}")).text
    assert "fixed sum off: 25.50" in page and "Computed anew: the same" in page
