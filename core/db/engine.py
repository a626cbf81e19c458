"""Piccolo's engine on a pool of our own rules: no statement outside a unit of work, no work without a tenant."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from core.db.connections import RETRY, Connections, terminate
from core.db.uow import UnitOfWork
from core.errors import Unavailable


async def _keep_state(connection: Any) -> None:
    """Only SET LOCAL is ever used, so a connection has nothing to reset; saves a round trip a request."""


class Database(PostgresEngine):
    """One role's way into one database. Statements run in the current unit of work or not at all."""

    def __init__(self, dsn: str, *, max_size: int = 10) -> None:
        self.dsn = dsn
        self.max_size = max_size
        self.away = False  # the server does not answer (core.db.pulse)
        self._connections: Connections | None = None
        # For infrastructure only (Piccolo, migrations, hooks): domain code gets its unit of work as an argument.
        self.current: contextvars.ContextVar[UnitOfWork | None] = contextvars.ContextVar("lodge_uow", default=None)
        self.hearers: list[Callable[[Any], None]] = []
        super().__init__({"dsn": dsn, "database": "lodge"})

    async def check_version(self) -> None:
        """Nothing: Piccolo would connect from the constructor."""

    async def prep_database(self) -> None:
        """Nothing: extensions are the migrations' work."""

    async def connect(self) -> None:
        """Open the pool. Raises OSError or asyncpg errors when the server cannot be reached."""
        self.pool = await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=self.max_size,
            reset=_keep_state,
            server_settings={"application_name": "lodge"},
            command_timeout=60,
        )
        self._connections = Connections(self.pool, self.max_size)

    async def close(self) -> None:
        if self.pool is not None and self._connections is not None:
            pool, self.pool = self.pool, None
            await self._connections.close()
            await pool.close()

    @property
    def in_use(self) -> int:
        """How many connections somebody holds."""
        return 0 if self._connections is None else len(self._connections.in_use)

    async def acquire(self) -> tuple[Any, bool]:
        """A connection, and whether COMMIT has to go before its next statement, for what somebody only read on it.
        Raises Unavailable."""
        if self._connections is None:
            raise RuntimeError("the database is not connected")
        if self.away:
            raise Unavailable(headers=RETRY)
        connection, unfinished = await self._connections.take()
        if self.away:  # meanwhile
            terminate(connection)
            await self.release(connection)
            raise Unavailable(headers=RETRY)
        return connection, unfinished

    async def lose(self) -> None:
        """End what waits for a server that does not answer, and refuse work until `away` is taken back."""
        self.away = True
        if self.pool is not None and self._connections is not None:
            await self.pool.expire_connections()
            await self._connections.end()

    async def release(self, connection: Any, *, settled: bool = False, unfinished: bool = False) -> None:
        """Give a connection back. `settled`: it has answered its last statement, and awaits nothing but, if
        `unfinished`, the end of a transaction that has only read."""
        if self._connections is not None:
            unfinished = unfinished and not self.away  # it has been ended with its connection
            await self._connections.give(connection, settled=settled and not self.away, unfinished=unfinished)

    def tell(self, news: Iterable[Any]) -> None:
        """Have `hearers` hear what a transaction of this process announced; called once that is durable."""
        for message in news:
            for hear in self.hearers:
                hear(message)

    def begin(
        self,
        company_id: UUID | None,
        *,
        read_only: bool = False,
        reader: UUID | None = None,
        areas: Mapping[UUID, Collection[str]] | None = None,
    ) -> UnitOfWork:
        """A unit of work of that company, to be entered with `async with`; `reader` sees no complaint about them, and
        of a site among `areas` the tickets and households of these buildings alone."""
        return UnitOfWork(self, company_id, read_only=read_only, reader=reader, areas=areas)

    # -- Piccolo's side ---------------------------------------------------------------------------------------------

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await (await self.present().open()).fetch(sql, *args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        return await (await self.present().open()).fetch(ddl)

    def present(self) -> UnitOfWork:
        """The unit of work of this task. Raises RuntimeError where there is none."""
        uow = self.current.get()
        if uow is None:
            raise RuntimeError("no unit of work is open: a statement would run without a tenant")
        return uow

    async def batch(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("batch() opens a connection of its own, which has no tenant")

    def atomic(self) -> Any:
        raise NotImplementedError("the unit of work is the transaction")

    def transaction(self, allow_nested: bool = True) -> Any:
        raise NotImplementedError("the unit of work is the transaction; use its savepoint()")
