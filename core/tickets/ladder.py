"""When a matter goes up: the instants of a ladder's steps, from what the clocks of a ticket's goals went through. Pure.

A step at a share of the time is the breach of a goal of that share, so pauses, calendars and changed goals count for it
as they do for the goal itself; and as a breach stands for good, the instant of a step once reached never moves. That is
why one instant per ticket, that of its last step up, tells which steps are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from core.policies.escalation import Rung
from core.sla import Calendar, ClockEvent, Goal, evaluate

_RANK = {"routine": 0, "urgent": 1, "critical": 2}
_LENGTH = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}


class Step(msgspec.Struct, frozen=True):
    """A rung as one goal climbs it; `at` is when, and `deadline` the goal's own, where it has one."""

    at: datetime
    goal: str
    rung: Rung
    deadline: datetime | None


def steps(
    rungs: Sequence[Rung],
    severity: str,
    calendar: Calendar,
    initial: Sequence[Goal],
    events: Sequence[ClockEvent],
    now: datetime,
) -> list[Step]:
    """The steps whose instant is known at `now`, past ones and those ahead if nothing else happens, in order of time.

    Of one instant the lower rung goes first. A goal that waits, was kept or taken away has no steps ahead; a step
    after the deadline is only taken if the goal is still open then.
    """
    fitting = [rung for rung in rungs if _RANK[severity] >= _RANK[rung.severity]]
    if not fitting or not events:
        return []
    at = max([now.replace(microsecond=0), *(event.at for event in events)])
    deadlines = _instants(calendar, initial, events, at, 100)
    found: list[Step] = []
    for rung in fitting:
        whole = rung.unit != "percent" or rung.amount == 100
        reached = deadlines if whole else _instants(calendar, initial, events, at, rung.amount)
        after = timedelta() if rung.unit == "percent" else rung.amount * _LENGTH[rung.unit]
        for goal, instant in reached.items():
            if rung.goal in ("any", goal) and (not after or _is_open(events, goal, instant + after)):
                found.append(Step(instant + after, goal, rung, deadlines.get(goal)))
    return sorted(found, key=lambda step: step.at)


def course_steps(
    course: Sequence[tuple[datetime, Sequence[Rung]]],
    severity: str,
    calendar: Calendar,
    initial: Sequence[Goal],
    events: Sequence[ClockEvent],
    now: datetime,
) -> list[Step]:
    """The steps of ladders that took effect one after the other, as (from when on, rungs): each step by the ladder in
    force at its instant. What a new ladder would have done before it was there is not done."""
    found: list[Step] = []
    for index, (since, rungs) in enumerate(course):
        until = course[index + 1][0] if index + 1 < len(course) else None
        found += [
            step
            for step in steps(rungs, severity, calendar, initial, events, now)
            if (not index or step.at >= since) and (until is None or step.at < until)
        ]
    return sorted(found, key=lambda step: step.at)


def due(found: Iterable[Step], since: datetime | None, now: datetime) -> list[Step]:
    """The steps to take now: reached (their instant is really past), and not before the last one that was taken."""
    return [step for step in found if step.at < now and (since is None or step.at >= since)]


def following(found: Iterable[Step], since: datetime | None) -> datetime | None:
    """The instant of the next step that has not been taken, be it past or ahead."""
    return min((step.at for step in found if since is None or step.at >= since), default=None)


def _instants(
    calendar: Calendar, initial: Sequence[Goal], events: Sequence[ClockEvent], at: datetime, percent: int
) -> dict[str, datetime]:
    """By goal, when that share of its time was or will be used up."""
    scaled = [_part(goal, percent) for goal in initial]
    changed = [
        event
        if event.goals is None
        else msgspec.structs.replace(event, goals=tuple(_part(goal, percent) for goal in event.goals))
        for event in events
    ]
    statuses = evaluate(calendar, scaled, changed, at)
    return {
        name: instant
        for name, status in statuses.items()
        if status.state in ("running", "breached") and (instant := status.breached_at or status.due_at) is not None
    }


def _part(goal: Goal, percent: int) -> Goal:
    """A goal of that share: minutes are rounded up, days down, each to one at least."""
    if percent == 100:
        return goal
    if goal.unit in ("minutes", "hours"):
        minutes = goal.amount * (60 if goal.unit == "hours" else 1)
        return msgspec.structs.replace(goal, amount=-(-minutes * percent // 100), unit="minutes")
    return msgspec.structs.replace(goal, amount=max(1, goal.amount * percent // 100))


def _is_open(events: Iterable[ClockEvent], goal: str, at: datetime) -> bool:
    """Whether the goal has not been stopped by then; a stop at that very instant counts."""
    last = None
    for event in events:
        if event.goal == goal and event.at <= at:
            last = event.type
    return last != "stop"
