"""A shift as it is handed over: the sheet that rules, API and console share, and its table."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from piccolo.columns import JSONB, Text, Timestamptz
from piccolo.columns import UUID as Id

from core.sdk import Privacy, TenantTable

Words = Annotated[str, msgspec.Meta(max_length=2000)]


class ReceptionHandover(TenantTable, tablename="reception_handover"):
    """A shift that was handed over, and who took it."""

    privacy = Privacy(
        purpose="handing over a shift",
        free_text="keys remarks sheet note",
        staff="handed_by_name accepted_by_name",
    )
    site_id = Id(default=None)
    handed_at = Timestamptz(default=None)
    handed_by = Id(null=True, default=None)
    handed_by_name = Text(default=None)
    keys = Text(default=None)
    remarks = Text(default=None)
    sheet = JSONB(default=None)
    accepted_at = Timestamptz(null=True, default=None)
    accepted_by = Id(null=True, default=None)
    accepted_by_name = Text(default=None)
    note = Text(default=None)
    erased_at = Timestamptz(null=True, default=None)


class Line(msgspec.Struct, frozen=True):
    """Something open: what or who, more about it, until or since when, whether it is late, and its ticket, if any."""

    title: str = ""
    detail: str = ""
    at: datetime | None = None
    late: bool = False
    ticket_id: UUID | None = None


class Sheet(msgspec.Struct, frozen=True):
    """What the next shift takes over: open tickets, calls and people in line counted, and what is promised, is to be
    answered, waits or is in the house, one by one, 200 of each at most. It stays as it was for whoever reads it later,
    so it names nothing that concerns a colleague (CMP-6)."""

    open_tickets: int = 0
    due_soon: int = 0
    overdue: int = 0
    calls: int = 0
    waiting: int = 0
    callbacks: tuple[Line, ...] = ()
    letters: tuple[Line, ...] = ()
    messages: tuple[Line, ...] = ()
    visitors: tuple[Line, ...] = ()
    badges: tuple[Line, ...] = ()


class NewHandover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sheet cannot know: which keys and things go from hand to hand, and what to mind."""

    keys: Words = ""
    remarks: Words = ""


class Accept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the shift that takes over has to say to it."""

    note: Words = ""


class Handover(msgspec.Struct, frozen=True):
    """A shift handed over, as stored; its fields are the columns that are read."""

    id: UUID
    site_id: UUID
    handed_at: datetime
    handed_by: UUID | None
    handed_by_name: str
    keys: str
    remarks: str
    sheet: Sheet
    accepted_at: datetime | None
    accepted_by_name: str
    note: str
    erased_at: datetime | None = None
