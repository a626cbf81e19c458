"""What every request needs of a company: sites, staff, which plugin is on where. Cached, dropped when it changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db.engine import Database
from core.i18n import msgid

KEEP = timedelta(seconds=30)  # the longest that a change may stay unseen where its announcement was lost


SUSPENDED = msgid("Your company's access is suspended. Ask whoever runs this platform; your data is kept.")


class Site(msgspec.Struct, frozen=True):
    """A residential compound, an office tower … Dates of a site are local to its `timezone`."""

    id: UUID
    slug: str
    name: str
    kind: str
    timezone: str
    telephone: str

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.timezone)).date()


class Subscription(msgspec.Struct, frozen=True):
    """A plugin subscribed for a site, both dates included, and whether an admin has switched it on."""

    site_id: UUID
    plugin: str
    starts_on: date
    ends_on: date | None
    switched_on: bool


class Colleague(msgspec.Struct, frozen=True):
    """An active member, and where they work."""

    id: UUID
    name: str
    all_sites: bool
    site_ids: list[UUID]


class MadeRole(msgspec.Struct, frozen=True):
    """A role that the company has made for itself, beside those of every company; `key` is what members hold."""

    key: str
    title: str
    permissions: frozenset[str]


class Visit(msgspec.Struct, frozen=True):
    """An access of the platform's operator that is open until then, or (None) asked for; `role` is '' for reading."""

    id: UUID
    operator: str
    reason: str
    case_ref: str
    role: str
    until: datetime | None


class Company(msgspec.Struct, frozen=True):
    """A company and what every request needs of it. `suspended`: the operator has shut its door."""

    id: UUID
    slug: str
    name: str
    sites: tuple[Site, ...]
    subscriptions: tuple[Subscription, ...]
    staff: tuple[Colleague, ...]
    roles: tuple[MadeRole, ...] = ()
    suspended: bool = False
    visits: tuple[Visit, ...] = ()

    def site(self, key: str) -> Site | None:
        """By slug or by id."""
        return next((s for s in self.sites if s.slug == key or str(s.id) == key), None)

    def colleagues(self, site: Site) -> list[Colleague]:
        """Whom a matter of the site can be given to."""
        return [c for c in self.staff if c.all_sites or site.id in c.site_ids]

    def is_on(self, plugin: str, site: Site, now: datetime) -> bool:
        """Enabled: the subscription covers today and an admin switched the plugin on."""
        today = site.today(now)
        return any(
            s.plugin == plugin
            and s.site_id == site.id
            and s.switched_on
            and s.starts_on <= today
            and (s.ends_on is None or today <= s.ends_on)
            for s in self.subscriptions
        )


_COMPANY = "SELECT slug, name, suspended_at IS NOT NULL FROM company WHERE company_id = $1"
_SITES = "SELECT id, slug, name, kind, timezone, telephone FROM site WHERE company_id = $1 ORDER BY created_at, slug"
_SUBSCRIPTIONS = """
SELECT s.site_id, s.plugin, s.starts_on, s.ends_on, coalesce(w.enabled, false)
FROM subscription s
LEFT JOIN plugin_switch w ON w.company_id = s.company_id AND w.site_id = s.site_id AND w.plugin = s.plugin
WHERE s.company_id = $1 ORDER BY s.plugin, s.starts_on
"""
_STAFF = "SELECT id, name, all_sites, site_ids FROM membership WHERE company_id = $1 AND active ORDER BY staff_no"
_VISITS = """
SELECT id, operator_name, reason, case_ref, role, until FROM operator_access
WHERE company_id = $1 AND state IN ('asked', 'open') ORDER BY id
"""
_ROLES = "SELECT key, title, permissions FROM role WHERE company_id = $1 ORDER BY title, key"


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _role(key: str, title: str, permissions: list[str]) -> MadeRole:
    return MadeRole(key, title, frozenset(permissions))


class Directory:
    """Companies by id. `forget` is called when an announcement says that a company's access has changed."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[UUID, tuple[datetime, Company]] = {}
        self._changes = 0

    async def company(self, company_id: UUID) -> Company | None:
        known = self._known.get(company_id)
        now = self._clock()
        if known is not None and known[0] > now:
            return known[1]
        changes = self._changes
        # a unit of work of its own: the caller has none yet
        async with self._db.begin(company_id, read_only=True) as uow:
            row = await uow.fetch_one(lambda *row: row, _COMPANY, company_id)
            if row is None:
                self._known.pop(company_id, None)
                return None
            company = Company(
                company_id,
                slug=row[0],
                name=row[1],
                sites=tuple(await uow.fetch(Site, _SITES, company_id)),
                subscriptions=tuple(await uow.fetch(Subscription, _SUBSCRIPTIONS, company_id)),
                staff=tuple(await uow.fetch(Colleague, _STAFF, company_id)),
                roles=tuple(await uow.fetch(_role, _ROLES, company_id)),
                suspended=row[2],
                visits=tuple(await uow.fetch(Visit, _VISITS, company_id)),
            )
        # what a change has overtaken serves whoever asked, and is asked for again next time
        self._known[company_id] = (now + KEEP if self._changes == changes else _LONG_AGO, company)
        return company

    def known(self, company_id: UUID) -> Company | None:
        """A company that was asked for in this request; no I/O, so stale by moments at most."""
        known = self._known.get(company_id)
        return known[1] if known else None

    def colleagues(self, company_id: UUID, site: Site) -> list[Colleague]:
        """Whom a matter of the site can be given to, in a request of that company; no I/O."""
        company = self.known(company_id)
        return company.colleagues(site) if company else []

    def roles(self, company_id: UUID) -> tuple[MadeRole, ...]:
        """The roles that the company has made, in a request of that company; no I/O."""
        company = self.known(company_id)
        return company.roles if company else ()

    def forget(self, company_id: UUID | None) -> None:
        """None forgets all: announcements may have been missed."""
        self._changes += 1
        for id in list(self._known) if company_id is None else [company_id]:
            if id in self._known:  # asked for again next time; whoever is at work goes on with what it began with
                self._known[id] = (_LONG_AGO, self._known[id][1])
