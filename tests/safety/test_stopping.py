"""FA-7, FA-8: a server that is told to stop, and one that makes room for the next version, fail nobody's request."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from core.db.embedded import EmbeddedPostgres
from tests.faults.test_restart import TICKETS, clerk_of, looking, take_in
from tests.support.catalogue import mark, measured, times
from tests.support.served import SECONDS, Served, served

STREAMS, UNDER_WAY, ROUNDS = times("STREAMS", 100), 8, times("UPGRADES", 3)
EXIT = 15.0  # seconds
NEWER = (sys.executable, "-m", "tests.safety.newer")
MATTER = {"description": "单元门禁坏了", "category": "plumbing_electric", "place": "3幢"}
OPEN_TO_ALL = {"LODGE_RATE_CLIENT": "0", "LODGE_RATE_ADDRESS": "0", "LODGE_PLUGINS": ""}


@asynccontextmanager
async def screens(server: Served, count: int) -> AsyncIterator[list[httpx.Response]]:
    """So many open screens of one clerk, each listening."""
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=SECONDS, limits=limits) as client,
        AsyncExitStack() as open_ones,
    ):
        signed_in = await client.post("/login", data={"login": "sunli", "password": "linli-demo-2026"})
        assert signed_in.status_code == 303, signed_in.text
        streams = []
        for _ in range(count):
            stream = await open_ones.enter_async_context(client.stream("GET", "/live?site=cuihu"))
            assert stream.status_code == 200
            streams.append(stream)
        yield streams


async def to_its_end(stream: httpx.Response) -> bool:
    """Whether the server ended it in order."""
    try:
        async for _ in stream.aiter_bytes():
            pass
    except httpx.TransportError:
        return False
    return True


@pytest.mark.timeout(600)
async def test_fa_7_who_is_being_served_when_it_is_told_to_stop_is_served(tmp_path: Path) -> None:
    """Requests wait for a lock when the signal comes, and it is taken away a second later."""
    server = Served(tmp_path / "home", **OPEN_TO_ALL)
    server.start()
    try:
        async with clerk_of(server) as client, screens(server, STREAMS) as streams:
            listening = [asyncio.create_task(to_its_end(stream)) for stream in streams]
            assert (await take_in(client, uuid4().hex, MATTER)).status_code == 201
            db = await looking(server)
            holding = db.transaction()
            await holding.start()
            await db.execute("LOCK TABLE ticket_event IN ACCESS EXCLUSIVE MODE")
            asking = [asyncio.create_task(take_in(client, uuid4().hex, MATTER)) for _ in range(UNDER_WAY)]
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            async with asyncio.timeout(SECONDS):
                while await db.fetchval(waiting) < UNDER_WAY:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            began = time.monotonic()
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            ended = await asyncio.gather(*listening)
            await holding.rollback()
            await db.close()
            statuses = [answer.status_code for answer in await asyncio.gather(*asking)]
            code = await stopping
            took = time.monotonic() - began
    finally:
        server.stop()
    failed = len([status for status in statuses if status != 201])
    measured(
        "FA-7",
        f"told to stop with {STREAMS} streams open and {UNDER_WAY} requests under way: gone after {took:.1f} s, "
        f"{failed} of them failed",
        streams=STREAMS,
        exit=took,
        failed=failed,
    )
    assert (code, failed, all(ended)) == (0, 0, True)
    assert took <= mark(EXIT)


class Callers:
    """Clerks who ask whichever server they are sent to, without a pause."""

    def __init__(self) -> None:
        self.server = ""
        self.stopped = False
        self.under_way: Counter[str] = Counter()
        self.made: list[str] = []
        self.failed: list[str] = []

    async def call(self, client: httpx.AsyncClient) -> None:
        while not self.stopped:
            answer = await self._ask(client, "POST", TICKETS, MATTER)
            if answer is not None and answer.status_code == 201:
                self.made.append(answer.json()["id"])
                await self._ask(client, "GET", f"{TICKETS}/{self.made[-1]}", None)

    async def _ask(
        self, client: httpx.AsyncClient, method: str, path: str, body: dict[str, str] | None
    ) -> httpx.Response | None:
        server = self.server
        self.under_way[server] += 1
        try:
            answer = await client.request(method, f"{server}{path}", json=body)
        except httpx.TransportError as error:
            self.failed.append(repr(error))
            return None
        finally:
            self.under_way[server] -= 1
        if answer.status_code not in (200, 201):
            self.failed.append(f"{answer.status_code} {answer.text}")
        return answer


@pytest.mark.timeout(900)
async def test_fa_8_the_next_version_comes_while_the_present_one_serves(tmp_path: Path) -> None:
    """Both serve on one database, whose schema the next brings on; then requests go there, and the first one ends."""
    failed: list[str] = []
    calls = 0
    for n in range(ROUNDS):
        postgres = EmbeddedPostgres(tmp_path / f"postgres-{n}")
        await asyncio.to_thread(postgres.start)
        callers = Callers()
        shared = {"LODGE_DATABASE_URL": postgres.dsn(postgres.superuser, "postgres"), "LODGE_SECRET": uuid4().hex * 2}
        try:
            with served(tmp_path / f"old-{n}", **shared, **OPEN_TO_ALL) as old:
                newer = Served(tmp_path / f"new-{n}", command=NEWER, **shared, **OPEN_TO_ALL)
                async with clerk_of(old) as client:
                    callers.server = old.url
                    calling = [asyncio.create_task(callers.call(client)) for _ in range(UNDER_WAY)]
                    await asyncio.to_thread(newer.start)
                    try:
                        before = len(callers.made)
                        async with asyncio.timeout(SECONDS):
                            while len(callers.made) < before + 50:  # noqa: ASYNC110 - the present one on the new schema
                                await asyncio.sleep(0.02)
                            callers.server = newer.url
                            while callers.under_way[old.url]:  # noqa: ASYNC110 - as a balancer does
                                await asyncio.sleep(0.02)
                            assert await asyncio.to_thread(old.stop) == 0
                            after = len(callers.made)
                            while len(callers.made) < after + 50:  # noqa: ASYNC110
                                await asyncio.sleep(0.02)
                    finally:
                        callers.stopped = True
                        await asyncio.gather(*calling)
                        newer.stop()
            db = await asyncpg.connect(shared["LODGE_DATABASE_URL"], server_settings={"search_path": "lodge"})
            assert await db.fetchval(
                "SELECT count(*) FROM ticket WHERE newer = 0 AND id::text = ANY ($1)", callers.made
            )
            await db.close()
        finally:
            await asyncio.to_thread(postgres.stop)
        failed += callers.failed
        calls += 2 * len(callers.made)
    measured(
        "FA-8",
        f"{ROUNDS} upgrades across a migration under load: {len(failed)} of {calls:,} requests failed",
        upgrades=ROUNDS,
        requests=calls,
        failed=len(failed),
    )
    assert failed == []
