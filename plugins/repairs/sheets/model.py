"""What a work contact sheet is: the shapes that rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import NewSignature

Status = Literal["open", "done", "accepted", "withdrawn"]
Kind = Literal["promise", "chase", "done", "fail", "accept", "withdraw"]
Via = Literal["", "call", "visit", "letter", "message"]
Which = Literal["due", "overdue", "open", "done", "closed", "all"]
Name = Annotated[str, msgspec.Meta(max_length=60)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]

ISSUED: Final = "repairs.sheet_issued.v1"
CHANGED: Final = "repairs.sheet_changed.v1"
OVERDUE: Final = "repairs.sheet_overdue.v1"
EVENTS: Final = (ISSUED, CHANGED, OVERDUE)


class NewContractor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A builder of the site; `scope` is what it built. One that is not active gets no new sheets."""

    name: Name
    scope: Annotated[str, msgspec.Meta(max_length=200)] = ""
    contact: Name = ""
    phone: Annotated[str, msgspec.Meta(max_length=30)] = ""
    active: bool = True


class Contractor(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    scope: str
    contact: str
    phone: str
    active: bool
    version: int


class NewSheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sheet about a ticket. Left empty, place and matter are the ticket's."""

    ticket_id: UUID
    contractor_id: UUID
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    matter: Text = ""
    promised_on: date | None = None


class NewStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What happened next. A chase says who was spoken with, how, and what the answer was; `accept` brings the owner's
    signature."""

    kind: Kind
    text: Text = ""
    spoke_with: Name = ""
    via: Via = ""
    promised_on: date | None = None
    next_on: date | None = None
    signature: NewSignature | None = None


class Sheet(msgspec.Struct, frozen=True):
    """A sheet and where it stands. On `chase_on` the builder is asked again, or once it is done the owner."""

    id: UUID
    number: str
    ticket_id: UUID
    ticket_number: str
    contractor_id: UUID
    contractor: str
    contact: str
    phone: str
    place: str
    matter: str
    status: Status
    round: int
    promised_on: date | None
    chase_on: date | None
    issued_at: datetime
    issued_by_name: str
    done_at: datetime | None
    closed_at: datetime | None
    accepted_by: str
    signature_id: UUID | None
    overdue_at: datetime | None
    prints: int

    def overdue(self, today: date) -> bool:
        """Whether the builder's promise has passed."""
        return self.status == "open" and self.promised_on is not None and self.promised_on < today

    def due(self, today: date) -> bool:
        """Whether somebody is to be asked today."""
        return self.chase_on is not None and (self.chase_on <= today or self.overdue(today))


class Entry(msgspec.Struct, frozen=True):
    """Something that happened to a sheet."""

    at: datetime
    kind: str
    text: str
    spoke_with: str
    via: str
    promised_on: date | None
    next_on: date | None
    print_no: int | None
    by_name: str


class SheetDetail(msgspec.Struct, frozen=True):
    sheet: Sheet
    history: list[Entry]


class Wanted(msgspec.Struct, frozen=True):
    """Which sheets of a site; `before` is the instant after which the last page ended."""

    which: Which = "due"
    contractor_id: UUID | None = None
    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    before: datetime | None = None


class Sheets(msgspec.Struct, frozen=True):
    """A page of sheets; `before` goes into the next request, null at the end."""

    items: list[Sheet]
    before: datetime | None
