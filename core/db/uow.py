"""The unit of work: one tenant, one transaction, one task. Audit entries and events are written with the commit."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from core.db.connections import LOST, RETRY, dead, terminate
from core.errors import Unavailable

if TYPE_CHECKING:
    from core.db.engine import Database

T = TypeVar("T")
NOBODY = UUID(int=0)  # a member that there is none of


class WrongTask(RuntimeError):
    """A transaction belongs to the task that opened it; another task would interleave statements."""


class CommitFailed(RuntimeError):
    """PostgreSQL answered COMMIT with ROLLBACK: an earlier statement had failed and was swallowed."""


class UnitOfWork:
    """One transaction of one company on one connection, opened with its first statement.

    The tenant is set in the same round trip as BEGIN and ends with the transaction, so it survives neither
    a pooled connection nor a pooler in transaction mode. `company_id` None is for the owner (migrations)
    and the dispatcher, whose tables are not a tenant's. `reader` is the member from whom rows about them are
    hidden (CMP-6); None: the system, from whom none are.
    """

    __slots__ = (
        "__weakref__",
        "_after_commit",
        "_before_commit",
        "_done",
        "_locked",
        "_owed",
        "_set",
        "_standing",
        "_task",
        "_token",
        "areas",
        "company_id",
        "connection",
        "db",
        "read_only",
        "reader",
    )

    def __init__(
        self,
        db: Database,
        company_id: UUID | None,
        *,
        read_only: bool = False,
        reader: UUID | None = None,
        areas: Mapping[UUID, Collection[str]] | None = None,
    ) -> None:
        self.db = db
        self.company_id = company_id
        self.read_only = read_only
        self.reader = reader
        self.areas = areas or {}
        self.connection: Any = None
        self._task: asyncio.Task[Any] | None = None
        self._token: contextvars.Token[UnitOfWork | None] | None = None
        self._before_commit: list[Callable[[UnitOfWork], Any]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._done = False
        self._locked: set[tuple[str, UUID]] = set()
        # Savepoints are named by their depth. Those of whoever is inside them: set, and to be set by the next statement
        # (until there is one, nothing can be undone). The server's may be more: COMMIT releases what has been left.
        self._set = self._owed = self._standing = 0

    async def __aenter__(self) -> Self:
        outer = self.db.current.get()
        if outer is not None and not outer._done:  # a stream goes on after its request's work has been committed
            raise RuntimeError("a unit of work is open already; use savepoint()")
        self._task = asyncio.current_task()
        self._token = self.db.current.set(self)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                await self.commit()
            else:
                await self.rollback()
        finally:
            if self._token is not None:
                self.db.current.reset(self._token)

    # -- statements -------------------------------------------------------------------------------------------------

    async def wait_for_turn(self, turn: str, *, shared: bool = False) -> None:
        """Wait until no other transaction has that turn, and keep it to the end; goes along with BEGIN, if first.
        `shared`: those who share it have it at once, and nobody alone meanwhile."""
        key = int.from_bytes(blake2b(turn.encode(), digest_size=8).digest(), signed=True)
        lock = f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}({key})"
        if self.connection is None:
            await self.open(lock)
        else:
            await (await self.open()).execute(lock)

    async def lock_row(self, table: str, row_id: UUID) -> None:
        """Lock the company's row of that id, if there is one, to the end; goes along with BEGIN, if first, and costs
        nothing a second time."""
        if (table, row_id) in self._locked:
            return
        where = f"company_id = '{self.company_id}' AND id = '{UUID(int=row_id.int)}'"
        lock = f"SELECT FROM {table} WHERE {where} FOR UPDATE"
        if self.connection is None:
            await self.open(lock)
        else:
            await (await self.open()).execute(lock)
        self._locked.add((table, row_id))

    async def open(self, also: str = "") -> Any:
        """The connection, inside the transaction; begins it, `also` included, when this is the first statement."""
        if self._task is not asyncio.current_task():
            raise WrongTask("this transaction belongs to another task")
        if self._done:
            raise RuntimeError("this unit of work has ended")
        if self.connection is None:
            begin = "BEGIN READ ONLY" if self.read_only else "BEGIN"
            if self.company_id is not None:
                # formatted from a UUID's integer, never from text; one simple query is one round trip
                begin += f"; SET LOCAL app.company_id = '{UUID(int=self.company_id.int)}'"
            if self.reader is not None:
                begin += f"; SET LOCAL app.member_id = '{UUID(int=self.reader.int)}'"
            if self.areas:
                named = {str(site_id): sorted(buildings) for site_id, buildings in self.areas.items()}
                begin += f"; SET LOCAL app.areas = '{msgspec.json.encode(named).hex()}'"
            connection, unfinished = await self.db.acquire()
            end = "COMMIT" if unfinished else ""
            try:
                await connection.execute("; ".join(filter(None, (end, begin, *self._savepoints(), also))))
            except BaseException:
                await self._forget(connection)
                raise
            self.connection = connection
        elif self._owed:
            await self.connection.execute("; ".join(self._savepoints()))
        if self._owed:
            self._set = self._standing = self._set + self._owed
            self._owed = 0
        return self.connection

    def _savepoints(self) -> list[str]:
        """What sets those that are owed, in the place of what has been left at their depth."""
        left = [f"RELEASE SAVEPOINT step_{self._set + 1}"] if self._owed and self._standing > self._set else []
        return left + [f"SAVEPOINT step_{self._set + n}" for n in range(1, self._owed + 1)]

    async def fetch(self, shape: Callable[..., T], sql: str, *args: Any) -> list[T]:
        """Rows as `shape(*columns)`: the column order of the statement is the field order of the struct."""
        connection = await self.open()
        return [shape(*row) for row in await connection.fetch(sql, *args)]

    async def fetch_one(self, shape: Callable[..., T], sql: str, *args: Any) -> T | None:
        connection = await self.open()
        row = await connection.fetchrow(sql, *args)
        return None if row is None else shape(*row)

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        connection = await self.open()
        return await connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run a statement; the number of rows it touched."""
        connection = await self.open()
        status: str = await connection.execute(sql, *args)
        tail = status.rpartition(" ")[2]
        return int(tail) if tail.isdigit() else 0

    async def execute_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """One prepared statement over many rows, pipelined."""
        if rows:
            connection = await self.open()
            await connection.executemany(sql, rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone; the transaction goes on. Costs nothing where nothing is asked inside, nor
        where it comes first in its transaction: it goes along with BEGIN, and is never released by itself."""
        self._owed += 1
        try:
            yield
        except BaseException:
            if self._owed:  # the innermost was never set
                self._owed -= 1
            else:
                depth, self._set = self._set, self._set - 1
                await (await self.open()).execute(f"ROLLBACK TO SAVEPOINT step_{depth}; RELEASE SAVEPOINT step_{depth}")
                self._standing = self._set
                self._locked.clear()  # some may have been taken inside
            raise
        if self._owed:
            self._owed -= 1
        else:
            self._set -= 1

    async def hide_nothing(self) -> None:
        """From now on see rows about the reader too, and those of every building: whoever puts a complaint about
        themselves on record stores it, and so does whoever gives a matter away that is not of their buildings."""
        if self.reader is not None:
            self.reader, self.areas = None, {}
            await (await self.open()).execute("SET LOCAL app.member_id = ''; SET LOCAL app.areas = ''")

    async def turn_to(self, company_id: UUID) -> None:
        """From now on be of that company: what the operator's realm does to a company is one transaction with its own
        record (`Work.within` alone calls this)."""
        await self.execute(f"SET LOCAL app.company_id = '{UUID(int=company_id.int)}'")
        self.company_id = company_id

    # -- the end ----------------------------------------------------------------------------------------------------

    def before_commit(self, step: Callable[[UnitOfWork], Any]) -> None:
        """`await step(uow)` as the last thing inside the transaction."""
        self._before_commit.append(step)

    def after_commit(self, step: Callable[[], None]) -> None:
        """`step()` once the transaction is durable; not called when it is not."""
        self._after_commit.append(step)

    async def commit(self) -> None:
        """Make the work durable. Idempotent; without any statement it costs nothing, and what was only read is ended
        with whatever is asked next on the connection."""
        if self._done:
            return
        try:
            for step in self._before_commit:
                await step(self)
            if self.connection is not None and not self.read_only:
                status = await self.connection.execute("COMMIT")
                if status == "ROLLBACK":
                    raise CommitFailed("an earlier statement of this transaction failed")
        except BaseException:
            await self.rollback()
            raise
        self._done = True
        if self.connection is not None:
            connection, self.connection = self.connection, None
            await self.db.release(connection, settled=True, unfinished=self.read_only)
        for step_after in self._after_commit:
            step_after()

    async def rollback(self) -> None:
        """Forget the work. Idempotent, and safe on a connection that has died."""
        if self._done:
            return
        self._done = True
        if self.connection is not None:
            connection, self.connection = self.connection, None
            await self._forget(connection)

    async def _forget(self, connection: Any) -> None:
        """Roll back and give the connection to the pool, even if our task is cancelled while it waits for that."""
        await asyncio.shield(self._roll_back_and_release(connection))

    async def _roll_back_and_release(self, connection: Any) -> None:
        try:
            if not dead(connection):
                await connection.execute("ROLLBACK")
        except LOST:
            terminate(connection)  # its state is unknown
        finally:
            await self.db.release(connection)


def unavailable(error: BaseException) -> Unavailable | None:
    """The answer for a database that is not there (stopped, restarting, short of something), else None."""
    if isinstance(error, Unavailable):
        return error
    lost = (
        ConnectionError,
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.InsufficientResourcesError,  # connections, memory, disk
        asyncpg.TransactionRollbackError,  # a deadlock: the other one has gone first
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # what asyncpg says of a connection whose server has just died
        asyncpg.ReadOnlySQLTransactionError,
    )
    return Unavailable(headers=RETRY) if isinstance(error, lost) else None
