"""How many requests a session, a token or an address may make in a minute, over all processes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_network
from math import ceil
from typing import Final
from uuid import UUID

import msgspec
import structlog

from core.db.engine import Database
from core.errors import TooMany

log = structlog.get_logger(__name__)
WINDOW: Final = timedelta(minutes=1)
_PACE: Final = 1.0  # seconds between exchanges; so far two processes can be behind each other
_KEYS: Final = 50_000  # clients that are counted in a minute
# In the order of keys, so that processes do not wait for each other in a circle.
_EXCHANGE = """
INSERT INTO request_count AS r (key, minute, requests)
SELECT key, $2, requests FROM unnest($1::bytea[], $3::integer[]) AS own (key, requests) ORDER BY key
ON CONFLICT (key, minute) DO UPDATE SET requests = r.requests + excluded.requests
RETURNING key, requests
"""
_FORGET = "DELETE FROM request_count WHERE minute < $1"


class _Count(msgspec.Struct):
    """Requests that all processes are known to have counted, and those of this one that the others do not know."""

    known: int = 0
    own: int = 0


class Rates:
    """Counts in memory, so that no request waits for it, and exchanges counts with the other processes every second.

    `client` is what somebody who is known may do in a minute, `address` what may come from an address of requests by
    nobody known: sign-ins, links, wrong tokens. 0 is no limit. While the database is away each process counts alone.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime], *, client: int = 0, address: int = 0) -> None:
        self._db, self._clock = db, clock
        self._client, self._address = client, address
        self._minute = datetime.min.replace(tzinfo=UTC)
        self._counts: dict[bytes, _Count] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._client or self._address:
            self._task = asyncio.create_task(self._run(), name="rates")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def by_client(self, id: UUID | None) -> None:
        """One more request of a session or a token. Raises TooMany."""
        if self._client and id is not None:
            self._count(id.bytes, self._client)

    def by_address(self, address: str) -> None:
        """One more request of nobody known. Raises TooMany."""
        if self._address:
            self._count(_key(address), self._address)

    def check_address(self, address: str) -> None:
        """Raises TooMany for an address from which too much came already; counts nothing."""
        if self._address:
            self._count(_key(address), self._address, requests=0)

    def _count(self, key: bytes, limit: int, requests: int = 1) -> None:
        now = self._clock()
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute or len(self._counts) >= _KEYS:
            self._minute = minute
            self._counts.clear()
        count = self._counts.get(key) or _Count()
        if count.known + count.own >= limit:
            wait = (minute + WINDOW - now).total_seconds()
            raise TooMany("Too many requests. Wait a moment.", headers={"Retry-After": str(ceil(wait))})
        if requests:
            count.own += requests
            self._counts[key] = count

    async def exchange(self) -> None:
        """Tell the other processes what was counted here, and learn what they counted."""
        minute, counts = self._minute, self._counts
        told = {key: count.own for key, count in counts.items() if count.own}
        if not told:
            return
        async with self._db.begin(None) as uow:
            totals = await uow.fetch(lambda *row: row, _EXCHANGE, list(told), minute, list(told.values()))
            await uow.execute(_FORGET, minute - WINDOW)
        if minute == self._minute:
            for key, total in totals:
                if (count := counts.get(key)) is not None:
                    count.known = total
                    count.own -= told[key]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PACE)
            try:
                await self.exchange()
            except Exception as error:
                log.warning("rates are counted alone", error=repr(error))


@lru_cache(1024)  # asked with every request
def _key(address: str) -> bytes:
    """Of an IPv6 address the network counts, which is what one household or server has at least (RFC 6177)."""
    if ":" in address:
        with contextlib.suppress(ValueError):
            address = str(ip_network(f"{address}/64", strict=False))
    return hashlib.sha256(address.encode()).digest()
