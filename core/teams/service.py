"""Teams, their rosters, and who should get a ticket. Callers commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from core.auth.permissions import PermissionRegistry
from core.db.question import Question
from core.policies.assignment import ASSIGNMENT
from core.teams.facts import situation
from core.teams.planning import Planning
from core.teams.roll import enter
from core.teams.suggest import Candidate, Skill, at_once, rank
from core.tenancy.directory import MadeRole, Site
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

HANDLE, LEAD = "ticket.handle", "team.manage"


class Placement(msgspec.Struct, frozen=True):
    """With which team a new ticket is, and who gets it at once."""

    team_id: UUID | None = None
    team_name: str = ""
    assignee_id: UUID | None = None
    assignee_name: str = ""


class Teams(Planning):
    """The service of teams; one for the process."""

    def __init__(
        self, policies: Policies, permissions: PermissionRegistry, made: Callable[[UUID], Collection[MadeRole]]
    ) -> None:
        """`made` are the roles that a company has made for itself."""
        super().__init__(policies)
        self._permissions = permissions
        self._made = made

    async def candidates(
        self,
        work: Work,
        site: Site,
        category: str,
        concerned: UUID | None = None,
        skills: Iterable[Skill] = (),
    ) -> list[Candidate]:
        """Who could get a matter of the category, best first; never whom it concerns (CMP-6). `skills` are what modules
        know of people."""
        enter(work, site)
        policy = await self._policies.value(work, ASSIGNMENT, site.id)
        found = await situation(work.uow, site, category, work.now, self._workers(work), concerned)
        return rank(found.people, policy, skills)

    async def placement(
        self,
        work: Work,
        site: Site,
        category: str,
        assignee_id: UUID | None,
        concerned: UUID | None,
        question: Question[Any] | None = None,
    ) -> Placement:
        """Where a new matter goes: to the team that takes such matters and, if the policy says so, to its best person.

        Somebody named beforehand keeps it, with a team of theirs if that takes such matters. Of matters taken in at
        once each is placed after the one before: two do not go to the same person for not knowing of each other.
        `question` is asked along if the database is asked at all; company and site are its $1 and $2.
        """
        takers = await self.takers(work, site, category)
        if not takers:
            return Placement()
        policy = await self._policies.value(work, ASSIGNMENT, site.id)
        if len(takers) == 1 and assignee_id is None and policy.mode != "round_robin":
            return Placement(takers[0].id, takers[0].name)
        if assignee_id is None and policy.mode == "round_robin":
            await work.uow.wait_for_turn(f"placement {work.ctx.company_id} {site.id}")
        found = await situation(work.uow, site, category, work.now, self._workers(work), concerned, question)
        named = next((p for p in found.people if p.membership_id == assignee_id and p.fit != "none"), None)
        if named is not None:
            return Placement(named.team_id, named.team_name)
        chosen = at_once(rank(found.people, policy), policy) if assignee_id is None else None
        if chosen is not None:
            return Placement(chosen.team_id, chosen.team_name, chosen.membership_id, chosen.name)
        return Placement(*found.teams[0]) if found.teams else Placement()

    def _workers(self, work: Work) -> frozenset[str]:
        """The roles that handle tickets; those who lead others are suggested where a team has them as members."""
        made = self._made(work.ctx.company_id)
        return self._permissions.roles_of(HANDLE, made) - self._permissions.roles_of(LEAD, made)
