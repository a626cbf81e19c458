"""A run as stored and as asked for: what rules, API and console share (BIL-2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from plugins.billing.amounts.periods import Cycle
from plugins.billing.runs.facts import Reason
from plugins.billing.tariffs.model import Basis

Status = Literal["computing", "preview", "approved", "issuing", "issued", "discarded"]


class NewRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A month and the items to be charged in it; `title` is made of both where it is empty."""

    month: date
    item_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=50)]
    title: Annotated[str, msgspec.Meta(max_length=80)] = ""


class ItemTitle(msgspec.Struct, frozen=True):
    """An item that can be charged, and how often a period of it begins; `costs` are the months of a shared cost that
    were entered."""

    id: UUID
    title: str
    cycle: Cycle
    ended_on: date | None
    basis: Basis = "fixed"
    costs: tuple[date, ...] = ()


class Figures(msgspec.Struct):
    """What an item comes to in a run: lines and their sum, what units came to the period before, how many differ."""

    charges: int = 0
    total_fen: int = 0
    last_units: int = 0
    last_fen: int = 0
    differing: int = 0
    skips: int = 0


class ItemFigures(msgspec.Struct, frozen=True):
    """The figures of one item; amounts in fen."""

    item_id: UUID
    title: str
    charges: int
    total_fen: int
    last_units: int
    last_fen: int
    differing: int
    skips: int


class Run(msgspec.Struct, frozen=True):
    """A run as stored; amounts in fen. `done` of `units` have been looked at, `posted` of `charges` lines posted."""

    id: UUID
    title: str
    month: date
    item_ids: list[UUID]
    status: Status
    done: int
    units: int
    charges: int
    total_fen: int
    figures: str
    posted: int
    created_at: datetime
    created_by: UUID | None
    created_by_name: str
    computed_at: datetime | None
    approved_at: datetime | None
    approved_by_name: str
    issued_at: datetime | None
    discarded_at: datetime | None
    version: int


class RunSummary(msgspec.Struct, frozen=True):
    """A run with what it comes to; amounts in fen. `done` of `units` have been looked at, `posted` of the lines posted.

    `items` compares each item with the period before.
    """

    id: UUID
    title: str
    month: date
    status: Status
    done: int
    units: int
    charges: int
    total_fen: int
    posted: int
    created_at: datetime
    created_by_name: str
    computed_at: datetime | None
    approved_at: datetime | None
    approved_by_name: str
    issued_at: datetime | None
    discarded_at: datetime | None
    version: int
    items: list[ItemFigures]


class RunLine(msgspec.Struct, frozen=True):
    """A line of a run: who owes how much, in fen, for which days."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    first_day: date
    last_day: date
    due_on: date
    amount_fen: int
    sort_key: str


class Line(msgspec.Struct, frozen=True):
    """A line as the API shows it; the amount in fen."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    first_day: date
    last_day: date
    due_on: date
    amount_fen: int


class LinePage(msgspec.Struct, frozen=True):
    """Lines by unit; `cursor` goes into the next request, null at the end."""

    items: list[Line]
    cursor: str | None


class KeptLine(msgspec.Struct, frozen=True):
    """A line with what it keeps; of no run where it was charged by itself."""

    line: RunLine
    run_id: UUID | None
    run_title: str | None
    run_status: Status | None
    definition: int
    facts: str


class Explained(msgspec.Struct, frozen=True):
    """How a line came about: the item's version, the steps, and whether computing it anew comes to the same.

    There are no steps for whoever may not see amounts.
    """

    line: Line
    version: int
    replayed: bool
    steps: list[str]


class RunSkip(msgspec.Struct, frozen=True):
    """What was not charged, and why."""

    id: UUID
    item: str
    unit_id: UUID
    unit: str
    reason: Reason
    first_day: date
    last_day: date


class SkipPage(msgspec.Struct, frozen=True):
    """Skips in the order they were found; `cursor` goes into the next request, null at the end."""

    items: list[RunSkip]
    cursor: str | None


class Difference(msgspec.Struct, frozen=True):
    """A unit whose amount differs much from that of the period before; in fen."""

    id: UUID
    item: str
    unit_id: UUID
    unit: str
    amount_fen: int
    last_fen: int


class DifferencePage(msgspec.Struct, frozen=True):
    """Units that differ, in the order they were found; `cursor` goes into the next request, null at the end."""

    items: list[Difference]
    cursor: str | None
