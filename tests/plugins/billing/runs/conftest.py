"""A house that bills: units with owners and areas, items with prices, filled by plain statements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import Site, new_id
from plugins.billing.runs import service
from plugins.billing.runs.model import NewRun, RunSummary
from plugins.billing.runs.work import compute_step, issue_step
from tests.support.lodge import House, Lodge
from tests.support.web import Web

NOVEMBER = date(2026, 11, 1)
START = date(2020, 1, 1)
_ITEM = """
INSERT INTO billing_item (company_id, id, site_id, code, title, basis, cycle, payer, due_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'owner', 9)
"""
_VERSION = """
INSERT INTO billing_version (company_id, id, site_id, item_id, number, valid_from, price, prorate, rounding_unit,
    rounding_mode, at, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'calendar', 'fen', 'half_up', now(), '')
"""
_ASSIGNED = "INSERT INTO billing_assignment (company_id, id, site_id, item_id, since) VALUES ($1, $2, $3, $4, $5)"
_UNIT = "INSERT INTO unit (company_id, id, site_id, building, room, label) VALUES ($1, $2, $3, '1', $4, $5)"
_PARTY = "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', $4)"
_OWNS = """
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role) VALUES ($1, $2, $3, $4, $5, 'owner')
"""
_AREA = """
INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name)
VALUES ($1, $2, $3, $4, 'built', $5, $6, now(), '')
"""


class Desk(msgspec.Struct, frozen=True):
    """The house that bills."""

    lodge: Lodge
    house: House

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing"

    async def write(self, sql: str, *args: object) -> None:
        async with self.lodge.owner.begin(self.house.company_id) as uow:
            await uow.execute(sql, self.house.company_id, *args)

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)

    async def item(self, code: str, price: str, basis: str = "built", cycle: str = "month") -> UUID:
        """An item charged at the whole site."""
        id = new_id()
        await self.write(_ITEM, id, self.site.id, code, code, basis, cycle)
        await self.price(id, price)
        await self.write(_ASSIGNED, new_id(), self.site.id, id, START)
        return id

    async def price(self, item_id: UUID, price: str, number: int = 1, since: date = START) -> None:
        await self.write(_VERSION, new_id(), self.site.id, item_id, number, since, Decimal(price))

    async def unit(self, room: str, area: str | None = "100") -> UUID:
        """A unit with an owner."""
        id, party = new_id(), new_id()
        await self.write(_UNIT, id, self.site.id, room, f"1幢{room}")
        await self.write(_PARTY, party, self.site.id, f"业主{room}")
        await self.write(_OWNS, new_id(), self.site.id, id, party)
        if area is not None:
            await self.area(id, area)
        return id

    async def area(self, unit_id: UUID, area: str) -> None:
        await self.write(_AREA, new_id(), self.site.id, unit_id, START, Decimal(area))

    def work(self, role: str = "finance") -> Any:
        return self.lodge.work(self.house, role)

    async def run(self, *items: UUID, month: date = NOVEMBER) -> RunSummary:
        async with self.work() as work:
            return await service.create(work, self.site, NewRun(month, list(items)))

    async def computed(self, *items: UUID, month: date = NOVEMBER, units: int = 2) -> RunSummary:
        run = await self.run(*items, month=month)
        while await self.step(run, units):
            pass
        return await self.get(run)

    async def issued(self, *items: UUID, month: date = NOVEMBER) -> RunSummary:
        run = await self.computed(*items, month=month)
        async with self.work("manager") as work:
            run = await service.approve(work, self.site, run.id, run.version)
        async with self.work() as work:
            run = await service.issue(work, self.site, run.id, run.version)
        while await self.post(run):
            pass
        return await self.get(run)

    async def step(self, run: RunSummary, units: int = 2) -> bool:
        async with self.system() as work:
            return await compute_step(self.lodge.platform, work, run.id, units)

    async def post(self, run: RunSummary, lines: int = 2) -> bool:
        async with self.system() as work:
            return await issue_step(self.lodge.platform, work, run.id, lines)

    def system(self) -> Any:
        return self.lodge.work(self.house, "admin")

    async def get(self, run: RunSummary) -> RunSummary:
        return await self.get_id(run.id)

    async def get_id(self, run_id: UUID | str) -> RunSummary:
        async with self.work() as work:
            return await service.get(work, self.site, UUID(str(run_id)))

    async def charges(self) -> list[tuple[Any, ...]]:
        """Unit, item and amount of every line."""
        return await self.rows(
            "SELECT u.room, i.code, c.amount_fen FROM billing_charge c "
            "JOIN unit u ON u.company_id = c.company_id AND u.id = c.unit_id "
            "JOIN billing_item i ON i.company_id = c.company_id AND i.id = c.item_id "
            "WHERE c.company_id = $1 ORDER BY 1, 2, c.first_day"
        )


@pytest.fixture
async def desk(lodge: Lodge) -> Desk:
    return Desk(lodge, await lodge.house(sites=2, plugins=["billing"]))


@pytest.fixture
async def finance(desk: Desk, web: Web) -> httpx.AsyncClient:
    client = await web.api(desk.house, "finance")
    client.headers["accept-language"] = "en"
    return client


@pytest.fixture
async def manager(desk: Desk, web: Web) -> httpx.AsyncClient:
    client = await web.api(desk.house, "manager")
    client.headers["accept-language"] = "en"
    return client
