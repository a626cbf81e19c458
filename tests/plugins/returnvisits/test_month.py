"""The month's report: sums, coverage, what failed with its owner, what came again; sent once (VIS-6, TKT-7)."""

from __future__ import annotations

import io
from typing import Any

import httpx
from pypdf import PdfReader

from core.sdk import SYSTEM, TenantContext
from plugins.returnvisits.month import service
from tests.plugins.returnvisits.conftest import SURE, Desk
from tests.plugins.returnvisits.test_visits import CONTENT, SORRY
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web


async def lived(desk: Desk, manager: httpx.AsyncClient) -> None:
    """A month: four repairs, two of them drawn; one household content, one not."""
    await desk.rules({**SURE, "percent": 50})
    for _ in range(4):
        await desk.resolved()
    for visit, said in zip(await desk.visits(manager), (CONTENT, SORRY), strict=True):
        here = f"{desk.api}/visits/{visit['id']}"
        assert (await manager.put(f"{here}/outcome", json=said, headers={"if-match": '"1"'})).status_code == 200
    await desk.deliver()


async def test_the_report_sums_up_the_month(desk: Desk, manager: httpx.AsyncClient) -> None:
    await lived(desk, manager)
    await manager.get(f"{desk.api}/report")  # what the process remembers is read once
    async with recording(desk.lodge.platform.db) as sent:
        told: dict[str, Any] = (await manager.get(f"{desk.api}/report")).json()

    [rule], [failed], [coverage] = told["rules"], told["failed"], told["coverage"]
    assert len(sent) <= 6
    assert (rule["due"], rule["done"], rule["in_time"], rule["late"], rule["failed"]) == (2, 2, 2, 0, 1)
    assert (told["satisfied_percent"], told["in_time_percent"], told["target_percent"]) == (50.0, 100.0, 90)
    assert (coverage["candidates"], coverage["drawn"], coverage["visited"]) == (4, 2, 2)
    assert (failed["shortcomings"], failed["follow_up"]) == ("还在漏", "reopened")
    assert [(each["times"], each["responsible"]) for each in told["repeated"]] == [(4, "")]


async def test_it_is_shown_printed_and_saved(desk: Desk, web: Web, manager: httpx.AsyncClient) -> None:
    await lived(desk, manager)
    console = await web.console(desk.house, "manager")
    page, book, paper = [await console.get(f"{desk.console}/report{way}") for way in ("", "/export", "/paper")]
    read = PdfReader(io.BytesIO(paper.content))

    assert "还在漏" in page.text and "none yet" in page.text
    assert book.content.startswith(b"PK") and len(read.pages) == 1
    assert "还在漏" in read.pages[0].extract_text()
    assert (await (await web.console(desk.house, "clerk")).get(f"{desk.console}/report")).status_code == 403


async def test_the_manager_is_told_once_when_the_month_is_over(desk: Desk, clock: SettableClock) -> None:
    async def look() -> None:
        ctx = TenantContext(desk.house.company_id, frozenset({desk.site.id}), SYSTEM)
        async with desk.lodge.platform.work(ctx) as work:
            await service.send(work, ctx, {}, desk.lodge.platform)

    await look()  # the 23rd is no month's end
    clock.advance(days=8)
    await look()
    await look()
    told = "SELECT payload FROM outbox WHERE company_id = $1 AND type = 'returnvisits.report_ready.v1'"
    [(payload,)] = await desk.rows(told)

    assert '"2026-11-01"' in payload and str(desk.member("manager")) in payload
