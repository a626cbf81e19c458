"""Requests that name others' rows, in their path and in their fields, and what the answers tell."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import msgspec
import pytest

from core.tenancy.directory import Site
from core.tickets.actions import ACTIONS
from tests.isolation.stage import MARKS, Stage
from tests.support.routes import Caller, Route, ask
from tests.world import Half

T = TypeVar("T")
Place = Callable[[str], dict[str, Any]]
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


async def send(stage: Stage, route: Route, caller: Caller, values: Mapping[str, object], **more: Any) -> httpx.Response:
    """A request that is well-formed, so that what it names is looked at."""
    version = await stage.version(values.get("ticket_id"))
    headers = {"if-match": f'"{version}"'}
    if stage.bodies.takes_file(route):
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


def fields_of(stage: Stage, route: Route, target: Target) -> Iterator[tuple[dict[str, object], str, Place]]:
    """Every field with the parameters it is tried with; of the actions, those that read ids."""
    found = [v for v in values_of(stage, route, target) if v.get("action", "offer") in READ_IDS]
    for n, (name, place) in enumerate(_places(stage, route)):
        for values in in_turn(route, found, n):
            yield values, name, place


def in_turn(route: Route, values: Sequence[T], n: int) -> Sequence[T]:
    """All values for the n-th trial of a route. A page for every policy or plugin is one page: there the n-th alone."""
    return values if "action" in route.parameters else [values[n % len(values)]]


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


def named_in(stage: Stage, name: str, half: Half, site: Site) -> list[str]:
    """What a field may name a row of that site by."""
    if name in MARKS:
        name = "ticket_id"
    found = [str(stage.rows_of(name, half, site)[0])]
    return [*found, site.slug] if stage.table_of(name) == "site" else found
