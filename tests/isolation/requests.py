"""Requests that name others' rows, in their path and in their fields, and what the answers tell."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from msgspec import UNSET

from core.tenancy.directory import Site
from core.tickets.actions import ACTIONS
from tests.contract.fitting import FITS, NOTHING, module_of, names_in, with_ids
from tests.isolation.asked import overhearing
from tests.isolation.stage import KEYS, MARKS, Stage
from tests.support.routes import Caller, Route, ask, session_of
from tests.world import Half

T = TypeVar("T")
Place = Callable[[str], dict[str, Any]]
NOBODY = "00000000-0000-0000-0000-00000000dead"
# What most forms need before ids in them are looked at, where nothing fits better; `{version}` is the ticket's.
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
READ_IDS = ("assign", "concern", "offer", "escalate_question")  # actions whose fields name somebody
_SELDOM_SAME = re.compile(r"[0-9a-f]{32}|csrf_token\" value=\"\w+|urn:lodge:request:\w+")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN_HEADERS = ("content-type", "location", "allow", "cache-control", "etag", "hx-redirect", "hx-trigger")


class Target(msgspec.Struct, frozen=True):
    """Whose rows a request names, under which site in the path."""

    site: str
    half: Half | None  # None: rows that do not exist
    rows_at: Site | None = None


def values_of(stage: Stage, route: Route, target: Target) -> Iterator[dict[str, object]]:
    """Parameters of the route's path that name the target's rows, for every action there is where it takes one."""
    base: dict[str, object] = {}
    words: dict[str, list[str]] = {}
    known = stage.named()
    fits = FITS.get(route.key, NOTHING).path if target.half is stage.world.a else {}
    for name, kind in route.parameters.items():
        if name == "site_id":
            base[name] = target.site
        elif name in fits and name not in KEYS and names_in(fits[name]) <= known.keys():
            base[name] = with_ids(fits[name], known)
        elif kind == "uuid":
            base[name] = _row(stage, route, name, target) if target.half else uuid4()
        elif name in KEYS:
            base[name] = stage.keys[name, target.rows_at.id] if target.rows_at else str(uuid4())
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


def _row(stage: Stage, route: Route, name: str, target: Target) -> UUID:
    """The row that a parameter names: of a route of the company's, one of no site, if there is any."""
    module, half = module_of(route), target.half
    assert half is not None
    of_company = stage.ids.get((stage.table_of(name, module), half.company_id))
    if of_company and "site_id" not in route.parameters:
        return of_company[0]
    return stage.rows_of(name, half, target.rows_at, module)[0]


async def send(stage: Stage, route: Route, caller: Caller, values: Mapping[str, object], **more: Any) -> httpx.Response:
    """A request that is well-formed, so that what it names is looked at."""
    version = await stage.version(values.get("ticket_id"))
    headers = {"if-match": f'"{version}"'}
    if stage.bodies.takes_file(route):
        more["files"] = {"file": ("text.txt", b"text")}
    if route.api:
        more.setdefault("body", body_of(stage, route, version))
        more["query"] = {**stage.bodies.required_query(route), **more.get("query", {})}
    else:
        more["body"] = {**body_of(stage, route, version), **more.get("body", {})}
        if "site_id" not in route.parameters:
            more["query"] = {"site": stage.world.a.house.sites[0].slug, **more.get("query", {})}
    return await ask(stage.client, route, caller, values, headers=headers, **more)


def body_of(stage: Stage, route: Route, version: int) -> Any:
    """What fits, unless it needs what is not the world's, else what the API's description says or most forms need."""
    fit, named = FITS.get(route.key, NOTHING).body, {**stage.named(), "version": version}
    if fit is not UNSET and names_in(fit) <= named.keys():
        return with_ids(fit, named)
    return stage.bodies.sample(route) if route.api else with_ids(FORM, named)


def made_up(stage: Stage, text: str) -> str:
    """The text without ids that are nobody's, such as those that forms are given."""
    known = {str(id) for ids in stage.ids.values() for id in ids}
    return ID.sub(lambda found: found[0] if found[0] in known else "…", text)


def told_by(response: httpx.Response, *said: object) -> str:
    """What an answer tells: status, headers and body without what the request itself said."""
    headers = " ".join(f"{name}: {response.headers.get(name, '')}" for name in _PLAIN_HEADERS)
    told = f"{response.status_code} {headers} {response.text}"
    for text in sorted({str(text) for text in said}, key=len, reverse=True):
        told = told.replace(text, "…")
    return _SELDOM_SAME.sub("…", told)


async def fields_of(stage: Stage, route: Route, target: Target) -> list[tuple[dict[str, object], str, Place]]:
    """Every field with the parameters it is tried with; of the actions, those that read ids."""
    found = [v for v in values_of(stage, route, target) if v.get("action", "offer") in READ_IDS]
    places = _fields(stage, route) if route.api else await _asked_for(stage, route, found)
    return [(values, name, place) for n, (name, place) in enumerate(places) for values in in_turn(route, found, n)]


def in_turn(route: Route, values: Sequence[T], n: int) -> Sequence[T]:
    """All values for the n-th trial of a route. A page for every policy or plugin is one page: there the n-th alone."""
    return values if "action" in route.parameters else [values[n % len(values)]]


def _fields(stage: Stage, route: Route) -> Iterator[tuple[str, Place]]:
    """Where a request to a route of the API can name a row: the name, and how a request is made that does."""
    if not route.safe:
        for n, (name, _) in enumerate(stage.bodies.with_id(route, "")):
            yield name, partial(lambda n, id: {"body": list(stage.bodies.with_id(route, id))[n][1]}, n)
        return
    yield from _named(stage, route, stage.bodies.query_names(route))


async def _asked_for(stage: Stage, route: Route, found: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, Place]]:
    """The same of a page, from what it asks for: a field that it never asks for cannot change what it answers.

    Of one that goes through all that there is, every word that its code writes out is tried.
    """
    names, caller = set(route.asks), stage.company
    for values in found:
        if route.access == "signed_in" and not route.safe:  # it may end the session
            caller = await session_of(stage.web, stage.world.a.house, "admin")
        with overhearing() as asked:
            answer = await send(stage, route, caller, values)
        if not route.safe and answer.status_code < 400:
            await stage.restore()  # a row that it took away would be tried in vain
        names |= asked
        if asked.all or answer.status_code >= 500:
            names |= set(_words_of(route.module))
    return _named(stage, route, sorted(names))


def _named(stage: Stage, route: Route, names: Iterable[str]) -> Iterator[tuple[str, Place]]:
    """Those of the names that can be a row's."""
    for name in names:
        if name in MARKS or stage.named_by(name, module_of(route)):
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


def named_in(stage: Stage, route: Route, name: str, half: Half, site: Site) -> list[str]:
    """What a field may name a row of that site by."""
    module = module_of(route)
    if name in MARKS:
        name = "ticket_id"
    found = [str(stage.rows_of(name, half, site, module)[0])]
    return [*found, site.slug] if stage.table_of(name, module) == "site" else found
