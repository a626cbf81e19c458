"""CC-1 and CC-2 of every route: no change is lost to a later one, no creation happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.hooks.manager import PluginHost
from tests.isolation.requests import UPLOADS, Target, values_of
from tests.isolation.stage import Stage, staged
from tests.support.lodge import NOW, Databases, SettableClock
from tests.support.routes import Route, ask
from tests.world import digests

ROLL = Path(__file__).parents[1] / "data" / "roll-cuihu.xlsx"
SITE = "/api/v1/sites/{site_id}"
# Changes that take no version, and why the last one may win.
UNVERSIONED = {f"PUT {SITE}/plugins/{{plugin}}": "a switch is on or off, whatever it was before"}
# Creations that take no key: what they answer is shown this once and never stored.
SHOWN_ONCE = {"POST /api/v1/tokens", "POST /api/v1/webhooks"}
WORDS = {"comment", "core.sla_targets"}  # of the actions and the policies, those that are tried
FILES = UPLOADS | {f"POST {SITE}/imports/roll"}
# Steps that are possible only at times: of two at once, one at most.
SELDOM = {
    f"POST {SITE}/meetings/{{meeting_id}}/close",
    "POST /api/v1/policies/{name}/rollback",
    "POST /api/v1/policies/{name}/withdrawal",
    f"POST {SITE}/policies/{{name}}/rollback",
    f"POST {SITE}/policies/{{name}}/withdrawal",
    f"POST {SITE}/teams/{{team_id}}/roster/swaps",
    f"PATCH {SITE}/tickets/{{ticket_id}}",
    f"PUT {SITE}/tickets/{{ticket_id}}/goals/{{goal}}/cause",
    f"POST {SITE}/tickets/{{ticket_id}}/unmerge",
}
# What a route takes where a body made from its description alone does not fit; `{…}` are the world's.
WEBHOOK = {"url": "https://1.1.1.1/hook", "event_types": ["ticket.created.v1"], "site_ids": ["{site}"]}
PROVIDER = {"name": "值班群", "scheme": "wecom", "kinds": ["escalated"], "site_ids": ["{site}"]}
MATTER = {"description": "厨房漏水了", "category": "plumbing_electric", "place": "3-1802"}
TWICE = {"month": "2026-11-01", "category": "plumbing_electric", "place": "3-1802"}
FITTING: dict[str, Any] = {
    "PUT /api/v1/notifications/preferences": {"preferences": {}},
    "PUT /api/v1/policies/{name}": {"overrides": {}, "reason": "as it was"},
    f"PUT {SITE}/policies/{{name}}": {"overrides": {}, "reason": "as it was"},
    f"POST {SITE}/policies/{{name}}/simulations": {"overrides": {}},
    "POST /api/v1/providers": {**PROVIDER, "settings": {"key": "0123456789"}},
    "PUT /api/v1/providers/{provider_id}": PROVIDER,
    "PUT /api/v1/webhooks/{webhook_id}": WEBHOOK,
    f"POST {SITE}/reception/opinions": {"opinion": "夜里太吵", "category": "noise", "place": "3-1802"},
    f"POST {SITE}/reception/messages": {"colleague_id": "{manager}", "caller_name": "王女士", "matter": "请回电"},
    f"PUT {SITE}/repeats": TWICE,
    f"POST {SITE}/teams": {"name": "夜班"},
    f"PUT {SITE}/teams/{{team_id}}": {"name": "早班"},
    f"PUT {SITE}/teams/{{team_id}}/roster": {"day": "2026-11-23"},
    f"PUT {SITE}/teams/{{team_id}}/roster/pattern": {"since": "2026-11-23"},
    f"POST {SITE}/tickets": MATTER,
    f"PUT {SITE}/tickets/filters/{{filter_id}}": {"name": "漏水"},
    f"POST {SITE}/tickets/{{ticket_id}}/split": {"description": "卧室漏水了", "category": "plumbing_electric"},
    f"POST {SITE}/tickets/{{ticket_id}}/relations": {"kind": "caused_by", "ticket_id": "{taken_in}"},
    f"POST {SITE}/tickets/{{ticket_id}}/merge": {"ticket_id": "{taken_in}", "answer": "it is mended"},
}


@pytest.fixture(scope="module")
async def stage(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The world, and a matter that came twice."""
    async with staged(databases, host, shared_clock, tmp_path_factory.mktemp("concurrency")) as stage:
        [take_in] = [route for route in stage.routes if route.key == f"POST {SITE}/tickets"]
        for _ in range(3):
            made = await send(stage, take_in, values_at(stage, take_in))
            stage.ids.setdefault(("taken_in", None), []).append(UUID(made.json()["id"]))
        yield stage


