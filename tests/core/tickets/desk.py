"""A house's front desk: tickets taken in and worked on, each step in a transaction of its own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from core.tenancy.directory import Site
from core.tickets.model import NewTicket, Severity, Ticket, TicketDetail
from core.tickets.service import Step, Tickets
from core.work import Work
from tests.support.lodge import House, Lodge, SettableClock

# The way from a new ticket into each state.
WAYS: dict[str, tuple[str, ...]] = {
    "new": (),
    "accepted": ("accept",),
    "arrived": ("accept", "arrive"),
    "paused": ("accept", "pause"),
    "resolved": ("accept", "resolve"),
    "closed": ("accept", "resolve", "answer", "close"),
}
TEXTS = {name: f"the {name}'s reason" for name in ("pause", "resolve", "answer", "reopen", "comment")}


class Desk:
    """What the tests of tickets do in one line."""

    def __init__(self, lodge: Lodge, house: House, clock: SettableClock) -> None:
        self.lodge, self.house, self.clock = lodge, house, clock

    @property
    def tickets(self) -> Tickets:
        return self.lodge.platform.tickets

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    def work(self, role: str = "clerk", *sites: Site, read_only: bool = False) -> AbstractAsyncContextManager[Work]:
        return self.lodge.work(self.house, role, *sites, read_only=read_only)

    async def create(
        self,
        category: str = "plumbing_electric",
        severity: Severity = "urgent",
        *,
        site: Site | None = None,
        role: str = "clerk",
        unit_id: UUID | None = None,
    ) -> Ticket:
        new = NewTicket(description="厨房漏水了", category=category, severity=severity, place="3-1802", unit_id=unit_id)
        async with self.work(role) as work:
            return await self.tickets.create(work, site or self.site, new)

    async def act(
        self,
        ticket: Ticket,
        name: str,
        text: str | None = None,
        *,
        role: str = "supervisor",
        expected: int | None = None,
        **more: Any,
    ) -> Ticket:
        step = Step(TEXTS.get(name, "") if text is None else text, **more)
        site = next(s for s in self.house.sites if s.id == ticket.site_id)
        async with self.work(role) as work:
            return await self.tickets.act(work, site, ticket.id, name, step, expected)

    async def in_state(self, status: str, *, severity: Severity = "urgent") -> Ticket:
        """A new ticket brought into that state."""
        ticket = await self.create(severity=severity)
        for action in WAYS[status]:
            ticket = await self.act(ticket, action)
        assert ticket.status == status
        return ticket

    async def wake(self, ticket: Ticket, kind: str) -> int:
        """What the worker does when a timer of that kind is due."""
        ctx = await self.lodge.platform.system_context(self.house.company_id, None)
        assert ctx is not None
        async with self.lodge.platform.work(ctx) as work:
            return await self.tickets.wake(work, ticket.id, kind)

    def member(self, role: str) -> UUID:
        """The id of the house's member of staff of that role."""
        return self.house.staff[role].membership_id

    async def detail(self, ticket: Ticket, role: str = "clerk") -> TicketDetail:
        site = next(s for s in self.house.sites if s.id == ticket.site_id)
        async with self.work(role, read_only=True) as work:
            return await self.tickets.detail(work, site, ticket.id)

    async def counts(self) -> dict[str, int]:
        async with self.work(read_only=True) as work:
            return await self.tickets.counts(work, self.site)
