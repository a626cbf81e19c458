"""A company as a pack sees it, read and written. Runs as `lodge_owner`: `lodge_app` has no grant on people's logins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.teams.cells import Span
from core.tenancy.packs.model import Pack, PersonEntry, SiteEntry, SubscriptionEntry
from core.tenancy.packs.plan import Current, CurrentPerson, CurrentPolicy, CurrentSite, CurrentSubscription
from core.tenancy.packs.teams import CurrentTeam

_LOCK_KEY = 0x10D6E + 2  # beside those of roles and migrations

_COMPANY = "SELECT name FROM company WHERE company_id = $1"
_SITES = "SELECT id, slug, name, kind, timezone, telephone FROM site WHERE company_id = $1 ORDER BY created_at, slug"
_SUBSCRIPTIONS = """
SELECT s.id, site.slug, s.plugin, s.starts_on, s.ends_on, coalesce(w.enabled, false)
FROM subscription s JOIN site ON site.company_id = s.company_id AND site.id = s.site_id
LEFT JOIN plugin_switch w ON w.company_id = s.company_id AND w.site_id = s.site_id AND w.plugin = s.plugin
WHERE s.company_id = $1 ORDER BY site.slug, s.plugin, s.starts_on
"""
_PEOPLE = """
SELECT m.id, p.login, m.name, m.staff_no, m.department, m.roles, m.all_sites, m.site_ids, m.active
FROM membership m JOIN person p ON p.id = m.person_id WHERE m.company_id = $1 ORDER BY m.staff_no
"""
_POLICIES = """
SELECT DISTINCT ON (r.policy, r.site_id) r.policy, site.slug, r.number, r.overrides
FROM policy_revision r LEFT JOIN site ON site.company_id = r.company_id AND site.id = r.site_id
WHERE r.company_id = $1 ORDER BY r.policy, r.site_id, r.number DESC
"""
# Who works at the site now, as the console shows a team too.
_TEAMS = """
SELECT t.id, s.slug, t.name, t.categories, t.active,
    coalesce(array_agg(p.login) FILTER (WHERE k.role = 'lead'), '{}'),
    coalesce(array_agg(p.login) FILTER (WHERE k.role = 'member'), '{}')
FROM team t
JOIN site s ON s.company_id = t.company_id AND s.id = t.site_id
LEFT JOIN (team_member k JOIN membership m ON m.company_id = k.company_id AND m.id = k.membership_id
           JOIN person p ON p.id = m.person_id)
    ON k.company_id = t.company_id AND k.team_id = t.id AND m.active AND (m.all_sites OR t.site_id = ANY (m.site_ids))
WHERE t.company_id = $1 GROUP BY t.company_id, t.id, s.slug
"""
# The latest weekly pattern of each team.
_ROSTERS = """
SELECT d.team_id, d.day, p.login, s.weekday, s.starts, s.ends
FROM duty_plan d
LEFT JOIN duty_shift s ON s.company_id = d.company_id AND s.team_id = d.team_id AND s.kind = d.kind AND s.day = d.day
LEFT JOIN membership m ON m.company_id = s.company_id AND m.id = s.membership_id
LEFT JOIN person p ON p.id = m.person_id
WHERE d.company_id = $1 AND d.kind = 'weekly' AND NOT EXISTS (
    SELECT FROM duty_plan later WHERE later.company_id = $1 AND later.team_id = d.team_id AND later.kind = 'weekly'
                                  AND later.day > d.day)
ORDER BY d.team_id, p.login, s.weekday, s.starts
"""
_DIGEST = """
SELECT changes ->> 'digest' FROM audit_entry
WHERE company_id = $1 AND subject_type = 'pack' AND subject_id = $2 ORDER BY id DESC LIMIT 1
"""
_PUT_COMPANY = """
INSERT INTO company (company_id, slug, name) VALUES ($1, $2, $3)
ON CONFLICT (company_id) DO UPDATE SET name = excluded.name
"""
_PUT_SITE = """
INSERT INTO site (company_id, id, slug, name, kind, timezone, telephone) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (company_id, id) DO UPDATE
SET name = excluded.name, kind = excluded.kind, timezone = excluded.timezone, telephone = excluded.telephone
"""
_PUT_SUBSCRIPTION = """
INSERT INTO subscription (company_id, id, site_id, plugin, starts_on, ends_on) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (company_id, id) DO UPDATE SET starts_on = excluded.starts_on, ends_on = excluded.ends_on
"""
_PUT_SWITCH = """
INSERT INTO plugin_switch (company_id, site_id, plugin, enabled) VALUES ($1, $2, $3, $4)
ON CONFLICT (company_id, site_id, plugin) DO UPDATE SET enabled = excluded.enabled, changed_at = now()
"""
_ADD_PERSON = "INSERT INTO person (id, login, password_hash) VALUES ($1, $2, $3) ON CONFLICT (login) DO NOTHING"
_PERSON_EXISTS = "SELECT EXISTS (SELECT FROM person WHERE login = $1)"
_FREE_STAFF_NO = "UPDATE membership SET staff_no = id::text WHERE company_id = $1 AND id = ANY ($2)"
_PUT_MEMBERSHIP = """
INSERT INTO membership (company_id, id, person_id, name, staff_no, department, roles, all_sites, site_ids, active)
SELECT $1, $2, p.id, $4, $5, $6, $7, $8, $9, $10 FROM person p WHERE p.login = $3
ON CONFLICT (company_id, id) DO UPDATE
SET name = excluded.name, staff_no = excluded.staff_no, department = excluded.department, roles = excluded.roles,
    all_sites = excluded.all_sites, site_ids = excluded.site_ids, active = excluded.active,
    version = membership.version + 1
