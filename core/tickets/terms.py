"""What an open ticket owes when its promises change: which goals still can be owed, and what stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from core.policies.sla_targets import Promises
from core.sla import Goal
from core.tickets.goals import base, over
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
    rows: Iterable[GoalRow],
    promised: Iterable[Goal],
    status: Status,
    paused_from: Status | None = None,
    further: Mapping[str, Goal | None] | None = None,
) -> tuple[Goal, ...] | None:
    """The goals of a retarget to what is promised now; None if that changes nothing.

    Goals that have ended are history. A promise that the ticket never had is owed from now on, unless its step is
    behind it. Goals that no promise is about (a type's own) are held to the amounts in `further` (None: owed no
    more), and go on as they are without one.
    """
    rows = tuple(rows)
    known = {row.name for row in rows}
    live = {row.name: Goal(row.name, row.amount, row.unit, row.clock) for row in rows if not over(row)}
    behind = behind_of(status, paused_from)
    wanted = {
        goal.name: goal
        for goal in promised
        if goal.name in live or (goal.name not in known and goal.name not in behind)
    }
    for name, goal in live.items():
        amount = (further or {}).get(base(name), goal)
        if name not in PROMISED and amount is not None:
            wanted[name] = msgspec.structs.replace(amount, name=name)
    return None if wanted == live else tuple(wanted.values())


def behind_of(status: Status, paused_from: Status | None = None) -> frozenset[str]:
    """The promises whose step is behind a ticket in that state."""
    return _BEHIND[paused_from or "accepted" if status == "paused" else status]
