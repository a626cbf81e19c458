"""A house with a front desk: known households, the clerk's screen, the exchange's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.db.ids import new_id
from core.tenancy.directory import Site
from tests.support.lodge import House, Lodge
from tests.support.web import Web

OWNER_PHONE = "13817626207"
SHARED_PHONE = "13900001234"
Ring = Callable[..., Awaitable[dict[str, Any]]]


class Household(msgspec.Struct, frozen=True):
    """A unit with one party."""

    unit_id: UUID
    party_id: UUID


class Desk(msgspec.Struct, frozen=True):
    """The front desk of the house's first site. 王丽华 is alone in having her phone; two have the other."""

    lodge: Lodge
    house: House
    wang: Household
    li: Household
    zhao: Household

    @property
    def site(self) -> Site:
        return self.house.sites[0]

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/reception"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/reception"

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """What the database has, for the house's company ($1)."""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)

    async def events(self) -> list[str]:
        """The types of the plugin's events so far, in order."""
        sql = "SELECT type FROM outbox WHERE company_id = $1 AND type LIKE 'reception.%' ORDER BY id"
        return [row[0] for row in await self.rows(sql)]


async def household(lodge: Lodge, house: House, site: Site, label: str, name: str, role: str, phone: str) -> Household:
    """A unit in which somebody lives."""
    unit_id, party_id = new_id(), new_id()
    building, _, room = label.partition("幢")
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO unit (company_id, id, site_id, building, room, label, area_m2, moved_in_on, remark) "
            "VALUES ($1, $2, $3, $4, $5, $6, 89.60, $7, '独居老人')",
            house.company_id,
            unit_id,
            site.id,
            building,
            room,
            label,
            date(2017, 5, 1),
        )
        await uow.execute(
            "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', $4)",
            house.company_id,
            party_id,
            site.id,
            name,
        )
        await uow.execute(
            "INSERT INTO contact (company_id, id, site_id, party_id, phone) VALUES ($1, $2, $3, $4, $5)",
            house.company_id,
            new_id(),
            site.id,
            party_id,
            phone,
        )
        await uow.execute(
            "INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role) VALUES ($1, $2, $3, $4, $5, $6)",
            house.company_id,
            new_id(),
            site.id,
            unit_id,
            party_id,
            role,
        )
    return Household(unit_id, party_id)


@pytest.fixture
async def desk(lodge: Lodge) -> Desk:
    async with lodge.owner.begin(None) as uow:  # tests have one address, and guess at links at one instant
        await uow.execute("DELETE FROM sign_in_failure")
    house = await lodge.house(sites=2, plugins=["reception"])
    site = house.sites[0]
    return Desk(
        lodge,
        house,
        await household(lodge, house, site, "3幢1802", "王丽华", "owner", OWNER_PHONE),
        await household(lodge, house, site, "5幢0301", "李建国", "owner", SHARED_PHONE),
        await household(lodge, house, site, "9幢1102", "赵敏", "tenant", SHARED_PHONE),
    )


def english(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client as a reader of English."""
    client.headers["accept-language"] = "en"
    return client


@pytest.fixture
async def exchange(desk: Desk, web: Web) -> httpx.AsyncClient:
    """The telephone exchange, with a token that can report calls and nothing else."""
    return english(await web.token(desk.house, ["reception.call.report"]))


@pytest.fixture
async def clerk(desk: Desk, web: Web) -> httpx.AsyncClient:
    """The clerk's JSON API."""
    return english(await web.api(desk.house, "clerk"))


@pytest.fixture
async def screen(desk: Desk, web: Web) -> httpx.AsyncClient:
    """The clerk's screen, asking for fragments as htmx does."""
    screen = await web.console(desk.house, "clerk")
    screen.headers["hx-request"] = "true"
    return screen


@pytest.fixture
def ring(desk: Desk, exchange: httpx.AsyncClient) -> Ring:
    """Report an event of a call; what the exchange is answered."""

    async def report(external_id: str, event: str = "ringing", **more: object) -> dict[str, Any]:
        said = {"external_id": external_id, "event": event, "phone": OWNER_PHONE, **more}
        answer = await exchange.post(f"{desk.api}/calls", json=said)
        assert answer.status_code == 200, answer.text
        call: dict[str, Any] = answer.json()
        return call

    return report
