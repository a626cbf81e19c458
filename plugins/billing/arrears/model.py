"""What is told of arrears: households by age, sums by item and building, and how much comes in. Amounts are fen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

Sort = Literal["amount", "oldest", "unit"]
SORTS: Final[tuple[str, ...]] = get_args(Sort)
MOST: Final = 200  # rows of a page
AGES: Final = 6  # not due yet, and five of what is overdue


class Wanted(msgspec.Struct, frozen=True):
    """Which households: of an item, of a building, with part of the label, overdue at least into an age (1 to 5; 0:
    also what is not due), owing at least so much, and in which order."""

    item_id: UUID | None = None
    building: str = ""
    text: str = ""
    age: Annotated[int, msgspec.Meta(ge=0, le=AGES - 1)] = 0
    least_fen: int = 0
    sort: Sort = "amount"


class Household(msgspec.Struct, frozen=True):
    """What a household owes. `aged_fen` are the sums that are not due yet and by age, the youngest first; `days` how
    long the oldest charge has been overdue, 0 before."""

    unit_id: UUID
    unit: str
    building: str
    party: str
    charges: int
    open_fen: int
    overdue_fen: int
    oldest_on: date
    days: int
    aged_fen: list[int]


class HouseholdPage(msgspec.Struct, frozen=True):
    """A page of households. `cursor` asks for the next page; null: there is none."""

    items: list[Household]
    cursor: str | None


class Sum(msgspec.Struct, frozen=True):
    """What is open of an item, or in a building; of neither: at the whole site."""

    item_id: UUID | None
    name: str
    households: int
    open_fen: int
    overdue_fen: int
    aged_fen: list[int]


class Ageing(msgspec.Struct, frozen=True):
    """All that is open at a site. `last_days` are the last days of the ages but the oldest."""

    last_days: list[int]
    total: Sum
    by_item: list[Sum]
    by_building: list[Sum]


class MonthRate(msgspec.Struct, frozen=True):
    """What was charged for a month, and how much of that has come in."""

    month: date
    charged_fen: int
    collected_fen: int
    permille: int | None


class Rate(msgspec.Struct, frozen=True):
    """How much of an item has come in of what was charged for a year. `permille` is rounded down, null where nothing
    was charged; `reached` says whether that is the target or more."""

    item_id: UUID
    item: str
    collected_for: str
    target_percent: int
    charged_fen: int
    collected_fen: int
    permille: int | None
    reached: bool
    months: list[MonthRate]


class Rates(msgspec.Struct, frozen=True):
    """The collection rates of a year by item (BIL-6), and of the whole site."""

    year: int
    items: list[Rate]
    charged_fen: int
    collected_fen: int
    permille: int | None


def permille(collected_fen: int, charged_fen: int) -> int | None:
    """So many of a thousand, rounded down: 94.99 % is not 95."""
    return collected_fen * 1000 // charged_fen if charged_fen > 0 else None


def thresholds(days: Sequence[int]) -> list[int]:
    """The days overdue with which each age begins."""
    return [1, *(last + 1 for last in days)]


def due_before(age: int, days: Sequence[int], today: date) -> date | None:
    """The last day due that is as old as that age; None for what is not due too."""
    return today - timedelta(thresholds(days)[age - 1]) if age else None
