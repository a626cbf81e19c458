"""The connections of a pool, handed from one unit of work straight to the next."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

import asyncpg

from core.errors import Unavailable

ACQUIRE_TIMEOUT: Final = 1.5  # seconds a request waits for a connection before it is told that we are busy
RETRY: Final = {"Retry-After": "2"}
_MOMENT: Final = 0.01  # seconds that what was only read on a connection may wait for its end
LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a statement raises on a connection that is no good any more."""


def dead(connection: Any) -> bool:
    """A pool's proxy whose backend has died answers even `is_closed()` with an error."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


def terminate(connection: Any) -> None:
    """End a connection at once, whatever it is in the middle of; one that has died is left alone."""
    if not dead(connection):
        connection.terminate()


def _expire(turn: asyncio.Future[Any]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())


async def _commit(connection: Any) -> None:
    """End a transaction that has only read."""
    try:
        await connection.execute("COMMIT")
    except LOST:
        terminate(connection)


class Connections:
    """Hands connections on: to give each to the pool and ask it for another would be a tenth of a short request.

    A transaction that has only read need not be ended before its answer is sent. Its COMMIT goes along with the next
    BEGIN on the connection, which saves a short request another round trip; where none follows at once it goes alone.
    """

    def __init__(self, pool: asyncpg.Pool[Any], size: int) -> None:
        self._pool, self._size = pool, size
        self.in_use: set[Any] = set()
        self._kept: list[tuple[Any, bool]] = []
        self._waiting: deque[asyncio.Future[tuple[Any, bool] | None]] = deque()
        self._asking = 0  # of the pool
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._sweep: asyncio.Task[None] | None = None

    async def take(self) -> tuple[Any, bool]:
        """A connection, and whether COMMIT is to go before its next statement. Raises Unavailable."""
        while self._kept:
            connection, unfinished = self._kept.pop()
            if not dead(connection):
                self.in_use.add(connection)
                return connection, unfinished
            await self._pool.release(connection)
        until = asyncio.get_running_loop().time() + ACQUIRE_TIMEOUT
        if len(self.in_use) + self._asking >= self._size:
            handed = await self._wait(until)
            if handed is not None:
                if not dead(handed[0]):
                    return handed
                await self.give(handed[0], settled=False, unfinished=False)
        self._asking += 1
        try:
            left = until - asyncio.get_running_loop().time()
            connection = await self._pool.acquire(timeout=max(left, 0.001))
        except BaseException as error:  # whoever waits may have better luck
            self._hand(None)
            if isinstance(error, (OSError, TimeoutError)):  # nobody listens
                raise Unavailable(headers=RETRY) from error
            raise
        finally:
            self._asking -= 1
        self.in_use.add(connection)
        return connection, False

    async def give(self, connection: Any, *, settled: bool, unfinished: bool) -> None:
        """Take a connection back. `settled`: it has answered its last statement, and awaits nothing but, if
        `unfinished`, the end of a transaction that has only read."""
        self.in_use.discard(connection)
        if not settled or self._closed:
            if unfinished:
                await _commit(connection)
            await self._pool.release(connection)
            self._hand(None)
        elif self._hand((connection, unfinished)):
            self.in_use.add(connection)
        else:
            self._kept.append((connection, unfinished))
            if unfinished and self._timer is None and self._sweep is None:
                self._timer = asyncio.get_running_loop().call_later(_MOMENT, self._begin_sweep)

    async def end(self) -> None:
        """End all connections at once, also under those who use them; they give them back."""
        for connection in (*(connection for connection, _ in self._kept), *self.in_use):
            terminate(connection)
        while self._kept:
            await self._pool.release(self._kept.pop()[0])

    async def close(self) -> None:
        """Give the pool what is kept, and from now on what comes back."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._sweep is not None:
            await self._sweep
        await self._finish()
        while self._kept:
            await self._pool.release(self._kept.pop()[0])

    async def _wait(self, until: float) -> tuple[Any, bool] | None:
        """What the next one to give a connection back hands on; None: the pool has one. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[tuple[Any, bool] | None] = loop.create_future()
        expiry = loop.call_at(until, _expire, turn)
        self._waiting.append(turn)
        try:
            return await turn
        except TimeoutError as error:
            raise Unavailable(headers=RETRY) from error
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # its turn came at the same moment
                await self._pass_on(turn.result())
            raise
        finally:
            expiry.cancel()

    async def _pass_on(self, handed: tuple[Any, bool] | None) -> None:
        if handed is None:
            self._hand(None)
        else:
            await self.give(handed[0], settled=True, unfinished=handed[1])

    def _hand(self, what: tuple[Any, bool] | None) -> bool:
        """Whether somebody waited for it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(what)
                return True
        return False

    def _begin_sweep(self) -> None:
        self._timer = None
        self._sweep = asyncio.get_running_loop().create_task(self._finish())

    async def _finish(self) -> None:
        """End the transactions that nobody has followed."""
        left = [connection for connection, unfinished in self._kept if unfinished]
        self._kept = [(connection, unfinished) for connection, unfinished in self._kept if not unfinished]
        self.in_use.update(left)
        try:
            for connection in left:
                await _commit(connection)
                await self.give(connection, settled=not dead(connection), unfinished=False)
        finally:
            self._sweep = None
