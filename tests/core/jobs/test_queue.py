"""Background jobs: queued with the work that asks for them, run to their end, never lost, parked when hopeless."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.db import connections
from core.hooks.types import JobSpec
from core.jobs import queue
from core.jobs.port import enqueue
from core.jobs.queue import Worker
from core.tenancy.context import TenantContext
from core.work import Work
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.support.lodge import Databases, House, Lodge, SettableClock, lodge_on

Step = Callable[[Mapping[str, str]], Awaitable[None]]
NOTE = "INSERT INTO event_receipt (company_id, event_id, handler, at) VALUES ($1, gen_random_uuid(), $2, $3)"
NOTES = "SELECT count(*) FROM event_receipt WHERE company_id = $1 AND handler = 'parking.sweep'"


class Job:
    """The one job of a plugin in memory: it leaves a note, and does what the test says besides."""

    def __init__(self) -> None:
        self.step: Step | None = None
        self.began = asyncio.Event()
        self.calls: list[tuple[TenantContext, dict[str, str]]] = []

    async def __call__(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        self.calls.append((ctx, dict(ids)))
        await work.uow.execute(NOTE, ctx.company_id, "parking.sweep", work.now)
        self.began.set()
        if self.step is not None:
            await self.step(ids)


@pytest.fixture
def job() -> Job:
    return Job()


@pytest.fixture
async def lodge(
    job: Job, databases: Databases, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lodge]:
    """A database of its own and a plugin whose job the test holds."""
    plugin = plugin_of(manifest_of(), register_jobs=lambda: [JobSpec("parking.sweep", job, every=60)])
    async with lodge_on(await databases.migrated(), host_of(monkeypatch, plugin), clock, tmp_path) as lodge:
        yield lodge


@pytest.fixture
async def house(lodge: Lodge) -> House:
    return await lodge.house(plugins=["parking"])


@asynccontextmanager
async def running(lodge: Lodge) -> AsyncIterator[asyncio.Task[None]]:
    """A worker of core's and the plugin's jobs, stopped as a process stops it."""
    worker = asyncio.create_task(Worker(lodge.platform, ()).run())
    try:
        yield worker
    finally:
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker


async def ask(lodge: Lodge, house: House, **ids: str) -> None:
    async with lodge.work(house) as work:
        await enqueue(work, "parking.sweep", ids)


async def until(lodge: Lodge, sql: str, wanted: object, *args: Any) -> None:
    """Wait for what the dispatcher sees to become so."""
    async with asyncio.timeout(15):
        while True:
            async with lodge.platform.dispatch.begin(None, read_only=True) as uow:
                if await uow.value(sql, *args) == wanted:
                    return
            await asyncio.sleep(0.02)


async def notes(lodge: Lodge, house: House) -> int:
    async with lodge.work(house, read_only=True) as work:
        count: int = await work.uow.value(NOTES, house.company_id)
        return count


QUEUED = "SELECT count(*) FROM pgqueuer"
STATES = "SELECT string_agg(status::text, ' ' ORDER BY id) FROM pgqueuer"


async def test_a_job_exists_if_and_only_if_the_work_commits(lodge: Lodge, house: House, job: Job) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lodge.work(house) as work:
            await enqueue(work, "parking.sweep", {"space_id": "lost"})
            raise ZeroDivisionError
    await ask(lodge, house, space_id="kept")

    async with running(lodge):
        await until(lodge, QUEUED, 0)

    assert [ids for _, ids in job.calls] == [{"space_id": "kept"}]
    assert await notes(lodge, house) == 1


async def test_a_job_works_for_its_company_where_its_plugin_is_on(lodge: Lodge, house: House, job: Job) -> None:
    off = await lodge.house()
    for asking in (house, off):
        await ask(lodge, asking)

    async with running(lodge):
        await until(lodge, QUEUED, 0)

    [(ctx, _)] = job.calls
    assert (ctx.company_id, ctx.site_ids, ctx.actor.kind) == (
        house.company_id,
        frozenset([house.sites[0].id]),
        "system",
    )


async def test_a_job_that_fails_is_undone_and_tried_again(
    lodge: Lodge, house: House, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "FIRST_DELAY", queue.FIRST_DELAY / 100)

    async def fail_twice(ids: Mapping[str, str]) -> None:
        if len(job.calls) < 3:
            raise ZeroDivisionError

    job.step = fail_twice
    await ask(lodge, house)

    async with running(lodge):
        await until(lodge, QUEUED, 0)

    assert len(job.calls) == 3
    assert await notes(lodge, house) == 1


async def test_jb_3_a_hopeless_job_is_parked_and_keeps_nobody_waiting(
    lodge: Lodge, house: House, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "FIRST_DELAY", queue.FIRST_DELAY / 1000)
    monkeypatch.setattr(queue, "ATTEMPTS", 3)

    async def fail(ids: Mapping[str, str]) -> None:
        if ids:
            raise ZeroDivisionError

    job.step = fail
    await ask(lodge, house, poison="yes")
    await ask(lodge, house)

    async with running(lodge):
        await until(lodge, STATES, "failed")

    assert len([1 for _, ids in job.calls if ids]) == 4
    assert await notes(lodge, house) == 1


async def test_a_job_whose_worker_is_stopped_runs_with_the_next(
    lodge: Lodge, house: House, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "STOPPING", 0.1)

    async def hang(ids: Mapping[str, str]) -> None:
        await asyncio.Event().wait()

    job.step = hang
    await ask(lodge, house)
    async with running(lodge):
        async with asyncio.timeout(15):
            await job.began.wait()
    assert await notes(lodge, house) == 0
    await until(lodge, QUEUED, 1)
    job.step = None

    async with running(lodge):
        await until(lodge, QUEUED, 0)

    assert await notes(lodge, house) == 1


async def test_a_job_whose_worker_was_killed_runs_with_the_next(lodge: Lodge, house: House, job: Job) -> None:
    """JB-1: it is left alone for half a minute, as its worker may still be at work."""
    await ask(lodge, house)
    async with lodge.platform.dispatch.begin(None) as uow:
        await uow.execute(
            "UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid(), "
            "heartbeat = now() - interval '31 seconds'"
        )

    async with running(lodge):
        await until(lodge, QUEUED, 0)

    assert await notes(lodge, house) == 1


async def test_jb_2_a_job_that_was_done_when_its_worker_was_killed_is_not_done_again(
    lodge: Lodge, house: House, job: Job
) -> None:
    """The worker's last word to the queue was lost."""
    for _ in range(2):
        await ask(lodge, house)
        async with lodge.platform.dispatch.begin(None) as uow:
            await uow.execute("UPDATE pgqueuer SET id = 4711")
        async with running(lodge):
            await until(lodge, QUEUED, 0)

    assert len(job.calls) == await notes(lodge, house) == 1


