"""What an open ticket owes when its promises change: which goals still can be owed, and what stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from core.policies.sla_targets import Promises
from core.sla import Goal
from core.tickets.model import GoalRow, Status

PROMISED = frozenset(Promises.__struct_fields__)
# What is behind a ticket in that state: nobody can respond or arrive again, so no clock for it may start.
_BEHIND: dict[Status, frozenset[str]] = {
    "new": frozenset(),
    "accepted": frozenset({"response"}),
    "arrived": frozenset({"response", "arrival"}),
    "resolved": PROMISED,
    "closed": PROMISED,
}


def owed(
    rows: Iterable[GoalRow], promised: Iterable[Goal], status: Status, paused_from: Status | None = None
) -> tuple[Goal, ...] | None:
    """The goals of a retarget to what is promised now; None if that changes nothing.

    Goals that have ended are history. Goals that no promise is about (a type's own) go on as they are. A promise that
    the ticket never had is owed from now on, unless its step is behind it.
    """
    rows = tuple(rows)
    known = {row.name for row in rows}
    live = {row.name: Goal(row.name, row.amount, row.unit, row.clock) for row in rows if not _over(row)}
    behind = _BEHIND[paused_from or "accepted" if status == "paused" else status]
    wanted = {
        goal.name: goal
        for goal in promised
        if goal.name in live or (goal.name not in known and goal.name not in behind)
    }
    wanted |= {name: goal for name, goal in live.items() if name not in PROMISED}
    return None if wanted == live else tuple(wanted.values())


def _over(row: GoalRow) -> bool:
    return row.ended or row.state in ("met", "breached", "cancelled")
