"""Companies and the realm's record as the operator's pages show them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from core.web.views.parts import Word


class CompanyRow(msgspec.Struct, frozen=True):
    """A company in figures; `storage` in bytes, `active_on` a day in UTC."""

    id: str
    slug: str
    name: str
    href: str
    created_at: datetime
    suspended_at: datetime | None
    sites: int
    modules: int
    staff: int
    tickets: int
    storage: int
    active_on: date | None
    parked: int
    late: int
    checked_at: datetime | None
    broken: bool

    @property
    def healthy(self) -> bool:
        return not (self.parked or self.late or self.broken)


class PlanRow(msgspec.Struct, frozen=True):
    """A module that a site has subscribed, and whether it runs there today."""

    site: str
    module: str
    starts_on: date
    ends_on: date | None
    state: Word


class RealmEntry(msgspec.Struct, frozen=True):
    """A line of the realm's audit log; `told` are names and values."""

    at: datetime
    who: str
    action: str
    told: tuple[tuple[str, str], ...]


class AccessRow(msgspec.Struct, frozen=True):
    """An access to a company, asked for, open or past; `what` in the reader's words, `ended_by` a message id."""

    id: str
    href: str
    operator: str
    reason: str
    case_ref: str
    what: str
    reveal: bool
    hours: int
    state: Word
    asked_at: datetime
    opened_at: datetime | None
    until: datetime | None
    ended_at: datetime | None
    ended_by: str


class Looked(msgspec.Struct, frozen=True):
    """A line of what was looked at or done by an access: `what` is a page's address, or what was changed."""

    at: datetime
    action: str
    what: str
