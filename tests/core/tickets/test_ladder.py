"""The instants at which a matter goes up, as a table, and what holds for any life of a ticket (TKT-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.policies.escalation import Rung
from core.sla import Calendar, ClockEvent, Goal
from core.tickets.ladder import course_steps, due, following, steps

T0 = datetime(2026, 11, 23, 1, tzinfo=UTC)  # a Monday, nine o'clock in Shanghai
OFFICE = Calendar("Asia/Shanghai", dict.fromkeys(("mon", "tue", "wed"), (("09:00", "12:00"), ("13:00", "18:00"))))
RESPONSE, REPAIR = Goal("response", 10, "minutes", "elapsed"), Goal("resolution", 4, "hours", "working")
DAYS = Goal("resolution", 4, "days", "elapsed")


def at(**after: float) -> datetime:
    return T0 + timedelta(**after)


def rung(amount: int, unit: str = "percent", to: str = "supervisor", **more: str) -> Rung:
    return Rung(amount, unit, to, **more)  # type: ignore[arg-type]


def event(kind: str, when: datetime, goal: str | None = None, goals: tuple[Goal, ...] | None = None) -> ClockEvent:
    return ClockEvent(when, kind, goal=goal, goals=goals)  # type: ignore[arg-type]


START = event("start", T0)


@pytest.mark.parametrize(
    ("what", "rungs", "goals", "events", "expected"),
    [
        ("half of the time", [rung(50)], [RESPONSE], [], {"response": at(minutes=5)}),
        ("a share rounds up to a minute", [rung(33)], [RESPONSE], [], {"response": at(minutes=4)}),
        ("the deadline", [rung(100)], [RESPONSE], [], {"response": at(minutes=10)}),
        ("no minutes after it", [rung(0, "minutes")], [RESPONSE], [], {"response": at(minutes=10)}),
        ("two hours after it", [rung(2, "hours")], [RESPONSE], [], {"response": at(hours=2, minutes=10)}),
        ("in working time", [rung(80)], [REPAIR], [], {"resolution": at(hours=4, minutes=12)}),
        ("days count whole", [rung(80)], [DAYS], [], {"resolution": datetime(2026, 11, 26, 16, tzinfo=UTC)}),
        ("one goal only", [rung(50, goal="response")], [RESPONSE, REPAIR], [], {"response": at(minutes=5)}),
        (
            "a pause does not count",
            [rung(50)],
            [RESPONSE],
            [event("pause", at(minutes=2)), event("resume", at(minutes=30))],
            {"response": at(minutes=33)},
        ),
        ("a paused goal waits", [rung(50)], [RESPONSE], [event("pause", at(minutes=2))], {}),
        ("a goal that was kept", [rung(50)], [RESPONSE], [event("stop", at(minutes=2), "response")], {}),
        (
            "a goal kept after half of its time had reached that step",
            [rung(50), rung(100)],
            [RESPONSE],
            [event("stop", at(minutes=6), "response")],
            {"response": at(minutes=5)},
        ),
        (
            "a missed goal stopped in time for the step after the deadline",
            [rung(30, "minutes")],
            [RESPONSE],
            [event("stop", at(minutes=40), "response")],
            {},
        ),
        (
            "and stopped too late for it",
            [rung(30, "minutes")],
            [RESPONSE],
            [event("stop", at(minutes=41), "response")],
            {"response": at(minutes=40)},
        ),
        (
            "goals that were changed keep what they have used",
            [rung(50)],
            [RESPONSE],
            [event("retarget", at(minutes=4), goals=(Goal("response", 20, "minutes", "elapsed"),))],
            {"response": at(minutes=10)},
        ),
        (
            "a goal reopened and begun anew",
            [rung(50)],
            [RESPONSE],
            [
                event("stop", at(minutes=2), "response"),
                ClockEvent(at(minutes=60), "reopen", goal="response", restart=True),
            ],
            {"response": at(minutes=65)},
        ),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_the_instant_of_a_step(
    what: str, rungs: list[Rung], goals: list[Goal], events: list[ClockEvent], expected: dict[str, datetime]
) -> None:
    now = max([T0, *(e.at for e in events)])
    found = steps(rungs, "routine", OFFICE, goals, [START, *events], now)
    assert {step.goal: step.at for step in found} == expected


@pytest.mark.parametrize(("severity", "to"), [("routine", []), ("urgent", ["manager"]), ("critical", ["manager"] * 2)])
def test_a_rung_may_be_for_graver_matters_only(severity: str, to: list[str]) -> None:
    rungs = [rung(50, to="manager", severity="urgent"), rung(60, to="manager", severity="critical")]
    assert [s.rung.to for s in steps(rungs, severity, OFFICE, [RESPONSE], [START], T0)] == to


def test_a_step_is_due_once_its_instant_is_past_and_then_never_again() -> None:
    found = steps([rung(50), rung(100)], "routine", OFFICE, [RESPONSE], [START], T0)
    assert due(found, None, at(minutes=5)) == []
    [first] = due(found, None, taken_at := at(minutes=5, seconds=1))
    assert (first.at, following(found, taken_at)) == (at(minutes=5), at(minutes=10))
    assert due(found, taken_at, at(minutes=9)) == []
    assert [step.at for step in due(found, taken_at, at(days=3))] == [at(minutes=10)]
    assert following(found, at(days=3)) is None


def test_a_step_whose_instant_is_that_of_an_earlier_ones_taking_is_still_ahead() -> None:
    """Of an instant just reached nobody knows yet whether the goal is stopped at it."""
    found = steps([rung(50), rung(100)], "routine", OFFICE, [RESPONSE], [START], T0)
    [first] = due(found, None, taken_at := at(minutes=10))
    assert (first.at, following(found, taken_at)) == (at(minutes=5), at(minutes=10))
    assert [step.at for step in due(found, taken_at, at(minutes=10, seconds=1))] == [at(minutes=10)]


RUNGS = [rung(50, to="assignee"), rung(80), rung(100, to="manager"), rung(30, "minutes", "manager"), rung(3, "hours")]
CHANGES = st.lists(
    st.tuples(
        st.integers(1, 240),
        st.sampled_from(["pause", "resume", "stop", "reopen", "restart", "more", "less"]),
        st.sampled_from(["response", "resolution"]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(CHANGES, st.lists(st.integers(1, 4000), min_size=1, max_size=12))
def test_whatever_happens_no_step_is_taken_twice_and_none_is_left_out(
    changes: list[tuple[int, str, str]], looks: list[int]
) -> None:
    """Looking seldom, as after days of downtime, takes the same steps as looking after every change."""

    def life(until: datetime) -> list[ClockEvent]:
        events, when = [START], T0
        for minutes, kind, goal in changes:
            when += timedelta(minutes=minutes)
            if when > until:
                break
            match kind:
                case "pause" | "resume":
                    events.append(event(kind, when))
                case "more" | "less":
                    longer = 40 if kind == "more" else 5
                    events.append(
                        event("retarget", when, goals=(Goal("response", longer, "minutes", "elapsed"), REPAIR))
                    )
                case "restart":
                    events.append(ClockEvent(when, "reopen", goal=goal, restart=True))
                case _:
                    events.append(event(kind, when, goal))
        return events

    def climb(instants: list[datetime]) -> list[tuple[str, int, str, datetime]]:
        taken, since = [], None
        for now in sorted(instants):
            found = steps(RUNGS, "routine", OFFICE, [RESPONSE, REPAIR], life(now), now)
            if new := due(found, since, now):
                taken += [(s.goal, s.rung.amount, s.rung.unit, s.at) for s in new]
                since = now
        return taken

    end = at(days=14)
    often = climb([at(minutes=minutes, seconds=1) for minutes in range(0, 4200, 29)] + [end])
    seldom = climb([at(minutes=minutes, seconds=1) for minutes in looks] + [end])

    assert len({key[:3] for key in often}) == len(often), "a step was taken twice"
    assert sorted(often) == sorted(seldom)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 400), st.sets(st.sampled_from(range(5)))), max_size=3), st.integers(1, 4000))
def test_of_ladders_one_after_the_other_each_step_is_taken_by_the_one_in_force_at_its_instant(
    changes: list[tuple[int, set[int]]], look: int
) -> None:
    """Whoever looks only once, after all the changes, takes what somebody who looks every minute takes."""
    course = [(T0, RUNGS)]
    for minutes, kept in sorted(changes, key=lambda change: change[0]):
        course.append((at(minutes=minutes), [RUNGS[n] for n in sorted(kept)]))

    def climb(instants: list[datetime]) -> list[tuple[datetime, str, Rung]]:
        taken, since = [], None
        for now in instants:
            known = [stretch for stretch in course if stretch[0] <= now]
            found = course_steps(known, "routine", OFFICE, [RESPONSE, REPAIR], [START], now)
            if new := due(found, since, now):
                taken += [(step.at, step.goal, step.rung) for step in new]
                since = now
        return taken

    end = at(days=4)
    once = climb([end])
    assert climb([at(minutes=minutes, seconds=30) for minutes in range(0, 1500, 13)] + [end]) == once
    assert climb(sorted([at(minutes=look), end])) == once
