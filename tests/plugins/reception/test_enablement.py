"""Switched off for a site the front desk is not there; switched on again everything is as it was left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from core.jobs.queue import Worker
from core.jobs.upkeep import CORE_JOBS
from core.web.app import create_litestar, http_handlers
from tests.plugins.reception.conftest import Desk, Ring
from tests.support.lodge import NOW, SettableClock
from tests.support.web import Web


async def switch(desk: Desk, on: bool) -> None:
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        sql = "UPDATE plugin_switch SET enabled = $3 WHERE company_id = $1 AND site_id = $2 AND plugin = 'reception'"
        await uow.execute(sql, desk.house.company_id, desk.site.id, on)
    desk.lodge.platform.directory.forget(desk.house.company_id)
    desk.lodge.platform.principals.forget(desk.house.company_id)


@pytest.fixture
async def off(desk: Desk, ring: Ring) -> AsyncIterator[str]:
    """The front desk of the first site switched off while a call rings there; the call's id."""
    call = await ring("a")
    await switch(desk, False)
    yield call["id"]


async def close_abandoned(desk: Desk) -> None:
    plugin = desk.lodge.platform.host["reception"]
    job = next(job for job in plugin.jobs if job.name == "reception.close_abandoned")
    await Worker(desk.lodge.platform, CORE_JOBS).perform(job, plugin.id, desk.house.company_id)


async def test_every_route_answers_like_one_that_does_not_exist(
    desk: Desk, off: str, web: Web, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    admin = await web.api(desk.house, "admin")
    tried = 0
    for path, handler in http_handlers(create_litestar(desk.lodge.platform)):
        if handler.opt.get("plugin") != "reception":
            continue
        place = path.replace("{site_id:str}", desk.site.slug).replace("{call_id:uuid}", off)
        client = admin if place.startswith("/api/") else screen
        for method in handler.http_methods - {"HEAD", "OPTIONS"}:
            answer = await client.request(method, place, json={} if client is admin and method == "POST" else None)
            assert answer.status_code == 404, (method, place, answer.text)
            tried += 1

    assert tried > 16


async def test_the_navigation_has_it_only_where_it_is_on(desk: Desk, off: str, web: Web) -> None:
    plain = await web.console(desk.house, "clerk")
    here, there = [(await plain.get(f"/s/{site.slug}/tickets")).text for site in desk.house.sites]

    assert f'href="{desk.console}"' not in here
    assert f'href="/s/{desk.house.sites[1].slug}/reception"' in there


async def test_the_job_leaves_its_calls_alone(desk: Desk, off: str, clock: SettableClock) -> None:
    clock.advance(minutes=11)

    await close_abandoned(desk)

    assert await desk.rows("SELECT status FROM reception_call WHERE company_id = $1") == [("ringing",)]


async def test_switched_on_again_the_data_is_there(desk: Desk, off: str, clerk: httpx.AsyncClient) -> None:
    await switch(desk, True)

    assert [call["id"] for call in (await clerk.get(f"{desk.api}/calls")).json()["items"]] == [off]


@pytest.mark.parametrize(
    ("event", "after", "status"),
    [
        ("ringing", timedelta(minutes=10), "ringing"),
        ("ringing", timedelta(minutes=10, seconds=1), "missed"),
        ("answered", timedelta(hours=4), "answered"),
        ("answered", timedelta(hours=4, seconds=1), "ended"),
    ],
    ids=str,
)
async def test_a_call_whose_end_nobody_reports_is_closed_in_time(
    desk: Desk, ring: Ring, clock: SettableClock, event: str, after: timedelta, status: str
) -> None:
    await ring("a", event)
    clock.now = NOW + after

    await close_abandoned(desk)
    await close_abandoned(desk)

    assert await desk.rows("SELECT status FROM reception_call WHERE company_id = $1") == [(status,)]
    ended = {"missed": ["reception.call_missed.v1"], "ended": ["reception.call_ended.v1"]}.get(status, [])
    assert [type for type in await desk.events() if "answered" not in type] == ended
