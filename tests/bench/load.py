"""Load from a process of its own: keep-alive connections that each send the next request when the last is answered.

Reads one Order as JSON from standard input, prints one Measured.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from time import perf_counter
from typing import Any
from uuid import uuid4

import msgspec
import uvloop

FRESH = "00000000-0000-0000-0000-000000000000"  # where a request needs an id that none had before


class Order(msgspec.Struct, frozen=True):
    """What to send to 127.0.0.1: whole requests, in turn; each connection begins at another place among them."""

    port: int
    requests: list[str]
    status: int
    seconds: float
    connections: int = 16


class Measured(msgspec.Struct, frozen=True):
    """Answers a second, and after how many milliseconds half of them and 95 % had arrived; the first wrong one."""

    rate: float
    p50: float
    p95: float
    wrong: str | None = None


_FRESH = FRESH.encode()


class _Client(asyncio.Protocol):
    """One connection. Answers carry a Content-Length."""

    def __init__(self, requests: Iterator[bytes], status: bytes, until: float, times: list[float]) -> None:
        self._requests, self._status, self._until, self._times = requests, status, until, times
        self._buffer = b""
        self._sent_at = 0.0
        self.ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests)
        if _FRESH in request:
            request = request.replace(_FRESH, str(uuid4()).encode())
        self._sent_at = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        if len(body) < length:
            return
        now = perf_counter()
        self._times.append(now - self._sent_at)
        if not head.startswith(self._status):
            self._end(self._buffer[:2000].decode("utf-8", "replace"))
        elif now >= self._until:
            self._end(None)
        else:
            self._buffer = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection was lost: {error}")

    def _end(self, wrong: str | None) -> None:
        if not self.ended.done():
            self.ended.set_result(wrong)
            self._transport.close()


async def measure(order: Order) -> Measured:
    requests = [request.encode() for request in order.requests]
    status = f"HTTP/1.1 {order.status} ".encode()
    loop, times = asyncio.get_running_loop(), list[float]()
    began = perf_counter()
    clients = []
    for n in range(order.connections):
        own = islice(cycle(requests), n * len(requests) // order.connections, None)
        _, client = await loop.create_connection(
            lambda own=own: _Client(own, status, began + order.seconds, times),  # type: ignore[misc]
            "127.0.0.1",
            order.port,
        )
        clients.append(client)
    wrong = [answer for answer in await asyncio.gather(*(client.ended for client in clients)) if answer is not None]
    elapsed = perf_counter() - began
    times.sort()
    p50, p95 = (times[int(len(times) * share)] * 1000 if times else 0.0 for share in (0.5, 0.95))
    return Measured(len(times) / elapsed, p50, p95, wrong[0] if wrong else None)


if __name__ == "__main__":
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(order))))
