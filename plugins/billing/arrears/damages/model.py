"""What is told of damages, and asked for. Amounts are fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec

from plugins.billing.ledger.entries import Part

MOST: Final = 200  # households that are charged at once, or looked at for a page


class LateCharge(msgspec.Struct, frozen=True):
    """A charge that was or is late: damages up to a day, what of them was charged so far, and what is left."""

    charge_id: UUID
    item: str
    party_id: UUID
    due_on: date
    open_fen: int
    accrued_fen: int
    billed_fen: int

    @property
    def left_fen(self) -> int:
        return max(0, self.accrued_fen - self.billed_fen)


class OpenDamages(msgspec.Struct, frozen=True):
    """Damages that were charged and are not paid."""

    charge_id: UUID
    open_fen: int


class UnitDamages(msgspec.Struct, frozen=True):
    """A household's damages until today. `chargeable`: the site has an item to charge them by."""

    unit_id: UUID
    until: date
    charges: list[LateCharge]
    accrued_fen: int
    left_fen: int
    open: list[OpenDamages]
    open_fen: int
    chargeable: bool


class HouseholdDamages(msgspec.Struct, frozen=True):
    """A household with damages that can be charged: of how many charges, since when the first was due, what of them is
    open, what has accrued until today, and what of that is not charged yet."""

    unit_id: UUID
    unit: str
    charges: int
    oldest_on: date
    open_fen: int
    accrued_fen: int
    left_fen: int


class DamagesPage(msgspec.Struct, frozen=True):
    """Households by unit, and what they come to; `cursor` goes into the next request, null at the end. A page may hold
    fewer than asked for, and even none, before the end: damages of those in between have reached their limit.
    `chargeable`: the site has an item to charge them by; without `rules` there are no damages at this site."""

    items: list[HouseholdDamages]
    cursor: str | None
    left_fen: int
    rules: bool
    chargeable: bool


class ChargeDamages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units whose damages until today are charged."""

    unit_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST)]


class Charged(msgspec.Struct, frozen=True):
    """How many charges were made of how many households' damages, and what they come to."""

    households: int
    charges: int
    amount_fen: int


class Waive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why damages need not be paid."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Asked(msgspec.Struct, frozen=True):
    """The second look that was asked for."""

    approval_id: UUID


class WaiverAsked(msgspec.Struct, frozen=True):
    """What a second person agrees to: so much of a unit's charged damages need not be paid."""

    waiver_id: UUID
    unit_id: UUID
    unit: str
    yuan: str
    reason: str
    parts: tuple[Part, ...]
