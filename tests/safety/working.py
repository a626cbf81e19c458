"""A worker in a process of its own that stops dead at a step of a job, so that it can be killed right there (JB-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from core.db.connect import RoleDsns
from core.hooks.manager import PluginHost
from core.hooks.types import JobSpec
from core.jobs.queue import Worker
from core.platform import Platform
from core.settings import Settings
from core.tenancy.context import TenantContext
from core.work import Work
from tests.support.lodge import SECRET

JOB: Final = "core.probe"
STEPS: Final = ("taken", "written", "committed")
NOTE = "INSERT INTO event_receipt (company_id, event_id, handler, at) VALUES ($1, gen_random_uuid(), $2, now())"


class Stopping(Worker):
    """Tells of the step `at` and goes no further; None: works on."""

    def __init__(self, platform: Platform, at: str | None, tell: Connection) -> None:
        super().__init__(platform, (JobSpec(JOB, self._note),))
        self._at = at
        self._tell = tell

    async def perform(self, *args: Any, **kwargs: Any) -> None:
        await self._reach("taken")
        await super().perform(*args, **kwargs)
        await self._reach("committed")

    async def _note(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        await work.uow.execute(NOTE, ctx.company_id, f"probe {ids['n']}")
        await self._reach("written")

    async def _reach(self, step: str) -> None:
        if step == self._at:
            self._tell.send(step)
            await asyncio.Event().wait()


def work(dsns: RoleDsns, home: Path, at: str | None, tell: Connection) -> None:
    """Work until killed; without a step, until told to stop."""
    asyncio.run(_work(dsns, home, at, tell))


async def _work(dsns: RoleDsns, home: Path, at: str | None, tell: Connection) -> None:
    platform = Platform(Settings(home=home, secret=SECRET, pool_size=5), dsns, PluginHost.load((), strict=True))
    await platform.start()
    working = asyncio.create_task(Stopping(platform, at, tell).run())
    try:
        await asyncio.to_thread(tell.recv)
    finally:
        working.cancel()
        await asyncio.wait({working})
        await platform.stop()
