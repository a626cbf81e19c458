"""Applies packs: one transaction a file, audited, idempotent. What a pack does not name is left alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from uuid import UUID

import msgspec

from core.auth.passwords import hash_password
from core.db.engine import Database
from core.db.ids import company_id_of, new_id
from core.errors import Invalid
from core.policies.service import Policies
from core.teams.model import MemberEntry, Role, Team, TeamEntry
from core.teams.planning import Planning
from core.teams.repository import save_pattern
from core.teams.roster import Pattern, Shift, monday_of
from core.tenancy.context import Actor, TenantContext
from core.tenancy.directory import Site
from core.tenancy.packs import model
from core.tenancy.packs.checks import check_pack, invalid
from core.tenancy.packs.model import Known, PackError, PackFile
from core.tenancy.packs.plan import Change, Current, conflicts, latest_period, merged, plan, policy_of, team_of
from core.tenancy.packs.repository import PackRepository
from core.tenancy.packs.teams import kinds_of, rows_of
from core.work import Clock, Work

ACTOR = Actor("system", None, "lodge tenants apply")
_PERSONAL = ("name", "staff_no")  # of people, kept out of the audit log


class Packs:
    """Packs on one database; `owner` connects as `lodge_owner`."""

    def __init__(self, owner: Database, known: Known, clock: Clock) -> None:
        self._owner = owner
        self._known = known
        self._clock = clock

    async def preview(self, file: PackFile) -> list[Change]:
        """What applying would do; writes nothing. Raises PackError."""
        self._check(file)
        company_id = company_id_of(file.pack.company.slug)
        async with self._owner.begin(company_id, read_only=True) as uow:
            return self._plan(file, await PackRepository(uow, company_id).current())

    async def apply(self, file: PackFile, *, again: bool = True, founded: datetime | None = None) -> list[Change]:
        """Apply all of the pack or, raising PackError, nothing; what it did.

        Passwords are set only where a person is made. Not `again`: a pack that was the last one applied is left
        alone, so that what was changed since in the console stays changed. A company that is not there yet is set up
        as of `founded`, by default now.
        """
        self._check(file)
        company_id = company_id_of(file.pack.company.slug)
        digest = hashlib.sha256(msgspec.json.encode(file.pack, order="deterministic")).hexdigest()
        async with self._owner.begin(company_id) as uow:
            repository = PackRepository(uow, company_id)
            await repository.lock()
            last = await repository.last_digest(file.pack.company.slug)
            if last == digest and not again:
                return []
            current = await repository.current()
            changes = self._plan(file, current)
            todo = [change for change in changes if change.action != "keep"]
            if todo or last != digest:
                application = _Application(file, current, repository, self._known)
                at = founded if founded is not None and current.name is None else self._clock()
                work = Work(uow, application.context(company_id), at)
                await application.carry_out(work, todo)
                work.audit("pack.applied", "pack", file.pack.company.slug, {"digest": digest, "changes": len(todo)})
                work.announce("access", None)
            return changes

    def _check(self, file: PackFile) -> None:
        if mistakes := check_pack(file.pack, self._known):
            raise PackError(file.name, mistakes)

    def _plan(self, file: PackFile, current: Current) -> list[Change]:
        if mistakes := list(conflicts(file.pack, current)):
            raise PackError(file.name, mistakes)
        return plan(file.pack, current, self._known.policies)


class _Application:
    """Carries out the changes of one pack."""

    def __init__(self, file: PackFile, current: Current, repository: PackRepository, known: Known) -> None:
        self._file = file
        self._current = current
        self._repository = repository
        self._known = known
        self._sites = {site.slug: site for site in file.pack.sites}
        self._site_ids = {slug: new_id() for slug in self._sites} | {site.slug: site.id for site in current.sites}
        self._people = {person.login: person for person in file.pack.people}
        self._members = {person.login: person.membership_id for person in current.people}

    def context(self, company_id: UUID) -> TenantContext:
        """The system, on every site there will be."""
        return TenantContext(company_id, frozenset(self._site_ids.values()), ACTOR)

    async def carry_out(self, work: Work, changes: list[Change]) -> None:
        renumbered = [self._members[c.name] for c in changes if c.action == "change" and "staff_no" in c.fields]
        await self._repository.free_staff_numbers(renumbered)
        for change in changes:
            await self._carry_out(work, change)

    async def _carry_out(self, work: Work, change: Change) -> None:
        site_id = self._site_ids[change.site] if change.site else None
        if change.kind in ("policy", "team", "roster"):
            put = {"policy": self._revise, "team": self._put_team, "roster": self._put_roster}[change.kind]
            await put(work, change)  # which audits it
            return
        subject = await self._put(work, change)
        kept_out = _PERSONAL if change.kind == "person" else ()
        shown = {field: after for field, (_, after) in change.fields.items() if field not in kept_out}
        done = "added" if change.action == "add" else "changed"
        work.audit(f"{change.kind}.{done}", change.kind, subject, shown, site_id=site_id)

    async def _put(self, work: Work, change: Change) -> UUID | str:
        """Write one row; what the audit log knows it by."""
        if change.kind == "company":
            await self._repository.put_company(self._file.pack)
            return work.ctx.company_id
        if change.kind == "site":
            site_id = self._site_ids[change.name]
            await self._repository.put_site(site_id, self._sites[change.name])
            return site_id
        if change.kind == "subscription":
            site = self._sites[change.site or ""]
            entry = next(entry for entry in site.subscriptions if entry.plugin == change.name)
            period = latest_period(self._current, site.slug, entry.plugin)
            await self._repository.put_subscription(
                None if period is None else period.id, self._site_ids[site.slug], entry
            )
            return entry.plugin
        member_id = self._members.setdefault(change.name, new_id())
        if change.action == "add" and not await self._repository.person_exists(change.name):
            await self._repository.add_person(change.name, self._first_password)
        await self._repository.put_membership(member_id, self._people[change.name], self._site_ids)
        return member_id

    @cached_property
    def _first_password(self) -> str:
        """Hashed; without one in the pack it is one that nobody knows."""
        return hash_password(self._file.pack.password or secrets.token_urlsafe(32))

    async def _revise(self, work: Work, change: Change) -> None:
        before = policy_of(self._current, change.name, change.site)
        policies = Policies(self._known.policies)  # a new one knows what this transaction revised before
        try:
            await policies.revise(
                work,
                self._known.policies.get(change.name),
                self._site_ids[change.site] if change.site else None,
                merged(before, change),
                reason=f"按公司配置文件 {Path(self._file.name).name} 设置",
                expected=0 if before is None else before.number,
            )
        except Invalid as error:
            place = f"{self._place(change.site)}." if change.site else ""
            raise PackError(self._file.name, invalid(f"{place}policies.{change.name}", error)) from None

    async def _put_team(self, work: Work, change: Change) -> None:
        site, entry = self._site(change), self._team(change)
        roles: tuple[tuple[Role, tuple[str, ...]], ...] = (("lead", entry.leads), ("member", entry.members))
        members = tuple(MemberEntry(self._members[login], role) for role, logins in roles for login in logins)
        wanted = TeamEntry(name=entry.name, categories=entry.categories, members=members, active=entry.active)
        planning, before = await self._before(work, site, entry.name)
        try:
            if before is None:
                await planning.create(work, site, wanted)
            else:
                await planning.replace(work, site, before.id, wanted, before.version)
        except Invalid as error:
            teams = self._sites[site.slug].teams
            raise PackError(
                self._file.name, invalid(f"{self._place(site.slug)}.teams[{teams.index(entry)}]", error)
            ) from None

    async def _put_roster(self, work: Work, change: Change) -> None:
        """Write the weekly pattern; the first one of a team may begin in the past, later ones leave that as it was."""
        site, entry = self._site(change), self._team(change)
        _, team = await self._before(work, site, entry.name)
        assert team is not None and entry.roster is not None
        known = team_of(self._current, site.slug, entry.name)
        since = monday_of(entry.roster.since)
        if known is not None and known.since is not None:
            since = max(since, monday_of(site.today(work.now)), known.since)
        week: list[list[Shift]] = [[] for _ in range(7)]
        kinds = kinds_of(self._sites[site.slug], self._file.pack, self._known.policies)
        for login, row in rows_of(entry.roster, kinds).items():
            for weekday, spans in enumerate(row):
                week[weekday] += [Shift(starts, ends, self._members[login]) for starts, ends in spans]
        await save_pattern(work.uow, site.id, team, Pattern(since, tuple(map(tuple, week))))
        told = {"name": team.name, "since": since.isoformat()}
        work.audit("roster.pattern_changed", "team", team.id, told, site_id=site.id)
        work.announce("team", site.id, team.id)

    async def _before(self, work: Work, site: Site, name: str) -> tuple[Planning, Team | None]:
        """The service, with what this transaction wrote before in view, and the team as it stands."""
        planning = Planning(Policies(self._known.policies))
        return planning, next((team for team in await planning.all(work, site) if team.name == name), None)

    def _site(self, change: Change) -> Site:
        entry = self._sites[change.site or ""]
        return Site(self._site_ids[entry.slug], entry.slug, entry.name, entry.kind, entry.timezone, entry.telephone)

    def _team(self, change: Change) -> model.TeamEntry:
        return next(team for team in self._sites[change.site or ""].teams if team.name == change.name)

    def _place(self, site: str) -> str:
        return f"sites[{list(self._sites).index(site)}]"
