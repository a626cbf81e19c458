"""A house that bills: sites with some units of the household roll, and those who keep its tariffs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.db.ids import new_id
from core.sdk import Site
from tests.support.lodge import House, Lodge
from tests.support.web import Web

FEE: dict[str, Any] = {
    "code": "property_fee",
    "title": "物业费",
    "basis": "built",
    "cycle": "month",
    "payer": "owner",
    "due_days": 10,
}
PRICE: dict[str, Any] = {"valid_from": "2026-01-01", "price": "2.50"}


class Office(msgspec.Struct, frozen=True):
    """The house, and the units of its first site by label."""

    lodge: Lodge
    house: House
    web: Web
    units: dict[str, UUID]

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing"

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """What the database has, for the house's company ($1)."""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)

    async def audited(self, action: str) -> list[tuple[Any, ...]]:
        """The changes that were recorded under that action."""
        return await self.rows("SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = $2", action)


async def roll(lodge: Lodge, house: House, site: Site, units: dict[str, tuple[str, str | None]]) -> dict[str, UUID]:
    """Units of the household roll: building and area by label."""
    ids = {label: new_id() for label in units}
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute_many(
            "INSERT INTO unit (company_id, id, site_id, building, room, label, area_m2) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                (house.company_id, ids[label], site.id, building, label, label, area and Decimal(area))
                for label, (building, area) in units.items()
            ],
        )
    return ids


@pytest.fixture
async def office(lodge: Lodge, web: Web) -> Office:
    house = await lodge.house(sites=2, plugins=["billing"])
    units = {"1幢101": ("1", "89.60"), "1幢102": ("1", "118.90"), "2幢101": ("2", "96.30"), "2幢102": ("2", None)}
    return Office(lodge, house, web, await roll(lodge, house, house.sites[0], units))


@pytest.fixture
async def manager(office: Office) -> httpx.AsyncClient:
    client = await office.web.api(office.house, "manager")
    client.headers["accept-language"] = "en"
    return client


@pytest.fixture
async def fee(office: Office, manager: httpx.AsyncClient) -> str:
    """The property fee, of a price, charged at the whole site; its id."""
    answer = await manager.post(f"{office.api}/items", json=FEE)
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    assert (await manager.post(f"{office.api}/items/{id}/versions", json=PRICE)).status_code == 201
    placed = await manager.post(f"{office.api}/items/{id}/assignments", json={"since": "2026-01-01"})
    assert placed.status_code == 201, placed.text
    return id