"""


class PackRepository:
    """The tables of one company, in one unit of work."""

    def __init__(self, uow: UnitOfWork, company_id: UUID) -> None:
        self._uow = uow
        self._company_id = company_id

    async def lock(self) -> None:
        """One pack at a time: what was compared is what is changed."""
        await self._uow.execute("SELECT pg_advisory_xact_lock($1)", _LOCK_KEY)

    async def current(self) -> Current:
        """The company as it is."""
        sites = await self._uow.fetch(CurrentSite, _SITES, self._company_id)
        slugs = {site.id: site.slug for site in sites}

        def person(*row: Any) -> CurrentPerson:
            id, login, name, staff_no, department, roles, all_sites, site_ids, active = row
            within: tuple[str, ...] | Literal["all"] = "all"
            if not all_sites:
                within = tuple(sorted(slugs[site] for site in site_ids if site in slugs))
            return CurrentPerson(id, login, name, staff_no, department, tuple(sorted(roles)), within, active)

        def policy(name: str, site: str | None, number: int, overrides: str) -> CurrentPolicy:
            return CurrentPolicy(name, site, number, msgspec.json.decode(overrides))

        rosters: dict[UUID, tuple[date, dict[str, list[list[Span]]]]] = {}
        for team_id, day, login, weekday, starts, ends in await self._uow.fetch(
            lambda *row: row, _ROSTERS, self._company_id
        ):
            _, rows = rosters.setdefault(team_id, (day, {}))
            if login is not None:
                rows.setdefault(login, [[] for _ in range(7)])[weekday].append((starts, ends))

        def team(*columns: Any) -> CurrentTeam:
            id, site, name, categories, active, leads, members = columns
            since, rows = rosters.get(id, (None, {}))
            roster = {login: tuple(map(tuple, week)) for login, week in rows.items()}
            return CurrentTeam(id, site, name, tuple(categories), tuple(leads), tuple(members), active, since, roster)

        return Current(
            name=await self._uow.value(_COMPANY, self._company_id),
            sites=tuple(sites),
            subscriptions=tuple(await self._uow.fetch(CurrentSubscription, _SUBSCRIPTIONS, self._company_id)),
            people=tuple(await self._uow.fetch(person, _PEOPLE, self._company_id)),
            policies=tuple(await self._uow.fetch(policy, _POLICIES, self._company_id)),
            teams=tuple(await self._uow.fetch(team, _TEAMS, self._company_id)),
        )

    async def last_digest(self, slug: str) -> str | None:
        """What the last pack of the company was, by the audit log."""
        digest: str | None = await self._uow.value(_DIGEST, self._company_id, slug)
        return digest

    async def put_company(self, pack: Pack) -> None:
        await self._uow.execute(_PUT_COMPANY, self._company_id, pack.company.slug, pack.company.name)

    async def put_site(self, site_id: UUID, site: SiteEntry) -> None:
        await self._uow.execute(
            _PUT_SITE, self._company_id, site_id, site.slug, site.name, site.kind, site.timezone, site.telephone
        )

    async def put_subscription(self, id: UUID | None, site_id: UUID, entry: SubscriptionEntry) -> None:
        """`id` None: a new one."""
        await self._uow.execute(
            _PUT_SUBSCRIPTION, self._company_id, id or new_id(), site_id, entry.plugin, entry.starts_on, entry.ends_on
        )
        await self._uow.execute(_PUT_SWITCH, self._company_id, site_id, entry.plugin, entry.enabled)

    async def person_exists(self, login: str) -> bool:
        """Whether somebody signs in with that name, perhaps for another company."""
        return bool(await self._uow.value(_PERSON_EXISTS, login))

    async def add_person(self, login: str, password_hash: str) -> None:
        await self._uow.execute(_ADD_PERSON, new_id(), login, password_hash)

    async def free_staff_numbers(self, members: list[UUID]) -> None:
        """Let go of numbers that are about to change, so that people can swap them."""
        if members:
            await self._uow.execute(_FREE_STAFF_NO, self._company_id, members)

    async def put_membership(self, id: UUID, person: PersonEntry, site_ids: Mapping[str, UUID]) -> None:
        await self._uow.execute(
            _PUT_MEMBERSHIP,
            self._company_id,
            id,
            person.login,
            person.name,
            person.staff_no,
            person.department,
            sorted(set(person.roles)),
            person.sites == "all",
            [] if person.sites == "all" else [site_ids[slug] for slug in sorted(set(person.sites))],
            person.active,
        )
