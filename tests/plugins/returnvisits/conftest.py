"""A house that makes return visits: repairs and complaints dealt with, events delivered, visits over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.events.delivery import Delivery
from core.sdk import NewTicket, Site, Ticket, TicketStep
from plugins.returnvisits.policies import RULES
from tests.support.lodge import House, Lodge
from tests.support.web import Web

SURE = {
    "key": "repair",
    "title": "维修",
    "kinds": ["repair"],
    "percent": 100,
    "due_amount": 2,
    "due_unit": "working_days",
}


class Desk(msgspec.Struct, frozen=True):
    """The house; every repair is visited unless a test says otherwise."""

    lodge: Lodge
    house: House

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/returnvisits"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/returnvisits"

    def member(self, role: str) -> UUID:
        return self.house.staff[role].membership_id

    async def deliver(self) -> None:
        """Everything that happened is heard of."""
        while await Delivery(self.lodge.platform).run_once():
            pass

    async def act(self, ticket: Ticket, name: str, role: str = "manager", **step: Any) -> Ticket:
        async with self.lodge.work(self.house, role) as work:
            tickets = self.lodge.platform.tickets
            return await tickets.act(work, self.site, ticket.id, name, TicketStep(**step), None)

    async def ticket(self, ticket_id: UUID | str) -> Ticket:
        async with self.lodge.work(self.house, "manager", read_only=True) as work:
            return await self.lodge.platform.tickets.get(work, self.site, UUID(str(ticket_id)))

    async def resolved(self, category: str = "plumbing_electric", **facts: Any) -> Ticket:
        """A matter that the technician has dealt with, heard of by the plugin."""
        new = NewTicket(**{"description": "厨房漏水", "category": category, "place": "3幢1802", **facts})
        async with self.lodge.work(self.house, "clerk") as work:
            ticket = await self.lodge.platform.tickets.create(work, self.site, new)
        await self.act(ticket, "assign", "clerk", assignee_id=self.member("technician"))
        await self.act(ticket, "accept", "technician")
        ticket = await self.act(ticket, "resolve", "technician", text="换了角阀")
        await self.deliver()
        return ticket

    async def rules(self, *rules: dict[str, Any]) -> None:
        """What the site says is visited, from now on."""
        async with self.lodge.work(self.house, "admin") as work:
            policies = self.lodge.platform.policies
            before = await policies.current(work, RULES.name, self.site.id)
            number = before.number if before else 0
            await policies.revise(work, RULES, self.site.id, {"rules": list(rules)}, reason="test", expected=number)
        self.lodge.platform.policies.forget(None)

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """What the database has, for the house's company ($1)."""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)

    async def visits(self, client: httpx.AsyncClient, **query: object) -> list[dict[str, Any]]:
        answer = await client.get(f"{self.api}/visits", params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def desk(lodge: Lodge) -> Desk:
    house = await lodge.house(sites=2, plugins=["returnvisits"])
    desk = Desk(lodge, house)
    await desk.rules(SURE)
    return desk


def english(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client as a reader of English."""
    client.headers["accept-language"] = "en"
    return client


@pytest.fixture
async def clerk(desk: Desk, web: Web) -> httpx.AsyncClient:
    return english(await web.api(desk.house, "clerk"))


@pytest.fixture
async def manager(desk: Desk, web: Web) -> httpx.AsyncClient:
    return english(await web.api(desk.house, "manager"))
