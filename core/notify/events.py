"""The events that core emits: what a webhook can ask for besides the plugins' own."""

from __future__ import annotations

from typing import Final

CORE_EVENTS: Final = (
    "ticket.accepted.v1",
    "ticket.answered.v1",
    "ticket.arrived.v1",
    "ticket.assigned.v1",
    "ticket.closed.v1",
    "ticket.created.v1",
    "ticket.escalated.v1",
    "ticket.goal_breached.v1",
    "ticket.paused.v1",
    "ticket.reopened.v1",
    "ticket.resolved.v1",
    "ticket.resumed.v1",
)