def values_at(stage: Stage, route: Route) -> dict[str, object]:
    a = stage.world.a
    found = list(values_of(stage, route, Target(a.house.sites[0].slug, a, a.house.sites[0])))
    return next((values for values in found if WORDS & set(values.values())), found[0])


def filled(stage: Stage, body: Any) -> Any:
    """A fitting body with the world's ids in it."""
    a = stage.world.a.house
    known = {
        "{site}": [a.sites[0].id],
        "{taken_in}": stage.ids.get(("taken_in", None), []),
        "{manager}": [a.staff["manager"].membership_id],
    }
    if isinstance(body, dict):
        return {name: filled(stage, value) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(stage, value) for value in body]
    return str(known[body][0]) if body in known else body


async def send(stage: Stage, route: Route, values: Mapping[str, object], **headers: str) -> httpx.Response:
    body = FITTING[route.key] if route.key in FITTING else stage.bodies.sample(route) if route in stage.bodies else None
    files = {"file": (ROLL.name, ROLL.read_bytes())} if route.key in FILES else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ask(stage.client, route, stage.company, values, headers=named, body=filled(stage, body), files=files)


async def state(stage: Stage) -> dict[str, str]:
    """What the company's rows are."""
    return await digests(stage.admin, stage.world.tables, stage.world.a.company_id)


async def version(stage: Stage, route: Route, values: Mapping[str, object]) -> int:
    """The present version of what a request changes."""
    id = next((name for name, kind in route.parameters.items() if kind == "uuid"), None)
    if id is not None:
        sql = f"SELECT version FROM lodge.{stage.table_of(id)} WHERE id = $1"
        return int(await stage.admin.fetchval(sql, values[id]))
    shown = [r for r in stage.routes if r.method == "GET" and f"{route.path}/".startswith(f"{r.path}/")]
    seen = max(shown, key=lambda r: len(r.path))
    answer = await ask(stage.client, seen, stage.company, values, query=stage.bodies.required_query(seen))
    return int(answer.headers.get("etag", '"0"').strip('"'))


def test_every_change_takes_the_version_that_was_seen(stage: Stage) -> None:
    changing = {route.key for route in stage.routes if route.api and route.method in ("PUT", "PATCH")}
    assert {route.key for route in stage.routes if route.versioned} >= changing - UNVERSIONED.keys()
    assert changing >= UNVERSIONED.keys()


async def test_of_two_changes_of_one_version_one_counts(stage: Stage) -> None:
    """CC-1: none without a version, none with an old one, and the second of two at once is refused."""
    lost = []
    for route in (route for route in stage.routes if route.versioned):
        values = values_at(stage, route)
        before = await state(stage)
        missing, stale = await send(stage, route, values), await send(stage, route, values, if_match='"99999"')
        changed = await state(stage) != before
        seen = f'"{await version(stage, route, values)}"'
        both = await asyncio.gather(*(send(stage, route, values, if_match=seen) for _ in range(2)))
        answers = [missing, stale, *sorted(both, key=lambda answer: answer.status_code)]
        statuses = [answer.status_code for answer in answers]
        fine = statuses == [428, 412, 200, 412]
        if route.key in SELDOM:
            fine = statuses[0] == 428 and statuses[1] in (404, 409, 412) and statuses[3] >= 400
        if changed or not fine:
            lost.append((route.key, changed, statuses, [answer.text for answer in answers]))
    assert lost == []


async def test_a_creation_sent_again_with_its_key_has_one_effect(stage: Stage) -> None:
    """CC-2: sent twice at once, and once more later."""
    creating = [route for route in stage.routes if route.creates and route.api]
    assert {route.key for route in creating} >= SHOWN_ONCE
    await stage.admin.execute("UPDATE lodge.meeting SET closed_at = $1", NOW)  # there is one to come at most
    twice = []
    for route in (route for route in creating if route.key not in SHOWN_ONCE):
        values = values_at(stage, route)
        both = await asyncio.gather(*(send(stage, route, values, idempotency_key=route.key) for _ in range(2)))
        before = await state(stage)
        answers = [*both, await send(stage, route, values, idempotency_key=route.key)]
        changed = await state(stage) != before
        replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
        same = len({answer.content for answer in answers}) == 1 and replayed.count("true") == 2
        if changed or not same or answers[0].status_code != 201:
            twice.append((route.key, changed, replayed, [answer.text for answer in answers]))
    assert twice == []
