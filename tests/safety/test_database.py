"""FA-3, FA-4, FA-6: the database has no connection left, fails at the commit, or falls silent in the middle of work."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from core.db.connect import prepare
from core.db.engine import Database
from core.hooks.manager import PluginHost
from tests.contract.conftest import NEW
from tests.contract.test_failures import BEFORE_THE_COMMIT, FAILURES, WRITTEN, own_server
from tests.support.catalogue import mark, measured, times
from tests.support.lodge import SECRET, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.partition import Way
from tests.support.web import Web, web_on

ROUNDS, COMMITS = times("ROUNDS", 5), times("COMMITS", 100)
CLERKS, MANY = 20, 50
SOON = 2.0  # seconds until somebody is told that it does not go now
CUT = 5.0  # seconds that the way to the database is cut


class Desk:
    """A house over HTTP on a database server of its own, the way there, and the superuser beside it."""

    def __init__(self, lodge: Lodge, web: Web, house: House, way: Way, admin: asyncpg.Connection) -> None:
        self.lodge, self.web, self.house, self.way, self.admin = lodge, web, house, way, admin
        self.tickets = f"/api/v1/sites/{house.sites[0].slug}/tickets"

    @property
    def db(self) -> Database:
        return self.lodge.platform.db

    async def given_back(self) -> None:
        """Returns when nobody holds a connection; the last answers may have been sent a moment before."""
        async with asyncio.timeout(5 * SOON):
            while self.db.in_use:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def desk(host: PluginHost, clock: SettableClock, tmp_path: Path) -> AsyncIterator[Desk]:
    with own_server() as server:
        own = server.dsn(server.superuser, "postgres")
        dsns = await prepare(own, SECRET, migration_apps(host))
        way = Way(server, tmp_path)
        admin = await asyncpg.connect(own, server_settings={"search_path": "lodge"})
        try:
            async with (
                way.kept(),
                lodge_on(way.through(dsns), host, clock, tmp_path) as lodge,
                web_on(lodge.platform) as web,
            ):
                yield Desk(lodge, web, await lodge.house(), way, admin)
        finally:
            await admin.close()


async def timed(client: httpx.AsyncClient, path: str) -> tuple[int, float]:
    """The status of a reading, and the seconds until it came."""
    began = time.monotonic()
    return (await client.get(path)).status_code, time.monotonic() - began


@pytest.mark.timeout(600)
async def test_fa_3_who_finds_no_connection_is_told_so_soon(desk: Desk) -> None:
    client = await desk.web.api(desk.house, "clerk")
    refused: list[float] = []
    for _ in range(ROUNDS):
        assert (await client.get(desk.tickets)).status_code == 200
        holding = desk.admin.transaction()
        await holding.start()
        await desk.admin.execute("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
        asking = [asyncio.create_task(timed(client, desk.tickets)) for _ in range(MANY)]
        done, waiting = await asyncio.wait(asking, timeout=2 * SOON)
        assert desk.db.in_use == len(waiting) == desk.db.max_size
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        await holding.rollback()
        assert {status for status, _ in await asyncio.gather(*waiting)} == {200}
        assert {task.result()[0] for task in done} == {503}
        refused += [task.result()[1] for task in done]
        await desk.given_back()
    measured(
        "FA-3",
        f"{len(refused)} refusals of an exhausted pool within {max(refused):.2f} s each; 0 connections in use after",
        refused=len(refused),
        longest=max(refused),
    )
    assert max(refused) <= mark(SOON)


@pytest.mark.timeout(600)
async def test_fa_4_a_commit_that_fails_is_never_told_as_done(desk: Desk) -> None:
    client = await desk.web.api(desk.house, "clerk")
    answers: Counter[int] = Counter()
    kinds = list(FAILURES)
    for n in range(COMMITS):
        what, status = FAILURES[kinds[n % len(kinds)]]
        headers = {"idempotency-key": uuid4().hex} if n % 8 < len(kinds) else {}
        await desk.admin.execute(BEFORE_THE_COMMIT.format(what))
        answer = await client.post(desk.tickets, json=NEW, headers=headers)
        await desk.admin.execute("DROP TRIGGER fail ON ticket; DROP FUNCTION fail()")
        assert answer.status_code == status
        answers[answer.status_code] += 1
    left = {table: await desk.admin.fetchval(f"SELECT count(*) FROM {table}") for table in WRITTEN}
    assert left == dict.fromkeys(WRITTEN, 0)
    assert (await client.post(desk.tickets, json=NEW)).json()["number"].endswith("-0001")
    await desk.given_back()
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    measured("FA-4", f"{COMMITS} commits failed: {told}; nothing left behind", commits=COMMITS, acknowledged=0)


class Clerks:
    """Who take matters in without a pause: what was acknowledged, and how long anybody waited from the cut on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.stopped = False
        self.created: list[str] = []
        self.answers: Counter[int] = Counter()
        self.cut = 0.0  # when the way to the database was
        self.longest = 0.0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        client = await self._desk.web.api(self._desk.house, "clerk")
        tasks = [asyncio.create_task(self._clerk(client, n)) for n in range(CLERKS)]
        try:
            yield
        finally:
            self.stopped = True
            async with asyncio.timeout(10 * SOON):
                await asyncio.gather(*tasks)

    async def more(self) -> None:
        """Returns when another matter was taken in."""
        before = len(self.created)
        async with asyncio.timeout(15):
            while len(self.created) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _clerk(self, client: httpx.AsyncClient, n: int) -> None:
        while not self.stopped:
            began = time.monotonic()
            if n % 2:
                answer = await client.get(self._desk.tickets)
            else:
                answer = await client.post(self._desk.tickets, json=NEW, headers={"idempotency-key": uuid4().hex})
            self.longest = max(self.longest, time.monotonic() - max(began, self.cut))
            self.answers[answer.status_code] += 1
            if answer.status_code == 201:
                self.created.append(answer.json()["id"])
            if answer.status_code == 503:
                await asyncio.sleep(0.1)


@pytest.mark.timeout(600)
async def test_fa_6_a_database_that_falls_silent_hangs_nobody(desk: Desk) -> None:
    clerks, probe, back = Clerks(desk), await desk.web.anonymous(), 0.0
    async with clerks.at_work():
        for _ in range(ROUNDS):
            await clerks.more()
            desk.way.cut()
            clerks.cut = time.monotonic()
            await asyncio.sleep(CUT)
            assert (await timed(probe, "/health/ready"))[0] == 503
            desk.way.mend()
            mended = time.monotonic()
            await clerks.more()
            back = max(back, time.monotonic() - mended)
    await desk.given_back()
    kept = {str(id) for id in await desk.admin.fetchval("SELECT array_agg(id) FROM ticket")}
    lost = len(set(clerks.created) - kept)
    measured(
        "FA-6",
        f"cut off {ROUNDS} times: answered within {clerks.longest:.2f} s, {lost} of {len(clerks.created):,} lost, "
        f"at work again after {back:.1f} s",
        longest=clerks.longest,
        acknowledged=len(clerks.created),
        lost=lost,
        back=back,
    )
    assert lost == 0
    assert set(clerks.answers) == {200, 201, 503}
    assert clerks.longest <= mark(SOON)
