"""Load at a fixed rate from a process of its own: requests leave at their times, however long others wait for answers.

Reads one Plan as JSON from standard input, prints one Felt. What waits for an answer does not keep the next one from
leaving, so a server that falls behind is seen to (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from itertools import cycle
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import msgspec
import uvloop

from core.auth.tokens import ACCESS_LIFETIME


class Ask(msgspec.Struct, frozen=True):
    """A request; a body makes it a POST with an idempotency key of its own."""

    path: str
    body: dict[str, str] | None = None


class Plan(msgspec.Struct, frozen=True):
    """What to ask of `url`, in turn, `rate` times a second, by whoever has the tokens; `streams` are kept open with a
    browser's cookie."""

    url: str
    token: str
    refresh: str
    asks: list[Ask]
    rate: float
    seconds: float
    streams: int = 0
    stream: str = ""
    cookie: str = ""


class Felt(msgspec.Struct, frozen=True):
    """Statuses and how often they came, 0 for no answer; after how many milliseconds the answers had."""

    statuses: dict[int, int]
    p50: float
    p95: float
    p99: float
    longest: float
    streams: int

    @property
    def failures(self) -> int:
        return sum(count for status, count in self.statuses.items() if status == 0 or status >= 500)


async def follow(plan: Plan) -> Felt:
    """Ask as planned."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    times: list[float] = []
    statuses: Counter[int] = Counter()
    under_way: set[asyncio.Task[None]] = set()
    headers = {"authorization": f"Bearer {plan.token}"}
    async with httpx.AsyncClient(base_url=plan.url, limits=limits, timeout=30) as client:

        async def ask(what: Ask, due: float) -> None:
            status = 0
            with contextlib.suppress(httpx.TransportError):  # no answer
                if what.body is None:
                    answer = await client.get(what.path, headers=headers)
                else:
                    own = {**headers, "idempotency-key": uuid4().hex}
                    answer = await client.post(what.path, json=what.body, headers=own)
                status = answer.status_code
            times.append(perf_counter() - due)
            statuses[status] += 1

        renewing = asyncio.create_task(_renew(client, headers, plan.refresh))
        listening = [asyncio.create_task(_to_its_end(await _opened(plan))) for _ in range(plan.streams)]
        began = perf_counter()
        for n, what in enumerate(cycle(plan.asks)):
            due = began + n / plan.rate
            if due > began + plan.seconds:
                break
            await asyncio.sleep(due - perf_counter())
            task = asyncio.create_task(ask(what, due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        while under_way:
            await asyncio.wait(under_way)
        renewing.cancel()
        open_still = len([task for task in listening if not task.done()])
        for task in listening:
            task.cancel()
    times.sort()
    p50, p95, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    return Felt(dict(statuses), p50, p95, p99, times[-1] * 1000, open_still)


async def _renew(client: httpx.AsyncClient, headers: dict[str, str], refresh: str) -> None:
    """As every client does before its token runs out."""
    while True:
        await asyncio.sleep(ACCESS_LIFETIME.total_seconds() / 2)
        answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": refresh})
        headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        refresh = answer.json()["refresh_token"]


async def _opened(plan: Plan) -> asyncio.StreamReader:
    """A stream that the server has begun; its connection ends with this process."""
    where = urlsplit(plan.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(f"GET {plan.stream} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {plan.cookie}\r\n\r\n".encode())
    answer = await reader.readline()
    if b" 200 " not in answer:
        raise RuntimeError(f"the stream was refused: {answer!r}")
    _writers.append(writer)
    return reader


async def _to_its_end(stream: asyncio.StreamReader) -> None:
    while await stream.read(1 << 16):
        pass


_writers: list[asyncio.StreamWriter] = []  # a connection whose writer nobody holds would be closed

if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(follow(plan))))
