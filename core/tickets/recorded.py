"""A ticket as it is locked for a change, and what a change writes beside it: shapes of the repository."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sla import ClockEvent, Goal
from core.tickets.model import GoalRow, Owed, Status, Ticket


class Recorded(msgspec.Struct, frozen=True):
    """A ticket locked for a change: with its goals, and the clock events since its start.

    `colleague` is the name of whom it is to be given to, None where no such person works at the site; `in_team` whether
    that is a member of the ticket's team. `team` is the name of the team it is to be given to, None without one.
    `unanswered` are the duplicates merged into it whose reporters wait for its answer.
    """

    ticket: Ticket
    paused_from: Status | None
    calendar_id: UUID
    goals: tuple[GoalRow, ...]
    initial: tuple[Goal, ...]
    events: tuple[ClockEvent, ...]
    last_seq: int
    colleague: str | None
    in_team: bool
    team: str | None
    owed: Owed
    unanswered: tuple[UUID, ...]


class Timer(msgspec.Struct, frozen=True):
    """When a ticket is to be looked at again, and what for; `at` None takes the timer away."""

    kind: str
    at: datetime | None


class NewEntry(msgspec.Struct, frozen=True):
    """A timeline entry to be written; `clock` is what it did to the clocks."""

    kind: str
    text: str = ""
    details: dict[str, str] = {}
    clock: tuple[ClockEvent, ...] = ()
    system: bool = False
