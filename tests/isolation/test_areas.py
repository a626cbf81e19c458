"""TI-10 within a site: whoever is confined to some buildings reads nothing of others; made from the routes there are.

A row of every table that can hang on a ticket hangs on one of another building.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.db.ids import new_id
from core.hooks.manager import PluginHost
from core.tickets.model import NewTicket, Ticket
from tests.isolation.requests import Target, send, told_by, values_of
from tests.isolation.stage import Stage, staged
from tests.isolation.test_concerned import hang
from tests.support.lodge import Databases, SettableClock
from tests.support.routes import Route

CANARY, PLACE = "elsewhere", "8号楼大堂"
AT_ONCE = 12


class Elsewhere(msgspec.Struct, frozen=True):
    """A ticket in a building that the reader is not confined to, the rows that hang on it, and one of theirs."""

    ticket: Ticket
    own: Ticket
    ids: dict[str, UUID]


@pytest.fixture(scope="module")
async def stage(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    async with staged(databases, host, shared_clock, tmp_path_factory.mktemp("areas")) as stage:
        yield stage


@pytest.fixture(scope="module")
async def elsewhere(stage: Stage) -> Elsewhere:
    """The company's reader, an administrator, is confined to building 3 of the first site; the matter is in 8."""
    house, tickets = stage.world.a.house, stage.lodge.platform.tickets
    site = house.sites[0]
    async with stage.lodge.owner.begin(house.company_id) as uow:
        for building in ("3", "8"):
            await uow.execute(
                "INSERT INTO unit (company_id, id, site_id, building, entrance, room, label) "
                "VALUES ($1, $2, $3, $4, '1', '101', $5)",
                house.company_id,
                new_id(),
                site.id,
                building,
                f"{building}幢{CANARY if building == '8' else ''}",
            )
        await uow.execute(
            "UPDATE membership SET posts = $3::jsonb WHERE company_id = $1 AND id = $2",
            house.company_id,
            house.staff["admin"].membership_id,
            msgspec.json.encode({str(site.id): {"roles": [], "buildings": ["3"]}}).decode(),
        )
    new = NewTicket(description=CANARY, category="noise", place=PLACE, reporter_name=CANARY)
    async with stage.lodge.work(house, "clerk") as work:
        ticket = await tickets.create(work, site, new)
        own = await tickets.create(
            work, site, msgspec.structs.replace(new, description="电梯异响", place="3幢大堂", reporter_name="")
        )
    stage.lodge.forget()
    return Elsewhere(ticket, own, await hang(stage, ticket, CANARY, house.staff["admin"].membership_id))


async def test_ti_10_nothing_that_is_read_tells_of_a_building_that_is_not_theirs(
    stage: Stage, elsewhere: Elsewhere
) -> None:
    site = stage.world.a.house.sites[0]
    hidden = (elsewhere.ticket.number, str(elsewhere.ticket.id), PLACE, CANARY)
    first = {(table, site.id): [id] for table, id in elsewhere.ids.items()}
    named = msgspec.structs.replace(stage, ids={**stage.ids, **first})
    turns = asyncio.Semaphore(AT_ONCE)

    async def read(route: Route, values: dict[str, object], **more: Any) -> str | None:
        async with turns:
            answer = await send(stage, route, stage.company, values, **more)
        told = told_by(answer, *values.values())
        found = [text for text in hidden if text in told]
        return f"{route.key} tells of {found}: {told[max(0, told.find(found[0]) - 200) :][:300]}" if found else None

    attempts = []
    for route in stage.routes:
        if route.safe:
            for values in values_of(named, route, Target(site.slug, stage.world.a, site)):
                attempts.append(read(route, dict(values)))
                if "tickets" in route.path:
                    attempts.append(read(route, dict(values), query={"q": CANARY[:6], "status": "all"}))
    page = f"/api/v1/sites/{site.slug}/tickets/{elsewhere.ticket.id}"
    web, manager = stage.web, stage.world.a.house.staff["manager"]
    assert (await (await web.api(stage.world.a.house, manager)).get(page)).status_code == 200
    assert (await (await web.api(stage.world.a.house, "admin")).get(page)).status_code == 404
    assert [complaint for complaint in await asyncio.gather(*attempts) if complaint] == []
    assert len(attempts) > 50


async def test_what_is_theirs_is_found_and_counted(stage: Stage, elsewhere: Elsewhere) -> None:
    house, tickets = stage.world.a.house, stage.lodge.platform.tickets
    site = house.sites[0]
    ctx = msgspec.structs.replace(stage.lodge.ctx(house, "manager"), areas={site.id: frozenset({"3"})})
    async with stage.lodge.platform.work(ctx, read_only=True) as work:
        assert await tickets.counts(work, site) == {"new": 1}
        assert (await tickets.get(work, site, elsewhere.own.id)).number == elsewhere.own.number
        assert [unit.building for unit in await work.uow.fetch(_Unit, _UNITS, house.company_id, site.id)] == ["3"]


class _Unit(msgspec.Struct):
    building: str


_UNITS = "SELECT building FROM unit WHERE company_id = $1 AND site_id = $2"
