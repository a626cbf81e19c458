"""Goals that begin, end and begin anew while a ticket goes on: what a type owes besides the promises of creation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from core.sla import ClockEvent, Goal, evaluate
from core.tickets.model import GoalRow

if TYPE_CHECKING:
    from core.tickets.changes import Change

WRITTEN = "written_answer"
"""The goal of answering a matter that came in writing; it ends with the answer to the reporter."""
_AGAIN = re.compile(r"_([2-9]|[1-9]\d+)\Z")


def base(name: str) -> str:
    """The name of a goal without the number that a later round of it has: `progress_2` is of `progress`."""
    return _AGAIN.sub("", name)


def begin(change: Change, goal: Goal) -> None:
    """Have a goal run from now on: for the first time, or anew from nothing.

    A round that was missed stands for good, so the next one has a number of its own (`progress_2`).
    """
    latest = _latest(change, goal.name)
    if latest is None:
        _add(change, goal)
        return
    state = evaluate(change.calendar, change.recorded.initial, change.events, change.at)[latest.name].state
    change.stop(latest.name)
    if state in ("breached", "cancelled"):
        rounds = sum(base(row.name) == goal.name for row in change.recorded.goals)
        _add(change, Goal(f"{goal.name}_{rounds + 1}", goal.amount, goal.unit, goal.clock))
    else:
        change.clock.append(ClockEvent(change.at, "reopen", goal=latest.name, restart=True))


def renew(change: Change, name: str) -> bool:
    """Begin a goal anew if it is owed at present; whether it was."""
    latest = _latest(change, name)
    if latest is None or latest.ended:
        return False
    begin(change, Goal(name, latest.amount, latest.unit, latest.clock))
    return True


def finish(change: Change, name: str) -> None:
    """End whatever round of the goal is owed."""
    change.stop(*(row.name for row in change.recorded.goals if base(row.name) == name))


def hold_to(change: Change, amounts: Mapping[str, Goal | None]) -> None:
    """Hold the goals of that name which still run to other amounts; None: owed no more. What was used up stays."""
    known = {
        row.name: Goal(row.name, row.amount, row.unit, row.clock) for row in change.recorded.goals if not over(row)
    }
    for event in change.clock:
        if event.goals is not None:
            known = {goal.name: goal for goal in event.goals}
    held = {name: amounts.get(base(name), goal) for name, goal in known.items()}
    if held != known:
        goals = (msgspec.structs.replace(goal, name=name) for name, goal in held.items() if goal is not None)
        change.clock.append(ClockEvent(change.at, "retarget", goals=tuple(goals)))


def over(row: GoalRow) -> bool:
    """Whether nothing is owed of the goal any more: it has ended, or was missed."""
    return row.ended or row.state in ("met", "breached", "cancelled")


def _latest(change: Change, name: str) -> GoalRow | None:
    return next((row for row in reversed(change.recorded.goals) if base(row.name) == name), None)


def _add(change: Change, goal: Goal) -> None:
    """To the goals there are: a retarget leaves out what it does not name."""
    known = {row.name: Goal(row.name, row.amount, row.unit, row.clock) for row in change.recorded.goals}
    for event in change.clock:
        known |= {added.name: added for added in event.goals or ()}
    change.clock.append(ClockEvent(change.at, "retarget", goals=(*known.values(), goal)))
