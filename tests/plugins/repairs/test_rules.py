"""Amounts and free times (REP-2, REP-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.repairs.charges.rules import amount_of
from plugins.repairs.charges.service import thousandths, yuan
from plugins.repairs.figures.service import Figure, by_trade
from plugins.repairs.visits.model import Booked, Technician, TradeEntry
from plugins.repairs.visits.policy import Trade, VisitRules
from plugins.repairs.visits.rules import offers, pieces

PLUMBER = Trade("plumber", "水工", "Plumber", ("pipes",))
WANG, MA, XU = UUID(int=1), UUID(int=2), UUID(int=3)
PEOPLE = [
    Technician(WANG, "王磊", (TradeEntry("plumber", 2),)),
    Technician(MA, "马军", (TradeEntry("plumber", 3), TradeEntry("electrician", 1))),
    Technician(XU, "徐东", (TradeEntry("electrician", 3),)),
]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("price", "quantity", "amount"),
    [(1999, 1000, 1999), (333, 1500, 500), (1, 499, 0), (1, 500, 1), (1, -500, -1), (12_050, 250, 3013), (0, 9000, 0)],
)
def test_an_amount_is_multiplied_first_and_rounded_once(price: int, quantity: int, amount: int) -> None:
    assert amount_of(price, quantity) == amount


@given(st.integers(0, 10**8), st.integers(1, 10**8))
def test_an_entry_against_a_line_takes_back_exactly_what_it_came_to(price: int, quantity: int) -> None:
    amount = amount_of(price, quantity)

    assert amount + amount_of(price, -quantity) == 0
    assert abs(amount - Fraction(price * quantity, 1000)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(yuan(1205), "12.05"), (yuan(-5), "-0.05"), (yuan(100), "1.00"), (thousandths(1500), "1.5"),
     (thousandths(1000), "1"), (thousandths(-250), "-0.25"), (thousandths(1), "0.001")],
)  # fmt: skip
def test_fen_and_thousandths_are_said_as_people_write_them(said: str, expected: str) -> None:
    assert said == expected


def test_working_time_is_offered_in_whole_visits_and_none_that_has_begun() -> None:
    shifts = [(at(8), at(12)), (at(14), at(17))]

    found = list(pieces(shifts, timedelta(minutes=120), at(9)))

    assert found == [(at(10), at(12)), (at(14), at(16))]


@pytest.mark.parametrize(
    ("trade", "booked", "expected"),
    [
        (PLUMBER, [], [["马军", "王磊"], ["马军", "王磊"]]),
        (PLUMBER, [Booked(MA, "plumber", at(8), at(10))], [["王磊"], ["马军", "王磊"]]),
        (PLUMBER, [Booked(MA, "plumber", at(9), at(11))], [["王磊"], ["王磊"]]),
        (PLUMBER, [Booked(MA, "", at(8), at(10)), Booked(WANG, "", at(8), at(10))], [["马军", "王磊"]]),
        (Trade("plumber", "水工", "Plumber", ("pipes",), 1), [Booked(MA, "plumber", at(8), at(10))],
         [["马军", "王磊"]]),
        (None, [], [["徐东", "王磊", "马军"], ["徐东", "王磊", "马军"]]),
        (Trade("lift", "电梯", "Lifts", ("lift",)), [], []),
    ],
)  # fmt: skip
def test_who_knows_the_trade_best_and_is_free_is_offered_first(
    trade: Trade | None, booked: list[Booked], expected: list[list[str]]
) -> None:
    found = offers([(at(8), at(10)), (at(10), at(12))], PEOPLE, trade, booked)

    assert [[who.name for who in slot.technicians] for slot in found] == expected


def test_figures_are_summed_by_trade_and_hours_averaged_over_what_is_done() -> None:
    pipes = Figure("pipes", 4, 3, 4, 1, 2.0, 7000, 3, 2)
    fixtures = Figure("fixtures", 2, 1, 1, 0, 6.0, 500, 1, 1)
    unknown = Figure("", 1, 0, 1, 0, None, 0, 0, 0)

    assert by_trade([pipes, unknown, fixtures], VisitRules()) == {
        "plumber": Figure("", 6, 4, 5, 1, 3.0, 7500, 4, 3),
        "": unknown,
    }
