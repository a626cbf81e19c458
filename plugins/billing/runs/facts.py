"""What a run computes from: items, where they are charged, units with who lives there and how much they have."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal
from uuid import UUID

import msgspec

from plugins.billing.amounts.charge import Prorate
from plugins.billing.amounts.discounts import Granting
from plugins.billing.amounts.meter import Tier
from plugins.billing.amounts.periods import Cycle
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.share import SharePart
from plugins.billing.amounts.spans import Days
from plugins.billing.meters.dial import Dial
from plugins.billing.rents.lease import Lease
from plugins.billing.tariffs.model import Basis
from plugins.billing.tariffs.scope import Assigned

Payer = Literal["owner", "occupant"]
Reason = Literal[
    "missing_price",
    "missing_quantity",
    "missing_payer",
    "two_payers",
    "missing_handover",
    "formula",
    "changed_formula",
    "missing_reading",
    "implausible",
]


class Rules(msgspec.Struct, frozen=True):
    """A version of an item: a price, or a formula or a meter's tiers in its place."""

    first: date
    number: int
    price: Fraction | None
    formula: str
    prorate: Prorate
    rounding: Rounding
    tiers: tuple[Tier, ...] = ()


class BilledItem(msgspec.Struct, frozen=True):
    """A fee item as a run charges it, with discounts of the whole site."""

    id: UUID
    basis: Basis
    cycle: Cycle
    payer: Payer
    due_days: int
    ended_on: date | None
    versions: tuple[Rules, ...]
    assigned: tuple[Assigned, ...]
    discounts: tuple[Granting, ...] = ()


class Held(msgspec.Struct, frozen=True):
    """Somebody owns a unit or rents it from when to when; None is open."""

    party_id: UUID
    role: str
    first: date | None
    last: date | None


class UnitFacts(msgspec.Struct, frozen=True):
    """A unit: quantities by basis, from a day on, in hundredths; by item the days that are billed already, the meter,
    its share of the month's cost, discounts of its own, and contracts of rent."""

    id: UUID
    building: str
    moved_in_on: date | None = None
    quantities: dict[str, list[tuple[date, int]]] = {}
    held: tuple[Held, ...] = ()
    assigned: dict[UUID, list[Assigned]] = {}
    billed: dict[UUID, list[Days]] = {}
    meters: dict[UUID, Dial] = {}
    shares: dict[UUID, SharePart] = {}
    discounts: dict[UUID, list[Granting]] = {}
    leases: dict[UUID, list[Lease]] = {}


class Owed(msgspec.Struct, frozen=True):
    """A line: who owes how much for which days, and JSON of all that it was computed from."""

    item_id: UUID
    unit_id: UUID
    party_id: UUID
    first_day: date
    last_day: date
    due_on: date
    amount_fen: int
    facts: str


class Skipped(msgspec.Struct, frozen=True):
    """What was not charged, for which days, and why."""

    item_id: UUID
    unit_id: UUID
    reason: Reason
    first_day: date
    last_day: date
