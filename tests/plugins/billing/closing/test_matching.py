"""Whose payment a line of the bank is: the ledger's own first, then what the line says (BIL-4)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.closing.bank.matching import DAYS, Booked, Household, Roll, Transfer, paired

DAY = date(2026, 11, 20)


def line(fen: int = 34_250, payer: str = "", remark: str = "", day: int = 0, n: int = 1) -> Booked:
    return Booked(UUID(int=n), DAY + timedelta(day), fen, payer, remark)


def transfer(fen: int = 34_250, party: str = "", unit: str = "", day: int = 0, n: int = 101) -> Transfer:
    return Transfer(UUID(int=n), DAY + timedelta(day), fen, None, unit, party)


def household(n: int, place: str, *names: str, fen: int = 0) -> Household:
    building, entrance, room = place.split("-")
    label = f"{building}幢{entrance}单元{room}" if entrance else f"{building}幢{room}"
    parties = [(UUID(int=1000 * n + m), name) for m, name in enumerate(names)]
    return Household(UUID(int=n), label, building, entrance, room, parties, fen)


@pytest.mark.parametrize(
    ("days", "fen", "found"), [(0, 34_250, True), (3, 34_250, True), (-3, 34_250, True), (4, 34_250, False),
                               (0, 34_251, False), (0, -34_250, False)],
)  # fmt: skip
def test_a_transfer_of_the_same_amount_within_three_days_is_the_line(days: int, fen: int, found: bool) -> None:
    assert bool(paired([line()], [transfer(fen, day=days)])) == found


def test_of_several_the_one_that_is_named_goes_first_and_then_the_nearest() -> None:
    lines = [line(payer="王芳", n=1), line(remark="4-2-301", n=2), line(day=2, n=3)]
    entries = [
        transfer(day=2, n=101),
        transfer(unit="4幢2单元301", day=2, n=102),
        transfer(party="王 芳", day=2, n=103),
    ]
    assert dict(paired(lines, entries)) == {
        UUID(int=1): UUID(int=103),
        UUID(int=2): UUID(int=102),
        UUID(int=3): UUID(int=101),
    }


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 8)), max_size=12),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 8)), max_size=12),
)
def test_each_line_and_each_entry_is_used_once(lines: list[tuple[int, int]], entries: list[tuple[int, int]]) -> None:
    booked = [line(fen, day=day, n=n) for n, (fen, day) in enumerate(lines)]
    moved = [transfer(fen, day=day, n=n) for n, (fen, day) in enumerate(entries)]
    pairs = paired(booked, moved)

    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    for a, b in pairs:
        one, other = booked[a.int], moved[b.int]
        assert one.amount_fen == other.amount_fen and abs((one.booked_on - other.posted_on).days) <= DAYS


ROLL = Roll(
    [
        household(1, "3-1-1802", "王芳", "李明", fen=34_250),
        household(2, "3-2-1802", "赵强", fen=10_000),
        household(3, "1--1802", "张敏", fen=10_000),
        household(4, "5-1-101", "王芳"),
        household(5, "A-1-202", "周洁"),
        household(6, "9-1-101"),  # nobody is known there
    ]
)
CASES: dict[str, tuple[Booked, list[tuple[int, str]]]] = {
    "unit and payer": (
        line(payer="王芳", remark="3-1-1802物业费"), [(1, "unit_and_payer"), (4, "payer")],
    ),
    "unit in words": (line(1, remark="3幢1单元1802室 11月"), [(1, "unit")]),
    "unit with a number before it": (line(1, remark="2026-3-1-1802"), [(1, "unit")]),
    "unit in full width": (line(1, remark="３号楼１单元１８０２"), [(1, "unit")]),
    "unit with letters": (line(1, remark="a座1单元202"), [(5, "unit")]),
    "short name of one unit": (line(1, remark="1-1802"), [(3, "unit")]),
    "short name of two units": (line(1, remark="3-1802"), []),
    "payer alone": (line(1, payer="赵强"), [(2, "payer")]),
    "amount of one household": (line(34_250), [(1, "amount")]),
    "amount of two households": (line(10_000), []),
    "nobody lives there": (line(1, remark="9-1-101"), []),
    "nothing": (line(1, remark="转账"), []),
    "money that went": (line(-34_250, payer="王芳", remark="3-1-1802"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_whose_payment_it_may_be(case: str) -> None:
    asked, expected = CASES[case]
    assert [(each.unit_id.int, each.why) for each in ROLL.proposals(asked)] == expected


def test_who_paid_is_who_is_named_and_else_the_owner() -> None:
    named = ROLL.proposals(line(1, payer="李明", remark="3-1-1802"))[0]
    other = ROLL.proposals(line(1, payer="某公司", remark="3-1-1802"))[0]
    assert (named.party, other.party) == ("李明", "王芳")
