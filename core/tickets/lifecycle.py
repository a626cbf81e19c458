"""The shared life cycle: which action is allowed in which state, what it needs, what it does to the clocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.errors import Conflict, Invalid
from core.sla import ClockEvent
from core.tickets import placing
from core.tickets.model import OPEN, Owed, Severity, Status, Step, Ticket

if TYPE_CHECKING:
    from core.tickets.changes import Change

_SECOND = timedelta(seconds=1)
_OPEN = frozenset(OPEN)


class Situation(msgspec.Struct, frozen=True):
    """A ticket with what is owed on it, before somebody with these permissions. `actor_id`: a member's, or None."""

    ticket: Ticket
    owed: Owed
    actor_id: UUID | None
    held: frozenset[str]


Refusal = Callable[[Situation], str | None]
"""Why an action that state and permission allow is not possible all the same (a message id); None: it is."""
Effect = Callable[["Change", Step], Awaitable[Mapping[str, str]]]
"""What an action does to a ticket besides its target and stops; the details its timeline entry keeps."""


class Action(msgspec.Struct, frozen=True):
    """One step. `target` None leaves the state as it is; `text` says what the required text is, None if optional.

    `past` names its event, `ticket.<past>.v1`; "" for none.
    """

    name: str
    permission: str
    sources: frozenset[Status]
    target: Status | None = None
    text: str | None = None
    stops: tuple[str, ...] = ()
    past: str = ""
    refuse: Refusal | None = None
    effect: Effect | None = None


def _from(*states: Status) -> frozenset[Status]:
    return frozenset(states)


UNANSWERED = "Record the answer given to the reporter first: no matter is closed without one."
CALLBACK_OWED = "A callback is promised: keep it first."
QUESTION_OWED = "A question is passed up and waits for its answer: record that first."


def _unfinished(situation: Situation) -> str | None:
    """What keeps a ticket from being closed (TKT-3, TKT-4, TKT-8)."""
    if situation.ticket.answered_at is None:
        return UNANSWERED
    if situation.owed.callback is not None:
        return CALLBACK_OWED
    return QUESTION_OWED if situation.owed.question is not None else None


async def _accept(change: Change, step: Step) -> Mapping[str, str]:
    actor = change.work.ctx.actor
    if change.before.assignee_id is None and actor.kind == "person":
        change.set(assignee_id=actor.id, assignee_name=actor.name)
    return {}


async def _pause(change: Change, step: Step) -> Mapping[str, str]:
    change.paused_from = change.before.status
    change.clock.append(ClockEvent(change.at, "pause"))
    return {}


async def _resume(change: Change, step: Step) -> Mapping[str, str]:
    change.set(status=change.paused_from or "accepted")
    change.paused_from = None
    change.clock.append(ClockEvent(change.at, "resume"))
    return {}


async def _answer(change: Change, step: Step) -> Mapping[str, str]:
    change.set(answered_at=change.work.now)
    return {"channel": step.channel or "call"}


async def _reopen(change: Change, step: Step) -> Mapping[str, str]:
    change.set(answered_at=None)
    if "resolution" in change.ended:
        change.clock.append(ClockEvent(change.at, "reopen", goal="resolution"))
    return {}


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("accept", "ticket.handle", _from("new"), "accepted", None, ("response",), "accepted", effect=_accept),
        Action(
            "claim", "ticket.handle", _from("new"), "accepted", None, ("response",), "claimed", effect=placing.claim
        ),
        Action("arrive", "ticket.handle", _from("accepted"), "arrived", None, ("arrival",), "arrived"),
        Action(
            "pause",
            "ticket.handle",
            _from("accepted", "arrived"),
            "paused",
            "Say what is being waited for.",
            past="paused",
            effect=_pause,
        ),
        Action("resume", "ticket.handle", _from("paused"), past="resumed", effect=_resume),
        Action(
            "resolve",
            "ticket.handle",
            _from("new", "accepted", "arrived"),
            "resolved",
            "Say what was done.",
            ("response", "arrival", "resolution"),
            "resolved",
        ),
        Action(
            "answer",
            "ticket.answer",
            _OPEN,
            None,
            "Write down the answer that was given.",
            past="answered",
            effect=_answer,
        ),
        Action("close", "ticket.close", _from("resolved"), "closed", past="closed", refuse=_unfinished),
        Action(
            "reopen",
            "ticket.close",
            _from("resolved", "closed"),
            "accepted",
            "Say why it is taken up again.",
            past="reopened",
            effect=_reopen,
        ),
        Action("assign", "ticket.assign", _OPEN, past="assigned", effect=placing.assign),
        Action("concern", "ticket.assign", _OPEN, past="concern_named", effect=placing.concern),
        Action("comment", "ticket.comment", _OPEN | {"closed"}, None, "Write a comment."),
    )
}


def check(action: Action, situation: Situation, text: str) -> None:
    """Raise Conflict or Invalid unless the action may be taken on the ticket as it is."""
    status = situation.ticket.status
    if status not in action.sources:
        names = {"action": action.name, "status": status}
        raise Conflict("“{action}” is not possible while the ticket is {status}.", params=names)
    if action.text is not None and not text.strip():
        raise Invalid.field("text", action.text)
    refusal = action.refuse(situation) if action.refuse else None
    if refusal is not None:
        raise Conflict(refusal)


def allowed(actions: Iterable[Action], situation: Situation) -> list[str]:
    """The names of the actions that are possible now, in the order given."""
    return [
        a.name
        for a in actions
        if situation.ticket.status in a.sources
        and a.permission in situation.held
        and (a.refuse is None or a.refuse(situation) is None)
    ]


def clock_instant(now: datetime) -> datetime:
    """The whole second at which an event counts: the present one begun is over.

    Clocks count whole seconds. Rounding up makes a stop in the last second before a deadline met, and one after it
    breached, whichever of the stop and the breach's timer is carried out first.
    """
    floor = now.replace(microsecond=0)
    return floor if floor == now else floor + _SECOND


SEVERITIES: tuple[Severity, ...] = ("routine", "urgent", "critical")
