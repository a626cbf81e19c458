"""TI-7: an open screen hears of its own site only, and nothing any more once its session has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
import pytest

from core.tenancy.directory import Site
from core.tickets.model import NewTicket
from tests.support.lodge import House, Lodge
from tests.support.routes import Caller, session_of
from tests.support.web import Web

NEW = NewTicket(description="厨房漏水了", category="plumbing_electric", place="3-1802")


class News(msgspec.Struct):
    type: str
    id: str = ""


class Ear:
    """What a screen hears, in order; ends where the stream does."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> News | None:
        """The next piece of news that is no ping; None at the end."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("data: "):
                    news = msgspec.json.decode(line.removeprefix("data: "), type=News)
                    if news.type != "ping":
                        return news
        return None


@asynccontextmanager
async def listening(web: Web, caller: Caller, site: Site) -> AsyncIterator[Ear]:
    """A screen open at that site, once it is heard that the stream has begun."""
    client = await web.anonymous(cookie=caller.cookie)
    async with client.stream("GET", "/live", params={"site": site.slug}) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield Ear(response)


async def take_in(lodge: Lodge, house: House, site: Site) -> UUID:
    async with lodge.work(house) as work:
        return (await lodge.platform.tickets.create(work, site, NEW)).id


async def test_ti_7_a_screen_hears_of_its_site_and_of_no_other(web: Web, lodge: Lodge, house: House) -> None:
    other = await lodge.house()
    here, there = house.sites
    async with listening(web, await session_of(web, house, "clerk"), here) as ear:
        for _ in range(20):
            await take_in(lodge, other, other.sites[0])
            await take_in(lodge, house, there)
        own = await take_in(lodge, house, here)

        assert await ear.next() == News("ticket.changed", str(own))


async def test_ti_7_ti_10_a_screen_of_somebody_with_one_site_hears_nothing_of_the_other(
    web: Web, lodge: Lodge, house: House
) -> None:
    here, there = house.sites
    async with listening(web, await session_of(web, house, house.local[0]), here) as ear:
        await take_in(lodge, house, there)
        own = await take_in(lodge, house, here)

        assert await ear.next() == News("ticket.changed", str(own))


async def test_ti_7_a_screen_hears_nothing_of_another_company(web: Web, lodge: Lodge, house: House) -> None:
    """Nor what is told to every site."""
    other = await lodge.house()
    async with listening(web, await session_of(web, house, "clerk"), house.sites[0]) as ear:
        async with lodge.work(other) as work:
            work.announce("ticket", None)
        own = await take_in(lodge, house, house.sites[0])

        assert await ear.next() == News("ticket.changed", str(own))


@pytest.mark.parametrize("whose", ["another company's", "one's company's, not one's own", "nobody's"])
async def test_ti_7_there_is_no_stream_of_a_site_one_may_not_enter(
    web: Web, lodge: Lodge, house: House, whose: str
) -> None:
    other = await lodge.house()
    keys = {
        "another company's": (other.sites[0].slug, str(other.sites[0].id)),
        "one's company's, not one's own": (house.sites[1].slug, str(house.sites[1].id)),
        "nobody's": ("no-such-site", "", "\x00"),
    }
    client = await web.anonymous(cookie=(await session_of(web, house, house.local[0])).cookie)
    for key in keys[whose]:
        assert (await client.get("/live", params={"site": key})).status_code == 404


async def test_ti_7_the_stream_ends_within_five_seconds_of_signing_out(web: Web, house: House) -> None:
    caller = await session_of(web, house, "clerk")
    async with listening(web, caller, house.sites[0]) as ear:
        client = await web.anonymous(cookie=caller.cookie)
        signed_out = await client.post("/logout", headers={"x-csrf-token": caller.csrf})
        assert signed_out.status_code == 303
        async with asyncio.timeout(5):
            assert await ear.next() is None


async def test_a_token_is_worth_nothing_from_the_moment_its_session_ended(web: Web, house: House) -> None:
    client = await web.api(house, "clerk")
    assert (await client.get("/api/v1/me")).status_code == 200
    assert (await client.delete("/api/v1/auth/session")).status_code == 204

    assert (await client.get("/api/v1/me")).status_code == 401


async def test_screens_that_went_away_leave_nothing_behind(web: Web, house: House) -> None:
    caller = await session_of(web, house, "clerk")
    for _ in range(5):
        async with listening(web, caller, house.sites[0]):
            pass

    async with asyncio.timeout(5):
        while house.company_id in web.platform.live._readers:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
