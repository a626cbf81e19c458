"""OU-1: texts that would run if anything took them for markup are put wherever texts go; a browser walks all pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, async_playwright

from core.hooks.manager import PluginHost
from tests.browser.find import find_browser
from tests.isolation.requests import Target, body_of, send, values_of
from tests.isolation.stage import Stage, staged
from tests.safety.leaves import leaves, with_values
from tests.support.catalogue import measured
from tests.support.lodge import Databases, SettableClock
from tests.support.routes import Caller, Route, session_of

# For text, attributes in either quotes, links, scripts, templates and styles; shorter ones for shorter fields.
POLYGLOTS = (
    "javascript:alert(1)//'\"></title></textarea></script><x-ran></x-ran><img src=x onerror=alert(1)>"
    "<svg onload=alert(1)>{{7*7}}${alert(1)}<script>alert(1)</script>",
    "'\"><x-ran></x-ran><svg onload=alert(1)>",
    "'><svg onload=alert(1)>",
)
SHOWN = "svg onload=alert(1)"  # what a page says that shows one of them
# Elements that a text became, handlers that it added, and links that would run it.
GROWN = """() => [...document.querySelectorAll('*')].filter(element =>
    element.localName === 'x-ran' || [...element.attributes].some(a => a.name.startsWith('on')
        || (['href', 'src', 'action', 'formaction'].includes(a.name) && /^\\s*javascript:/i.test(a.value)))
).map(element => element.outerHTML.slice(0, 200))"""
TEXTS = ("free_text", "name", "address", "contact")  # kinds of columns that hold words of people


async def post(stage: Stage, route: Route, values: Mapping[str, object]) -> int:
    """Send the route's body with a polyglot in each of its texts that takes one; in how many it was taken.

    What a field is too short for, or no text for, is told by the answer, by the field's name.
    """
    body = body_of(stage, route, 1)
    tried = dict.fromkeys((way for way, value in leaves(body) if isinstance(value, str)), 0)
    while tried:
        texts = {way: POLYGLOTS[n] for way, n in tried.items()}
        answer = await send(stage, route, await _caller(stage, route), values, body=with_values(body, texts))
        if answer.status_code < 400:
            return len(tried)
        assert answer.status_code < 500, f"{route.key}: {answer.text}"
        named = {str(error["field"]) for error in _errors(answer)}
        refused = {way for way in tried if named & {str(step) for step in way} or ".".join(map(str, way)) in named}
        if not refused:
            return 0  # it is something else than a text that does not fit
        tried = {way: n + (way in refused) for way, n in tried.items() if n + (way in refused) < len(POLYGLOTS)}
    return 0


def _errors(answer: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json().get("errors", [])
    return [{**error, "field": error["field"].partition("[")[0].rpartition(".")[2]} for error in found]


async def _caller(stage: Stage, route: Route) -> Caller:
    if route.access == "signed_in" and not route.safe:  # it may end the session
        return await session_of(stage.web, stage.world.a.house, "admin")
    return stage.company


async def store(stage: Stage) -> int:
    """Put a polyglot into every column that holds words of people, of every row of the company that its checks and
    length let take one; how many columns did."""
    taken = 0
    for held in stage.lodge.platform.data_requests.register:
        for column in held.columns:
            if column.kind in TEXTS and column.type == "text" and held.name in stage.world.tables:
                for text in POLYGLOTS:
                    sql = f"UPDATE lodge.{held.name} SET {column.name} = $2 WHERE company_id = $1"
                    try:
                        async with stage.admin.transaction():
                            await stage.admin.execute(sql, stage.world.a.company_id, text)
                    except asyncpg.PostgresError:
                        continue
                    taken += 1
                    break
    stage.lodge.forget()
    return taken


class Witness:
    """A browser, and everything in it that ran or was kept from running."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ran: list[str] = []
        page.on("dialog", self._dialog)
        page.on("console", self._console)

    async def _dialog(self, dialog: Dialog) -> None:
        self.ran.append(f"{self.page.url}: a dialog")
        await dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.ran.append(f"{self.page.url}: {message.text}")

    async def look(self, url: str) -> str:
        """What the page holds, once it has loaded; what came of its texts is noted."""
        answer = await self.page.goto(url, wait_until="load")
        assert answer is not None and answer.status < 500, url
        for grown in await self.page.evaluate(GROWN):
            self.ran.append(f"{url}: {grown}")
        return await self.page.content()


@asynccontextmanager
async def browsing(stage: Stage) -> Any:
    """A browser that is signed in as the company's administrator."""
    async with async_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=quiet)
        context: BrowserContext = await browser.new_context(locale="zh-CN")
        pairs = [pair.split("=", 1) for pair in stage.company.cookie.split("; ") if not pair.startswith("locale")]
        await context.add_cookies([{"name": n, "value": v, "url": stage.web.base_url} for n, v in pairs])
        try:
            yield Witness(await context.new_page())
        finally:
            await browser.close()


async def pages(stage: Stage) -> list[str]:
    """The addresses of all pages of the console, those of rows with the rows of the first site."""
    here = stage.world.a.house.sites[0]
    found = []
    for route in stage.routes:
        if route.api or not route.safe:
            continue
        for values in list(values_of(stage, route, Target(here.slug, stage.world.a, here)))[:3]:
            address = route.at(**values) + ("" if "site_id" in route.parameters else f"?site={here.slug}")
            answer = await send(stage, route, stage.company, values)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                found.append(address)
    return found


@pytest.mark.timeout(3600)
async def test_ou_1_no_text_is_ever_taken_for_anything_else(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path
) -> None:
    async with staged(databases, host, clock, tmp_path) as stage, browsing(stage) as witness:
        await witness.page.set_content(POLYGLOTS[0])
        await asyncio.wait_for(_dialogs(witness), 20)  # where nothing keeps it, it runs, and is noticed
        witness.ran.clear()

        here, posted = stage.world.a.house.sites[0], 0
        for route in stage.routes:
            if route.api and route.method in ("POST", "PUT", "PATCH"):
                for values in values_of(stage, route, Target(here.slug, stage.world.a, here)):
                    posted += await post(stage, route, values)
        stored = await store(stage)
        assert (posted, stored) > (100, 50)

        addresses = await pages(stage)
        shown = [a for a in addresses if SHOWN in await witness.look(f"{stage.web.base_url}{a}")]

    assert witness.ran == []
    assert len(shown) > len(addresses) / 3
    text = f"{posted} fields and {stored} columns took a polyglot; {len(shown)} of {len(addresses)} pages showed one"
    measured("OU-1", f"{text}; 0 ran, 0 were kept by the policy", fields=posted, columns=stored, pages=len(addresses))


async def _dialogs(witness: Witness) -> None:
    while not witness.ran:
        await witness.page.wait_for_timeout(20)
