"""The disclosure as it is told: expenses, headings, drafts and editions. Amounts are whole fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import msgid
from plugins.billing.amounts.spans import months_after

MOST: Final = 200  # rows of a page
Category = Literal[
    "staff", "repairs", "greening", "cleaning", "order", "office", "depreciation", "insurance", "energy", "fee", "tax",
    "other", "own",
]  # fmt: skip
CATEGORIES: Final[dict[str, str]] = {
    "staff": msgid("Wages and social insurance"),
    "repairs": msgid("Upkeep of common parts and facilities"),
    "greening": msgid("Care of greenery"),
    "cleaning": msgid("Cleaning"),
    "order": msgid("Keeping order"),
    "office": msgid("Office"),
    "depreciation": msgid("Depreciation of fixed assets"),
    "insurance": msgid("Insurance of common parts, public liability"),
    "energy": msgid("Energy and water of common parts"),
    "fee": msgid("Management fee"),
    "tax": msgid("Taxes"),
    "other": msgid("Other expenses"),
}
Heading = Literal["service", "public", "other", "collected"]
HEADINGS: Final[dict[str, str]] = {
    "service": msgid("Property service fees"),
    "public": msgid("Income from common parts"),
    "other": msgid("Other income"),
    "collected": msgid("Collected for others"),
}
Kind = Literal["month", "quarter", "year"]
KINDS: Final[dict[Kind, str]] = {"month": msgid("Month"), "quarter": msgid("Quarter"), "year": msgid("Year")}
_MONTHS: Final[dict[Kind, int]] = {"month": 1, "quarter": 3, "year": 12}
Fen = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
Short = Annotated[str, msgspec.Meta(max_length=80)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Titled = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class NewExpense(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was spent for a month (its first day). A category of the company's own is `own`, and named."""

    month: date
    category: Category
    category_id: UUID | None = None
    amount_fen: Fen
    supplier: Short = ""
    document: Short = ""
    remark: Text = ""


class ReverseExpense(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an expense is taken back."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Expense(msgspec.Struct, frozen=True):
    """An expense as entered; below nought it takes back the one that it `reverses`. `title`: of an own category."""

    id: UUID
    month: date
    category: Category
    category_id: UUID | None
    title: str
    amount_fen: int
    supplier: str
    document: str
    remark: str
    reverses: UUID | None
    reversed_by: UUID | None
    at: datetime
    by_name: str


class ExpensePage(msgspec.Struct, frozen=True):
    """Expenses, the latest month first; `cursor` asks for those after them."""

    items: list[Expense]
    cursor: UUID | None


class NewCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category of the company's own."""

    title: Titled


class OwnCategory(msgspec.Struct, frozen=True):
    """A category of the company's own."""

    id: UUID
    title: str


class SetHeading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Under which heading an item's money is told."""

    heading: Heading


class ItemHeading(msgspec.Struct, frozen=True):
    """An item and its heading; `version` 0 where nobody has said one: then it is what the item suggests."""

    item_id: UUID
    item: str
    collected_for: str
    heading: Heading
    version: int


class Line(msgspec.Struct, frozen=True):
    """An item's income, or the expenses of a category (`heading`); `title` is '' for a category that everybody has."""

    part: Literal["income", "expense"]
    heading: str
    title: str
    charged_fen: int
    received_fen: int
    spent_fen: int


class Sums(msgspec.Struct, frozen=True):
    """What was left over before, charged and received as income, spent, and left over after. What is collected for
    others is nobody's income and in none of them."""

    opening_fen: int
    charged_fen: int
    received_fen: int
    spent_fen: int
    closing_fen: int


class Draft(msgspec.Struct, frozen=True):
    """What would be published now. `over`: the period has ended; `closed`: its months are closed in the ledger;
    `edition` is the number it would have, `digest` names these very figures."""

    kind: Kind
    first_day: date
    last_day: date
    over: bool
    closed: bool
    edition: int
    sums: Sums
    lines: list[Line]
    digest: str


class NewDisclosure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Publish the draft with that digest. An edition after the first says why, to everybody who reads it."""

    kind: Kind
    first_day: date
    digest: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    reason: Text = ""


class Edition(msgspec.Struct, frozen=True):
    """A disclosure as it was published. `replaced_by` is the edition that has taken its place."""

    id: UUID
    kind: Kind
    first_day: date
    last_day: date
    edition: int
    replaces: UUID | None
    replaced_by: UUID | None
    reason: str
    note: str
    sums: Sums
    at: datetime
    by_name: str


class EditionPage(msgspec.Struct, frozen=True):
    """Editions, the latest published first; `cursor` asks for those after them."""

    items: list[Edition]
    cursor: UUID | None


class EditionDetail(msgspec.Struct, frozen=True):
    """An edition with its lines."""

    edition: Edition
    lines: list[Line]


def days_of(kind: Kind, day: date) -> tuple[date, date]:
    """The first and last day of the month, quarter or year that the day is in."""
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, date.fromordinal(months_after(first, months).toordinal() - 1)


def period(kind: Kind, first: date) -> str:
    """`2026-11`, `2026 Q4`, `2026`: short, in every language the same."""
    match kind:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year} Q{(first.month + 2) // 3}"
        case "year":
            return str(first.year)
