"""What a ticket is: the shapes that services, API and console share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.db.question import Row
from core.files.model import Attachment
from core.sla.model import ClockKind, State, Unit
from core.tickets.carried import Related, Visibility, Watcher

Status = Literal["new", "accepted", "arrived", "paused", "resolved", "closed"]
Severity = Literal["routine", "urgent", "critical"]
Channel = Literal["call", "visit", "letter", "complaint_box", "portal", "patrol", "staff_opinion"]

STATUSES: tuple[Status, ...] = ("new", "accepted", "arrived", "paused", "resolved", "closed")
OPEN: tuple[Status, ...] = ("new", "accepted", "arrived", "paused", "resolved")

Short = Annotated[str, msgspec.Meta(max_length=100)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]


FieldValue = str | int | float | bool | None
"""What a field of a ticket's type holds."""

_fields = msgspec.json.Decoder(dict[str, FieldValue]).decode


class NewTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A matter as it is taken in (TKT-1). Either a unit of the estate or a place in words says where.

    `concerns_id` is the colleague a complaint is about, who never handles it (CMP-6); `fields` are what the category's
    type asks for besides.
    """

    description: Text
    category: Short
    severity: Severity = "routine"
    channel: Channel = "call"
    unit_id: UUID | None = None
    party_id: UUID | None = None
    place: Short = ""
    reporter_name: Short = ""
    reporter_phone: Annotated[str, msgspec.Meta(max_length=30)] = ""
    convenient_time: Short = ""
    assignee_id: UUID | None = None
    concerns_id: UUID | None = None
    fields: dict[str, FieldValue] = {}


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes with an action: what was written; for `assign` to whom or to which team (null leaves it with its
    team), for `concern` about whom; `colleague_id` of an offer or a question; by when; what a kept callback came to;
    for whom a comment is;
    for `reclassify` the category and the severity, either left out if it stays; for `amend` the fields of the ticket's
    type that change."""

    text: Text = ""
    assignee_id: UUID | None = None
    channel: Short = ""
    team_id: UUID | None = None
    concerns_id: UUID | None = None
    colleague_id: UUID | None = None
    at: datetime | None = None
    outcome: Literal["", "progress", "answer"] = ""
    category: Short = ""
    severity: Severity | None = None
    visibility: Visibility = "internal"
    fields: dict[str, FieldValue] = {}


class Ticket(msgspec.Struct, frozen=True):
    """A ticket as stored. `due_at` is the earliest deadline not yet done with, missed ones included; `due_seconds`
    is how long that deadline was from the start, for drawing how much of it is left. `escalation` says how far up the
    matter has gone (TKT-6): 1 those who work on it, 2 supervisor, 3 manager, 4 quality department; `escalated_at` when
    its last step up was taken. `stage` and `fields` are its type's: a stage within the state ("" for types without),
    and what the type asks for besides."""

    id: UUID
    site_id: UUID
    number: str
    type: str
    status: Status
    severity: Severity
    category: str
    channel: Channel
    description: str
    unit_id: UUID | None
    place: str
    party_id: UUID | None
    reporter_name: str
    reporter_phone: str
    convenient_time: str
    owner_id: UUID | None
    owner_name: str
    assignee_id: UUID | None
    assignee_name: str
    due_at: datetime | None
    due_goal: str | None
    due_seconds: int | None
    answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    assigned_at: datetime | None = None
    team_id: UUID | None = None
    team_name: str = ""
    concerns_id: UUID | None = None
    concerns_name: str = ""
    escalation: int = 0
    escalated_at: datetime | None = None
    stage: str = ""
    fields: dict[str, FieldValue] = {}

    def __post_init__(self) -> None:
        if isinstance(self.fields, str):  # as a row of the database has them
            msgspec.structs.force_setattr(self, "fields", _fields(self.fields))


