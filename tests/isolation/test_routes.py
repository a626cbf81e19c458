"""TI-3 and TI-10: whoever names another company's or site's rows, anywhere in a request, gets the answer for none."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from uuid import uuid4

import httpx
import pytest

from core.fields import AMOUNT
from core.hooks.manager import PluginHost
from tests.contract.fitting import module_of
from tests.isolation.requests import ID, Place, Target, fields_of, in_turn, made_up, named_in, send, told_by, values_of
from tests.isolation.stage import KEYS, MARKS, Stage, staged
from tests.support.lodge import Databases, SettableClock
from tests.support.routes import Caller, Route, ask, session_of
from tests.world import Half, digests
from tests.world_rows import FEN

Attempt = Callable[[], Awaitable[str | None]]
AT_ONCE = 12
_ROLE = "INSERT INTO role (company_id, id, key, title, permissions) VALUES ($1, $2, $3, 'no amounts', $4)"
_HOLD = "UPDATE membership SET roles = $3, all_sites = true WHERE company_id = $1 AND id = $2"
# Nobody asked, or somebody who may not; the row was not found; the request was unfit; the answer was none.
UNSEEN = {400, 401, 403, 404, 428, 500}


# Numbers that are read in full: lines of firms, which are there to be called.
BUILDERS = {
    "GET /api/v1/sites/{site_id}/repairs/contractors",
    "GET /api/v1/sites/{site_id}/repairs/sheets",
    "GET /api/v1/sites/{site_id}/repairs/sheets/{sheet_id}",
    "GET /s/{site_id}/repairs/contractors",
    "GET /s/{site_id}/repairs/sheets/{sheet_id}",
}


@pytest.fixture(scope="module")
async def stage(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    async with staged(databases, host, shared_clock, tmp_path_factory.mktemp("routes")) as stage:
        yield stage


def sheets(content: bytes) -> str:
    """What a workbook says; '' for what is none."""
    if not content.startswith(b"PK"):
        return ""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return " ".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def _never_looked_at(answer: httpx.Response) -> bool:
    return answer.status_code in UNSEEN or answer.headers.get("location", "").startswith("/login")


async def _together(attempts: list[Attempt]) -> list[str]:
    """Run the attempts, some at once; the complaints."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(attempt: Attempt) -> str | None:
        async with turns:
            return await attempt()

    return [complaint for complaint in await asyncio.gather(*map(one, attempts)) if complaint]


async def _same(
    stage: Stage, route: Route, caller: Caller, foreign: Mapping[str, object], none: Mapping[str, object]
) -> str | None:
    """What is wrong if the foreign rows are answered otherwise than none at all."""
    first = await send(stage, route, caller, foreign)
    second = await send(stage, route, caller, none)
    theirs, nobodys = told_by(first, *foreign.values()), told_by(second, *none.values())
    if first.status_code < 400 or theirs != nobodys:
        return f"{route.key} {foreign} as {caller.name}: {theirs[:300]} — but for none: {nobodys[:300]}"
    return None


async def test_ti_3_ti_10_paths_that_name_others_rows_are_answered_like_those_that_name_none(stage: Stage) -> None:
    a, b = stage.world.a, stage.world.b
    here, there = a.house.sites
    before = await digests(stage.admin, stage.world.tables, b.company_id)
    cases = [(stage.company, Target(s.slug, b, s), Target("no-such-site", None)) for s in b.house.sites]
    cases += [(stage.company, Target(str(s.id), b, s), Target(str(uuid4()), None)) for s in b.house.sites]
    cases += [(stage.company, Target(b.house.sites[0].slug, a, here), Target("no-such-site", None))]
    cases += [(stage.company, Target(here.slug, b, s), Target(here.slug, None)) for s in b.house.sites]
    cases += [
        (stage.company, Target(here.slug, a, there), Target(here.slug, None)),
        (stage.local, Target(there.slug, a, there), Target("no-such-site", None)),
        (stage.local, Target(str(there.id), a, there), Target(str(uuid4()), None)),
        (stage.local, Target(here.slug, a, there), Target(here.slug, None)),
    ]
    attempts: list[Attempt] = []
    for route in stage.routes:
        for n, (caller, foreign, none) in enumerate(cases):
            named = any(kind == "uuid" or name in KEYS for name, kind in route.parameters.items())
            mine = foreign.site == none.site  # then only rows in the path tell theirs from none
            if ("site_id" in route.parameters and (named or not mine)) or (named and mine and foreign.half is b):
                pairs = list(zip(values_of(stage, route, foreign), values_of(stage, route, none), strict=True))
                for values, nothing in in_turn(route, pairs, n):
                    attempts.append(partial(_same, stage, route, caller, values, nothing))

    assert await _together(attempts) == []
    assert await digests(stage.admin, stage.world.tables, b.company_id) == before
    assert len(attempts) > len(stage.routes)


