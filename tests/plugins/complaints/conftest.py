"""A site whose complaints are of the module's kind, and what its staff do with them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.hooks.types import Event
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.teams.model import TeamEntry
from core.tenancy.directory import Site
from core.tickets.model import NewTicket, Step, Ticket
from plugins.complaints import compensation, service
from plugins.complaints.model import Case, Decision, Findings, NewCompensation, NewStep, StepKind
from tests.support.lodge import House, Lodge
from tests.support.web import Web

TYPE = "complaints.complaint"
CATEGORY = {
    "key": "complaint", "title_zh": "投诉", "title_en": "Complaint", "icon": "message-exclamation", "ticket_type": TYPE,
}  # fmt: skip


class Office(msgspec.Struct, frozen=True):
    """The house's first site; what is done is done by a role."""

    lodge: Lodge
    house: House
    web: Web

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/complaints/cases"

    async def take_in(self, role: str = "clerk", **more: Any) -> Ticket:
        new = NewTicket(**{"description": "楼上夜间拖动家具", "category": "complaint", "place": "3-1802", **more})
        async with self.lodge.work(self.house, role) as work:
            return await self.lodge.platform.tickets.create(work, self.site, new)

    async def act(self, ticket: Ticket, action: str, role: str = "supervisor", **step: Any) -> Ticket:
        async with self.lodge.work(self.house, role) as work:
            return await self.lodge.platform.tickets.act(
                work, self.site, ticket.id, action, Step(**{"text": "…", **step}), None
            )

    async def case(self, ticket: Ticket, role: str = "clerk") -> Case:
        async with self.lodge.work(self.house, role, read_only=True) as work:
            return await service.get(work, self.site, ticket.id)

    async def ticket(self, ticket: Ticket) -> Ticket:
        """As it stands now."""
        async with self.lodge.work(self.house, "manager", read_only=True) as work:
            return await self.lodge.platform.tickets.get(work, self.site, ticket.id)

    async def step(self, ticket: Ticket, kind: StepKind, role: str = "clerk", **more: Any) -> Case:
        async with self.lodge.work(self.house, role) as work:
            new = NewStep(**{"kind": kind, "text": "记录", **more})
            return await service.add_step(self.lodge.platform, work, self.site, ticket.id, new)

    async def find(self, ticket: Ticket, role: str = "supervisor", **found: Any) -> Case:
        version = (await self.case(ticket)).version
        async with self.lodge.work(self.house, role) as work:
            return await service.find(self.lodge.platform, work, self.site, ticket.id, Findings(**found), version)

    async def propose(self, ticket: Ticket, fen: int, role: str = "clerk") -> Case:
        async with self.lodge.work(self.house, role) as work:
            return await compensation.propose(work, self.site, ticket.id, NewCompensation(fen, "清洗费"))

    async def decide(self, ticket: Ticket, role: str, *, approve: bool = True) -> Case:
        asked = (await self.case(ticket)).compensations[-1]
        async with self.lodge.work(self.house, role) as work:
            said = Decision(approve, "核实无误")
            return await compensation.decide(self.lodge.platform, work, self.site, ticket.id, asked.id, said)

    async def team(self, name: str) -> None:
        async with self.lodge.work(self.house, "supervisor") as work:
            await self.lodge.platform.teams.create(work, self.site, TeamEntry(name=name, categories=(), members=()))

    async def revise(self, spec: Any, tree: dict[str, Any]) -> None:
        async with self.lodge.work(self.house, "admin") as work:
            await self.lodge.platform.policies.revise(work, spec, self.site.id, tree, reason="test", expected=0)

    async def events(self) -> list[Event]:
        """The module's events so far, in order."""
        sql = """SELECT type, site_id, aggregate_id, payload::text FROM outbox
                 WHERE company_id = $1 AND type LIKE 'complaints.%' ORDER BY id"""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            rows = await uow.fetch(lambda *row: row, sql, self.house.company_id)
        return [Event(type, site, about, msgspec.json.decode(payload)) for type, site, about, payload in rows]


@pytest.fixture
async def office(lodge: Lodge, web: Web) -> Office:
    house = await lodge.house(plugins=["complaints"])
    office = Office(lodge, house, web)
    policy = msgspec.json.decode(msgspec.json.encode(TICKET_CATEGORIES.default))
    await office.revise(TICKET_CATEGORIES, {"categories": [*policy["categories"], CATEGORY]})
    return office
