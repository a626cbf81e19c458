"""Connections between units of work: handed to whoever waits, and ended where they have only been read on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.db import connections
from core.db.connections import LOST
from core.db.engine import Database
from tests.support.lodge import House, Lodge

POOL = 1  # what is lost is missed at once
TENANT = "SELECT current_setting('app.company_id', true)"
PID = "SELECT pg_backend_pid()"
STATE = "SELECT state FROM pg_stat_activity WHERE pid = $1"


async def read(db: Database, house: House, sql: str = PID) -> Any:
    async with db.begin(house.company_id, read_only=True) as uow:
        return await uow.value(sql)


async def read_at_last(db: Database, house: House) -> Any:
    """The same, whoever has not heard yet that the connection's backend has died."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await read(db, house)
            except LOST:
                await asyncio.sleep(0.01)


async def test_what_was_only_read_is_ended_by_what_comes_next(
    db: Database, house: House, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_MOMENT", 60)  # not by itself
    pid = await read(db, house)
    assert await admin.fetchval(STATE, pid) == "idle in transaction"
    async with db.begin(None) as uow:
        assert await uow.value(PID) == pid
        assert not await uow.value(TENANT)  # nothing of the reader's is left


async def test_what_was_only_read_is_ended_by_itself(db: Database, house: House, admin: Any) -> None:
    pid = await read(db, house)
    async with asyncio.timeout(5):
        while await admin.fetchval(STATE, pid) != "idle" or db.in_use:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    assert await read(db, house) == pid


async def test_what_follows_a_reading_is_read_anew(db: Database, house: House, admin: Any) -> None:
    count = f"SELECT count(*) FROM calendar_value WHERE company_id = '{house.company_id}'"
    before = await read(db, house, count)
    insert = "INSERT INTO lodge.calendar_value (company_id, id, value) VALUES ($1, gen_random_uuid(), '{}')"
    await admin.execute(insert, house.company_id)
    assert await read(db, house, count) == before + 1


async def test_a_connection_that_dies_after_a_reading_is_passed_over(db: Database, house: House, admin: Any) -> None:
    pid = await read(db, house)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    assert await read_at_last(db, house) != pid
    assert db.in_use == 0


async def test_a_reading_whose_connection_dies_before_it_is_ended_holds_none(
    db: Database, house: House, admin: Any
) -> None:
    for _ in range(5):
        pid = await read(db, house)
        await admin.execute("SELECT pg_terminate_backend($1)", pid)
        await asyncio.sleep(0.05)  # it was to be ended meanwhile
        assert await read_at_last(db, house) != pid


async def test_connections_are_handed_over_in_turn(db: Database, house: House) -> None:
    order: list[int] = []

    async def visit(number: int) -> None:
        async with db.begin(house.company_id, read_only=number % 2 == 0) as uow:
            await uow.value("SELECT 1")
            order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(visit(number))
    assert order == list(range(20))
    assert db.in_use == 0


async def test_whoever_gives_up_waiting_costs_nobody_a_turn(db: Database, house: House) -> None:
    connection, unfinished = await db.acquire()
    assert not unfinished
    waiting = [asyncio.create_task(read(db, house, "SELECT 1")) for _ in range(5)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await db.release(connection, settled=True)  # handed to the second one
    waiting[1].cancel()  # at the very moment of its turn
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, True, False, False, False]
    assert results[2:] == [1, 1, 1]
    assert db.in_use == 0


async def test_a_connection_that_comes_back_unfit_lets_the_next_one_ask_for_another(db: Database, house: House) -> None:
    connection, _ = await db.acquire()
    waiting = asyncio.create_task(read(db, house))
    await asyncio.sleep(0.01)
    pid = connection.get_server_pid()
    connection.terminate()
    await db.release(connection)
    assert await waiting != pid
    assert db.in_use == 0


async def test_closing_waits_for_a_reading_that_is_under_way(lodge: Lodge, house: House) -> None:
    database = Database(lodge.dsns.app, max_size=1)
    await database.connect()
    async with database.begin(house.company_id, read_only=True) as uow:
        await uow.value("SELECT 1")
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
    async with asyncio.timeout(5):
        await closing
