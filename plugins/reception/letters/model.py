"""A letter and an emptied complaint box: what rules, API and console share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from plugins.reception.schemas import MOST, Instant, Phone

Sender = Literal["resident", "committee", "authority", "builder", "company", "other"]
Via = Literal["post", "courier", "by_hand", "email"]
Side = Literal["letter", "answer"]
Which = Literal["open", "overdue", "answered", "all"]
Short = Annotated[str, msgspec.Meta(max_length=100)]
FieldValue = str | int | float | bool | None


class NewLetter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A letter as it came. `reference` is the sender's own; `answer_by` is a day that the letter names, else the site's
    usual time counts; `concerns_id` the colleague it complains about (CMP-6), `fields` what its category asks for."""

    sender_name: Short
    subject: Annotated[str, msgspec.Meta(max_length=200)]
    received_at: Instant
    category: Short
    content: Annotated[str, msgspec.Meta(max_length=3500)] = ""
    sender_kind: Sender = "resident"
    reference: Short = ""
    via: Via = "post"
    unit_id: UUID | None = None
    place: Short = ""
    phone: Phone = ""
    severity: Literal["routine", "urgent", "critical"] = "routine"
    assignee_id: UUID | None = None
    concerns_id: UUID | None = None
    answer_by: Instant | None = None
    fields: dict[str, FieldValue] = {}


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answer that went out, under the site's own reference."""

    text: Annotated[str, msgspec.Meta(max_length=4000)]
    reference: Short = ""
    via: Via = "post"


class Letter(msgspec.Struct, frozen=True):
    """A letter with what its ticket says of it. `due_at` is when its written answer is owed (null while the ticket is
    paused); `late`: that was missed."""

    ticket_id: UUID
    number: str
    sender_name: str
    sender_kind: Sender
    reference: str
    via: Via
    subject: str
    received_at: datetime
    registered_at: datetime
    registered_by_name: str
    answer_text: str
    answer_reference: str
    answer_via: str
    answered_by_name: str
    ticket_number: str
    status: str
    place: str
    assignee_name: str
    description: str
    answered_at: datetime | None
    due_at: datetime | None
    late: bool


class Registered(msgspec.Struct, frozen=True):
    """The ticket that a letter became, and its running number in the register."""

    ticket_id: UUID
    number: str
    ticket_number: str


class Scan(msgspec.Struct, frozen=True):
    """A file of the letter or of its answer; it is read like any file of the ticket. `size` in bytes."""

    attachment_id: UUID
    side: Side
    name: str
    kind: str
    size: int
    preview: bool
    uploaded_by: str
    uploaded_at: datetime


class LetterDetail(msgspec.Struct, frozen=True):
    """A letter with its scans."""

    letter: Letter
    scans: list[Scan]


class LetterFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which letters to list; `since` is included, `until` is not. `mine`: those the reader handles. `text` is part of
    the sender, the subject, a number or a reference."""

    which: Which = "open"
    mine: bool = False
    since: Instant | None = None
    until: Instant | None = None
    text: Short | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50


class LetterPage(msgspec.Struct, frozen=True):
    """A page of the register, latest first; `cursor` goes into the next request, null at the end."""

    items: list[Letter]
    cursor: str | None


class NewEmptying(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A box that was emptied: how many slips were in it, and who looked on. Without `emptied_at` it was just now."""

    box: Annotated[str, msgspec.Meta(max_length=40)]
    slips: Annotated[int, msgspec.Meta(ge=0, le=200)]
    witness: Annotated[str, msgspec.Meta(max_length=60)] = ""
    emptied_at: Instant | None = None


class NewSlip(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a slip says, and of whom as far as it names them."""

    text: Annotated[str, msgspec.Meta(max_length=4000)]
    category: Short
    writer: Annotated[str, msgspec.Meta(max_length=60)] = ""
    phone: Phone = ""
    unit_id: UUID | None = None
    place: Short = ""
    concerns_id: UUID | None = None
    fields: dict[str, FieldValue] = {}


class Slip(msgspec.Struct, frozen=True):
    """A slip and its ticket; `number` counts within the emptying."""

    number: int
    ticket_id: UUID
    ticket_number: str


class Emptying(msgspec.Struct, frozen=True):
    """A box that was emptied, and what has become tickets so far."""

    id: UUID
    box: str
    slips: int
    witness: str
    emptied_at: datetime
    emptied_by_name: str
    entered: list[Slip] = []
