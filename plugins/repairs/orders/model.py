"""Work orders in a list: what rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

Which = Literal["open", "urgent", "paused", "resolved", "closed", "all"]


class OrderRow(msgspec.Struct, frozen=True):
    """A work order in a list; its fields are the columns that are read. Telephone numbers are not among them.

    `warranty` is "" until somebody or the system has decided on it.
    """

    id: UUID
    number: str
    status: str
    stage: str
    severity: str
    category: str
    place: str
    description: str
    item: str
    spot: str
    assignee_name: str
    team_name: str
    due_at: datetime | None
    due_seconds: int | None
    created_at: datetime
    warranty: str
    warranty_until: date | None


class Urgent(msgspec.Struct, frozen=True):
    """An urgent order, and its goal of somebody being on site: until when, when it was missed, whether it is over."""

    order: OrderRow
    arrival_due_at: datetime | None
    arrival_missed_at: datetime | None
    arrival_over: bool


class Wanted(msgspec.Struct, frozen=True):
    """Which orders of a site; `before` is the instant after which the last page ended."""

    which: Which = "open"
    item: str = ""
    mine: bool = False
    q: str = ""
    before: datetime | None = None


class Orders(msgspec.Struct, frozen=True):
    """A page of orders; `before` goes into the next request, null at the end."""

    items: list[OrderRow]
    before: datetime | None
