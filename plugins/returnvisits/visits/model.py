"""A return visit: what rules, API and console share (VIS-4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Source = Literal["drawn", "recheck", "added", "regular"]
Status = Literal["open", "held", "done", "void"]
Which = Literal["open", "overdue", "done", "void"]
DoneWay = Literal["phone", "visit", "onsite"]
Effect = Literal["solved", "partly", "unsolved"]
Satisfaction = Literal["satisfied", "fair", "dissatisfied"]
Note = Annotated[str, msgspec.Meta(max_length=1000)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
MOST = 200  # visits of a page


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as stored; its fields are the columns that are read. `handled_by` did the work that is checked.

    `held`: the matter is being worked on again. `failed`: the household is dissatisfied, or nothing was solved.
    """

    id: UUID
    site_id: UUID
    source: Source
    rule: str
    title: str
    status: Status = "open"
    ticket_id: UUID | None = None
    ticket_number: str = ""
    severity: str = "routine"
    handled_by: UUID | None = None
    about: str = ""
    unit_id: UUID | None = None
    place: str
    contact: str = ""
    area_id: UUID | None = None
    area_name: str = ""
    visitor_role: str = "desk"
    visitor_id: UUID | None = None
    visitor_name: str = ""
    way: str = "any"
    not_before: datetime | None = None
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    overdue_at: datetime | None = None
    held_at: datetime | None = None
    void_at: datetime | None = None
    void_reason: str = ""
    done_at: datetime | None = None
    done_by: UUID | None = None
    done_by_name: str = ""
    done_way: str = ""
    quality: int = 0
    effect: str = ""
    satisfaction: str = ""
    shortcomings: str = ""
    opinions: str = ""
    signed: str = ""
    signature_id: UUID | None = None
    failed: bool = False
    follow_up: str = ""
    follow_up_id: UUID | None = None
    follow_up_number: str = ""
    measure: str = ""
    measure_by: UUID | None = None
    measure_by_name: str = ""
    measure_due: date | None = None
    previous_id: UUID | None = None
    period: date | None = None
    version: int = 1

    @property
    def number(self) -> str:
        """What its form on paper is found by again: the last digits of the id."""
        return f"HF-{self.id.hex[-8:].upper()}"


class Step(msgspec.Struct, frozen=True):
    """Something that happened with a visit."""

    at: datetime
    kind: str
    text: str
    by_name: str


class VisitDetail(msgspec.Struct, frozen=True):
    """A visit with all that happened with it, in order, and what may be done with it now."""

    visit: Visit
    steps: list[Step]
    actions: list[str]


class VisitPage(msgspec.Struct, frozen=True):
    """A page of visits; `cursor` goes into the next request, null at the end."""

    items: list[Visit]
    cursor: str | None


class VisitFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which visits to list. `mine`: those that the reader is to make. Open ones come by when they are due, others the
    latest first; `since` is included, `until` is not (when they were due)."""

    which: Which = "open"
    mine: bool = False
    rule: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    area_id: UUID | None = None
    visitor_id: UUID | None = None
    failed: bool | None = None
    text: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    since: Instant | None = None
    until: Instant | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nobody was reached; `again_at` when it is tried again, null: as the site's policy proposes."""

    way: DoneWay = "phone"
    text: Reason = ""
    again_at: Instant | None = None


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a visit came to (VIS-4): `quality` from 1 (bad) to 5. The household signs afterwards; by telephone its word
    is enough."""

    way: DoneWay
    quality: Annotated[int, msgspec.Meta(ge=1, le=5)]
    effect: Effect
    satisfaction: Satisfaction
    shortcomings: Note = ""
    opinions: Note = ""


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who makes the visit."""

    visitor_id: UUID


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a visit is not made."""

    reason: Reason


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is done about a visit that failed, by whom and until when (VIS-6)."""

    measure: Note
    responsible_id: UUID
    due_on: date


class NewVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A visit that somebody wants besides what is drawn; it does not count for any share. To a ticket, or a unit."""

    ticket_number: Annotated[str, msgspec.Meta(max_length=20)] = ""
    unit_id: UUID | None = None
    about: Reason = ""
    visitor_id: UUID | None = None
    due_on: date
