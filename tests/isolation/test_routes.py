"""TI-3 and TI-10: whoever names another company's or site's rows, anywhere in a request, gets the answer for none."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest

from core.hooks.manager import PluginHost
from core.tenancy.directory import Site
from core.tickets.actions import ACTIONS
from tests.support.bodies import Bodies
from tests.support.lodge import Databases, Lodge, SettableClock, lodge_on
from tests.support.routes import Caller, Route, ask, client_of, openapi_of, routes_of, session_of
from tests.support.web import Web, web_on
from tests.world import Half, World, build, digests

Attempt = Callable[[], Awaitable[str | None]]
AT_ONCE = 12
# Tables of ids that are not called after their table.
TABLES = {
    "import_id": "roll_import",
    "token_id": "api_token",
    "assignee_id": "membership",
    "assignee": "membership",
    "responsible_id": "membership",
    "responsible": "membership",
    "concerns_id": "membership",
    "concerns": "membership",
    "giver_id": "membership",
    "taker_id": "membership",
    "colleague_id": "membership",
    "colleague": "membership",
    "owner_id": "membership",
    "actor_id": "membership",
    "subject_id": "ticket",
}
# Rows that a request takes away, so that the next one would not find them.
REMOVABLE = ("ticket_attachment", "ticket_relation", "ticket_filter", "webhook", "notify_provider", "notify_delivery")
# Page marks and search texts: a place in one's own list, whatever it is made from.
MARKS = frozenset({"after", "cursor", "q"})
NOBODY = "00000000-0000-0000-0000-00000000dead"
# What a form needs before ids in it are looked at; `{version}` is the ticket's.
FORM = {
    "version": "{version}",
    "text": "text",
    "channel": "call",
    "reason": "text",
    "description": "text",
    "day": "2026-11-24",
    "giver_id": NOBODY,
    "taker_id": NOBODY,
}
# What takes a file instead.
UPLOADS = {"POST /api/v1/sites/{site_id}/tickets/{ticket_id}/attachments"}
_SELDOM_SAME = re.compile(r"[0-9a-f]{32}|csrf_token\" value=\"\w+|urn:lodge:request:\w+")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN_HEADERS = ("content-type", "location", "allow", "cache-control", "etag", "hx-redirect", "hx-trigger")


class Stage(msgspec.Struct, frozen=True):
    """The canary world served alone, so that it may be changed; `ids` are those of (table, site or None)."""

    lodge: Lodge
    world: World
    web: Web
    client: httpx.AsyncClient
    routes: list[Route]
    bodies: Bodies
    admin: Any
    lock: asyncio.Lock  # of the one connection of `admin`
    ids: dict[tuple[str, UUID | None], list[UUID]]
    company: Caller
    local: Caller

    def table_of(self, name: str) -> str:
        """The table whose rows a parameter names."""
        found = self.named_by(name)
        assert found is not None, f"say in TABLES which table's rows {name} names"
        return found

    def named_by(self, name: str) -> str | None:
        stem = TABLES.get(name, name.removesuffix("s").removesuffix("_id"))
        fitting = {t for t, _ in self.ids if t == stem or t.endswith(f"_{stem}")}
        return min(sorted(fitting), key=len) if fitting else None

    def rows_of(self, name: str, half: Half, site: Site | None) -> list[UUID]:
        """Ids that a parameter can name: of the site, where rows have one, else of the company."""
        table = self.table_of(name)
        found = self.ids.get((table, site.id if site else None)) or self.ids.get((table, half.company_id), [])
        assert found, f"the world has no row of {table}"
        return found

    def sited(self, name: str) -> bool:
        """Whether the rows that a parameter names belong to a site each."""
        return name in MARKS or (self.table_of(name), self.world.a.house.sites[0].id) in self.ids

    async def version(self, ticket_id: object) -> int:
        """Of the ticket as it is now; 1 of what is none."""
        async with self.lock:
            found: int | None = await self.admin.fetchval("SELECT version FROM lodge.ticket WHERE id = $1", ticket_id)
        return found or 1


@pytest.fixture(scope="module")
async def stage(
    databases: Databases, host: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    home = tmp_path_factory.mktemp("routes")
    async with lodge_on(await databases.migrated(), host, shared_clock, home) as lodge:
        admin_dsn = databases.admin_dsn(lodge.dsns)
        world = await build(lodge, admin_dsn)
        admin = await asyncpg.connect(admin_dsn)
        try:
            for table in REMOVABLE:
                await admin.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE lodge.{table}")
            async with web_on(lodge.platform) as web:
                a = world.a.house
                yield Stage(
                    lodge,
                    world,
                    web,
                    await client_of(web),
                    [r for r in routes_of(lodge.platform) if r.access != "public"],
                    Bodies(openapi_of(lodge.platform)),
                    admin,
                    asyncio.Lock(),
                    await _ids(admin, world),
                    await session_of(web, a, "admin"),
                    await session_of(web, a, a.local[0]),
                )
        finally:
            await admin.close()


async def _ids(admin: Any, world: World) -> dict[tuple[str, UUID | None], list[UUID]]:
    """Ids by table and site; of rows without a site by table and company."""
    found: dict[tuple[str, UUID | None], list[UUID]] = {}
    for table in world.a.ids:
        sited = await admin.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'site_id'",
            f"lodge.{table}",
        )
        whose = "coalesce(site_id, company_id)" if sited else "company_id"
        for owner, id in await admin.fetch(f"SELECT {whose}, id FROM lodge.{table} ORDER BY 1, 2"):
            found.setdefault((table, owner), []).append(id)
    for half in (world.a, world.b):
        found["company", half.company_id] = [half.company_id]
        for site, staff in zip(half.house.sites, half.house.local, strict=True):
            found["site", site.id] = [site.id]
            found["membership", site.id] = [staff.membership_id]
    return found


class Target(msgspec.Struct, frozen=True):
    """Whose rows a request names, under which site in the path."""

    site: str
    half: Half | None  # None: rows that do not exist
    rows_at: Site | None = None


def _values(stage: Stage, route: Route, target: Target) -> Iterator[dict[str, object]]:
    """Parameters of the route's path that name the target's rows, for every action there is where it takes one."""
    base: dict[str, object] = {}
    words: dict[str, list[str]] = {}
    for name, kind in route.parameters.items():
        if name == "site_id":
            base[name] = target.site
        elif kind == "uuid":
            base[name] = stage.rows_of(name, target.half, target.rows_at)[0] if target.half else uuid4()
        elif name == "action":
            words[name] = list(ACTIONS)
        elif name == "name":
            words[name] = [spec.name for spec in stage.lodge.platform.policies.registry.all()]
        elif name == "goal":
            words[name] = ["response", "arrival", "resolution"]
        elif name == "plugin":
            words[name] = [plugin.id for plugin in stage.lodge.platform.host.plugins] or ["archives"]
        else:
            pytest.fail(f"say what {name} of {route.key} can be")
    if not words:
        yield base
    for name, texts in words.items():
        assert len(words) == 1
        yield from ({**base, name: text} for text in texts)


async def _ask(stage: Stage, route: Route, caller: Caller, values: Mapping[str, object], **more: Any) -> httpx.Response:
    """A request that is well-formed, so that what it names is looked at."""
    version = await stage.version(values.get("ticket_id"))
    headers = {"if-match": f'"{version}"'}
    if route.key in UPLOADS:
        more["files"] = {"file": ("text.txt", b"text")}
    if route.api:
        more.setdefault("body", stage.bodies.sample(route))
        more["query"] = {**stage.bodies.required_query(route), **more.get("query", {})}
    else:
        form = {name: text.format(version=version) for name, text in FORM.items()}
        more["body"] = {**form, **more.get("body", {})}
        if "site_id" not in route.parameters:
            more["query"] = {"site": stage.world.a.house.sites[0].slug, **more.get("query", {})}
    return await ask(stage.client, route, caller, values, headers=headers, **more)


def _made_up(stage: Stage, text: str) -> str:
    """The text without ids that are nobody's, such as those that forms are given."""
    known = {str(id) for ids in stage.ids.values() for id in ids}
    return _ID.sub(lambda found: found[0] if found[0] in known else "…", text)


