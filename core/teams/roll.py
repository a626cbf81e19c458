"""The teams of a site: who is in them, and which matters they take. Callers commit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, Invalid, NotFound, PreconditionFailed
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.remembered import Remembered
from core.teams import repository
from core.teams.model import Colleague, Member, Team, TeamEntry
from core.tenancy.directory import KEEP, Site
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies


class TeamRoll:
    """Setting teams up and changing them. An inactive team stays for what was done by it.

    `forget` is called when a change of teams is announced.
    """

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        # the active teams of sites, so that a new ticket asks the database only where there is something to decide
        self._takers: Remembered[UUID, list[repository.Taker]] = Remembered()
        self.forget = self._takers.forget

    async def all(self, work: Work, site: Site) -> list[Team]:
        """The site's teams, active ones first."""
        enter(work, site)
        return await repository.teams(work.uow, site.id)

    async def get(self, work: Work, site: Site, team_id: UUID) -> Team:
        """Raises NotFound, also for a team of another site or company."""
        enter(work, site)
        found = await repository.teams(work.uow, site.id, team_id)
        if not found:
            raise NotFound
        return found[0]

    async def colleagues(self, work: Work, site: Site) -> list[Colleague]:
        """Who can be a member of the site's teams."""
        enter(work, site)
        return await repository.colleagues(work.uow, site.id)

    async def create(self, work: Work, site: Site, entry: TeamEntry) -> Team:
        """Set up a team. Raises Invalid naming every wrong field."""
        entry, colleagues = await self._checked(work, site, entry, None)
        team_id = new_id()
        if not await repository.create(work.uow, site.id, team_id, entry, work.now):
            raise Invalid(fields=[_TAKEN])  # in this very moment
        work.audit("team.created", "team", team_id, _told(entry), site_id=site.id)
        self._changed(work, site, team_id)
        return _made(team_id, 1, entry, colleagues)

    async def replace(self, work: Work, site: Site, team_id: UUID, entry: TeamEntry, expected: int) -> Team:
        """Change a team as a whole. Raises NotFound, PreconditionFailed, Invalid."""
        entry, colleagues = await self._checked(work, site, entry, team_id)
        version = await repository.replace(work.uow, site.id, team_id, entry, expected)
        if version is None:
            raise PreconditionFailed
        work.audit("team.changed", "team", team_id, _told(entry), site_id=site.id)
        self._changed(work, site, team_id)
        return _made(team_id, version, entry, colleagues)

    def _changed(self, work: Work, site: Site, team_id: UUID) -> None:
        work.announce("team", site.id, team_id)
        self._takers.changed_in(work.uow)

    async def takers(self, work: Work, site: Site, category: str) -> list[repository.Taker]:
        """The active teams of the site that take such matters, as far as this process has heard."""
        key = work.ctx.company_id, site.id
        known = self._takers.get(*key, work.now, work.uow)
        if known is None:
            since = self._takers.changes
            known = await repository.takers(work.uow, site.id)
            self._takers.keep(*key, known, work.now + KEEP, since=since, uow=work.uow)
        return [team for team in known if team.takes(category)]

    async def _checked(
        self, work: Work, site: Site, entry: TeamEntry, team_id: UUID | None
    ) -> tuple[TeamEntry, dict[UUID, str]]:
        """The entry in its plain form, and the names of the site's colleagues. Raises Invalid; NotFound for no team."""
        teams = await self.all(work, site)
        before = next((team for team in teams if team.id == team_id), None)
        if team_id is not None and before is None:
            raise NotFound
        colleagues = {c.membership_id: c.name for c in await self.colleagues(work, site)}
        known = {category.key for category in (await self._policies.value(work, TICKET_CATEGORIES, site.id)).categories}
        entry = msgspec.structs.replace(
            entry, name=entry.name.strip(), categories=tuple(dict.fromkeys(entry.categories))
        )
        twice = [id for id, times in Counter(m.membership_id for m in entry.members).items() if times > 1]
        wrong = []
        if not entry.name:
            wrong.append(FieldError("name", "Give the team a name."))
        elif any(team.name == entry.name and team.id != team_id for team in teams):
            wrong.append(_TAKEN)
        # a category that is no longer offered may stay with a team that has it
        if not known.union(before.categories if before else ()).issuperset(entry.categories):
            wrong.append(FieldError("categories", "Choose from the site's categories."))
        if twice:
            wrong.append(FieldError("members", "Name each member once."))
        if any(member.membership_id not in colleagues for member in entry.members):
            wrong.append(FieldError("members", "There is no such colleague at this site."))
        if wrong:
            raise Invalid(fields=wrong)
        return entry, colleagues


_TAKEN = FieldError("name", "The site has a team of that name already.")


def enter(work: Work, site: Site) -> None:
    """Raises NotFound where the actor may not touch the site, as if it did not exist."""
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _told(entry: TeamEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "categories": list(entry.categories),
        "members": len(entry.members),
        "active": entry.active,
    }


def _made(team_id: UUID, version: int, entry: TeamEntry, colleagues: dict[UUID, str]) -> Team:
    members = sorted(entry.members, key=lambda m: (m.role, list(colleagues).index(m.membership_id)))
    return Team(
        team_id,
        entry.name,
        entry.categories,
        entry.active,
        version,
        tuple(Member(m.membership_id, colleagues[m.membership_id], m.role) for m in members),
    )