class TicketRow(msgspec.Struct, frozen=True):
    """A ticket in a list: what a list may show, telephone numbers not among it."""

    id: UUID
    number: str
    status: Status
    severity: Severity
    category: str
    place: str
    description: str
    assignee_name: str
    due_at: datetime | None
    due_goal: str | None
    due_seconds: int | None
    created_at: datetime
    version: int
    type: str
    channel: Channel
    reporter_name: str
    owner_name: str
    team_name: str
    updated_at: datetime
    tags: list[str] = []


class GoalRow(msgspec.Struct, frozen=True):
    """A goal of a ticket as last computed; `used` in seconds or days (core.sla). `ended`: stopped or cancelled.

    `cause` is why it was missed (a key of `core.breach_causes`), `cause_note` what was said besides: for whoever reads
    a ticket, not for its clocks."""

    name: str
    amount: int
    unit: Unit
    clock: ClockKind
    state: State
    used: int
    due_at: datetime | None
    breached_at: datetime | None
    ended: bool
    cause: str | None = None
    cause_note: str = ""


class TimelineEntry(msgspec.Struct, frozen=True):
    """Who did what when. `text` is what they wrote, `details` what was changed besides."""

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_name: str
    text: str
    details: dict[str, str]


MODULE = "module"
"""The kind of an entry that a module puts on the timeline: see `Note`."""


class Note(msgspec.Struct, frozen=True):
    """What a module did to a ticket: a message id whose names `params` fill, what was written, an icon; `rows` of its
    own are written with it. A sum of money is the param `amount`, which not everybody is told."""

    message: str
    params: dict[str, str] = {}
    text: str = ""
    icon: str = "puzzle"
    rows: tuple[Row, ...] = ()


class Offer(msgspec.Struct, frozen=True):
    """Ownership of a ticket, offered to a colleague who has not answered yet (TKT-2). `by_id` None: the system."""

    to_id: UUID
    to_name: str
    by_id: UUID | None
    by_name: str
    reason: str
    offered_at: datetime
    lapses_at: datetime


class Callback(msgspec.Struct, frozen=True):
    """A call promised to the reporter, not made yet (TKT-4). `missed_at`: the promise was not kept in time."""

    id: UUID
    promised_at: datetime
    note: str
    by_name: str
    made_at: datetime
    missed_at: datetime | None


class Question(msgspec.Struct, frozen=True):
    """A question that was passed up and has no answer yet (TKT-8). `missed_at`: its deadline has passed."""

    id: UUID
    question: str
    by_id: UUID | None
    by_name: str
    to_id: UUID
    to_name: str
    asked_at: datetime
    due_at: datetime
    missed_at: datetime | None


class Owed(msgspec.Struct, frozen=True):
    """What somebody still owes on a ticket besides its goals; one of each at most."""

    offer: Offer | None = None
    callback: Callback | None = None
    question: Question | None = None


class AlikeTicket(msgspec.Struct, frozen=True):
    """An earlier ticket of the same category at the same place."""

    id: UUID
    number: str
    status: Status
    created_at: datetime
    title: str


class Sections(msgspec.Struct, frozen=True):
    """What a ticket carries besides; each field is answered by its sub-select in core.tickets.sections."""

    attachments: tuple[Attachment, ...] = ()
    relations: tuple[Related, ...] = ()
    tags: tuple[str, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    owed: Owed = Owed()
    alike: tuple[AlikeTicket, ...] = ()


class TicketDetail(msgspec.Struct, frozen=True):
    """A ticket with its goals, its timeline, what the reader may do next, and what it carries besides."""

    ticket: Ticket
    goals: list[GoalRow]
    timeline: list[TimelineEntry]
    actions: list[str]
    sections: Sections


class Promise(msgspec.Struct, frozen=True):
    """A goal as it would be promised now; `due_at` null where the calendar has no working time."""

    name: str
    amount: int
    unit: Unit
    clock: ClockKind
    due_at: datetime | None


class Page(msgspec.Struct, frozen=True):
    """One page of a list; `cursor` goes into the next request, null at the end. `total`, where it was asked for, counts
    all that fit, 1001 standing for more than a thousand."""

    items: list[TicketRow]
    cursor: str | None
    total: int | None = None