async def test_ti_3_ti_10_what_others_have_is_nowhere_in_what_somebody_reads(stage: Stage) -> None:
    a, b = stage.world.a, stage.world.b
    here, there = a.house.sites

    async def read(route: Route, caller: Caller, values: Mapping[str, object], hidden: tuple[str, ...]) -> str | None:
        told = told_by(await send(stage, route, caller, values))
        found = [canary for canary in hidden if canary in told]
        return f"{route.key} {values} tells {caller.name} of {found}: {told}" if found else None

    attempts: list[Attempt] = []
    for route in stage.routes:
        if route.safe:
            for site in (here, there):
                for values in values_of(stage, route, Target(site.slug, a, site)):
                    attempts.append(partial(read, route, stage.company, values, b.canaries))
            for values in values_of(stage, route, Target(here.slug, a, here)):
                attempts.append(partial(read, route, stage.local, values, (*b.canaries, there.slug, str(there.id))))

    assert await _together(attempts) == []
    assert len(attempts) > 20


async def test_pi_2_nobodys_telephone_number_is_read_in_full(stage: Stage) -> None:
    """PI-2: whoever reads or exports, a number is masked; the whole one takes a request of its own, with a reason."""
    a = stage.world.a
    here = a.house.sites[0]
    _, phone = a.canaries
    full = re.compile(rf"{phone}\d{{4}}")

    exported: set[str] = set()

    async def read(route: Route, values: Mapping[str, object]) -> str | None:
        answer = await send(stage, route, stage.company, values)
        if not route.safe and answer.status_code < 400:
            exported.add(route.key)
        return route.key if full.search(sheets(answer.content) or told_by(answer)) else None

    exports = {route.key for route in stage.routes if not route.safe and route.path.endswith("/export")}
    attempts: list[Attempt] = []
    for route in stage.routes:
        if route.safe or route.key in exports:
            for values in values_of(stage, route, Target(here.slug, a, here)):
                attempts.append(partial(read, route, values))

    assert set(await _together(attempts)) == BUILDERS
    assert exported == exports


async def test_az_1_amounts_are_told_to_nobody_without_their_permission(stage: Stage) -> None:
    """Whoever may read all else reads none: in answers of the API, on pages, in workbooks."""
    house, permissions = stage.world.a.house, stage.lodge.platform.permissions
    here, key = house.sites[0], "no_amounts"
    rest = [p.id for p in permissions if AMOUNT not in permissions.with_implied({p.id})]
    async with stage.lodge.work(house, "admin") as work:
        await work.uow.execute(_ROLE, house.company_id, uuid4(), key, rest)
        await work.uow.execute(_HOLD, house.company_id, house.staff["cashier"].membership_id, [key])
        work.announce("access", None)
    stage.lodge.forget()
    amount = re.compile(rf"{FEN}|{FEN // 100:,}\.{FEN % 100}|{FEN / 100}")
    without = await session_of(stage.web, house, "cashier")

    async def read(route: Route, caller: Caller, values: Mapping[str, object]) -> str | None:
        answer = await send(stage, route, caller, values)
        return route.key if amount.search(sheets(answer.content) or told_by(answer)) else None

    def attempts(caller: Caller) -> list[Attempt]:
        reads = [route for route in stage.routes if route.safe]
        return [
            partial(read, r, caller, v)
            for r in reads
            for v in values_of(stage, r, Target(here.slug, stage.world.a, here))
        ]

    assert set(await _together(attempts(without))) == set()
    assert len(set(await _together(attempts(stage.company)))) >= 9
    await stage.restore()


