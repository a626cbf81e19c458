"""Every action on a ticket of whichever type, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Mapping

from core.tickets import callbacks, lifecycle, ownership, questions, reclassify
from core.tickets.action import Action
from core.tickets.changes import Change
from core.tickets.goals import renew
from core.tickets.model import OPEN, Status, Step

_OPEN: frozenset[Status] = frozenset(OPEN)
_AT_WORK = _OPEN - {"resolved"}


async def _tell_progress(change: Change, step: Step) -> Mapping[str, str]:
    """The reporter was told how it goes; the next time is owed from now on (TKT-5)."""
    renew(change, lifecycle.PROGRESS)
    return {"channel": step.channel or "call"}


ANSWERING = (
    Action(
        "tell_progress",
        "ticket.answer",
        _AT_WORK,
        text="Write down what the reporter was told.",
        past="progress_told",
        effect=_tell_progress,
    ),
    Action("promise_callback", "ticket.answer", _OPEN, past="callback_promised", effect=callbacks.promise),
    Action(
        "keep_callback",
        "ticket.answer",
        _OPEN,
        text="Write down what was said.",
        past="callback_kept",
        refuse=callbacks.none_promised,
        effect=callbacks.kept,
    ),
    Action(
        "escalate_question",
        "ticket.comment",
        _OPEN,
        text="Write down the question.",
        past="question_escalated",
        refuse=questions.asked_already,
        effect=questions.escalate,
    ),
    Action(
        "answer_question",
        "ticket.comment",
        _OPEN,
        text="Write down the answer to the question.",
        past="question_answered",
        refuse=questions.none_asked,
        effect=questions.answer,
    ),
)
ACTIONS: dict[str, Action] = {
    action.name: action for action in (*lifecycle.ACTIONS.values(), *ANSWERING, *ownership.ACTIONS, *reclassify.ACTIONS)
}
