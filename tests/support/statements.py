"""What a piece of work sends to the database: the statements, and the plans PostgreSQL has for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from core.db.engine import Database
from core.db.uow import UnitOfWork


class Statement(msgspec.Struct, frozen=True):
    """One round trip to the server; `BEGIN` with the tenant, and `COMMIT`, are one each."""

    sql: str
    arguments: tuple[Any, ...]


@asynccontextmanager
async def recording(database: Database) -> AsyncIterator[list[Statement]]:
    """The statements of all work on that database that begins and ends inside the block, each transaction with a COMMIT
    of its own; but for the exchange of rates, which goes on beside it once a second."""
    sent: list[Statement] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        sent.append(Statement(query.query, tuple(query.args)))

    take, give_back = database.acquire, database.release

    async def acquire() -> tuple[Any, bool]:
        connection, unfinished = await take()
        if unfinished:
            await connection.execute("COMMIT")
        task = asyncio.current_task()
        if task is not None and task.get_name() != "rates":
            connection.add_query_logger(note)
        return connection, False

    async def release(connection: Any, *, settled: bool = False, unfinished: bool = False) -> None:
        if unfinished:
            await connection.execute("COMMIT")
        connection.remove_query_logger(note)
        await give_back(connection, settled=settled)

    database.acquire, database.release = acquire, release  # type: ignore[method-assign]
    try:
        yield sent
        await asyncio.sleep(0)  # the driver tells of a statement in the turn after it
    finally:
        del database.acquire, database.release


class Node(msgspec.Struct, frozen=True):
    """A step of a plan."""

    kind: str = msgspec.field(name="Node Type")
    relation: str | None = msgspec.field(name="Relation Name", default=None)
    index: str | None = msgspec.field(name="Index Name", default=None)
    condition: str = msgspec.field(name="Index Cond", default="")
    parts: tuple[Node, ...] = msgspec.field(name="Plans", default=())

    def walk(self) -> Iterator[Node]:
        """This step and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


class _Explained(msgspec.Struct):
    plan: Node = msgspec.field(name="Plan")


async def plan_of(uow: UnitOfWork, statement: Statement, *, generic: bool) -> list[Node]:
    """The steps of its plan: for these arguments or, `generic`, for any, as a prepared statement may come to use."""
    connection = await uow.open()
    if not generic:
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement.sql}", *statement.arguments)
    else:
        await connection.execute(f"SET LOCAL plan_cache_mode = force_generic_plan; PREPARE probe AS {statement.sql}")
        values = ", ".join(["NULL"] * len(statement.arguments))
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE probe ({values})")
        await connection.execute("DEALLOCATE probe; RESET plan_cache_mode")
    [explained] = msgspec.json.decode(text, type=list[_Explained])
    return list(explained.plan.walk())
