"""CC-1 and CC-2 of every route: no change is lost to a later one, no creation happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import UNSET

from core.hooks.manager import PluginHost
from tests.contract.fitting import FITS, MODULES, NOTHING, SITE, mend, module_of, path_of, with_ids
from tests.isolation.requests import Target, values_of
from tests.isolation.stage import Stage, staged
from tests.support.lodge import NOW, Databases, SettableClock
from tests.support.routes import Route, ask
from tests.world import PICTURE, digests

DATA = Path(__file__).parents[1] / "data"
WORDS = {"comment", "core.sla_targets"}  # of the actions and the policies, those that are tried


class Ready(msgspec.Struct, frozen=True):
    """The stage, and ids by the names that fitting requests give them."""

    stage: Stage
    named: dict[str, object]


@pytest.fixture(scope="module")
async def ready(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ready]:
    """The world, and what the modules say there must be besides."""
    async with staged(databases, host, shared_clock, tmp_path_factory.mktemp("concurrency")) as stage:
        ready = Ready(stage, stage.named())
        routes = {route.key: route for route in stage.routes}
        for before in (before for module in MODULES.values() for before in module.before):
            route = routes[before.send.replace("~", SITE)]
            values = {**values_at(ready, route), **with_ids(before.path, ready.named)}
            seen = {"if_match": f'"{await version(ready, route, values)}"'} if route.versioned else {}
            made = await send(ready, route, values, before.body, **seen)
            assert made.status_code < 300, f"{before.send}: {made.text}"
            if before.name:
                ready.named[before.name] = made.json()[before.field]
        yield ready


def values_at(ready: Ready, route: Route) -> dict[str, object]:
    a = ready.stage.world.a
    found = list(values_of(ready.stage, route, Target(a.house.sites[0].slug, a, a.house.sites[0])))
    values = next((values for values in found if WORDS & set(values.values())), found[0])
    return {**values, **with_ids(path_of(route), ready.named)}


async def send(
    ready: Ready, route: Route, values: Mapping[str, object], body: Any = UNSET, **headers: str
) -> httpx.Response:
    """A request with that body, else with the one that fits the route, else with one made from its description."""
    stage, fit = ready.stage, FITS.get(route.key, NOTHING)
    if body is UNSET:
        body = fit.body
    if body is UNSET:
        body = stage.bodies.sample(route) if route in stage.bodies else None
    files = {"file": (fit.file, (DATA / fit.file).read_bytes())} if fit.file else {"file": ("photo.png", PICTURE)}
    return await ask(
        stage.client,
        route,
        stage.company,
        values,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=with_ids(body, ready.named),
        files=files if stage.bodies.takes_file(route) else None,
    )


async def state(ready: Ready) -> dict[str, str]:
    """What the company's rows are."""
    world = ready.stage.world
    return await digests(ready.stage.admin, world.tables, world.a.company_id)


async def version(ready: Ready, route: Route, values: Mapping[str, object]) -> int:
    """The present version of what a request changes."""
    stage = ready.stage
    id = next((name for name, kind in route.parameters.items() if kind == "uuid"), None)
    if id is not None:
        sql = f"SELECT version FROM lodge.{stage.table_of(id, module_of(route))} WHERE id = $1"
        return int(await stage.admin.fetchval(sql, values[id]))
    shown = [r for r in stage.routes if r.method == "GET" and f"{route.path}/".startswith(f"{r.path}/")]
    seen = max(shown, key=lambda r: len(r.path))
    answer = await ask(stage.client, seen, stage.company, values, query=stage.bodies.required_query(seen))
    return int(answer.headers.get("etag", '"0"').strip('"'))


def test_cc_1_every_change_takes_the_version_that_was_seen(ready: Ready) -> None:
    changing = {route.key for route in ready.stage.routes if route.api and route.method in ("PUT", "PATCH")}
    unversioned = {key for key, fit in FITS.items() if fit.unversioned}
    assert {route.key for route in ready.stage.routes if route.versioned} >= changing - unversioned
    assert changing >= unversioned


def test_a_step_that_takes_the_version_makes_nothing_new(ready: Ready) -> None:
    """It answers 200: its version keeps it from happening twice, as the key does for a creation."""
    assert {route.key for route in ready.stage.routes if route.versioned and route.creates} == set()


def test_what_is_said_to_fit_is_of_a_route_there_is(ready: Ready) -> None:
    assert FITS.keys() - {route.key for route in ready.stage.routes} == set()


async def test_cc_1_of_two_changes_of_one_version_one_counts(ready: Ready) -> None:
    """CC-1: none without a version, none with an old one, and the second of two at once is refused."""
    lost = []
    for route in (route for route in ready.stage.routes if route.versioned):
        values = values_at(ready, route)
        before = await state(ready)
        missing, stale = await send(ready, route, values), await send(ready, route, values, if_match='"99999"')
        changed = await state(ready) != before
        seen = f'"{await version(ready, route, values)}"'
        both = await asyncio.gather(*(send(ready, route, values, if_match=seen) for _ in range(2)))
        answers = [missing, stale, *sorted(both, key=lambda answer: answer.status_code)]
        statuses = [answer.status_code for answer in answers]
        fine = statuses == [428, 412, 200, 412]
        if route.method == "DELETE":
            fine = statuses[:3] == [428, 412, 204] and statuses[3] in (404, 412)
        if FITS.get(route.key, NOTHING).seldom:
            fine = statuses[0] == 428 and statuses[1] in (404, 409, 412) and statuses[3] >= 400
        if changed or not fine:
            lost.append(f"{route.key} changed: {changed} {statuses} {answers[-1].text} — {mend(route)}")
    assert lost == [], "\n".join(lost)


async def test_cc_2_a_creation_sent_again_with_its_key_has_one_effect(ready: Ready) -> None:
    """CC-2: sent twice at once, and once more later."""
    creating = [route for route in ready.stage.routes if route.creates and route.api]
    shown_once = {key for key, fit in FITS.items() if fit.shown_once}
    assert {route.key for route in creating} >= shown_once
    await ready.stage.admin.execute("UPDATE lodge.meeting SET closed_at = $1", NOW)  # there is one to come at most
    twice = []
    for route in (route for route in creating if route.key not in shown_once):
        values = values_at(ready, route)
        both = await asyncio.gather(*(send(ready, route, values, idempotency_key=route.key) for _ in range(2)))
        before = await state(ready)
        answers = [*both, await send(ready, route, values, idempotency_key=route.key)]
        changed = await state(ready) != before
        replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
        same = len({answer.content for answer in answers}) == 1 and replayed.count("true") == 2
        if changed or not same or answers[0].status_code != 201:
            twice.append(f"{route.key} changed: {changed} {replayed} {answers[-1].text} — {mend(route)}")
    assert twice == [], "\n".join(twice)