async def test_jb_5_companies_take_turns_and_a_flood_takes_few_connections(
    lodge: Lodge, house: House, job: Job
) -> None:
    """The other asks last and is not served last; nor do more jobs run at once than leave room for requests."""
    other = await lodge.house(plugins=["parking"])
    async with lodge.work(house) as work:
        for _ in range(5 * queue.TAKEN):
            await enqueue(work, "parking.sweep", {})
    await ask(lodge, other)
    busy: list[int] = []

    async def count(ids: Mapping[str, str]) -> None:
        await asyncio.sleep(0)
        busy.append(lodge.platform.db.in_use)

    job.step = count
    async with running(lodge):
        await until(lodge, QUEUED, 0)

    companies = [ctx.company_id for ctx, _ in job.calls]
    assert companies.index(other.company_id) <= queue.TAKEN
    assert max(busy) <= queue.AT_ONCE


async def test_a_worker_takes_up_its_connection_again(
    lodge: Lodge, house: House, job: Job, databases: Databases
) -> None:
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns))
    try:
        async with running(lodge):
            await ask(lodge, house)
            await until(lodge, QUEUED, 0)
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name = 'lodge-jobs' AND datname = current_database()"
            )
            await ask(lodge, house)
            await until(lodge, QUEUED, 0)
    finally:
        await admin.close()

    assert await notes(lodge, house) == 2


async def test_a_worker_that_gets_no_connection_goes_on_when_there_is_one(
    lodge: Lodge, house: House, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FA-3: also for what it queues by itself when it starts."""
    monkeypatch.setattr(connections, "ACQUIRE_TIMEOUT", 0.05)
    free = asyncio.Event()

    async def occupy() -> None:
        async with lodge.platform.dispatch.begin(None) as uow:
            await uow.value("SELECT 1")
            await free.wait()

    taken = [asyncio.create_task(occupy()) for _ in range(lodge.platform.dispatch.max_size)]
    await ask(lodge, house)
    every = JobSpec("core.often", job, every=3600, made_up=True)
    worker = asyncio.create_task(Worker(lodge.platform, (every,)).run())
    await asyncio.sleep(0.5)
    assert not worker.done()
    free.set()
    await asyncio.gather(*taken)
    await until(lodge, QUEUED, 0)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker

    assert await notes(lodge, house) == 1


SLOT = datetime(2026, 11, 23, 2, tzinfo=UTC)


async def test_a_scheduled_job_is_queued_once_a_company_however_many_workers_there_are(
    lodge: Lodge, house: House
) -> None:
    """JB-2: also by a worker that comes late, when the job has long been done."""
    await lodge.house()

    await asyncio.gather(*(Worker(lodge.platform, ())._queue("parking.sweep", SLOT) for _ in range(4)))
    await until(lodge, QUEUED, 2)
    async with lodge.platform.dispatch.begin(None) as uow:
        await uow.execute("DELETE FROM pgqueuer")
    await Worker(lodge.platform, ())._queue("parking.sweep", SLOT)

    await until(lodge, QUEUED, 0)


@pytest.mark.parametrize(
    ("made_up", "last", "queued"),
    [
        (True, timedelta(days=3), 1),  # three slots were missed: it runs once
        (True, timedelta(0), 0),  # none was
        (True, None, 0),  # the first start there ever was
        (False, timedelta(days=3), 0),
    ],
)
async def test_a_slot_that_nobody_was_there_for_is_made_up_once_where_the_job_says_so(
    lodge: Lodge, house: House, job: Job, made_up: bool, last: timedelta | None, queued: int
) -> None:
    """JB-4"""
    daily = JobSpec("core.daily", job, every=86400, made_up=made_up)
    today = datetime.combine(lodge.platform.clock().date(), time(), UTC)
    if last is not None:
        await Worker(lodge.platform, ())._queue("core.daily", today - last)
        async with lodge.platform.dispatch.begin(None) as uow:
            await uow.execute("DELETE FROM pgqueuer")

    for start in ("core.first", "core.second"):  # a restart right after makes up nothing more
        mark = JobSpec(start, job, every=86400, made_up=True)  # what is queued last at this start
        await Worker(lodge.platform, ())._queue(start, today - timedelta(days=1))
        scheduler = asyncio.create_task(Worker(lodge.platform, (daily, mark))._schedule())
        await until(lodge, "SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", 2, start)
        scheduler.cancel()
        await asyncio.wait({scheduler})
        await until(lodge, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'core.daily'", queued)
