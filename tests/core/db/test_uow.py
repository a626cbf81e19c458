"""The unit of work: nothing half done, nothing swallowed, and every connection back in the pool clean."""

from __future__ import annotations

import asyncio
import contextvars
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.db import connections as connections_module
from core.db.engine import Database
from core.db.ids import new_id
from core.db.uow import CommitFailed, UnitOfWork, WrongTask, unavailable
from core.errors import Unavailable
from core.tenancy.tables import Site
from tests.core.db.pools import everything, settled
from tests.support.lodge import House, Lodge
from tests.support.statements import recording

INSERT = "INSERT INTO calendar_value (company_id, id, value) VALUES ($1, $2, '{}')"
COUNT = "SELECT count(*) FROM calendar_value WHERE company_id = $1"


async def rows(db: Database, house: House) -> int:
    async with db.begin(house.company_id, read_only=True) as uow:
        count: int = await uow.value(COUNT, house.company_id)
        return count


async def test_work_is_kept_at_the_end_and_forgotten_on_an_error(db: Database, house: House) -> None:
    async with db.begin(house.company_id) as uow:
        assert await uow.execute(INSERT, house.company_id, new_id()) == 1
    with pytest.raises(ZeroDivisionError):
        async with db.begin(house.company_id) as uow:
            await uow.execute(INSERT, house.company_id, new_id())
            raise ZeroDivisionError

    assert await rows(db, house) == 1


async def test_without_a_statement_no_connection_is_taken(lodge: Lodge) -> None:
    async with Database(lodge.dsns.app).begin(new_id()):
        pass  # a pool that was never opened would refuse


async def test_the_tenant_ends_with_the_transaction(db: Database, house: House) -> None:
    setting = "SELECT current_setting('app.company_id', true)"
    async with db.begin(house.company_id) as uow:
        assert await uow.value(setting) == str(house.company_id)
        connection = uow.connection

    assert connection is not None
    async with db.begin(None) as uow:
        assert not await uow.value(setting)


async def test_a_commit_that_becomes_a_rollback_is_an_error(db: Database, house: House) -> None:
    told: list[str] = []

    with pytest.raises(CommitFailed):
        async with db.begin(house.company_id) as uow:
            uow.after_commit(lambda: told.append("committed"))
            await uow.execute(INSERT, house.company_id, new_id())
            with pytest.raises(asyncpg.PostgresError):
                await uow.execute("SELECT 1 / 0")

    assert await rows(db, house) == 0
    assert told == []


async def test_a_commit_that_fails_releases_the_connection(db: Database, house: House, admin: Any) -> None:
    async def die(uow: UnitOfWork) -> None:
        await terminate(admin, await uow.value("SELECT pg_backend_pid()"))

    for _ in range(5):  # more often than there are connections
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            async with db.begin(house.company_id) as uow:
                uow.before_commit(die)
                await uow.execute(INSERT, house.company_id, new_id())

    assert await rows(db, house) == 0


async def test_a_step_before_the_commit_can_still_prevent_it(db: Database, house: House) -> None:
    async def refuse(uow: UnitOfWork) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with db.begin(house.company_id) as uow:
            uow.before_commit(refuse)
            await uow.execute(INSERT, house.company_id, new_id())

    assert await rows(db, house) == 0


async def test_a_transaction_belongs_to_the_task_that_opened_it(db: Database, house: House) -> None:
    async with db.begin(house.company_id) as uow:
        await uow.value("SELECT 1")

        with pytest.raises(WrongTask):
            await asyncio.create_task(uow.value("SELECT 1"))


async def test_units_of_work_do_not_nest(db: Database, house: House) -> None:
    async with db.begin(house.company_id):
        with pytest.raises(RuntimeError, match="savepoint"):
            async with db.begin(house.company_id):
                pass


async def test_an_ended_unit_of_work_takes_no_statement(db: Database, house: House) -> None:
    async with db.begin(house.company_id) as uow:
        await uow.commit()
        with pytest.raises(RuntimeError, match="ended"):
            await uow.value("SELECT 1")


async def test_a_savepoint_undoes_its_own_part_alone(db: Database, house: House) -> None:
    async with db.begin(house.company_id) as uow:
        await uow.execute(INSERT, house.company_id, new_id())
        with pytest.raises(asyncpg.PostgresError):
            async with uow.savepoint():
                await uow.execute(INSERT, house.company_id, new_id())
                async with uow.savepoint():
                    await uow.execute(INSERT, house.company_id, new_id())
                await uow.execute("SELECT 1 / 0")
        async with uow.savepoint():
            await uow.execute(INSERT, house.company_id, new_id())

    assert await rows(db, house) == 2


async def test_a_savepoint_costs_no_round_trip_of_its_own_at_the_beginning_and_at_the_end(
    db: Database, house: House
) -> None:
    async with recording(db) as sent, db.begin(house.company_id) as uow:
        async with uow.savepoint():
            pass
        with pytest.raises(ZeroDivisionError):
            async with uow.savepoint():
                _ = 1 / 0
        async with uow.savepoint(), uow.savepoint():
            await uow.execute(INSERT, house.company_id, new_id())
        async with uow.savepoint():
            await uow.execute(INSERT, house.company_id, new_id())

    begin, *others = [statement.sql for statement in sent]
    assert begin.endswith("; SAVEPOINT step_1; SAVEPOINT step_2")
    assert others == [INSERT, "RELEASE SAVEPOINT step_1; SAVEPOINT step_1", INSERT, "COMMIT"]


