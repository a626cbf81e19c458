"""AZ-2: no column can be written that a request does not offer: every name of one, in every write, is refused."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import msgspec
from msgspec.inspect import Field, StructType, Type, type_info

from core.platform import Platform
from core.web.app import create_litestar, http_handlers
from tests.support.bodies import Bodies
from tests.support.lodge import Databases, House, Lodge
from tests.support.routes import Route, ask, client_of, nonsense, openapi_of, routes_of, session_of
from tests.support.web import Web
from tests.world import digests

AT_ONCE = 12
# Tried at every write, whatever else is: whose a row is, what somebody may, and what is counted by others.
EVERYWHERE = ("company_id", "permissions", "version")
_COLUMNS = """
SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = 'lodge' ORDER BY 1
"""
_TABLES = """
SELECT table_name::text FROM information_schema.columns
WHERE table_schema = 'lodge' AND column_name = 'company_id' ORDER BY 1
"""


def structs_in(part: Any, seen: set[type]) -> Iterator[type]:
    """The structs that a body's type is made of, at every depth; a `Node` of msgspec's inspection."""
    if isinstance(part, StructType):
        if part.cls in seen:
            return
        seen.add(part.cls)
        yield part.cls
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Type | Field):
                yield from structs_in(each, seen)


def test_az_2_a_body_takes_its_own_fields_and_no_others(platform: Platform) -> None:
    """At every depth of every body that is JSON."""
    bodies = Bodies(openapi_of(platform))
    json = {route.path for route in routes_of(platform) if route in bodies}
    open_to = set()
    for path, handler in http_handlers(create_litestar(platform)):
        if re.sub(r":\w+}", "}", path) in json and (data := handler.parsed_fn_signature.parameters.get("data")):
            found: list[Any] = [*structs_in(type_info(data.annotation), set())]
            open_to |= {f"{path} {cls}" for cls in found if not cls.__struct_config__.forbid_unknown_fields}
    assert open_to == set()


async def test_az_2_no_body_takes_the_name_of_any_column_that_it_does_not_have(
    lodge: Lodge, databases: Databases
) -> None:
    """Every column at every write of the API, read as the server reads it."""
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        columns = [row[0] for row in await admin.fetch(_COLUMNS)]
    finally:
        await admin.close()
    document, taken, tried = Bodies(openapi_of(lodge.platform)), [], 0
    samples = {route.key: document.sample(route) for route in routes_of(lodge.platform) if route in document}
    for path, handler in http_handlers(create_litestar(lodge.platform)):
        address, data = re.sub(r":\w+}", "}", path), handler.parsed_fn_signature.parameters.get("data")
        for method in handler.http_methods:  # type: ignore[attr-defined]
            key = f"{method} {address}"
            if key in samples and data is not None and isinstance(samples[key], dict):
                decoder, sample = msgspec.json.Decoder(data.annotation), json.dumps(samples[key])
                for column in columns:
                    if column not in samples[key]:
                        tried += 1
                        taken += [f"{key} {column}"] if _takes(decoder, column, sample) else []
    assert taken == []
    assert tried > len(columns) * 100


def _takes(decoder: msgspec.json.Decoder[Any], column: str, sample: str) -> bool:
    try:
        decoder.decode(f'{{"{column}": "injected"{", " if len(sample) > 2 else ""}{sample[1:]}')
    except msgspec.ValidationError as error:
        return f"`{column}`" not in str(error)
    return True


async def test_az_2_a_column_that_a_write_does_not_offer_is_refused_and_changes_nothing(
    web: Web, lodge: Lodge, databases: Databases
) -> None:
    """Each of the columns at a write of many, and those that matter most at all of them."""
    house = await lodge.house(sites=2, plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        columns = [row[0] for row in await admin.fetch(_COLUMNS)]
        tables = tuple(row[0] for row in await admin.fetch(_TABLES))
        bodies = Bodies(openapi_of(lodge.platform))
        writes = [route for route in routes_of(lodge.platform) if route.api and not route.safe and route in bodies]
        tried = list(attempts(writes, columns, bodies))
        assert {column for _, column in tried} == set(columns)

        caller, client = await session_of(web, house, "admin"), await client_of(web)
        before = await digests(admin, tables, house.company_id)
        turns = asyncio.Semaphore(AT_ONCE)

        async def wrong(route: Route, column: str) -> str | None:
            async with turns:
                answer = await inject(client, caller, route, bodies, house, column)
            refused = answer.status_code == 400 and f"`{column}`" in answer.text
            return None if refused else f"{route.key} took {column}: {answer.status_code} {answer.text[:200]}"

        found = await asyncio.gather(*(wrong(*each) for each in tried))
        assert [line for line in found if line] == []
        assert await digests(admin, tables, house.company_id) == before
    finally:
        await admin.close()


def attempts(writes: list[Route], columns: list[str], bodies: Bodies) -> Iterator[tuple[Route, str]]:
    """Those of everywhere at each write, and of the others the next few in turn, so that all are tried."""
    share, waiting = -(-len(columns) // len(writes)), deque(columns)
    for route in writes:
        offered = bodies.sample(route)
        names = {*EVERYWHERE}
        for _ in range(len(waiting)):
            if len(names) == len(EVERYWHERE) + share:
                break
            name = waiting.popleft()
            if name in offered:
                waiting.append(name)
            else:
                names.add(name)
        yield from ((route, name) for name in sorted(names) if name not in offered)


async def inject(
    client: httpx.AsyncClient, caller: Any, route: Route, bodies: Bodies, house: House, column: str
) -> httpx.Response:
    body = {column: "injected", **bodies.sample(route)}  # it is read first, whatever else is wrong with the body
    values = nonsense(route, site_id=house.sites[0].slug)
    return await ask(client, route, caller, values, headers={"if-match": '"1"'}, body=body)
