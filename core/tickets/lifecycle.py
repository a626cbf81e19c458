"""The shared life cycle: which action is allowed in which state, what it needs, what it does to the clocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from core.errors import Conflict, Invalid
from core.sla import ClockEvent
from core.tickets.model import OPEN, Severity, Status

_SECOND = timedelta(seconds=1)


class Action(msgspec.Struct, frozen=True):
    """One step. `target` None leaves the state as it is; `text` says what the required text is, None if optional."""

    name: str
    permission: str
    sources: frozenset[Status]
    target: Status | None = None
    text: str | None = None
    stops: tuple[str, ...] = ()


def _from(*states: Status) -> frozenset[Status]:
    return frozenset(states)


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("accept", "ticket.handle", _from("new"), "accepted", stops=("response",)),
        Action("claim", "ticket.handle", _from("new"), "accepted", stops=("response",)),
        Action("arrive", "ticket.handle", _from("accepted"), "arrived", stops=("arrival",)),
        Action("pause", "ticket.handle", _from("accepted", "arrived"), "paused", "Say what is being waited for."),
        Action("resume", "ticket.handle", _from("paused")),
        Action(
            "resolve",
            "ticket.handle",
            _from("new", "accepted", "arrived"),
            "resolved",
            "Say what was done.",
            stops=("response", "arrival", "resolution"),
        ),
        Action("answer", "ticket.answer", frozenset(OPEN), None, "Write down the answer that was given."),
        Action("close", "ticket.close", _from("resolved"), "closed"),
        Action("reopen", "ticket.close", _from("resolved", "closed"), "accepted", "Say why it is taken up again."),
        Action("assign", "ticket.assign", frozenset(OPEN)),
        Action("concern", "ticket.assign", frozenset(OPEN)),
        Action("comment", "ticket.comment", frozenset((*OPEN, "closed")), None, "Write a comment."),
    )
}


def check(action: Action, status: Status, text: str, *, answered: bool) -> None:
    """Raise Conflict or Invalid unless the action may be taken on a ticket in that state."""
    if status not in action.sources:
        raise Conflict("“{action}” is not possible while the ticket is {status}.", params=_names(action, status))
    if action.text is not None and not text.strip():
        raise Invalid.field("text", action.text)
    if action.name == "close" and not answered:  # TKT-3
        raise Conflict("Record the answer given to the reporter first: no matter is closed without one.")


def allowed(status: Status, permissions: Iterable[str], *, answered: bool) -> list[str]:
    """The names of the actions that are possible now, in the order they usually come."""
    held = frozenset(permissions)
    return [
        a.name
        for a in ACTIONS.values()
        if status in a.sources and a.permission in held and (a.name != "close" or answered)
    ]


def clock_events(action: Action, at: datetime, running: Iterable[str], ended: Iterable[str]) -> list[ClockEvent]:
    """What the action does to the goals' clocks at `at`; `running` goals are not ended yet, `ended` ones are."""
    if action.name in ("pause", "resume"):
        return [ClockEvent(at, "pause" if action.name == "pause" else "resume")]
    if action.name == "reopen":
        return [ClockEvent(at, "reopen", goal="resolution")] if "resolution" in set(ended) else []
    open_goals = set(running)
    return [ClockEvent(at, "stop", goal=goal) for goal in action.stops if goal in open_goals]


def clock_instant(now: datetime) -> datetime:
    """The whole second at which an event counts: the present one begun is over.

    Clocks count whole seconds. Rounding up makes a stop in the last second before a deadline met, and one after it
    breached, whichever of the stop and the breach's timer is carried out first.
    """
    floor = now.replace(microsecond=0)
    return floor if floor == now else floor + _SECOND


def _names(action: Action, status: Status) -> dict[str, str]:
    return {"action": action.name, "status": status}


SEVERITIES: tuple[Severity, ...] = ("routine", "urgent", "critical")