async def test_a_row_is_locked_once_and_again_after_what_locked_it_was_undone(db: Database, house: House) -> None:
    site = house.sites[0].id
    async with recording(db) as sent, db.begin(house.company_id) as uow:
        with pytest.raises(ZeroDivisionError):
            async with uow.savepoint():
                await uow.lock_row("site", site)
                await uow.lock_row("site", site)
                _ = 1 / 0
        await uow.lock_row("site", site)

    asked = [statement.sql for statement in sent]
    assert [sql.count("FOR UPDATE") for sql in asked] == [1, 0, 1, 0], asked


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_undone_is_what_was_inside_however_savepoints_follow_each_other(
    db: Database, house: House, seed: int
) -> None:
    chance = Random(seed)

    async def steps(uow: UnitOfWork, depth: int) -> set[UUID]:
        """What is kept of some rows, and of savepoints with more of them."""
        kept: set[UUID] = set()
        for _ in range(chance.randint(0, 4)):
            if depth and chance.random() < 0.6:
                fails = chance.random() < 0.4
                try:
                    async with uow.savepoint():
                        inside = await steps(uow, depth - 1)
                        _ = 1 / (not fails)
                        kept |= inside
                except ZeroDivisionError:
                    pass
            else:
                kept.add(row := new_id())
                await uow.execute(INSERT, house.company_id, row)
        return kept

    async with db.begin(house.company_id) as uow:
        expected = await steps(uow, 4)

    async with db.begin(house.company_id, read_only=True) as uow:
        assert (
            set(await uow.fetch(lambda id: id, "SELECT id FROM calendar_value WHERE company_id = $1", house.company_id))
            == expected
        )


async def test_reading_work_refuses_to_write(db: Database, house: House) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with db.begin(house.company_id, read_only=True) as uow:
            await uow.execute(INSERT, house.company_id, new_id())


@pytest.mark.parametrize("statement", [None, "SELECT pg_sleep(30)", INSERT])
@pytest.mark.parametrize("cancels", [1, 2, 3])
async def test_cancelled_work_leaves_nothing_behind(
    statement: str | None, cancels: int, db: Database, house: House
) -> None:
    """Whatever it is in the middle of, and however impatient the canceller is."""
    for yields in range(12):  # each lets it get a step further

        async def work() -> None:
            async with db.begin(house.company_id) as uow:
                await uow.execute(INSERT, house.company_id, new_id())
                if statement is not None:
                    await uow.execute(statement, *([house.company_id, new_id()] if statement == INSERT else []))
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        for _ in range(yields):
            await asyncio.sleep(0.0005)
        for _ in range(cancels):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        await settled(db)

    assert await rows(db, house) == 0


async def test_a_killed_backend_is_replaced(db: Database, house: House, admin: Any) -> None:
    for _ in range(3):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
            async with db.begin(house.company_id) as uow:
                await terminate(admin, await uow.value("SELECT pg_backend_pid()"))
                await uow.value("SELECT 1")
        assert isinstance(unavailable(caught.value), Unavailable)

    assert await rows(db, house) == 0


async def test_a_statement_may_not_take_longer_than_its_role_may(db: Database, house: House) -> None:
    with pytest.raises(asyncpg.QueryCanceledError):
        async with db.begin(house.company_id) as uow:
            assert await uow.value("SHOW statement_timeout") == "30s"
            await uow.execute("SET LOCAL statement_timeout = '20ms'")
            await uow.execute("SELECT pg_sleep(30)")

    assert await rows(db, house) == 0


async def test_a_crowded_pool_says_so_soon(db: Database, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "ACQUIRE_TIMEOUT", 0.05)
    busy = await everything(db)
    try:
        with pytest.raises(Unavailable):
            await rows(db, house)
    finally:
        for connection in busy:
            await db.release(connection)


async def test_a_connection_goes_to_whoever_waits_and_else_to_the_next_unit_of_work(db: Database, house: House) -> None:
    pid = "SELECT pg_backend_pid()"
    held, _ = await db.acquire()
    async with db.begin(house.company_id) as uow:
        first = await uow.value(pid)
        waiting = asyncio.create_task(rows(db, house), context=contextvars.Context())
        await asyncio.sleep(0.01)
        assert not waiting.done() and db.in_use == db.max_size
    assert await waiting == 0
    async with db.begin(house.company_id) as uow:
        assert await uow.value(pid) == first
    await db.release(held)


async def test_a_connection_that_dies_between_units_of_work_is_passed_over(
    db: Database, house: House, admin: Any
) -> None:
    async with db.begin(house.company_id) as uow:
        died = await uow.value("SELECT pg_backend_pid()")
    await terminate(admin, died)
    await asyncio.sleep(0.01)  # its end has to be heard of
    async with db.begin(house.company_id) as uow:
        assert await uow.value("SELECT pg_backend_pid()") != died


async def test_piccolo_sees_the_unit_of_work_or_nothing(db: Database, house: House) -> None:
    bound = Site._meta.db
    Site._meta.db = db
    try:
        with pytest.raises(RuntimeError, match="tenant"):
            await Site.select()
        async with db.begin(house.company_id):
            found = await Site.select(Site.id)
        assert {row["id"] for row in found} == {s.id for s in house.sites}
        for forbidden in (db.transaction, db.atomic):
            with pytest.raises(NotImplementedError):
                forbidden()
        with pytest.raises(NotImplementedError):
            await db.batch()
        with pytest.raises(NotImplementedError):
            await Site(_ignore_missing=True).save()
        with pytest.raises(NotImplementedError):
            await Site(_ignore_missing=True).remove()
    finally:
        Site._meta.db = bound


async def terminate(admin: Any, pid: int) -> None:
    """End a server process, and wait until it has gone."""
    assert await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


def test_company_ids_follow_from_slugs() -> None:
    from core.db.ids import company_id_of

    assert company_id_of("demo") == company_id_of("demo") != company_id_of("other")
    assert isinstance(company_id_of("demo"), UUID)
