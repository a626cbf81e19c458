"""Warranties (REP-1): what rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.repairs.kinds import Item

Warranty = Literal["builder", "own", "none", "unknown"]
Liable = Literal["builder", "own"]
Basis = Literal["exception", "handover", "own_work", "rework", "expired", "no_item", "no_date", "decided"]

WARRANTIES: dict[Warranty, str] = {
    "builder": msgid("Builder's warranty"),
    "own": msgid("Our own warranty"),
    "none": msgid("No warranty"),
    "unknown": msgid("Warranty unknown"),
}
BASES: dict[Basis, str] = {
    "exception": msgid("The unit's own dates for this item."),
    "handover": msgid("Counted from the handover of the unit."),
    "own_work": msgid("We have repaired the same before."),
    "rework": msgid("Our own work is done again."),
    "expired": msgid("The time is over."),
    "no_item": msgid("Say what is out of order."),
    "no_date": msgid("The handover date of the unit is not known."),
    "decided": "",
}


class Term(msgspec.Struct, frozen=True):
    """A date of a unit: of its handover (`item` ""), or what differs for one item. `ends_on` None: as the rules say."""

    id: UUID
    unit_id: UUID
    item: Item
    starts_on: date
    ends_on: date | None
    liable: Liable
    note: str


class TermRow(msgspec.Struct, frozen=True):
    """A term in a list, with its unit."""

    term: Term
    unit: str
    changed_at: datetime
    changed_by_name: str


class NewTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit's date as it is entered; one for the same unit and item takes its place."""

    unit_id: UUID
    starts_on: date
    item: Item = ""
    ends_on: date | None = None
    liable: Liable = "builder"
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Previous(msgspec.Struct, frozen=True):
    """Our last repair of the same: when it was done, and how many days its materials are under warranty. `rework`: it
    is what is done again."""

    ticket_id: UUID
    number: str
    done_at: datetime
    days: int
    rework: bool = False


class Assessment(msgspec.Struct, frozen=True):
    """Who mends it at whose cost, until when (both days included), and why."""

    warranty: Warranty
    until: date | None
    basis: Basis
    note: str = ""
    by_name: str = ""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody decides on an order, and why."""

    warranty: Warranty
    reason: Annotated[str, msgspec.Meta(max_length=400)]
    until: date | None = None