def _told(response: httpx.Response, *said: object) -> str:
    """What an answer tells: status, headers and body without what the request itself said."""
    headers = " ".join(f"{name}: {response.headers.get(name, '')}" for name in _PLAIN_HEADERS)
    told = f"{response.status_code} {headers} {response.text}"
    for text in sorted({str(text) for text in said}, key=len, reverse=True):
        told = told.replace(text, "…")
    return _SELDOM_SAME.sub("…", told)


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
    first = await _ask(stage, route, caller, foreign)
    second = await _ask(stage, route, caller, none)
    theirs, nobodys = _told(first, *foreign.values()), _told(second, *none.values())
    if first.status_code < 400 or theirs != nobodys:
        return f"{route.key} {foreign} as {caller.name}: {theirs[:300]} — but for none: {nobodys[:300]}"
    return None


async def test_paths_that_name_others_rows_are_answered_like_those_that_name_none(stage: Stage) -> None:
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
        for caller, foreign, none in cases:
            named = any(kind == "uuid" for kind in route.parameters.values())
            mine = foreign.site == none.site  # then only rows in the path tell theirs from none
            if ("site_id" in route.parameters and (named or not mine)) or (named and mine and foreign.half is b):
                for values, nothing in zip(_values(stage, route, foreign), _values(stage, route, none), strict=True):
                    attempts.append(partial(_same, stage, route, caller, values, nothing))

    assert await _together(attempts) == []
    assert await digests(stage.admin, stage.world.tables, b.company_id) == before
    assert len(attempts) > len(stage.routes)