@pytest.mark.timeout(600)  # thousands of requests: every field of every route
async def test_ti_3_ti_10_ids_of_others_in_queries_and_bodies_are_answered_like_ids_of_nothing(stage: Stage) -> None:
    a, b = stage.world.a, stage.world.b
    here, there = a.house.sites
    before = await digests(stage.admin, stage.world.tables, b.company_id)
    hidden = {b.company_id: b.canaries, a.company_id: (there.slug,)}
    [me] = [route for route in stage.routes if route.key == "GET /api/v1/me"]
    tried = 0

    async def compare(
        route: Route, values: Mapping[str, object], caller: Caller, name: str, place: Place, half: Half, foreign: str
    ) -> str | None:
        nonlocal tried
        tried += 1
        none = str(uuid4()) if ID.fullmatch(foreign) else "no-such-site"
        nobodys = await send(stage, route, caller, values, **place(none))
        theirs = await send(stage, route, caller, values, **place(foreign))
        seen = [canary for canary in hidden[half.company_id] if canary in told_by(theirs, foreign)]
        told, nothing = made_up(stage, told_by(theirs, foreign)), made_up(stage, told_by(nobodys, none))
        done = not route.safe and nobodys.status_code < 400  # with an id of nothing too, so nobody looks at it
        if seen or (told != nothing and name not in MARKS and not done):
            return f"{route.key} {name}={foreign} as {caller.name} tells {seen}: {told} — but for none: {nothing}"
        return None

    async def attempts(route: Route) -> list[Attempt]:
        found: list[Attempt] = []
        for values, name, place in await fields_of(stage, route, Target(here.slug, a, here)):
            for half, site, caller in ((b, b.house.sites[0], stage.company), (a, there, stage.local)):
                if half is b or stage.sited(name, module_of(route)):
                    for foreign in named_in(stage, route, name, half, site):
                        found.append(partial(compare, route, values, caller, name, place, half, foreign))
        return found

    reads = [attempt for route in stage.routes if route.safe for attempt in await attempts(route)]
    assert await _together(reads) == []
    writes = [route for route in stage.routes if not route.safe]
    complaints = []
    for route in writes:
        if tries := await attempts(route):
            complaints += [told for attempt in tries if (told := await attempt())]
            for caller in (stage.company, stage.local):  # who asked was somebody to the last
                assert (await ask(stage.client, me, caller, {})).status_code == 200, route.key
            await stage.restore()
    assert complaints == []
    assert await digests(stage.admin, stage.world.tables, b.company_id) == before
    assert tried > len(stage.routes)


@pytest.mark.timeout(600)  # every route there is, and the rows put back after each that changes some
async def test_ob_2_the_same_requests_about_ones_own_rows_find_them_and_are_on_record(stage: Stage) -> None:
    """What the others are told apart from: without this, a request that is never looked at would pass for refused.

    Whatever they change is on record in the same transaction, or they fail (OB-2, tests.support.record).
    """
    a = stage.world.a
    here = a.house.sites[0]
    lost, failed = [], []
    await stage.restore()
    for route in stage.routes:
        names_rows = any(kind == "uuid" or name in KEYS for name, kind in route.parameters.items())
        if not names_rows and route.safe:
            continue
        answers = []
        for values in values_of(stage, route, Target(here.slug, a, here)):
            ends = route.access == "signed_in" and not route.safe  # it may end the session
            caller = await session_of(stage.web, a.house, "admin") if ends else stage.company
            answers.append(await send(stage, route, caller, values))
        if names_rows and all(map(_never_looked_at, answers)):
            lost.append(f"{route.key} {answers[0].status_code} {answers[0].text[-300:]}")
        failed += [f"{route.key} {answer.text[-300:]}" for answer in answers if answer.status_code >= 500]
        if not route.safe and any(answer.status_code < 400 for answer in answers):
            await stage.restore()  # what one request took away, the next would not find

    assert failed == [], "\n".join(failed)
    assert lost == [], "\n".join(lost)
