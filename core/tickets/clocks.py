"""From a ticket's recorded clock events to the state of its goals and its next deadlines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from core.sla import Calendar, ClockEvent, Goal, evaluate
from core.tickets.model import GoalRow


class Deadlines(msgspec.Struct, frozen=True):
    """What the queue sorts by (`due_at` of `goal`, missed or ahead) and when the next breach falls due."""

    due_at: datetime | None
    goal: str | None
    next_breach: datetime | None


class Projection(msgspec.Struct, frozen=True):
    """The goals as they stand, the deadlines, and the goals breached since `before`."""

    goals: tuple[GoalRow, ...]
    deadlines: Deadlines
    breached: tuple[GoalRow, ...]


def project(
    calendar: Calendar,
    goals: Sequence[Goal],
    events: Sequence[ClockEvent],
    now: datetime,
    before: Iterable[GoalRow] = (),
) -> Projection:
    """Evaluate at `now`. A breach counts once its instant has really passed, not when an event rounds up to it."""
    at = max([now.replace(microsecond=0), *(event.at for event in events)])
    statuses = evaluate(calendar, goals, events, at)
    targets = {goal.name: goal for goal in goals}
    for event in events:
        targets.update({goal.name: goal for goal in event.goals or ()})
    ended = _ended(events)
    rows = []
    for name, status in statuses.items():
        goal = targets[name]
        early = status.breached_at is not None and status.breached_at >= now
        rows.append(
            GoalRow(
                name=name,
                amount=goal.amount,
                unit=goal.unit,
                clock=goal.clock,
                state="running" if early else status.state,
                used=status.used,
                due_at=status.breached_at if early else status.due_at,
                breached_at=None if early else status.breached_at,
                ended=name in ended or status.state == "cancelled",
            )
        )
    known = {row.name for row in before if row.state == "breached"}
    return Projection(
        goals=tuple(rows),
        deadlines=deadlines(rows),
        breached=tuple(r for r in rows if r.state == "breached" and r.name not in known),
    )


def opening(goals: Iterable[Goal], due: dict[str, datetime | None]) -> tuple[GoalRow, ...]:
    """The goals at the instant they start, nothing used up yet."""
    return tuple(
        GoalRow(g.name, g.amount, g.unit, g.clock, "running", 0, due[g.name], None, ended=False) for g in goals
    )


def deadlines(rows: Iterable[GoalRow]) -> Deadlines:
    """The earliest deadline that is not done with, and the earliest that is still ahead."""
    waiting = [(row.due_at, row.name) for row in rows if not row.ended and row.due_at is not None]
    ahead = [row.due_at for row in rows if row.state == "running" and row.due_at is not None]
    due_at, goal = min(waiting, default=(None, None))
    return Deadlines(due_at, goal, min(ahead, default=None))


def _ended(events: Iterable[ClockEvent]) -> set[str]:
    ended: set[str] = set()
    for event in events:
        if event.type == "stop" and event.goal is not None:
            ended.add(event.goal)
        elif event.type == "reopen" and event.goal is not None:
            ended.discard(event.goal)
    return ended