async def test_what_others_have_is_nowhere_in_what_somebody_reads(stage: Stage) -> None:
    a, b = stage.world.a, stage.world.b
    here, there = a.house.sites

    async def read(route: Route, caller: Caller, values: Mapping[str, object], hidden: tuple[str, ...]) -> str | None:
        told = _told(await _ask(stage, route, caller, values))
        found = [canary for canary in hidden if canary in told]
        return f"{route.key} {values} tells {caller.name} of {found}: {told}" if found else None

    attempts: list[Attempt] = []
    for route in stage.routes:
        if route.safe:
            for site in (here, there):
                for values in _values(stage, route, Target(site.slug, a, site)):
                    attempts.append(partial(read, route, stage.company, values, b.canaries))
            for values in _values(stage, route, Target(here.slug, a, here)):
                attempts.append(partial(read, route, stage.local, values, (*b.canaries, there.slug, str(there.id))))

    assert await _together(attempts) == []
    assert len(attempts) > 20


@pytest.mark.timeout(600)  # thousands of requests: every field of every route
async def test_ids_of_others_in_queries_and_bodies_are_answered_like_ids_of_nothing(stage: Stage) -> None:
    a, b = stage.world.a, stage.world.b
    here, there = a.house.sites
    before = await digests(stage.admin, stage.world.tables, b.company_id)
    hidden = {b.company_id: b.canaries, a.company_id: (there.slug,)}
    tried = 0

    async def compare(
        route: Route, values: Mapping[str, object], caller: Caller, name: str, place: Place, half: Half, foreign: str
    ) -> str | None:
        nonlocal tried
        tried += 1
        none = str(uuid4()) if _ID.fullmatch(foreign) else "no-such-site"
        nobodys = await _ask(stage, route, caller, values, **place(none))
        theirs = await _ask(stage, route, caller, values, **place(foreign))
        seen = [canary for canary in hidden[half.company_id] if canary in _told(theirs, foreign)]
        told, nothing = _made_up(stage, _told(theirs, foreign)), _made_up(stage, _told(nobodys, none))
        done = not route.safe and nobodys.status_code < 400  # with an id of nothing too, so nobody looks at it
        if seen or (told != nothing and name not in MARKS and not done):
            return f"{route.key} {name}={foreign} as {caller.name} tells {seen}: {told} — but for none: {nothing}"
        return None

    reads: list[Attempt] = []
    writes: list[Attempt] = []
    for route in stage.routes:
        for values in _values(stage, route, Target(here.slug, a, here)):
            if values.get("action", "assign") not in ("assign", "concern"):  # the others read no id
                continue
            for half, site, caller in ((b, b.house.sites[0], stage.company), (a, there, stage.local)):
                for name, place in _places(stage, route):
                    if half is a and not stage.sited(name):
                        continue
                    for foreign in _named(stage, name, half, site):
                        attempt = partial(compare, route, values, caller, name, place, half, foreign)
                        (reads if route.safe else writes).append(attempt)

    assert await _together(reads) == []
    assert [complaint for write in writes if (complaint := await write())] == []
    assert await digests(stage.admin, stage.world.tables, b.company_id) == before
    assert tried > len(stage.routes)


