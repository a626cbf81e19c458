"""The definition of service-level time, rule by rule, worked out by hand in `rules.txt`.

Times there are local to Shanghai in November 2026 ("23 09:00"; the 23rd is a Monday); the office works 08:30–12:00 and
13:30–17:30 from Monday to Friday, which makes 27 000 s a day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.sla import Calendar, ClockEvent, Goal, GoalStatus, evaluate

SHIFTS = (("08:30", "12:00"), ("13:30", "17:30"))
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), SHIFTS)
CALENDARS = {
    "office": Calendar("Asia/Shanghai", WEEK),
    "closed today": Calendar("Asia/Shanghai", WEEK, {"2026-11-24": ()}),
    "late": Calendar("Asia/Shanghai", dict.fromkeys(WEEK, (("08:30", "20:00"),))),
    "till midnight": Calendar("Asia/Shanghai", dict.fromkeys(WEEK, (("16:00", "24:00"),))),
    "make-up Saturday": Calendar("Asia/Shanghai", WEEK, {"2026-11-28": SHIFTS}),
    "lunch only": Calendar("Asia/Shanghai", dict.fromkeys(WEEK, (("12:00", "13:30"),))),
    "Berlin": Calendar("Europe/Berlin", WEEK),
    "Auckland": Calendar("Pacific/Auckland", WEEK),
}
OFFSET = timedelta(hours=8)
RULES = (Path(__file__).parent / "rules.txt").read_text(encoding="utf-8")


def _at(text: str) -> datetime:
    day, clock = text.split()
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return datetime(2026, 11, int(day), hour, minute, second, tzinfo=UTC) - OFFSET


def _goal(text: str) -> Goal:
    name, amount, unit, clock = text.split()
    return Goal(name, int(amount), unit, clock)  # type: ignore[arg-type]


def _event(text: str) -> ClockEvent:
    day, clock, kind, *rest = text.split(maxsplit=3)
    at, argument = _at(f"{day} {clock}"), rest[0] if rest else ""
    if kind == "retarget":
        return ClockEvent(at, "retarget", goals=tuple(_goal(part) for part in argument.split(", ") if part))
    if kind == "calendar":
        return ClockEvent(at, "calendar", calendar=CALENDARS[argument])
    if kind in ("stop", "reopen"):
        name, *restart = argument.split()
        return ClockEvent(at, kind, goal=name, restart=bool(restart))  # type: ignore[arg-type]
    return ClockEvent(at, kind)  # type: ignore[arg-type]


def _status(text: str) -> GoalStatus:
    state, used, *due = text.split(maxsplit=2)
    due_at = _at(due[0]) if due else None
    return GoalStatus(state, int(used), due_at, due_at if state == "breached" else None)  # type: ignore[arg-type]


def _rules() -> list[tuple[str, ...]]:
    lines = (line for line in RULES.splitlines() if not line.startswith("#"))
    return [tuple(part.strip() for part in line.split("|")) for line in lines]


@pytest.mark.parametrize(("calendar", "goals", "events", "now", "expected"), _rules())
def test_a_rule_holds(calendar, goals, events, now, expected) -> None:
    statuses = evaluate(
        CALENDARS[calendar],
        [_goal(goal) for goal in goals.split(", ")],
        [_event(event) for event in events.split("; ")],
        _at(now),
    )
    assert list(statuses.values()) == [_status(status) for status in expected.split("; ") if status]


def test_goals_are_reported_by_name_in_the_order_they_came() -> None:
    goals = [_goal("resolution 2 hours working"), _goal("response 1 hours working")]
    events = [_event("23 09:00 start"), _event("23 09:10 retarget arrival 1 hours working, response 1 hours working")]
    assert list(evaluate(CALENDARS["office"], goals, events, _at("23 10:00"))) == ["resolution", "response", "arrival"]


def test_two_goals_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="goals: 'g' is there twice"):
        evaluate(CALENDARS["office"], [_goal("g 1 hours working")] * 2, [_event("23 09:00 start")], _at("23 10:00"))


def test_a_fraction_of_a_second_is_dropped_from_every_instant() -> None:
    half = timedelta(milliseconds=500)
    events = [ClockEvent(_at("23 09:00") + half, "start"), ClockEvent(_at("23 10:00") + half, "stop", goal="g")]
    statuses = evaluate(CALENDARS["office"], [_goal("g 1 hours elapsed")], events, _at("23 10:00"))
    assert statuses == {"g": _status("met 3600 23 10:00")}
