"""Background work: queued in the transaction that asks for it, run by any worker. A port over pgqueuer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer, RetryRequested
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from core.hooks.types import JobSpec
from core.jobs.port import Payload

if TYPE_CHECKING:
    from core.platform import Platform

log = structlog.get_logger(__name__)
# A job that fails is tried again with doubling delays, for half an hour in all, and then parked as `failed`.
ATTEMPTS = 12
_MOMENT = 0.5  # seconds until what was interrupted is taken up again
STOPPING = 5.0  # seconds that running jobs have to come to their end when the worker is stopped
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=1), timedelta(minutes=10)
# Jobs share the pool with requests: however many wait, a few are under way, and the rest stay in the queue.
BATCH, TAKEN, AT_ONCE = 10, 20, 4

_SLOT = "SELECT slot FROM job_slot WHERE name = $1"
_TAKE_SLOT = """
INSERT INTO job_slot AS j (name, slot) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET slot = excluded.slot WHERE j.slot < excluded.slot
"""
_RECEIPT = """
INSERT INTO event_receipt (company_id, event_id, handler, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""


class Worker:
    """Runs queued and scheduled jobs of core and of the plugins that are on."""

    def __init__(self, platform: Platform, core_jobs: tuple[JobSpec, ...]) -> None:
        self._platform = platform
        self._room = asyncio.Semaphore(AT_ONCE)
        self._specs: dict[str, tuple[JobSpec, str | None]] = {job.name: (job, None) for job in core_jobs}
        for plugin in platform.host.plugins:
            self._specs.update({job.name: (job, plugin.id) for job in plugin.jobs})

    async def run(self) -> None:
        """Until cancelled. What interrupts it, a lost connection or none to be had, is never the end of the server."""
        while True:
            try:
                await self._run()
            except Exception as error:
                log.warning("background work interrupted", work="jobs", error=repr(error))
            await asyncio.sleep(_MOMENT)

    async def _run(self) -> None:
        connection = await asyncpg.connect(
            self._platform.dispatch.dsn, server_settings={"application_name": "lodge-jobs"}
        )
        queuer = PgQueuer(AsyncpgDriver(connection))
        for name, (spec, plugin_id) in self._specs.items():
            self._register(queuer, name, spec, plugin_id)
        scheduler = asyncio.create_task(self._schedule(), name="job scheduler")
        scheduler.add_done_callback(lambda _: queuer.shutdown.set())  # both or none: `run` takes them up again
        # pgqueuer does not notice by itself that its connection has died
        connection.add_termination_listener(lambda _: queuer.shutdown.set())
        working = queuer.run(dequeue_timeout=timedelta(seconds=1), batch_size=BATCH, max_concurrent_tasks=TAKEN)
        serving = asyncio.create_task(working, name="job queue")
        try:
            await asyncio.shield(serving)
        finally:
            queuer.shutdown.set()
            scheduler.cancel()
            await asyncio.wait({serving}, timeout=STOPPING)
            while (
                not serving.done()
            ):  # pgqueuer waits for its jobs when it is cancelled, and cancels them the next time
                serving.cancel()
                await asyncio.wait({serving}, timeout=0.1)
            connection.terminate()
            with contextlib.suppress(asyncio.CancelledError):
                await scheduler  # raises what ended it

    def _register(self, queuer: PgQueuer, name: str, spec: JobSpec, plugin_id: str | None) -> None:
        retrying = partial(
            DatabaseRetryEntrypointExecutor,
            max_attempts=ATTEMPTS,
            initial_delay=FIRST_DELAY,
            max_delay=LONGEST_DELAY,
        )

        @queuer.entrypoint(name, on_failure="hold", executor_factory=retrying)
        async def run(job: Job) -> None:
            payload = msgspec.json.decode(job.payload or b"{}", type=Payload)
            try:
                async with self._room:
                    await self.perform(spec, plugin_id, payload.company_id, payload.ids, job_id=job.id)
            except asyncio.CancelledError:
                # pgqueuer would take a cancelled job for one that nobody wants; it was rolled back, so it is to run
                raise RetryRequested(reason="the worker was stopped") from None

    async def perform(
        self,
        spec: JobSpec,
        plugin_id: str | None,
        company_id: UUID,
        ids: Mapping[str, str] = {},
        *,
        job_id: int | None = None,
    ) -> None:
        """Run one job for one company now; nothing happens where the plugin is off.

        A worker killed between its commit and the queue's leaves the job there: by its `job_id` it is known to be done.
        """
        ctx = await self._platform.system_context(company_id, None, plugin=plugin_id)
        if ctx is None or (plugin_id is not None and not ctx.site_ids):
            return
        async with self._platform.work(ctx) as work:
            receipt = () if job_id is None else (company_id, UUID(int=job_id), f"job {spec.name}", work.now)
            if not receipt or await work.uow.execute(_RECEIPT, *receipt):
                await spec.run(work, ctx, ids, self._platform)

    async def _schedule(self) -> None:
        """Queue scheduled jobs at their times. At start, those that missed one and are to make up for it, once."""
        due = {name: 0.0 for name, (spec, _) in self._specs.items() if spec.every}
        while True:
            now = self._platform.clock().timestamp()
            for name, next_at in due.items():
                spec = self._specs[name][0]
                if spec.every is None or next_at > now:
                    continue
                slot = now - now % spec.every
                if next_at or spec.made_up:
                    await self._queue(name, datetime.fromtimestamp(slot, UTC), starting=not next_at)
                due[name] = slot + spec.every
            await asyncio.sleep(min(5.0, max(0.2, min(due.values(), default=now + 5) - now)))

    async def _queue(self, name: str, slot: datetime, *, starting: bool = False) -> None:
        """Queue the job for every company, unless a worker did for this slot (JB-2). Before its first slot nothing was
        missed."""
        async with self._platform.dispatch.begin(None) as uow:
            first = starting and await uow.value(_SLOT, name) is None
            if not await uow.execute(_TAKE_SLOT, name, slot) or first:
                return
            companies = await uow.fetch(lambda company_id: company_id, "SELECT company_id FROM company")
            payloads: list[bytes | None] = [msgspec.json.encode(Payload(company_id)) for company_id in companies]
            queries = Queries(AsyncpgDriver(await uow.open()))
            await queries.enqueue([name] * len(companies), payloads, [0] * len(companies))