Place = Callable[[str], dict[str, Any]]


def _places(stage: Stage, route: Route) -> Iterator[tuple[str, Place]]:
    """Where a request to the route can name a row: the name, and how a request is made that does."""
    if route.api and not route.safe:
        for n, (name, _) in enumerate(stage.bodies.with_id(route, "")):
            yield name, partial(lambda n, id: {"body": list(stage.bodies.with_id(route, id))[n][1]}, n)
        return
    names = stage.bodies.query_names(route) if route.api else _words_of(route.module)
    for name in names:
        if name in MARKS or stage.named_by(name):
            yield name, partial(lambda name, id: {"query" if route.safe else "body": {name: id}}, name)


@cache
def _words_of(module: str) -> list[str]:
    """Names that a module and those of its package that it uses write out: the fields that its pages read are among
    them."""
    package = module.rpartition(".")[0]
    trees: dict[str, ast.Module] = {}
    waiting = {module}
    while waiting:
        name = waiting.pop()
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue  # a name that is no module
        trees[name] = ast.parse(Path(spec.origin).read_text())
        for node in ast.walk(trees[name]):
            if isinstance(node, ast.ImportFrom) and node.module == package:
                waiting |= {f"{package}.{alias.name}" for alias in node.names} - trees.keys()
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
                waiting |= {str(node.module)} - trees.keys()
    nodes = (node.value for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return sorted({value for value in nodes if isinstance(value, str) and value.isidentifier()})


def _named(stage: Stage, name: str, half: Half, site: Site) -> list[str]:
    """What a field may name a row of that site by."""
    if name in MARKS:
        name = "ticket_id"
    found = [str(stage.rows_of(name, half, site)[0])]
    return [*found, site.slug] if stage.table_of(name) == "site" else found


async def test_the_same_requests_about_ones_own_rows_find_them(stage: Stage) -> None:
    """What the others are told apart from: without this, a request that is never looked at would pass for refused."""
    a = stage.world.a
    here = a.house.sites[0]
    lost = []
    for route in stage.routes:
        if any(kind == "uuid" for kind in route.parameters.values()):
            await stage.admin.execute("UPDATE lodge.api_token SET revoked_at = NULL")  # each is found once only
            for table in REMOVABLE:
                await stage.admin.execute(f"INSERT INTO lodge.{table} TABLE kept_{table} ON CONFLICT DO NOTHING")
            answers = [
                await _ask(stage, route, stage.company, values)
                for values in _values(stage, route, Target(here.slug, a, here))
            ]
            if all(answer.status_code in (400, 404) for answer in answers):
                lost.append((route.key, answers[0].status_code, answers[0].text[-300:]))

    assert lost == []
