"""A house with fee items and units, whose accounts the services keep; charges are invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import Site, new_id
from plugins.billing.ledger import repository, service
from plugins.billing.ledger.entries import Books, Charge, Entry
from plugins.billing.ledger.model import Period, Posted
from tests.support.lodge import House, Lodge
from tests.support.web import Web

_ITEM = """
INSERT INTO billing_item (company_id, id, site_id, code, title, basis, cycle, payer, due_days)
VALUES ($1, $2, $3, $4, $5, 'charged', 'month', 'owner', 10)
"""
_UNIT = """
INSERT INTO unit (company_id, id, site_id, building, entrance, room, label) VALUES ($1, $2, $3, '1', '1', $4, $5)
"""
_PARTY = "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', $4)"


class Office(msgspec.Struct, frozen=True):
    """The house, the site where accounts are kept, its items by code; somebody of each role may post."""

    lodge: Lodge
    house: House
    items: dict[str, UUID]

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing/ledger"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing/ledger"

    async def unit(self, room: str = "", site: Site | None = None) -> UUID:
        id = new_id()
        room = room or id.hex
        async with self.lodge.owner.begin(self.house.company_id) as uow:
            await uow.execute(_UNIT, self.house.company_id, id, (site or self.site).id, room, f"1幢1单元{room}")
        return id

    async def party(self, name: str = "王芳") -> UUID:
        id = new_id()
        async with self.lodge.owner.begin(self.house.company_id) as uow:
            await uow.execute(_PARTY, self.house.company_id, id, self.site.id, name)
        return id

    def charge(self, unit_id: UUID, party_id: UUID, fen: int, item: str = "property") -> Charge:
        return Charge(unit_id, party_id, self.items[item], new_id(), fen)

    async def issue(self, *charges: Charge) -> int:
        async with self.lodge.work(self.house, "manager") as work:
            return await service.issue(work, self.site, charges)

    async def post(self, entry: Entry, key: str = "", note: str = "") -> Posted:
        async with self.lodge.work(self.house, "manager") as work:
            return await service.post(work, self.site, entry, key=key or str(new_id()), note=note)

    async def reverse(self, entry_id: UUID, reason: str = "录入错误") -> Posted:
        async with self.lodge.work(self.house, "manager") as work:
            return await service.reverse(work, self.site, entry_id, reason)

    async def close(self, month: date) -> Period:
        async with self.lodge.work(self.house, "manager") as work:
            return await service.close(work, self.site, month)

    async def books(self, unit_id: UUID, charges: Sequence[UUID] = ()) -> Books:
        async with self.lodge.work(self.house, "manager", read_only=True) as work:
            return (await repository.look(work.uow, self.site.id, unit_id, "", charges)).books

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """What the database has, for the house's company ($1)."""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)

    async def entry_of(self, charge: Charge) -> UUID:
        sql = "SELECT id FROM billing_entry WHERE company_id = $1 AND key = $2"
        [[id]] = await self.rows(sql, f"charge {charge.charge_id}")
        return UUID(str(id))


@pytest.fixture
async def office(lodge: Lodge) -> Office:
    house = await lodge.house(sites=2, plugins=["billing"])
    items = {"property": new_id(), "parking": new_id()}
    async with lodge.owner.begin(house.company_id) as uow:
        for (code, id), title in zip(items.items(), ("物业费", "车位费"), strict=True):
            await uow.execute(_ITEM, house.company_id, id, house.sites[0].id, code, title)
    return Office(lodge, house, items)


@pytest.fixture
async def manager(office: Office, web: Web) -> httpx.AsyncClient:
    client = await web.api(office.house, "manager")
    client.headers["accept-language"] = "en"
    return client
