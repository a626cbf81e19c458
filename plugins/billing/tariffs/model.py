"""Fee items, their versions and where they are charged: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.amounts.charge import Prorate
from plugins.billing.amounts.periods import Cycle

Measured = Literal["built", "usable", "charged", "spaces", "coefficient"]
Basis = Literal["built", "usable", "charged", "spaces", "fixed", "meter", "shared", "once", "rent"]
Payer = Literal["owner", "occupant"]
RoundingUnit = Literal["fen", "jiao", "yuan"]
RoundingMode = Literal["half_up", "up", "down"]

MEASURED: Final[dict[Measured, str]] = {
    "built": msgid("Built area"),
    "usable": msgid("Usable area"),
    "charged": msgid("Charged area"),
    "spaces": msgid("Parking spaces"),
    "coefficient": msgid("Coefficient for sharing"),
}
BASES: Final[dict[Basis, str]] = {
    "built": MEASURED["built"],
    "usable": MEASURED["usable"],
    "charged": MEASURED["charged"],
    "spaces": MEASURED["spaces"],
    "fixed": msgid("Fixed fee a household"),
    "meter": msgid("Meter readings"),
    "shared": msgid("A cost that households share"),
    "once": msgid("Something single"),
    "rent": msgid("Rent by contract"),
}
CYCLES: Final[dict[Cycle, str]] = {
    "month": msgid("Every month"),
    "quarter": msgid("Every quarter"),
    "year": msgid("Every year"),
    "anniversary": msgid("Every year from the handover"),
}
PAYERS: Final[dict[Payer, str]] = {"owner": msgid("Owner"), "occupant": msgid("Whoever lives there")}
PRORATES: Final[dict[Prorate, str]] = {
    "calendar": msgid("By the days of the month"),
    "thirty": msgid("By thirty days a month"),
    "whole": msgid("Whole months"),
}
UNITS: Final[dict[RoundingUnit, str]] = {
    "fen": msgid("To the fen"),
    "jiao": msgid("To the jiao"),
    "yuan": msgid("To the yuan"),
}
MODES: Final[dict[RoundingMode, str]] = {
    "half_up": msgid("Half up"),
    "up": msgid("Always up"),
    "down": msgid("Always down"),
}

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Price = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]
Tiers = Annotated[tuple["PriceTier", ...], msgspec.Meta(max_length=10)]
DueDays = Annotated[int, msgspec.Meta(ge=0, le=366)]


class ItemChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change of an item. `due_days` after a period's first day it is to be paid; `ended_on` is the last day
    that is charged; `collected_for` names whose money it is where it is not the company's own."""

    title: Title
    cycle: Cycle
    payer: Payer
    due_days: DueDays
    collected_for: Annotated[str, msgspec.Meta(max_length=60)] = ""
    ended_on: date | None = None


class NewItem(ItemChange, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item as it begins; `code` and `basis` stay."""

    code: Code
    basis: Basis


class FeeItem(msgspec.Struct, frozen=True):
    """An item as stored."""

    id: UUID
    code: str
    title: str
    basis: Basis
    cycle: Cycle
    payer: Payer
    due_days: int
    collected_for: str
    ended_on: date | None
    version: int

    def ended(self, day: date) -> bool:
        """Whether nothing is charged any more on that day."""
        return self.ended_on is not None and self.ended_on < day


class PriceTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Yuan for each unit beyond the tier before, up to and with `up_to`; null: all the rest. Exact decimals."""

    up_to: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?\Z")] | None = None
    price: Price


class NewVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an item costs from a day on: `price` in yuan a month for each of the basis, as an exact decimal (each time,
    of something single), or a `formula` that comes to yuan a month; of a meter `tiers`, which rise, the last one open.
    A rent has none of them: its contracts say the price. `prorate` says how days count, the rounding applies to the
    sum once."""

    valid_from: date
    price: Price | None = None
    formula: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    prorate: Prorate = "calendar"
    rounding_unit: RoundingUnit = "fen"
    rounding_mode: RoundingMode = "half_up"
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    tiers: Tiers = ()


class TariffVersion(msgspec.Struct, frozen=True):
    """A version as stored; of two from the same day the higher number counts."""

    id: UUID
    item_id: UUID
    number: int
    valid_from: date
    price: str | None
    formula: str
    prorate: Prorate
    rounding_unit: RoundingUnit
    rounding_mode: RoundingMode
    note: str
    at: datetime
    by_name: str
    tiers: tuple[PriceTier, ...] = ()


def in_words(tiers: Sequence[PriceTier]) -> str:
    """`≤ 180: 3.45; ≤ 260: 4.83; > 260: 5.83`, or the one price."""
    if len(tiers) == 1:
        return tiers[0].price
    lower = [tier.up_to for tier in tiers[:-1]]
    texts = [f"≤ {tier.up_to}: {tier.price}" for tier in tiers[:-1]]
    return "; ".join([*texts, f"> {lower[-1]}: {tiers[-1].price}"])


class Given(msgspec.Struct, frozen=True):
    """How much of something an example is worked with."""

    basis: Basis
    value: str


class Example(msgspec.Struct, frozen=True):
    """What a full month comes to for the given quantities; no amount where the formula comes to none for them."""

    given: tuple[Given, ...]
    amount_fen: int | None


class Assignment(msgspec.Struct, frozen=True):
    """Where an item is charged (or, not `charged`, exempt), from `since` to `until`, both included."""

    id: UUID
    item_id: UUID
    scope: Literal["site", "building", "unit"]
    building: str
    unit_id: UUID | None
    unit_label: str
    since: date
    until: date | None
    charged: bool
    version: int


class NewAssignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line for a unit, or for a building, or with neither for the whole site."""

    building: Annotated[str, msgspec.Meta(max_length=40)] = ""
    unit_id: UUID | None = None
    since: date
    until: date | None = None
    charged: bool = True


class AssignmentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change of a line; its place and its first day stay."""

    until: date | None
    charged: bool


class ListedItem(msgspec.Struct, frozen=True):
    """An item with the version that is in force on a day, and the next one to come."""

    item: FeeItem
    in_force: TariffVersion | None
    coming: TariffVersion | None


class ItemDetail(msgspec.Struct, frozen=True):
    """An item with its history, the latest first, where it is charged, and a worked example of today's version."""

    item: FeeItem
    in_force: TariffVersion | None
    versions: list[TariffVersion]
    assignments: list[Assignment]
    example: Example | None
