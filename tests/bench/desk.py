"""The front desk as clerks meet it: how many matters are taken in a second, how soon the workbench is there."""

from __future__ import annotations

import asyncio
import statistics
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
from playwright.async_api import Browser, Page, async_playwright

from core.auth.api_tokens import NewApiToken, issue
from core.tenancy.directory import Site
from plugins.reception import service
from tests.bench.load import FRESH, Order
from tests.browser.find import find_browser
from tests.support.lodge import PASSWORD, House, Lodge

DESKS, CALLS = 8, 50  # two clerks each, hardly ever at the same call
CONNECTIONS = 16
LEAST_RATE, MOST_P95 = 150.0, 60.0  # matters a second, milliseconds
MOST_PAINT, MOST_KB = 1000.0, 120.0  # milliseconds, kilobytes as they are sent
MOST_POP = 1000.0  # milliseconds from the exchange's message to the card on the clerk's screen
_TURNS = 5
_MATTER = {
    "channel": "call",
    "category": "plumbing_electric",
    "severity": "urgent",
    "place": "3-1802",
    "contact": "王芳",
    "phone": "13800001234",
    "description": "厨房水管漏水，水已流到楼下，请尽快派人",
    "idempotency_key": FRESH,
}
_TABLE = "CREATE TABLE IF NOT EXISTS lodge.bench (id uuid PRIMARY KEY, matter text NOT NULL)"
_INSERT = "INSERT INTO lodge.bench (id, matter) VALUES (gen_random_uuid(), $1)"
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class Desk(msgspec.Struct, frozen=True):
    """A site's front desk with calls in hand, a colleague who has none, and the token of its telephone exchange."""

    login: str
    free: str
    site: str
    exchange: str
    calls: list[UUID]


class DeskFigure(msgspec.Struct, frozen=True):
    """Matters taken in a second by the form, each its ticket at a call, and milliseconds until 95 % were answered;
    `inserts` is what the machine commits a second of one row alone. Milliseconds until a browser that knows nothing of
    us has painted the workbench, and what was sent to it until then; milliseconds until the card of a call that rings
    is there."""

    rate: float
    p95: float
    inserts: float
    paint: float
    kilobytes: float
    pop: float

    def misses(self) -> list[str]:
        """What is not as it has to be, a line each."""
        limits = (
            (self.rate >= LEAST_RATE, f"intake: {self.rate:.0f}/s, at least {LEAST_RATE:.0f}/s are wanted"),
            (self.p95 <= MOST_P95, f"intake: p95 {self.p95:.0f} ms, at most {MOST_P95:.0f} ms are allowed"),
            (self.paint <= MOST_PAINT, f"workbench: painted after {self.paint:.0f} of {MOST_PAINT:.0f} ms at most"),
            (self.kilobytes <= MOST_KB, f"workbench: {self.kilobytes:.0f} kB sent, at most {MOST_KB:.0f} are allowed"),
            (self.pop <= MOST_POP, f"workbench: a call shows after {self.pop:.0f} of {MOST_POP:.0f} ms at most"),
        )
        return [said for holds, said in limits if not holds]


async def desks_of(lodge: Lodge, houses: list[House]) -> list[Desk]:
    """Front desks of as many sites, two of a house."""
    sites = [(house, site) for house in houses for site in house.sites]
    return [await _desk(lodge, house, site) for house, site in sites[:DESKS]]


async def _desk(lodge: Lodge, house: House, site: Site) -> Desk:
    async with lodge.work(house, "admin") as work:
        _, exchange = await issue(work, NewApiToken("exchange", ["reception.call.report"], [site.id]))
    async with lodge.work(house, "clerk") as work:
        calls = [await service.take_down(lodge.platform, work, site, f"1390000{n:04}", "call") for n in range(CALLS)]
    return Desk(
        house.staff["clerk"].login, house.staff["supervisor"].login, site.slug, exchange, [call.id for call in calls]
    )


async def intake(port: int, desks: list[Desk], seconds: float) -> Order:
    """Forms as signed-in browsers post them, each with a key of its own; connections begin at different desks."""
    requests = [request for desk in desks for request in await _forms(port, desk)]
    return Order(port, requests, 200, seconds, CONNECTIONS)


async def _forms(port: int, desk: Desk) -> list[str]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as client:
        page = await client.post("/login", data={"login": desk.login, "password": PASSWORD})
        page.raise_for_status()
        token = page.text.partition('"x-csrf-token": "')[2].partition('"')[0]
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = [
        f"POST /s/{desk.site}/reception/intake HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {cookies}",
        f"X-CSRF-Token: {token}",
        "HX-Request: true",
        "Sec-Fetch-Site: same-origin",
        "Accept-Encoding: gzip",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    bodies = [urlencode({**_MATTER, "call_id": str(call)}) for call in desk.calls]
    return ["\r\n".join((*head, f"Content-Length: {len(body)}", "", body)) for body in bodies]


async def bare_inserts(dsn: str, seconds: float) -> float:
    """Rows committed a second, each in a transaction of its own, by as many connections."""
    pool = await asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS)
    async with pool:
        await pool.execute(_TABLE)
        until, done = perf_counter() + seconds, 0

        async def insert() -> None:
            nonlocal done
            async with pool.acquire() as connection:
                while perf_counter() < until:
                    await connection.execute(_INSERT, _MATTER["description"])
                    done += 1

        await asyncio.gather(*(insert() for _ in range(CONNECTIONS)))
    return done / seconds


async def first_paint(port: int, desks: list[Desk]) -> tuple[float, float, float]:
    """Milliseconds until the workbench is painted, and kilobytes sent by then, in browsers that know nothing of us; and
    milliseconds until a call that rings is on it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            turns = [await _painted(browser, f"http://127.0.0.1:{port}", desk) for desk in desks[:_TURNS]]
        finally:
            await browser.close()
    paints, kilobytes, pops = zip(*turns, strict=True)
    return statistics.median(paints), max(kilobytes), max(pops)


async def _painted(browser: Browser, url: str, desk: Desk) -> tuple[float, float, float]:
    context = await browser.new_context(base_url=url)
    try:
        signed_in = await context.request.post("/login", form={"login": desk.free, "password": PASSWORD})
        assert signed_in.ok, signed_in.status
        page = await context.new_page()
        network = await context.new_cdp_session(page)
        await network.send("Network.enable")
        sizes: list[float] = []
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        await page.goto(f"/s/{desk.site}/reception", wait_until="load")
        painted = await (await page.wait_for_function(_PAINTED)).json_value()
        return painted, sum(sizes) / 1000, await _popped(page, desk)
    finally:
        await context.close()


async def _popped(page: Page, desk: Desk) -> float:
    await page.wait_for_selector("[data-live][data-state=online]")
    call = {"external_id": uuid4().hex, "event": "ringing", "phone": f"139{uuid4().int % 10**8:08}"}
    began = perf_counter()
    rung = await page.context.request.post(
        f"/api/v1/sites/{desk.site}/reception/calls", data=call, headers={"Authorization": f"Bearer {desk.exchange}"}
    )
    assert rung.ok, await rung.text()
    await page.wait_for_selector(f"#call-card[data-call='{(await rung.json())['id']}']")
    return (perf_counter() - began) * 1000
