"""What operators see of companies: names, modules and figures, read by a role that can read nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from core.db.engine import Database
from core.errors import NotFound
from core.operator.access import Access

MOST: Final = 200  # companies on a page
_LATE: Final = timedelta(hours=3)  # after which work that is due every hour is missing


class CompanyLine(msgspec.Struct, frozen=True):
    """A company in figures. `storage` is in bytes, `active_on` the last day (UTC) on which anything was recorded;
    `parked` are events and messages that were given up, `late` events that wait for more than five minutes."""

    id: UUID
    slug: str
    name: str
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
    fault: str | None

    @property
    def healthy(self) -> bool:
        return not (self.parked or self.late or self.fault)


class PlanLine(msgspec.Struct, frozen=True):
    """A module that a site has subscribed, both dates included, and whether the company has switched it on."""

    site_id: UUID
    site: str
    plugin: str
    starts_on: date
    ends_on: date | None
    switched_on: bool


class SiteLine(msgspec.Struct, frozen=True):
    """A site by name."""

    id: UUID
    slug: str
    name: str


class CompanyPage(msgspec.Struct, frozen=True):
    """Companies by name; `more`: there are others, to be searched for."""

    items: list[CompanyLine]
    more: bool


class CompanyFile(msgspec.Struct, frozen=True):
    """All that operators see of a company without entering it."""

    company: CompanyLine
    sites: list[SiteLine]
    plan: list[PlanLine]


class AccessLine(msgspec.Struct, frozen=True):
    """An access, and the company it is to."""

    company: str
    access: Access


class Workers(msgspec.Struct, frozen=True):
    """When the background work last queued a scheduled job; `late` where that is longer ago than it should be."""

    last_slot: datetime | None
    late: bool


_LINES = """
WITH wanted AS (
    SELECT company_id, slug, name, created_at, suspended_at FROM company c
    WHERE ($1::uuid IS NULL OR c.company_id = $1)
      AND ($2 = '' OR strpos(lower(c.name), lower($2)) > 0 OR strpos(c.slug, lower($2)) > 0)
    ORDER BY name, slug LIMIT $4
)
SELECT w.company_id, w.slug, w.name, w.created_at, w.suspended_at,
       (SELECT count(*) FROM site s WHERE s.company_id = w.company_id),
       (SELECT count(DISTINCT plugin) FROM subscription s WHERE s.company_id = w.company_id
            AND s.starts_on <= $3::timestamptz::date AND (s.ends_on IS NULL OR s.ends_on >= $3::timestamptz::date)),
       (SELECT count(*) FROM membership m WHERE m.company_id = w.company_id AND m.active),
       (SELECT coalesce(sum(tickets), 0)::bigint FROM ticket_counter t WHERE t.company_id = w.company_id),
       (SELECT coalesce(sum(size), 0)::bigint FROM ticket_attachment a WHERE a.company_id = w.company_id),
       (SELECT max(day) FROM audit_tally t WHERE t.company_id = w.company_id),
       (SELECT count(*) FROM outbox o WHERE o.company_id = w.company_id AND o.dead_at IS NOT NULL)
           + (SELECT count(*) FROM notify_delivery d WHERE d.company_id = w.company_id AND d.state = 'parked'),
       (SELECT count(*) FROM outbox o WHERE o.company_id = w.company_id AND o.dead_at IS NULL
            AND o.available_at < $3::timestamptz - interval '5 minutes'),
       k.at, k.fault
FROM wanted w LEFT JOIN LATERAL (
    SELECT at, fault FROM audit_check c WHERE c.company_id = w.company_id ORDER BY id DESC LIMIT 1) k ON true
ORDER BY w.name, w.slug
"""
_SITES = "SELECT id, slug, name FROM site WHERE company_id = $1 ORDER BY name, slug"
_PLAN = """
SELECT s.site_id, i.name, s.plugin, s.starts_on, s.ends_on, coalesce(w.enabled, false)
FROM subscription s JOIN site i ON i.company_id = s.company_id AND i.id = s.site_id
LEFT JOIN plugin_switch w ON w.company_id = s.company_id AND w.site_id = s.site_id AND w.plugin = s.plugin
WHERE s.company_id = $1 ORDER BY i.name, i.id, s.plugin, s.starts_on
"""
_ACCESSES = """
SELECT c.name, a.company_id, a.id, a.operator_id, a.operator_name, a.reason, a.case_ref, a.role, a.reveal, a.hours,
       a.state, a.asked_at, a.opened_at, a.until, a.ended_at, a.ended_by
FROM operator_access a JOIN company c ON c.company_id = a.company_id
WHERE ($1::uuid IS NULL OR a.company_id = $1) ORDER BY a.id DESC LIMIT $2
"""
_SLOT = "SELECT max(slot) FROM job_slot"


def _access_line(company: str, *access: Any) -> AccessLine:
    return AccessLine(company, Access(*access))


class OperatorView:
    """Reads as `lodge_operator`; `db` connects as it."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = db, clock

    async def companies(self, text: str = "") -> CompanyPage:
        """Those whose name or slug holds the text."""
        found = await self._lines(None, text.strip(), MOST + 1)
        return CompanyPage(found[:MOST], len(found) > MOST)

    async def company(self, company_id: UUID) -> CompanyFile:
        """One of them. Raises NotFound."""
        async with self._db.begin(None, read_only=True) as uow:
            lines = await uow.fetch(CompanyLine, _LINES, company_id, "", self._clock(), 1)
            if not lines:
                raise NotFound
            sites = await uow.fetch(SiteLine, _SITES, company_id)
            plan = await uow.fetch(PlanLine, _PLAN, company_id)
        return CompanyFile(lines[0], sites, plan)

    async def accesses(self, company_id: UUID | None = None) -> list[AccessLine]:
        """Those to a company, or to all, present and past, the newest first."""
        async with self._db.begin(None, read_only=True) as uow:
            return await uow.fetch(_access_line, _ACCESSES, company_id, MOST)

    async def workers(self) -> Workers:
        """How the background work of the whole instance stands."""
        async with self._db.begin(None, read_only=True) as uow:
            last: datetime | None = await uow.value(_SLOT)
        return Workers(last, last is None or self._clock() - last > _LATE)

    async def _lines(self, company_id: UUID | None, text: str, limit: int) -> list[CompanyLine]:
        async with self._db.begin(None, read_only=True) as uow:
            return await uow.fetch(CompanyLine, _LINES, company_id, text, self._clock(), limit)
