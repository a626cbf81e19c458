"""Whether the database answers at all, asked over a connection of its own: where it falls silent, requests are told so
at once instead of waiting for it one by one (FA-6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog

from core.db.engine import Database

log = structlog.get_logger(__name__)
_EVERY: Final = 0.3  # seconds between questions
_SILENCE: Final = 1.0  # seconds without an answer
_OWN_STALL: Final = 0.2  # more: the answer may have come while this process itself was busy
_CONNECT: Final = 5.0  # seconds for a connection, which a busy machine may be slow to make
_FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Pulse:
    """Has `databases` refuse work while the server does not answer; a slow statement keeps nothing from being answered.

    A server that refuses is there: whoever asks it is told so by itself.
    """

    def __init__(self, dsn: str, databases: Sequence[Database]) -> None:
        self._dsn = dsn
        self._databases = databases
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="pulse")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        settings = {"application_name": "lodge-pulse"}
        while True:
            try:
                async with asyncio.timeout(_CONNECT):
                    connection = await asyncpg.connect(self._dsn, server_settings=settings)
            except TimeoutError:
                await self._lose()
                continue
            except _FAILURES:
                self._found()
                await asyncio.sleep(_EVERY)
                continue
            try:
                while await self._answers(connection):
                    self._found()
                    await asyncio.sleep(_EVERY)
                log.warning("the database does not answer", seconds=_SILENCE)
                await self._lose()
            except _FAILURES:
                continue
            finally:
                connection.terminate()

    async def _answers(self, connection: asyncpg.Connection) -> bool:
        asking = asyncio.create_task(connection.execute("SELECT 1"))
        asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # stopped, we do not ask any more
        for patience in (_SILENCE, _OWN_STALL):
            await asyncio.wait({asking}, timeout=patience)
            if asking.done():
                await asking
                return True
        connection.terminate()
        with contextlib.suppress(*_FAILURES):
            await asking
        return False

    async def _lose(self) -> None:
        for database in self._databases:
            await database.lose()

    def _found(self) -> None:
        for database in self._databases:
            database.away = False
