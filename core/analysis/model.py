"""What analysis is about: the shapes that services, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.tickets.model import AlikeTicket, Severity, Short, Status

Note = Annotated[str, msgspec.Meta(max_length=2000)]
Reason = Literal["overdue", "critical", "escalated", "repeat", "manual"]


class Month(msgspec.Struct, frozen=True):
    """A calendar month of a site: its first day, and the instants at which it begins and ends there."""

    first: date
    starts: datetime
    ends: datetime


class Recurrence(msgspec.Struct, frozen=True):
    """How often a matter has come within the window, this time included, and from how often on it is repeated."""

    times: int
    threshold: int
    window_days: int
    earlier: list[AlikeTicket]

    @property
    def repeated(self) -> bool:
        """Whether it has come often enough to be analysed (TKT-7)."""
        return self.times >= self.threshold


class RepeatGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A repeated matter of a month, and what was found out and decided about it.

    `unit_id` None: the place is in words. `version` 0: nobody has recorded anything yet. `tickets` are the newest.
    """

    month: date
    category: str
    type: str
    unit_id: UUID | None
    place: str
    times: int
    tickets: list[AlikeTicket]
    cause: str
    countermeasure: str
    responsible_id: UUID | None
    responsible_name: str
    due_on: date | None
    outcome: str
    version: int


class Countermeasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is recorded about the repeated matter of that month, category and place."""

    month: date
    category: Short
    unit_id: UUID | None = None
    place: Short = ""
    cause: Note = ""
    countermeasure: Note = ""
    responsible_id: UUID | None = None
    due_on: date | None = None
    outcome: Note = ""


class Meeting(msgspec.Struct, frozen=True):
    """A regular meeting; `closed_at` None: it is the next one."""

    id: UUID
    held_on: date
    attendees: str
    notes: str
    closed_at: datetime | None
    closed_by: str
    created_at: datetime
    version: int


class MeetingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a meeting is held, who takes part, and what it said besides its items."""

    held_on: date
    attendees: Annotated[str, msgspec.Meta(max_length=500)] = ""
    notes: Note = ""


class AgendaItem(msgspec.Struct, frozen=True, kw_only=True):
    """A matter on the agenda. `meetings` is how many have dealt with it already; `minutes` what this one says.

    `title` is text of the ticket, of whoever raised it, or the place of a repeated matter (then with its category).
    """

    id: UUID
    reason: Reason
    title: str
    ticket_id: UUID | None
    number: str | None
    status: Status | None
    severity: Severity | None
    ticket_due_at: datetime | None
    month: date | None
    category: str | None
    responsible_id: UUID | None
    responsible_name: str
    due_on: date | None
    outcome: str
    raised_at: datetime
    raised_by: str
    settled_at: datetime | None
    version: int
    minutes: str
    meetings: int


class NewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A matter put on the agenda by hand, of a ticket or of its own."""

    title: Annotated[str, msgspec.Meta(max_length=200)]
    ticket_id: UUID | None = None
    responsible_id: UUID | None = None
    due_on: date | None = None


class ItemChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sees to an item until when, what the meeting said of it, and, to be done with it, the outcome."""

    responsible_id: UUID | None = None
    due_on: date | None = None
    minutes: Note = ""
    outcome: Note = ""


class Agenda(msgspec.Struct, frozen=True):
    """What is to be talked about: the next meeting, if one is planned, and its items."""

    meeting: Meeting | None
    items: list[AgendaItem]
