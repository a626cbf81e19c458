"""A message for a colleague who is away: what rules, API and console share, and its table."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from piccolo.columns import UUID as Id
from piccolo.columns import Text, Timestamptz

from core.sdk import Privacy, TenantTable
from plugins.reception.schemas import Instant, Phone

Which = Literal["open", "done"]


class ReceptionMessage(TenantTable, tablename="reception_message"):
    """A message (REC-6); `missed_at`: nobody had called back by then."""

    privacy = Privacy(
        purpose="passing messages on",
        of="caller",
        name="caller_name",
        contact="phone",
        address="place",
        free_text="matter outcome",
        staff="for_name taken_by_name done_by_name",
        phone="phone",
    )
    site_id = Id(default=None)
    for_id = Id(default=None)
    for_name = Text(default=None)
    caller_name = Text(default=None)
    phone = Text(default=None)
    place = Text(default=None)
    matter = Text(default=None)
    call_back_by = Timestamptz(null=True, default=None)
    taken_by = Id(null=True, default=None)
    taken_by_name = Text(default=None)
    taken_at = Timestamptz(default=None)
    missed_at = Timestamptz(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    done_by_name = Text(default=None)
    outcome = Text(default=None)
    erased_at = Timestamptz(null=True, default=None)


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who called for whom, and about what; `call_back_by` is what the caller was promised."""

    colleague_id: UUID
    caller_name: Annotated[str, msgspec.Meta(max_length=60)]
    matter: Annotated[str, msgspec.Meta(max_length=1000)]
    phone: Phone = ""
    place: Annotated[str, msgspec.Meta(max_length=100)] = ""
    call_back_by: Instant | None = None


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of it."""

    outcome: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Message(msgspec.Struct, frozen=True):
    """A message as stored; its fields are the columns that are read. In answers the phone is in full for whom it is,
    until it is done."""

    id: UUID
    site_id: UUID
    for_id: UUID
    for_name: str
    caller_name: str
    phone: str
    place: str
    matter: str
    call_back_by: datetime | None
    taken_by_name: str
    taken_at: datetime
    missed_at: datetime | None
    done_at: datetime | None
    done_by_name: str
    outcome: str
    erased_at: datetime | None = None
