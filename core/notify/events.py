"""The events that core emits: what a webhook can ask for besides the plugins' own."""

from __future__ import annotations

from typing import Final

from core.tickets.actions import ACTIONS

# Those that no action of anybody leads to, and the first one of each ticket.
_OTHERS = (
    "callback_missed",
    "created",
    "escalated",
    "goal_breached",
    "merged",
    "offer_lapsed",
    "question_overdue",
    "unmerged",
)
CORE_EVENTS: Final = (
    "approval.asked.v1",
    "approval.decided.v1",
    *sorted(f"ticket.{past}.v1" for past in {*_OTHERS, *(a.past for a in ACTIONS.values() if a.past)}),
)
