"""A day's sums, and what in them is out of the ordinary (BIL-4)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.closing.counting import Tally, counted
from plugins.billing.closing.days.figures import Figures, Moved, OfItem, OfUnit, Told, added, odd, summed, total
from plugins.billing.ledger.entries import MEANS
from plugins.billing.policies import ClosingRules

DAY = date(2026, 11, 23)
UNIT, SHIFT, ITEM = UUID(int=1), UUID(int=2), UUID(int=3)


def moved(n: int, fen: int, means: Any = "cash", kind: Any = "payment", shift: UUID | None = SHIFT) -> Moved:
    return Moved(UUID(int=n), kind, DAY, means, fen, UNIT, "1幢1单元302", shift)


def shift(drawer: int = 0, ledger: int = 0) -> Told:
    return Told(SHIFT, UUID(int=9), DAY, False, counted(0, [Tally("cash", 1, ledger)], drawer, []))


@given(st.lists(st.tuples(st.sampled_from(MEANS), st.integers(-(10**9), 10**9), st.booleans())))
def test_the_sums_of_a_day_are_those_of_its_entries(rows: list[tuple[str, int, bool]]) -> None:
    entries = [moved(n, fen, means, shift=SHIFT if inside else None) for n, (means, fen, inside) in enumerate(rows)]
    figures = summed(entries, [], [])

    assert total(figures)[:2] == (len(rows), sum(fen for _, fen, _ in rows))
    assert sum(m.in_shifts_fen for m in figures.means) == sum(fen for _, fen, inside in rows if inside)


def test_a_week_is_the_sum_of_its_days() -> None:
    monday = summed([moved(1, 500), moved(2, 70, "qr")], [OfItem("receivable", ITEM, "物业费", 570)], [shift(400, 500)])
    tuesday = summed([moved(3, 30)], [OfItem("receivable", ITEM, "物业费", 30)], [])
    week = added([monday, tuesday])

    assert total(week) == (3, 600, -100)
    assert [(item.item, item.amount_fen) for item in week.items] == [("物业费", 600)]
    assert week.shifts == [SHIFT]
    assert total(added([])) == (0, 0, 0) and total(Figures()) == (0, 0, 0)


def test_what_is_out_of_the_ordinary_is_told_by_the_site_s_thresholds() -> None:
    entries = [
        moved(1, 999_999),
        moved(2, 1_000_000),
        moved(3, -1_000_000, kind="refund"),
        moved(4, -50, kind="reversal"),
        moved(5, 10, shift=None),
        moved(6, 10, "transfer", shift=None),
    ]
    back, arrears = [OfUnit(UNIT, "302", 50, 1), OfUnit(UNIT, "303", 60, 2)], [OfUnit(UNIT, "304", 500_000)]
    found = odd(entries, [shift(400, 500)], back, arrears, ClosingRules())

    assert [(each.kind, each.amount_fen) for each in found] == [
        ("difference", -100),
        ("without_shift", 10),
        ("reversal", -50),
        ("large", 1_000_000),
        ("large", -1_000_000),
        ("back_and_forth", 60),
        ("arrears", 500_000),
    ]
    lenient = ClosingRules(difference_yuan=1, large_yuan=10_001, back_times=3)
    assert [each.kind for each in odd(entries, [shift(400, 500)], back, [], lenient)] == ["without_shift", "reversal"]
