"""A house whose repairs are work orders: a unit that was handed over, a plumber, a price list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.db.ids import new_id
from core.events.delivery import Delivery
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from tests.support.lodge import House, Lodge
from tests.support.web import Web

Report = Callable[..., Awaitable[dict[str, Any]]]


class Shop(msgspec.Struct, frozen=True):
    """The house's first site; its plumber is the technician."""

    lodge: Lodge
    house: House
    web: Web
    unit_id: UUID

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/repairs"

    @property
    def tickets(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/tickets"

    @property
    def plumber(self) -> str:
        return str(self.house.staff["technician"].membership_id)

    async def deliver(self) -> None:
        """Let everything that happened be heard."""
        delivery = Delivery(self.lodge.platform)
        while await delivery.run_once():
            pass

    async def events(self) -> list[str]:
        """The types of the plugin's events that wait for delivery, in order."""
        sql = "SELECT type FROM outbox WHERE company_id = $1 AND type LIKE 'repairs.%' ORDER BY id"
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(str, sql, self.house.company_id)


@pytest.fixture
async def shop(lodge: Lodge, web: Web) -> Shop:
    house = await lodge.house(sites=2, plugins=["repairs"])
    site, platform = house.sites[0], lodge.platform
    unit_id = new_id()
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO unit (company_id, id, site_id, building, room, label) "
            "VALUES ($1, $2, $3, '3', '1802', '3-1802')",
            house.company_id,
            unit_id,
            site.id,
        )
    async with lodge.work(house, "admin") as work:
        known = (await platform.policies.value(work, TICKET_CATEGORIES, site.id)).categories
        kinds = msgspec.json.decode(msgspec.json.encode(known))
        for kind in kinds:
            kind["ticket_type"] = {"repair": "repairs.order"}.get(kind["ticket_type"], kind["ticket_type"])
        await platform.policies.revise(
            work, TICKET_CATEGORIES, site.id, {"categories": kinds}, reason="test", expected=0
        )
    return Shop(lodge, house, web, unit_id)


@pytest.fixture
async def desk(shop: Shop) -> httpx.AsyncClient:
    """The manager over the API, who may do everything here."""
    return await shop.web.api(shop.house, "manager")


@pytest.fixture
async def technician(shop: Shop) -> httpx.AsyncClient:
    return await shop.web.api(shop.house, "technician")


@pytest.fixture
def report(shop: Shop, desk: httpx.AsyncClient) -> Report:
    """Take a repair in; the ticket."""

    async def take(item: str = "pipes", severity: str = "routine", **more: Any) -> dict[str, Any]:
        body = {
            "description": "厨房水管漏水",
            "category": "plumbing_electric",
            "severity": severity,
            "unit_id": str(shop.unit_id),
            "fields": {"item": item, "spot": "水槽下方"},
            **more,
        }
        answer = await desk.post(shop.tickets, json=body)
        assert answer.status_code == 201, answer.text
        ticket: dict[str, Any] = answer.json()["ticket"] if "ticket" in answer.json() else answer.json()
        return ticket

    return take


@pytest.fixture
async def priced(shop: Shop, desk: httpx.AsyncClient) -> None:
    """A price list: an angle valve with a year's warranty, and an hour's work."""
    prices = [
        {"code": "FM01", "name": "角阀", "kind": "material", "unit": "个", "price_fen": 3500, "warranty_days": 365},
        {"code": "RG01", "name": "水工工时", "kind": "labour", "unit": "小时", "price_fen": 8000},
    ]
    answer = await desk.post(f"{shop.api}/prices", json={"valid_from": str(date(2026, 11, 23)), "prices": prices})
    assert answer.status_code == 201, answer.text
