"""A way to PostgreSQL that can be cut: connections stay open, nothing comes through, as behind a dead router."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from core.db.connect import RoleDsns
from core.db.embedded import PORT, EmbeddedPostgres


class Way:
    """Forwards between a socket of its own and the server's, while it is not cut."""

    def __init__(self, server: EmbeddedPostgres, folder: Path) -> None:
        self._name = f".s.PGSQL.{PORT}"
        self._server = server
        self._folder = folder
        self._open = asyncio.Event()
        self._open.set()
        self._pumps: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    def through(self, dsns: RoleDsns) -> RoleDsns:
        """The same databases by this way."""
        there, here = quote(str(self._server.socket_dir)), quote(str(self._folder))
        ways = {name: dsn.replace(there, here) for name, dsn in msgspec.structs.asdict(dsns).items()}
        return RoleDsns(**ways)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Forwards for the block."""
        listening = await asyncio.start_unix_server(self._forward, self._folder / self._name)
        try:
            yield
        finally:
            listening.close()
            for pump in self._pumps:
                pump.cancel()
            if self._pumps:
                await asyncio.wait(self._pumps)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_unix_connection(self._server.socket_dir / self._name)
            for source, sink in ((reader, back), (there, writer)):
                pump = asyncio.create_task(self._pump(source, sink))
                self._pumps.add(pump)
                pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                await self._open.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass  # the other end went away
        finally:
            sink.close()
