"""What the estate answers with: the shapes that services, API and console share. Phones in them are masked (PI-2)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from core.exchange.issues import RowIssue
from core.exchange.owners import Kind
from core.exchange.roll import Summary
from core.tickets.model import Status

Role = Literal["owner", "tenant", "agent"]
ImportStatus = Literal["previewed", "applied", "undone"]
MatchedBy = Literal["unit", "party", "phone"]


class Effect(msgspec.Struct, frozen=True):
    """What an import does to the estate. A unit of the roll is new, changed (it, or who owns it) or unchanged;
    `id_numbers_added` are those of parties known before."""

    units_new: int = 0
    units_changed: int = 0
    units_unchanged: int = 0
    parties_new: int = 0
    contacts_new: int = 0
    id_numbers_added: int = 0


class RollPreview(msgspec.Struct, frozen=True):
    """A roll as read, and what applying it now would do. Rows with an error are left out, a warning leaves out the
    field. `other_sheets` look like rolls too, but were not read."""

    id: UUID
    file_name: str
    sheet: str
    other_sheets: tuple[str, ...]
    summary: Summary
    effect: Effect
    errors: tuple[RowIssue, ...]
    warnings: tuple[RowIssue, ...]


class AppliedRoll(msgspec.Struct, frozen=True):
    id: UUID
    file_name: str
    effect: Effect


class RollImport(msgspec.Struct, frozen=True):
    """An import in the list. `effect` is what was expected of it or, once applied, what it did; `undoable` the one
    that `undo_roll` takes back next."""

    id: UUID
    file_name: str
    status: ImportStatus
    summary: Summary
    effect: Effect
    created_by: str
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    undoable: bool


class Occupant(msgspec.Struct, frozen=True):
    """Somebody a unit belongs to or who lives there. `caller`: it is their phone that was asked for."""

    party_id: UUID
    name: str
    kind: Kind
    role: Role
    id_number: str
    phones: tuple[str, ...]
    caller: bool


class OpenTicket(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    status: Status
    description: str
    due_at: datetime | None
    due_seconds: int | None


class HouseholdCard(msgspec.Struct, frozen=True):
    """A unit with the people of today and what is open for it (REC-5)."""

    unit_id: UUID
    label: str
    area_m2: Decimal | None
    moved_in_on: date | None
    remark: str
    occupants: tuple[Occupant, ...]
    tickets: tuple[OpenTicket, ...]


class UnitHit(msgspec.Struct, frozen=True):
    """A suggested unit. `party_id`, `name` and `phone` are of the party that was looked for, else of the first owner;
    `by` is what matched."""

    unit_id: UUID
    label: str
    by: MatchedBy
    party_id: UUID | None
    name: str
    phone: str


class Person(msgspec.Struct, frozen=True):
    """Somebody in a list; `phone` is their first, '' for none."""

    party_id: UUID
    name: str
    role: Role
    phone: str


class UnitRow(msgspec.Struct, frozen=True):
    """A unit in the list of the estate."""

    id: UUID
    building: str
    label: str
    area_m2: Decimal | None
    moved_in_on: date | None
    people: tuple[Person, ...]
    open_tickets: int


class UnitPage(msgspec.Struct, frozen=True):
    """One page of the list, in natural order; `cursor` goes into the next request, null at the end."""

    items: list[UnitRow]
    cursor: str | None
