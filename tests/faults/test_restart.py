"""Processes killed in the middle of work (FA-1, FA-2): nothing that was acknowledged is lost, nothing is half there.

The database keeps its promises here: it runs with the settings it has in production, fsync included.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from core.tickets import renewal
from tests.core.cli.lodge import servers
from tests.support.served import SECONDS, Served

WRITERS = 16
ENOUGH = 60  # acknowledged tickets before the blow
HEALTHY = 30.0  # seconds until requests are answered again
TICKETS = "/api/v1/sites/cuihu/tickets"

# what must not be, and how many there are of it
WRONG = {
    "numbers given twice": "SELECT count(*) - count(DISTINCT (site_id, number)) FROM ticket",
    "tickets without goals": """SELECT count(*) FROM ticket t WHERE NOT EXISTS
        (SELECT FROM ticket_goal g WHERE g.ticket_id = t.id)""",
    "tickets without a timeline": """SELECT count(*) FROM ticket t WHERE NOT EXISTS
        (SELECT FROM ticket_event e WHERE e.ticket_id = t.id AND e.seq = 1 AND e.kind = 'created')""",
    # what a person did raises the version; a missed goal or a file is an entry alone
    "entries missing from a timeline": """SELECT count(*) FROM ticket t, LATERAL (
        SELECT count(*) AS entries, max(seq) AS last FROM ticket_event e WHERE e.ticket_id = t.id) e
        WHERE e.entries <> e.last OR t.version > e.entries""",
    "counters that are off": """SELECT count(*) FROM
        (SELECT site_id, status, tickets FROM ticket_counter WHERE tickets <> 0) c FULL JOIN
        (SELECT site_id, status, count(*) AS tickets FROM ticket GROUP BY site_id, status) t
        USING (site_id, status) WHERE c.tickets IS DISTINCT FROM t.tickets""",
    "open goals without a timer": """SELECT count(*) FROM ticket t WHERE NOT EXISTS
        (SELECT FROM ticket_timer w WHERE w.ticket_id = t.id)""",
}


class Writers:
    """Clerks at the API who take matters in and accept them, each over and over, and what came of it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.stopped = asyncio.Event()
        self.news = asyncio.Event()
        self.created: dict[str, str] = {}  # id → the status that was acknowledged last
        self.unanswered: dict[str, dict[str, str]] = {}  # idempotency key → matter
        self.statuses: set[int] = set()

    async def write(self, until_gone: bool) -> None:
        """One clerk's work. Where the server goes away the clerk leaves, or asks again until it is back."""
        while not self.stopped.is_set():
            key = uuid4().hex
            matter = {"description": f"厨房漏水 {key}", "category": "plumbing_electric", "place": "3幢"}
            self.unanswered[key] = matter
            try:
                await self._once(key, matter)
            except httpx.TransportError:
                if until_gone:
                    return

    async def _once(self, key: str, matter: dict[str, str]) -> None:
        answer = await take_in(self._client, key, matter)
        self.statuses.add(answer.status_code)
        if answer.status_code != 201:
            return
        del self.unanswered[key]
        ticket = answer.json()
        self.created[ticket["id"]] = ticket["status"]
        self.news.set()
        path, headers = f"{TICKETS}/{ticket['id']}/actions/accept", {"If-Match": answer.headers["ETag"]}
        accepted = await self._client.post(path, json={}, headers=headers)
        self.statuses.add(accepted.status_code)
        if accepted.status_code == 200:
            self.created[ticket["id"]] = "accepted"


async def take_in(client: httpx.AsyncClient, key: str, matter: dict[str, str]) -> httpx.Response:
    return await client.post(TICKETS, json=matter, headers={"Idempotency-Key": key})


@asynccontextmanager
async def clerk_of(server: Served, login: str = "sunli") -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=SECONDS) as client:
        answer = await client.post("/api/v1/auth/tokens", json={"login": login, "password": "linli-demo-2026"})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("faults") / "home", LODGE_PLUGINS="", LODGE_RATE_CLIENT="0")
    server.start()
    yield server
    assert server.stop() == 0
    assert servers(server.home) == []
    assert "Traceback" not in server.said()


@asynccontextmanager
async def writing(server: Served, *, until_gone: bool) -> AsyncIterator[Writers]:
    """Writers at work, at least ENOUGH tickets in, when the block begins; all of them back home when it ends."""
    async with clerk_of(server) as client:
        writers = Writers(client)
        tasks = [asyncio.create_task(writers.write(until_gone)) for _ in range(WRITERS)]
        try:
            await reached(writers, ENOUGH)
            yield writers
        finally:
            writers.stopped.set()
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*tasks)


async def reached(writers: Writers, tickets: int) -> None:
    async with asyncio.timeout(SECONDS):
        while len(writers.created) < tickets:
            writers.news.clear()
            await writers.news.wait()


async def looking(server: Served) -> asyncpg.Connection:
    """A look into the database beside the application."""
    return await asyncpg.connect(server.admin_dsn, server_settings={"search_path": "lodge"})


