"""Rent contracts: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.rents.lease import Per
from plugins.billing.tariffs.model import MEASURED, Price, RoundingMode, RoundingUnit

MOST: Final = 200  # rows of a page
EXPORTED: Final = 5000  # of a workbook
YEARS: Final = 20  # no lease is good for longer (Civil Code, article 705)
Show = Literal["current", "ended"]
How = Literal["rate", "amount"]

SHOWN: Final[dict[Show, str]] = {"current": msgid("Running and to come"), "ended": msgid("Ended")}
PER: Final[dict[Per, str]] = {
    "month": msgid("A month"),
    "built": msgid("A month and m² of built area"),
    "usable": msgid("A month and m² of usable area"),
    "charged": msgid("A month and m² of charged area"),
}
HOW: Final[dict[How, str]] = {"rate": msgid("By a part of itself"), "amount": msgid("By yuan")}
assert set(PER) - {"month"} < set(MEASURED)

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Note = Annotated[str, msgspec.Meta(max_length=500)]


class Rise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every so many months, from the first day on, the price rises: by a part of itself (`rate`, 0.05 for 5 %) or by
    yuan (`amount`). With `rounding_unit` each new price is rounded, and the next one rises from that."""

    every_months: Annotated[int, msgspec.Meta(ge=1, le=240)]
    how: How
    by: Price
    rounding_unit: RoundingUnit | None = None
    rounding_mode: RoundingMode = "half_up"


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From when to when what price is agreed, both days included: yuan a month as an exact decimal, for the whole or
    `per` m² of an area; it rises, or it does not."""

    first_day: date
    last_day: date
    per: Per = "month"
    price: Price
    rise: Rise | None = None


class NewRent(Agreed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contract: who pays for what unit, by which item. Its `number` is that of the paper."""

    item_id: UUID
    unit_id: UUID
    party_id: UUID
    number: Number
    note: Note = ""


class RentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change of a contract. `ended_on` is its last day where it ends early, null where it does not; the day
    before the first takes it back altogether."""

    number: Number
    note: Note = ""
    ended_on: date | None = None


class Rent(msgspec.Struct, frozen=True):
    """A contract as stored; `until` is the last day that is charged."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    number: str
    first_day: date
    last_day: date
    ended_on: date | None
    until: date
    per: Per
    price: str
    rise: Rise | None
    note: str
    at: datetime
    by_name: str
    version: int


class Step(msgspec.Struct, frozen=True):
    """What is agreed from when to when, yuan a month: exact, a fraction in lowest terms where no decimal is."""

    since: date
    until: date
    price: str


class ListedRent(msgspec.Struct, frozen=True):
    """A contract with its price today, none outside its days, and the next rise."""

    rent: Rent
    today: str | None
    rises_on: date | None


class RentPage(msgspec.Struct, frozen=True):
    """Contracts, those first that end soonest (of the ended ones those that ended last); `cursor` asks for those after
    them."""

    items: list[ListedRent]
    cursor: str | None


class BilledRent(msgspec.Struct, frozen=True):
    """A line that charges days of a contract, in fen as it is by now. `beyond`: it charges days after the contract's
    end, which a correction gives back."""

    id: UUID
    run_id: UUID
    first_day: date
    last_day: date
    due_on: date
    amount_fen: int
    issued: bool
    beyond: bool


class RentDetail(msgspec.Struct, frozen=True):
    """A contract, its prices step by step, and what it has been billed, the latest first, a year of it."""

    rent: Rent
    today: str | None
    steps: list[Step]
    billed: list[BilledRent]
