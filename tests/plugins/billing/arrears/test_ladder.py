"""Which step a household is due for: a table, and what holds whatever happens (BIL-5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Unfit, fill
from plugins.billing.arrears.dunning.ladder import STEPS, STERN, Share, Standing, Step, covers, due, rank
from plugins.billing.arrears.policies import THREATS, ArrearsRules, DunningRules, Rung

TODAY = date(2026, 11, 23)
RULES = DunningRules()  # 3, 15 from 50 yuan, 30 from 200, 60 from 500, 180 from 2,000; a week between two steps
NOTHING = Share()


def share(fen: int, days: int, reached: int = 0) -> Share:
    return Share(fen, TODAY - timedelta(days), reached)


@pytest.mark.parametrize(
    ("own", "others", "asked", "promised", "step"),
    [
        (NOTHING, NOTHING, None, None, None),
        (share(300_000, 2), NOTHING, None, None, None),
        (share(1, 3), NOTHING, None, None, "message"),
        (share(300_000, 400), NOTHING, None, None, "message"),  # the ladder is climbed step by step
        (share(300_000, 400, 1), NOTHING, 6, None, None),  # left alone for a week
        (share(300_000, 400, 1), NOTHING, 7, None, "letter"),
        (share(300_000, 14, 1), NOTHING, 7, None, None),
        (share(4_999, 15, 1), NOTHING, 7, None, None),  # not worth a letter
        (share(4_000, 15, 1), share(1_000, 15, 1), 7, None, "letter"),  # together it is
        (share(20_000, 30, 2), NOTHING, 8, None, "visit"),
        (share(19_999, 30, 2), share(50_000, 30, 2), 8, None, None),  # not by what is collected for others
        (share(50_000, 60, 3), NOTHING, 8, None, "notice"),
        (share(200_000, 180, 4), NOTHING, 8, None, "legal"),
        (share(200_000, 900, 5), NOTHING, 300, None, None),
        (NOTHING, share(300_000, 900), None, None, "message"),
        (NOTHING, share(300_000, 900, 1), 9, None, "letter"),
        (NOTHING, share(300_000, 900, 2), 9, None, None),
        (share(300_000, 900, 2), share(300_000, 900), 9, None, "visit"),  # the sterner of two
        (share(300_000, 400), NOTHING, None, 0, None),  # promised for today
        (share(300_000, 400), NOTHING, None, 5, None),
        (share(300_000, 400), NOTHING, None, -1, "message"),  # and not kept
    ],
)
def test_a_household_is_due_for(
    own: Share, others: Share, asked: int | None, promised: int | None, step: Step | None
) -> None:
    asked_on = None if asked is None else TODAY - timedelta(asked)
    promised_on = None if promised is None else TODAY + timedelta(promised)
    assert due(RULES, Standing(own, others, asked_on, promised_on), TODAY) == step


def test_a_step_that_a_site_does_not_take_is_passed_over() -> None:
    rules = msgspec.structs.replace(RULES, letter=Rung(15, 0, on=False))
    assert due(rules, Standing(share(300_000, 40, 1), NOTHING), TODAY) == "visit"
    assert due(rules, Standing(NOTHING, share(300_000, 40, 1)), TODAY) is None


class Debt(msgspec.Struct):
    """A charge, while it lasts."""

    own: bool
    fen: int
    due_on: date
    reached: int = 0


def standing_of(debts: list[Debt], today: date, asked_on: date | None, promised_on: date | None) -> Standing:
    """What the statement adds up."""

    def of(own: bool) -> Share:
        late = [debt for debt in debts if debt.own == own and debt.due_on < today]
        if not late:
            return Share()
        return Share(sum(d.fen for d in late), min(d.due_on for d in late), max(d.reached for d in late))

    return Standing(of(True), of(False), asked_on, promised_on)


_DEBTS = st.lists(
    st.builds(
        Debt,
        own=st.booleans(),
        fen=st.integers(1, 500_000),
        due_on=st.integers(0, 500).map(lambda days: TODAY - timedelta(days)),
    ),
    max_size=6,
)
_RUNG = st.builds(Rung, after_days=st.just(1), least_yuan=st.integers(0, 3_000), on=st.booleans())


@st.composite
def ladders(draw: Any) -> DunningRules:
    days = sorted(draw(st.lists(st.integers(1, 200), min_size=5, max_size=5)))
    rungs = {
        step: msgspec.structs.replace(draw(_RUNG), after_days=after) for step, after in zip(STEPS, days, strict=True)
    }
    return DunningRules(**rungs, rest_days=draw(st.integers(1, 30)))


@given(ladders(), _DEBTS, st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=20), st.integers(0, 400))
def test_whatever_happens_no_debt_is_asked_for_twice_by_a_step_nor_by_one_below(
    rules: DunningRules, debts: list[Debt], walks: list[tuple[int, bool]], promised: int
) -> None:
    today, asked_on, promised_on = TODAY - timedelta(500), None, TODAY - timedelta(promised)
    taken: dict[int, list[str]] = {n: [] for n in range(len(debts))}
    for days, pays in walks:
        today += timedelta(days)
        step = due(rules, standing_of(debts, today, asked_on, promised_on), today)
        if step is None:
            continue
        late = [debt for debt in debts if debt.due_on < today]
        asked = [debt for debt in late if covers(step, debt.reached, own=debt.own)]
        assert asked, "a step asks for something"
        assert getattr(rules, step).on
        assert today > promised_on
        assert asked_on is None or today >= asked_on + timedelta(rules.rest_days)
        if step in STERN:
            assert all(debt.own for debt in asked), "nobody is threatened for what is collected for others"
        for debt in asked:
            n = next(n for n, each in enumerate(debts) if each is debt)
            assert rank(step) > debt.reached
            taken[n].append(step)
            debt.reached = rank(step)
        asked_on = today
        if pays:
            debts = [debt for debt in debts if debt is not asked[0]]
            taken = {n: [] for n in range(len(debts))} if len(debts) < len(taken) else taken
    for steps in taken.values():
        assert [rank(step) for step in steps] == sorted({rank(step) for step in steps})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["逾期将停水", "我司将采取断电措施", "We will Cut off your water."])
def test_no_text_threatens_to_cut_a_supply(text: str) -> None:
    """Civil Code, article 944."""
    with pytest.raises(Unfit):
        DunningRules(notice_text=text)


def test_the_texts_that_come_with_it_threaten_nothing_and_name_the_sum() -> None:
    values = {"site": "翠湖", "unit": "3幢302", "name": "王芳", "yuan": "342.50", "since": "2026-10-11",
              "day": "2026-11-23", "telephone": "0571-1"}  # fmt: skip
    for text in (RULES.message_text, RULES.letter_text, RULES.notice_text):
        told = fill(text, values)
        assert "342.50" in told and "3幢302" in told
        assert not [word for word in THREATS if word in told]
    assert len(fill(RULES.message_text, values)) <= 140


def test_the_steps_come_one_after_the_other_and_so_do_the_ages() -> None:
    with pytest.raises(Unfit):
        DunningRules(letter=Rung(2))
    DunningRules(message=Rung(20, on=False))
    with pytest.raises(Unfit):
        ArrearsRules(second_days=30)
