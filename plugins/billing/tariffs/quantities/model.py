"""Quantities of units: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from plugins.billing.tariffs.model import Measured

MOST = 200  # units of a page
# m² or spaces, two places at most, as the table keeps them
Value = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=200)]


class NewQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much a unit has from a day on (m² or spaces, an exact decimal), and why that is known."""

    unit_id: UUID
    basis: Measured
    valid_from: date
    value: Value
    reason: Reason = ""


class QuantityChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another value from the same day on, with the reason for it (BIL-7)."""

    value: Value
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class TakeOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Areas of the household roll become built areas from that day on, where there are none yet."""

    valid_from: date


class Taken(msgspec.Struct, frozen=True):
    """How many areas were taken over, and how many units the roll has no area for and that have none."""

    taken: int
    without: int


class UnitQuantity(msgspec.Struct, frozen=True):
    """A quantity as stored: valid until the unit's next one of that basis."""

    id: UUID
    unit_id: UUID
    basis: Measured
    valid_from: date
    value: str
    reason: str
    at: datetime
    by_name: str
    version: int


class UnitRow(msgspec.Struct, frozen=True):
    """A unit of the roll with what is valid on a day, by basis; what it lacks is not there. `area_m2` is the roll's."""

    id: UUID
    building: str
    label: str
    area_m2: str | None
    quantities: dict[Measured, str]


class UnitPage(msgspec.Struct, frozen=True):
    """Units in the order of the roll; `cursor` asks for those after them."""

    items: list[UnitRow]
    cursor: UUID | None


class UnitHistory(msgspec.Struct, frozen=True):
    """A unit with all its quantities, the latest first."""

    unit: UnitRow
    quantities: list[UnitQuantity]


class Missing(msgspec.Struct, frozen=True):
    """A unit without a quantity that items need which are charged there: `items` are their titles."""

    unit_id: UUID
    label: str
    basis: Measured
    items: list[str]
