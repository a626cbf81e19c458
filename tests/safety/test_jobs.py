"""JB-1, JB-2, JB-5 at length: workers killed at every step of a job, and one company's flood of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.hooks.manager import PluginHost
from core.jobs.port import enqueue
from core.work import system_clock
from tests.safety.working import JOB, STEPS, work
from tests.support.catalogue import mark, measured, times
from tests.support.lodge import Databases, House, Lodge, lodge_on

KILLS = times("KILLS", 100)
FLOOD = times("FLOOD", 100_000)
RESUMED, PATIENCE = 60.0, 120.0  # seconds: the mark, and until we give up
NOTED = "SELECT handler, at FROM event_receipt WHERE handler LIKE 'probe %'"
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["core.platform", "tests.safety.working"])


@pytest.fixture
async def lodge(databases: Databases, tmp_path: Path) -> AsyncIterator[Lodge]:
    """A platform on a database of its own, in real time."""
    dsns = await databases.migrated()
    async with lodge_on(dsns, PluginHost.load((), strict=True), system_clock, tmp_path) as lodge:
        yield lodge
    await databases.drop(dsns)


@contextmanager
def worker(lodge: Lodge, at: str | None) -> Iterator[tuple[Any, Connection]]:
    """A worker in a process of its own, killed at the end of the block, and how it tells that it is at the step."""
    ours, theirs = _processes.Pipe()
    home = lodge.platform.settings.home
    process = _processes.Process(target=work, args=(lodge.dsns, home, at, theirs), daemon=True)
    process.start()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        for end in (ours, theirs):
            end.close()


async def ask(lodge: Lodge, house: House, n: int) -> None:
    async with lodge.work(house) as work:
        await enqueue(work, JOB, {"n": str(n)})


@pytest.mark.timeout(3600)
async def test_jb_1_jb_2_a_job_whose_worker_is_killed_at_any_step_is_done_once(
    lodge: Lodge, databases: Databases
) -> None:
    """Each worker is killed when it tells that it is there; jobs it had taken are the next one's after half a minute,
    and may meet their end again."""
    house = await lodge.house()
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    killed = time.time()
    try:
        for n in range(KILLS):
            await ask(lodge, house, n)
            with worker(lodge, STEPS[n % len(STEPS)]) as (_, told):
                assert await asyncio.to_thread(told.poll, PATIENCE), "the worker has not come to the step"
        killed = time.time()
        with worker(lodge, None):
            async with asyncio.timeout(PATIENCE):
                while await admin.fetchval("SELECT count(*) FROM pgqueuer"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        resumed = time.time() - killed
        noted = [row["handler"] for row in await admin.fetch(NOTED)]
    finally:
        await admin.close()
    lost = KILLS - len(set(noted))
    measured(
        "JB-1",
        f"{KILLS} workers killed at {len(STEPS)} steps: {lost} jobs lost, all done {resumed:.0f} s after the last",
        kills=KILLS,
        lost=lost,
        resumed=resumed,
    )
    measured("JB-2", f"{len(noted)} effects of {KILLS} jobs", effects=len(noted), jobs=KILLS)
    assert sorted(noted) == sorted(f"probe {n}" for n in range(KILLS))
    assert resumed <= mark(RESUMED)


FLOODED = """
INSERT INTO pgqueuer (priority, entrypoint, payload, status, execute_after)
SELECT 1 - n, $1, convert_to(format('{"company_id":"%s","ids":{"n":"%s"}}', $2::uuid, n), 'UTF8'), 'queued', now()
FROM generate_series(1, $3) n
"""


@pytest.mark.timeout(3600)
async def test_jb_5_a_flood_of_one_company_does_not_keep_another_waiting(lodge: Lodge, databases: Databases) -> None:
    one, other = await lodge.house(), await lodge.house()
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    waits = []
    try:
        await admin.execute(FLOODED, JOB, one.company_id, FLOOD)
        with worker(lodge, None):
            async with asyncio.timeout(PATIENCE):
                while not await admin.fetchval(f"SELECT count(*) FROM ({NOTED} LIMIT 1) n"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            for n in range(20):
                asked = time.monotonic()
                await ask(lodge, other, n)
                async with asyncio.timeout(PATIENCE):
                    sql = f"SELECT count(*) FROM ({NOTED} AND company_id = $1) n"
                    while await admin.fetchval(sql, other.company_id) <= n:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                waits.append(time.monotonic() - asked)
            left = await admin.fetchval("SELECT count(*) FROM pgqueuer WHERE status = 'queued'")
    finally:
        await admin.close()
    assert left, "the flood is still there"
    longest = max(waits)
    measured(
        "JB-5",
        f"with {FLOOD:,} jobs of one company waiting, 20 of another were done within {longest:.1f} s each",
        flood=FLOOD,
        longest=longest,
    )
    assert longest <= mark(5)
