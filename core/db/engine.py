"""Piccolo's engine on a pool of our own rules: no statement outside a unit of work, no work without a tenant."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from core.db.uow import RETRY, UnitOfWork, dead
from core.errors import Unavailable

ACQUIRE_TIMEOUT = 1.5  # seconds a request waits for a connection before it is told that we are busy


async def _keep_state(connection: Any) -> None:
    """Only SET LOCAL is ever used, so a connection has nothing to reset; saves a round trip a request."""


class Database(PostgresEngine):
    """One role's way into one database. Statements run in the current unit of work or not at all."""

    def __init__(self, dsn: str, *, max_size: int = 10) -> None:
        self.dsn = dsn
        self.max_size = max_size
        self.away = False  # the server does not answer (core.db.pulse)
        self._in_use: set[Any] = set()
        self._waiting = 0  # for the pool to have one
        # Connections kept from one unit of work to the next: to give each to the pool and ask it for another would be a
        # tenth of a short request. While somebody waits, none is kept.
        self._kept: list[Any] = []
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

    async def close(self) -> None:
        if self.pool is not None:
            pool, self.pool = self.pool, None
            while self._kept:
                await pool.release(self._kept.pop())
            await pool.close()

    @property
    def in_use(self) -> int:
        """How many connections somebody holds."""
        return len(self._in_use)

    async def acquire(self) -> Any:
        """A connection of the pool. Raises Unavailable."""
        if self.pool is None:
            raise RuntimeError("the database is not connected")
        if self.away:
            raise Unavailable(headers=RETRY)
        while self._kept:
            connection = self._kept.pop()
            if not dead(connection):
                self._in_use.add(connection)
                return connection
            await self.pool.release(connection)
        self._waiting += 1
        try:
            connection = await self.pool.acquire(timeout=ACQUIRE_TIMEOUT)
        except (OSError, TimeoutError) as error:  # nobody listens, or every connection is busy
            raise Unavailable(headers=RETRY) from error
        finally:
            self._waiting -= 1
        self._in_use.add(connection)
        if self.away:  # meanwhile
            connection.terminate()
            await self.release(connection)
            raise Unavailable(headers=RETRY)
        return connection

    async def lose(self) -> None:
        """End what waits for a server that does not answer, and refuse work until `away` is taken back."""
        self.away = True
        if self.pool is not None:
            await self.pool.expire_connections()
        for connection in (*self._kept, *self._in_use):
            if not dead(connection):
                connection.terminate()
        while self._kept:
            await self.release(self._kept.pop())

    async def release(self, connection: Any, *, settled: bool = False) -> None:
        """Give a connection back. `settled`: nothing is under way on it, its last statement has been answered."""
        self._in_use.discard(connection)
        if self.pool is None:
            return
        if settled and not self._waiting and not self.away:
            self._kept.append(connection)
        else:
            await self.pool.release(connection)

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
