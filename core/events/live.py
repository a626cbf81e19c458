"""News for open screens and caches: one LISTEN connection a process, fanned out in memory; lost news means resync."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import asyncpg
import msgspec
import structlog

from core.work import LIVE_CHANNEL, LiveMessage

log = structlog.get_logger(__name__)
_decode = msgspec.json.Decoder(LiveMessage)
_QUEUE = 100  # messages a slow reader may be behind before it is told to load everything anew
_CHECK = 20.0  # seconds between proofs that the connection still lives (a half-open TCP connection says nothing)

Listener = Callable[[LiveMessage | None], None]


class LiveBus:
    """`listeners` hear every message, and None when some may have been missed. Subscribers hear their company's."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._listeners: list[Listener] = []
        self._readers: dict[UUID, set[asyncio.Queue[LiveMessage | None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self.connected = asyncio.Event()

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every message of every company. For caches and dispatchers, not for users' data."""
        self._listeners.append(listener)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="live bus")

    async def stop(self) -> None:
        """End every subscription, then the connection."""
        self._closing.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def closing(self) -> asyncio.Event:
        """Set when the process is about to end: streams must end too."""
        return self._closing

    @contextlib.asynccontextmanager
    async def subscribe(self, company_id: UUID) -> AsyncIterator[asyncio.Queue[LiveMessage | None]]:
        """A queue of the company's messages; None in it means: load everything anew."""
        queue: asyncio.Queue[LiveMessage | None] = asyncio.Queue(_QUEUE)
        self._readers[company_id].add(queue)
        try:
            yield queue
        finally:
            self._readers[company_id].discard(queue)
            if not self._readers[company_id]:
                del self._readers[company_id]

    async def _run(self) -> None:
        delay = 0.1
        while True:
            try:
                connection = await asyncpg.connect(self._dsn, server_settings={"application_name": "lodge-live"})
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
                log.warning("live bus cannot connect", error=str(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5)
                continue
            delay = 0.1
            try:
                await self._hear(connection)
            except (
                OSError,
                TimeoutError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
            ) as error:
                log.warning("live bus lost its connection", error=str(error))
            finally:
                self.connected.clear()
                connection.terminate()

    async def _hear(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(LIVE_CHANNEL, lambda _c, _p, _ch, payload: self._put(_decode.decode(payload)))
        self._put(None)  # what happened while nobody listened is unknown
        self.connected.set()
        while not lost.is_set():
            try:
                await asyncio.wait_for(lost.wait(), _CHECK)
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=5)

    def _put(self, message: LiveMessage | None) -> None:
        for listener in self._listeners:
            listener(message)
        companies = list(self._readers) if message is None else [message.company_id]
        for company_id in companies:
            for queue in self._readers.get(company_id, ()):
                if queue.full():
                    while not queue.empty():
                        queue.get_nowait()
                    queue.put_nowait(None)
                else:
                    queue.put_nowait(message)