async def check(server: Served, writers: Writers) -> None:
    """Everything acknowledged is there, as acknowledged or further; what was not answered and is sent again is there
    once; nothing contradicts itself."""
    async with clerk_of(server) as client:
        for ticket_id, status in writers.created.items():
            found = (await client.get(f"{TICKETS}/{ticket_id}")).json()["ticket"]["status"]
            assert found == "accepted" or status == "new", (found, status)
        for key, matter in writers.unanswered.items():
            assert (await take_in(client, key, matter)).status_code == 201
    connection = await looking(server)
    try:
        sent = [matter["description"] for matter in writers.unanswered.values()]
        assert await connection.fetchval("SELECT count(*) FROM ticket WHERE description = ANY($1)", sent) == len(sent)
        assert {what: await connection.fetchval(sql) for what, sql in WRONG.items()} == dict.fromkeys(WRONG, 0)
    finally:
        await connection.close()


def alone(server: Served) -> None:
    server.kill()


def with_its_database(server: Served) -> None:
    server.kill_database()
    server.kill()


@pytest.mark.parametrize("blow", [alone, with_its_database])
async def test_a_killed_server_has_lost_nothing_it_acknowledged(server: Served, blow: Callable[[Served], None]) -> None:
    async with writing(server, until_gone=True) as writers:
        await asyncio.to_thread(blow, server)
        assert servers(server.home) == [], "a database without its owner"
    begun = time.monotonic()
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.wait_until_ready)
    assert time.monotonic() - begun < HEALTHY
    await check(server, writers)
    assert writers.unanswered, "the blow came in the middle of work"
    assert writers.statuses <= {200, 201, 503}


async def test_a_killed_database_is_started_again_by_the_living_server(server: Served) -> None:
    before = server.postmaster()
    async with writing(server, until_gone=False) as writers:
        await asyncio.to_thread(server.kill_database)
        async with asyncio.timeout(HEALTHY):
            await reached(writers, len(writers.created) + ENOUGH)
    assert server.postmaster() != before
    assert "The database died. Starting it again ..." in server.said()
    assert writers.statuses == {200, 201, 503}, "who asked meanwhile was told to come again"
    await check(server, writers)


# how many entries about the new working time there are on how many open tickets
RENEWED = """
SELECT entries, count(*) FROM (
    SELECT count(e.seq) AS entries FROM ticket t LEFT JOIN ticket_event e
        ON e.company_id = t.company_id AND e.ticket_id = t.id AND e.kind = 'calendar'
    WHERE t.site_id = $1 AND t.status <> 'closed' GROUP BY t.id) counted
GROUP BY entries
"""


async def until(connection: asyncpg.Connection, sql: str, *values: object, wanted: Callable[[Any], bool]) -> None:
    """Returns when the rows of the statement are as wanted."""
    async with asyncio.timeout(SECONDS):
        while not wanted(await connection.fetch(sql, *values)):  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.05)


async def test_a_worker_killed_in_mid_batch_renews_every_ticket_exactly_once(server: Served) -> None:
    """JB-1 to JB-3: a new calendar has reached one batch of the open tickets and is held up in the second."""
    async with clerk_of(server) as clerk:
        matter = {"description": "楼道灯不亮", "category": "other", "severity": "routine", "place": "5幢"}
        turns = asyncio.Semaphore(WRITERS)

        async def once() -> int:
            async with turns:
                return (await take_in(clerk, uuid4().hex, matter)).status_code

        assert set(await asyncio.gather(*(once() for _ in range(2 * renewal.BATCH)))) == {201}
    connection, other = await looking(server), await looking(server)
    site_id = await connection.fetchval("SELECT id FROM site WHERE slug = 'cuihu'")
    held = await connection.fetchval(
        "SELECT id FROM ticket WHERE site_id = $1 AND status <> 'closed' ORDER BY id OFFSET $2 LIMIT 1",
        site_id,
        renewal.BATCH * 3 // 2,
    )
    holding = other.transaction()
    await holding.start()
    await other.execute("SELECT FROM ticket_goal WHERE ticket_id = $1 FOR UPDATE", held)
    async with clerk_of(server, "linan") as admin:
        path = "/api/v1/sites/cuihu/policies/core.calendar"
        seen = await admin.get(path)
        change = {"overrides": {"week": {"mon": [["10:00", "11:00"]]}}, "reason": "维修"}
        assert (await admin.put(path, json=change, headers={"If-Match": seen.headers["ETag"]})).status_code == 200
    await until(connection, RENEWED, site_id, wanted=lambda rows: dict(rows).get(1) == renewal.BATCH)
    await until(connection, "SELECT FROM pg_locks WHERE NOT granted", wanted=bool)
    await asyncio.to_thread(server.kill)
    for each in (connection, other):
        each.terminate()

    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.wait_until_ready)
    connection = await looking(server)
    try:
        await until(connection, RENEWED, site_id, wanted=lambda rows: 0 not in dict(rows))
        assert {row["entries"] for row in await connection.fetch(RENEWED, site_id)} == {1}
    finally:
        await connection.close()
