"""The shared life cycle: which action is allowed in which state, what it needs, what it does to the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.sla import ClockEvent
from core.tickets import callbacks, concerning, placing
from core.tickets.action import Action, Situation
from core.tickets.comments import comment
from core.tickets.goals import WRITTEN, finish, renew
from core.tickets.model import OPEN, Severity, Status, Step

if TYPE_CHECKING:
    from core.tickets.changes import Change

_SECOND = timedelta(seconds=1)
_OPEN = frozenset(OPEN)


def _from(*states: Status) -> frozenset[Status]:
    return frozenset(states)


PROGRESS = "progress"  # the goal of telling the reporter how it goes (TKT-5)
UNANSWERED = "Record the answer given to the reporter first: no matter is closed without one."
CALLBACK_OWED = "A callback is promised: keep it first."
QUESTION_OWED = "A question is passed up and waits for its answer: record that first."


def unfinished(situation: Situation) -> str | None:
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


async def pause(change: Change, step: Step) -> Mapping[str, str]:
    """The clocks stand still."""
    change.paused_from = change.before.status
    change.clock.append(ClockEvent(change.at, "pause"))
    return {}


async def resume(change: Change, step: Step) -> Mapping[str, str]:
    """The clocks go on, in the state that was left."""
    change.set(status=change.paused_from or "accepted")
    change.paused_from = None
    change.clock.append(ClockEvent(change.at, "resume"))
    return {}


async def _answer(change: Change, step: Step) -> Mapping[str, str]:
    change.set(answered_at=change.work.now)
    callbacks.keep(change)  # the reporter has been spoken to: no promise is left to keep
    finish(change, WRITTEN)
    renew(change, PROGRESS)
    return {"channel": step.channel or "call"}


async def _reopen(change: Change, step: Step) -> Mapping[str, str]:
    change.set(answered_at=None)
    for goal in ("resolution", WRITTEN):
        if goal in change.ended:
            change.clock.append(ClockEvent(change.at, "reopen", goal=goal))
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
            effect=pause,
        ),
        Action("resume", "ticket.handle", _from("paused"), past="resumed", effect=resume),
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
        Action("close", "ticket.close", _from("resolved"), "closed", past="closed", refuse=unfinished),
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
        Action("concern", "ticket.assign", _OPEN, past="concern_named", effect=concerning.concern),
        Action("comment", "ticket.comment", _OPEN | {"closed"}, None, "Write a comment.", effect=comment),
    )
}


def clock_instant(now: datetime) -> datetime:
    """The whole second at which an event counts: the present one begun is over.

    Clocks count whole seconds. Rounding up makes a stop in the last second before a deadline met, and one after it
    breached, whichever of the stop and the breach's timer is carried out first.
    """
    floor = now.replace(microsecond=0)
    return floor if floor == now else floor + _SECOND


SEVERITIES: tuple[Severity, ...] = ("routine", "urgent", "critical")
