"""TI-9: jobs and hooks without a tenant do nothing, and as one company nothing to another, whatever ids they get."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.errors import LodgeError
from core.hooks.bus import HookFailed
from core.hooks.specs import REQUEST_HOOKS
from core.hooks.types import Event, JobSpec
from core.jobs.queue import Worker
from core.platform import Platform
from core.tenancy.context import SYSTEM, TenantContext
from core.tickets.model import Step
from core.work import Work
from tests.support.lodge import NOW
from tests.world import World, digests

Call = Callable[[Platform, Work, World], Awaitable[object]]


class ForeignIds(Mapping[str, str]):
    """Whatever id a job asks for, it gets one of B's: `ticket_id`, `import_id` …; `from` is an instant."""

    def __init__(self, ids: dict[str, list[UUID]]) -> None:
        self._ids = {table.removeprefix("roll_"): str(found[0]) for table, found in ids.items()}

    def __getitem__(self, key: str) -> str:
        if key == "from":
            return NOW.isoformat()
        return self._ids.get(key.removesuffix("_id"), self._ids["ticket"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


async def _outlet(platform: Platform, work: Work, world: World) -> object:
    site = world.b.house.sites[0]
    ticket = world.b.tickets[site.id]
    places = ("ticket.main", "ticket.side", "ticket.intake", "household.side")
    return [
        await platform.hooks.collect("outlet_fill", work.ctx, None, work=work, outlet=place, subject=ticket)
        for place in places
    ]


async def _deliver(platform: Platform, work: Work, world: World) -> object:
    site = world.b.house.sites[0]
    types = {type for plugin in platform.host.plugins for type in plugin.manifest.events} | {
        f"ticket.{past}.v1" for past in ("created", "accepted", "resolved", "answered", "closed", "goal_breached")
    }
    return [
        await platform.hooks.collect(
            "event_deliver", work.ctx, None, work=work, event=Event(type, site.id, world.b.tickets[site.id].id)
        )
        for type in sorted(types)
    ]


async def _validate(platform: Platform, work: Work, world: World) -> object:
    ticket = world.b.tickets[world.b.house.sites[0].id]
    return await platform.hooks.collect("ticket_validate", work.ctx, None, work=work, draft=ticket)


async def _act(platform: Platform, work: Work, world: World) -> object:
    ticket = world.b.tickets[world.b.house.sites[0].id]
    return [
        await platform.hooks.collect(
            "ticket_act", work.ctx, None, work=work, ticket=ticket, action=action, step=Step(), answer=None
        )
        for action in ("accept", "reclassify", "resolve", "close")
    ]


async def _skills(platform: Platform, work: Work, world: World) -> object:
    ticket = world.b.tickets[world.b.house.sites[0].id]
    return await platform.hooks.collect("candidate_skills", work.ctx, None, work=work, ticket=ticket)


HOOKS: dict[str, Call] = {
    "outlet_fill": _outlet,
    "event_deliver": _deliver,
    "ticket_validate": _validate,
    "ticket_act": _act,
    "candidate_skills": _skills,
}


@pytest.fixture
async def untouched(world: World, admin: Any) -> AsyncIterator[None]:
    """B's rows are after the test what they were."""
    before = await digests(admin, world.tables, world.b.company_id)
    yield
    assert await digests(admin, world.tables, world.b.company_id) == before


@pytest.fixture
async def nothing_changed(world: World, admin: Any, untouched: None) -> AsyncIterator[None]:
    """Nor has anything else."""
    before = await digests(admin, world.tables, world.a.company_id)
    yield
    assert await digests(admin, world.tables, world.a.company_id) == before


def jobs(platform: Platform) -> list[tuple[JobSpec, str | None]]:
    plugins = [(job, plugin.id) for plugin in platform.host.plugins for job in plugin.jobs]
    return [*((job, None) for job in platform.jobs), *plugins]


def without_tenant(platform: Platform, company_id: UUID) -> tuple[Any, TenantContext]:
    """A transaction in which no tenant is set, and a context that pretends there is one."""
    return platform.db.begin(None), TenantContext(company_id, frozenset(), SYSTEM)


def test_every_request_hook_is_tried() -> None:
    assert set(HOOKS) == set(REQUEST_HOOKS)


@pytest.mark.usefixtures("nothing_changed")
async def test_ti_9_jobs_without_a_tenant_have_no_effect(world: World, platform: Platform) -> None:
    for job, _ in jobs(platform):
        for company_id in (world.b.company_id, UUID(int=0)):
            begin, ctx = without_tenant(platform, company_id)
            with suppress(LodgeError, asyncpg.InsufficientPrivilegeError):  # one that writes is refused by the database
                async with begin as uow:
                    await job.run(Work(uow, ctx, platform.clock()), ctx, ForeignIds(world.b.ids), platform)


@pytest.mark.usefixtures("nothing_changed")
async def test_ti_9_jobs_of_a_company_that_is_not_there_have_no_effect(world: World, platform: Platform) -> None:
    worker = Worker(platform, platform.jobs)
    for job, plugin_id in jobs(platform):
        await worker.perform(job, plugin_id, UUID(int=0), ForeignIds(world.b.ids))


@pytest.mark.usefixtures("untouched")
async def test_ti_9_jobs_of_one_company_with_ids_of_another_have_no_effect_there(
    world: World, platform: Platform
) -> None:
    worker = Worker(platform, platform.jobs)
    for job, plugin_id in jobs(platform):
        with suppress(LodgeError):
            await worker.perform(job, plugin_id, world.a.company_id, ForeignIds(world.b.ids))


@pytest.mark.usefixtures("nothing_changed")
@pytest.mark.parametrize("hook", HOOKS)
async def test_ti_9_hooks_without_a_tenant_have_no_effect(hook: str, world: World, platform: Platform) -> None:
    begin, ctx = without_tenant(platform, world.b.company_id)
    with suppress(LodgeError, HookFailed, ExceptionGroup):
        async with begin as uow:
            answer = await HOOKS[hook](platform, Work(uow, ctx, platform.clock()), world)

            assert not any(canary in repr(answer) for canary in world.b.canaries)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("hook", HOOKS)
async def test_ti_9_hooks_of_one_company_about_another_tell_and_do_nothing(
    hook: str, world: World, platform: Platform
) -> None:
    with suppress(LodgeError, HookFailed, ExceptionGroup):
        async with world.lodge.work(world.a.house, "admin") as work:
            answer = await HOOKS[hook](platform, work, world)

            assert not any(canary in repr(answer) for canary in world.b.canaries)


@pytest.mark.usefixtures("untouched")
async def test_ti_9_noticing_breaches_of_another_companys_ticket_has_no_effect(
    world: World, platform: Platform
) -> None:
    for ticket in world.b.tickets.values():
        async with world.lodge.work(world.a.house) as work:
            assert await platform.tickets.wake(work, ticket.id, "goal") == 0
