"""AU-9: what changes something at the console is refused where another site, or another session, may be behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from core.platform import Platform
from tests.support.filling import TENANT_TABLES
from tests.support.lodge import Databases, House, Lodge
from tests.support.routes import Caller, Route, ask, client_of, nonsense, routes_of, session_of
from tests.support.web import Web
from tests.world import digests

CROSS_SITE = {
    "fetch metadata of another site": {"sec-fetch-site": "cross-site"},
    "fetch metadata of a sibling": {"sec-fetch-site": "same-site"},
    "the origin of another site": {"origin": "https://evil.example"},
    "no origin worth naming": {"origin": "null"},
}
FORGED = {
    "no token": {"x-csrf-token": ""},
    "a token of nothing": {"x-csrf-token": "0" * 64},
    **CROSS_SITE,
}


@pytest.fixture
async def open_house(lodge: Lodge) -> House:
    return await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])


@pytest.fixture
async def digest(lodge: Lodge, databases: Databases, open_house: House) -> AsyncIterator[Digest]:
    """What the house's rows are."""
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    yield Digest(admin, open_house)
    await admin.close()


class Digest:
    def __init__(self, admin: asyncpg.Connection, house: House) -> None:
        self._admin, self._house = admin, house

    async def __call__(self) -> dict[str, str]:
        tables = tuple(row[0] for row in await self._admin.fetch(TENANT_TABLES))
        return await digests(self._admin, tables, self._house.company_id)


def unsafe(platform: Platform, *, public: bool) -> list[Route]:
    return [r for r in routes_of(platform) if not r.api and not r.safe and (r.access == "public") is public]


async def test_au_9_no_console_route_takes_a_forged_request(web: Web, open_house: House, digest: Digest) -> None:
    client = await client_of(web)
    mine, other = [await session_of(web, open_house, "admin") for _ in range(2)]
    before, routes = await digest(), unsafe(web.platform, public=False)
    forged = {**FORGED, "another session's token": {"x-csrf-token": other.csrf}}
    turns = asyncio.Semaphore(20)  # a server that is asked by hundreds at once may say 503

    async def attempt(route: Route, how: str) -> str | None:
        values = nonsense(route, site_id=open_house.sites[0].slug)
        async with turns:
            response = await ask(client, route, mine, values, headers=forged[how])
        return None if response.status_code == 403 else f"{route.key} with {how}: {response.status_code}"

    found = await asyncio.gather(*(attempt(route, how) for route in routes for how in forged))
    assert [line for line in found if line] == []
    assert len(routes) > 3
    assert await digest() == before
    assert (await client.get("/me", headers={"cookie": mine.cookie})).status_code == 200  # nor was it signed out


async def test_au_9_a_token_in_the_form_counts_like_one_in_the_header_and_only_ones_own(
    web: Web, open_house: House
) -> None:
    client = await client_of(web)
    mine, other = [await session_of(web, open_house, "admin") for _ in range(2)]
    for token, status in ((other.csrf, 403), ("", 403), (mine.csrf, 303)):
        headers = {"cookie": mine.cookie}
        assert (await client.post("/logout", headers=headers, data={"csrf_token": token})).status_code == status


@pytest.mark.parametrize("how", CROSS_SITE)
async def test_au_9_routes_for_everybody_take_nothing_from_other_sites(web: Web, how: str) -> None:
    client = await client_of(web)
    routes = [r for r in routes_of(web.platform) if not r.safe and r.access == "public"]
    for route in routes:
        response = await ask(client, route, Caller("nobody"), nonsense(route), headers=CROSS_SITE[how])
        assert response.status_code == 403, route.key
        assert "set-cookie" not in response.headers
    assert routes


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}])
async def test_what_this_site_sends_is_taken(web: Web, headers: dict[str, str]) -> None:
    client = await client_of(web)
    answer = await client.post("/prefs", data={"theme": "dark"}, headers=headers)
    assert answer.status_code == 303
    assert "theme=dark" in answer.headers["set-cookie"]


async def test_au_9_the_api_takes_no_cookie_for_who_one_is(web: Web, open_house: House) -> None:
    client = await client_of(web)
    mine = await session_of(web, open_house, "admin")
    for route in routes_of(web.platform):
        if route.api and route.access != "public":
            known = msgspec.structs.replace(mine, bearer="")
            values = nonsense(route, site_id=open_house.sites[0].slug)
            response = await ask(client, route, known, values, headers={"cookie": mine.cookie})
            assert response.status_code == 401, route.key
