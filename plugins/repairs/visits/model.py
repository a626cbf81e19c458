"""Visits (REP-2): what rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec


class TradeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trade that somebody has: `level` 1 learns it, 2 has learnt it, 3 is a master of it."""

    trade: Annotated[str, msgspec.Meta(max_length=40)]
    level: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2


class Technician(msgspec.Struct, frozen=True):
    """Somebody with their trades."""

    membership_id: UUID
    name: str
    trades: tuple[TradeEntry, ...]


class Booked(msgspec.Struct, frozen=True):
    """A time at which a technician is somewhere."""

    technician_id: UUID
    trade: str
    starts_at: datetime
    ends_at: datetime


class Free(msgspec.Struct, frozen=True):
    """Somebody who could come, and how well they know the trade; 0: nobody knows what is needed."""

    membership_id: UUID
    name: str
    level: int


class Slot(msgspec.Struct, frozen=True):
    """A time that can be offered, and who could come then, the best first."""

    starts_at: datetime
    ends_at: datetime
    technicians: tuple[Free, ...]


class NewVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is agreed with the resident. Without `ends_at` it takes as long as a visit does at the site."""

    technician_id: UUID
    starts_at: datetime
    ends_at: datetime | None = None
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a visit is called off."""

    reason: Annotated[str, msgspec.Meta(max_length=200)]


class PlannedVisit(msgspec.Struct, frozen=True):
    """A visit in the plan of a day, with its order. Telephone numbers are not among it."""

    id: UUID
    ticket_id: UUID
    number: str
    technician_id: UUID
    technician_name: str
    trade: str
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None
    status: str
    severity: str
    place: str
    spot: str
    description: str


class DayPlan(msgspec.Struct, frozen=True):
    """Who is where on a day, by technician and time."""

    day: date
    visits: list[PlannedVisit]
