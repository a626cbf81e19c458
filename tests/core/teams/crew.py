"""A house with teams: made, planned and asked in one line each."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from core.policies.assignment import ASSIGNMENT
from core.teams.model import MemberEntry, PatternEntry, Team, TeamEntry
from core.teams.roster import Shift
from core.teams.service import Teams
from core.teams.suggest import Candidate
from core.tickets.model import NewTicket, Ticket
from core.tickets.service import Step
from tests.core.tickets.desk import Desk

TODAY = date(2026, 11, 23)  # a Monday; the clock says ten in the morning
DAYTIME, NIGHT = (8 * 60, 20 * 60), (20 * 60, 8 * 60)


class Crew(Desk):
    """What the tests of teams do."""

    @property
    def teams(self) -> Teams:
        return self.lodge.platform.teams

    def id(self, role: str) -> UUID:
        return self.house.staff[role].membership_id

    def name(self, role: str) -> str:
        return self.house.staff[role].name

    async def team(self, name: str, *roles: str, categories: tuple[str, ...] = ("plumbing_electric",)) -> Team:
        """A team of the members of staff of these roles, the first leading."""
        members = tuple(MemberEntry(self.id(r), "member" if n else "lead") for n, r in enumerate(roles))
        async with self.work("supervisor") as work:
            return await self.teams.create(
                work, self.site, TeamEntry(name=name, categories=categories, members=members)
            )

    async def plan(self, team: Team, **spans: tuple[int, int]) -> int:
        """A pattern for every day from this week on: by role, from when until when."""
        shifts = tuple(Shift(*span, self.id(role)) for role, span in spans.items())
        days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), shifts)
        async with self.work("supervisor") as work:
            entry = PatternEntry(since=TODAY, **days)
            return await self.teams.save_pattern(work, self.site, team.id, entry, team.version)

    async def policy(self, **values: Any) -> None:
        """Change how the site gives tickets out."""
        async with self.work("admin") as work:
            await self.lodge.platform.policies.revise(work, ASSIGNMENT, self.site.id, values, reason="test", expected=0)

    async def take_in(
        self, category: str = "plumbing_electric", *, assignee: str | None = None, concerns: str | None = None
    ) -> Ticket:
        """A ticket of the category; `assignee` and `concerns` are roles."""
        new = NewTicket(
            description="厨房漏水了",
            category=category,
            place="3-1802",
            assignee_id=self.id(assignee) if assignee else None,
            concerns_id=self.id(concerns) if concerns else None,
        )
        async with self.work() as work:
            return await self.tickets.create(work, self.site, new)

    async def step(self, ticket: Ticket, name: str, role: str = "supervisor", **step: Any) -> Ticket:
        async with self.work(role) as work:
            return await self.tickets.act(work, self.site, ticket.id, name, Step(**step), None)

    async def candidates(self, category: str = "plumbing_electric", concerns: str | None = None) -> list[Candidate]:
        async with self.work("supervisor", read_only=True) as work:
            concerned = self.id(concerns) if concerns else None
            return await self.teams.candidates(work, self.site, category, concerned)
