"""TI-5: many tasks of two companies on few connections, some cancelled, some failing: nobody reads the other's rows."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import pytest

from core.db.engine import Database
from tests.world import World

POOL = 5


class Mishap(Exception):
    """What goes wrong in a handler."""


@pytest.mark.parametrize("seed", [20261122])
async def test_ti_5_a_crowd_on_five_connections_never_reads_across(world: World, seed: int) -> None:
    await crowd(world, seed, tasks=50, units=100)


async def crowd(world: World, seed: int, *, tasks: int, units: int) -> None:
    """That many tasks, each with so many units of work of either company in turn."""
    companies = [world.a.company_id, world.b.company_id]
    database = Database(world.lodge.dsns.app, max_size=POOL)
    await database.connect()
    chance = random.Random(seed)
    outcomes: dict[str, int] = {"done": 0, "failed": 0, "cancelled": 0}

    async def unit(company_id: UUID, mishap: float) -> None:
        async with database.begin(company_id, read_only=mishap > 0.5) as uow:
            seen = set(await uow.fetch(lambda company: company, "SELECT company_id FROM ticket_event"))
            assert seen == {company_id}
            if mishap < 0.1:
                raise Mishap
            if mishap < 0.15:
                await uow.execute("SELECT 1 / 0")
            assert await uow.value("SELECT name FROM company") == companies_names[company_id]

    companies_names = {world.a.company_id: "amsel", world.b.company_id: "zeisig"}

    async def visitor(number: int) -> None:
        for turn in range(units):
            mishap, patience = chance.random(), chance.random() * 0.02
            try:
                await asyncio.wait_for(unit(companies[(number + turn) % 2], mishap), patience if mishap > 0.8 else None)
            except TimeoutError:
                outcomes["cancelled"] += 1
            except (Mishap, Exception) as error:
                if isinstance(error, AssertionError):
                    raise
                outcomes["failed"] += 1
            else:
                outcomes["done"] += 1

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(tasks):
                group.create_task(visitor(number))
        assert sum(outcomes.values()) == tasks * units
        assert min(outcomes.values()) > 100, outcomes
        assert database.in_use == 0
        await asyncio.sleep(0.1)  # what was only read is ended a moment later
        for connection, unfinished in [await database.acquire() for _ in range(POOL)]:
            assert not unfinished
            assert not connection.is_in_transaction()
            assert not await connection.fetchval("SELECT current_setting('app.company_id', true)")
            await database.release(connection)
    finally:
        await database.close()
