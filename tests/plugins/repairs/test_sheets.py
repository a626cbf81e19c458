"""Work contact sheets to builders (REP-4): numbered, promised, chased, overdue, accepted or done again, printed."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import httpx
import pypdf
import pytest

from core.sdk import SYSTEM, TenantContext
from plugins.repairs.sheets import service
from tests.core.tickets.test_signatures import SIGNED
from tests.plugins.repairs.conftest import Report, Shop
from tests.support.lodge import NOW, SettableClock
from tests.support.web import Web

TODAY = NOW.date()  # at the site too
OWNER = {"signer": "王丽华", "picture": SIGNED}


class Sheets:
    """What the tests do with sheets in one line."""

    def __init__(self, shop: Shop, clerk: httpx.AsyncClient, report: Report, builder: str) -> None:
        self.shop, self.clerk, self.report, self.builder = shop, clerk, report, builder
        self.console = f"/s/{shop.site.slug}/repairs"

    async def issue(self, **more: Any) -> dict[str, Any]:
        ticket = await self.report()
        answer = await self.clerk.post(
            f"{self.shop.api}/sheets", json={"ticket_id": ticket["id"], "contractor_id": self.builder, **more}
        )
        assert answer.status_code == 201, answer.text
        sheet: dict[str, Any] = answer.json()
        return sheet

    async def step(self, sheet: dict[str, Any], kind: str, **said: Any) -> httpx.Response:
        return await self.clerk.post(f"{self.shop.api}/sheets/{sheet['id']}/steps", json={"kind": kind, **said})


@pytest.fixture
async def sheets(shop: Shop, desk: httpx.AsyncClient, report: Report) -> Sheets:
    new = {"name": "中建八局一分公司", "scope": "1–6 号楼", "contact": "李工", "phone": "13800001111"}
    builder = await desk.post(f"{shop.api}/contractors", json=new)
    assert builder.status_code == 201, builder.text
    return Sheets(shop, desk, report, builder.json()["id"])


async def test_sheets_are_numbered_by_year_without_a_gap(sheets: Sheets) -> None:
    numbers = [(await sheets.issue())["number"] for _ in range(3)]
    refused = await sheets.clerk.post(
        f"{sheets.shop.api}/sheets",
        json={"ticket_id": (await sheets.report())["id"], "contractor_id": "00000000-0000-0000-0000-00000000dead"},
    )
    numbers.append((await sheets.issue())["number"])

    assert refused.status_code == 422
    assert numbers == [f"LX{TODAY.year}-000{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("promised", "next_on"),
    [(None, 3), (1, 1), (9, 3)],
    ids=["nothing is promised", "promised sooner than usual", "promised later than usual"],
)
async def test_the_next_chase_is_due_after_the_usual_time_or_on_the_promised_day(
    sheets: Sheets, promised: int | None, next_on: int
) -> None:
    day = (TODAY + timedelta(promised)).isoformat() if promised else None
    assert (await sheets.issue(promised_on=day))["chase_on"] == (TODAY + timedelta(next_on)).isoformat()


async def test_a_defect_is_chased_done_refused_done_again_and_accepted(sheets: Sheets) -> None:
    sheet = await sheets.issue()
    day = (TODAY + timedelta(5)).isoformat()
    ways: list[tuple[str, dict[str, Any]]] = [
        ("chase", {"spoke_with": "李工", "via": "call", "text": "下周来", "promised_on": day}),
        ("done", {}),
        ("fail", {"text": "窗框仍渗水"}),
        ("done", {"text": "重新打胶"}),
        ("accept", {"signature": OWNER}),
    ]
    for kind, said in ways:
        answer = await sheets.step(sheet, kind, **said)
        assert answer.status_code == 200, answer.text
    detail = (await sheets.clerk.get(f"{sheets.shop.api}/sheets/{sheet['id']}")).json()

    assert [entry["kind"] for entry in detail["history"]] == ["issue", "chase", "done", "fail", "done", "accept"]
    last = detail["sheet"]
    assert (last["status"], last["round"], last["accepted_by"], last["chase_on"]) == ("accepted", 2, "王丽华", None)
    assert detail["history"][1]["spoke_with"] == "李工"
    assert last["signature_id"]


async def test_the_signature_of_a_sheet_stays_with_its_ticket(sheets: Sheets) -> None:
    sheet = await sheets.issue()
    for kind, said in (("done", {}), ("accept", {"signature": OWNER})):
        answer = await sheets.step(sheet, kind, **said)
        assert answer.status_code == 200, answer.text
    kept = answer.json()["signature_id"]
    ticket = f"/api/v1/sites/{sheets.shop.site.slug}/tickets/{sheet['ticket_id']}"

    refused = await sheets.clerk.delete(f"{ticket}/attachments/{kept}")

    assert refused.status_code == 409, refused.text
    assert (await sheets.clerk.get(f"{ticket}/attachments/{kept}")).status_code == 200


@pytest.mark.parametrize(
    ("before", "kind", "said", "field"),
    [
        ((), "chase", {"spoke_with": "李工"}, "text"),
        ((), "chase", {"text": "没人接"}, "spoke_with"),
        ((), "promise", {}, "promised_on"),
        ((), "promise", {"promised_on": (TODAY - timedelta(1)).isoformat()}, "promised_on"),
        ((), "promise", {"promised_on": (TODAY + timedelta(31)).isoformat()}, "promised_on"),
        ((), "chase", {"spoke_with": "李工", "text": "好", "next_on": TODAY.isoformat()}, "next_on"),
        ((), "withdraw", {}, "text"),
        (("done",), "fail", {}, "text"),
        (("done",), "accept", {}, "signature"),
        ((), "accept", {"signature": OWNER}, None),
        (("done",), "chase", {"spoke_with": "李工", "text": "好"}, None),
        (("done",), "done", {}, None),
    ],
    ids=str,
)
async def test_a_step_says_what_it_has_to_and_follows_from_the_last(
    sheets: Sheets, before: tuple[str, ...], kind: str, said: dict[str, Any], field: str | None
) -> None:
    sheet = await sheets.issue()
    for earlier in before:
        await sheets.step(sheet, earlier)
    answer = await sheets.step(sheet, kind, **said)
    if field is None:
        assert answer.status_code == 409
    else:
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_a_promise_that_has_passed_goes_up_once_and_a_new_one_ends_it(
    sheets: Sheets, clock: SettableClock
) -> None:
    shop = sheets.shop
    sheet = await sheets.issue(promised_on=TODAY.isoformat())

    async def look() -> None:
        ctx = TenantContext(shop.house.company_id, frozenset({shop.site.id}), SYSTEM)
        async with shop.lodge.platform.work(ctx) as work:
            await service.miss(work, ctx, {}, shop.lodge.platform)

    async def overdue() -> list[str]:
        manager = await shop.web.api(shop.house, "manager")  # signed in that day
        found = (await manager.get(f"{shop.api}/sheets?which=overdue")).json()
        return [each["number"] for each in found["items"]]

    await look()
    assert await overdue() == []
    clock.advance(days=1)
    await look()
    await look()
    told = [event for event in await shop.events() if event == "repairs.sheet_overdue.v1"]
    assert (len(told), await overdue()) == (1, [sheet["number"]])
    async with shop.lodge.owner.begin(shop.house.company_id, read_only=True) as uow:
        sql = "SELECT payload ->> 'members' FROM outbox WHERE company_id = $1 AND type = 'ticket.escalated.v1'"
        up = await uow.fetch(str, sql, shop.house.company_id)
    assert up == [str(shop.house.staff["supervisor"].membership_id)]
    later = (TODAY + timedelta(7)).isoformat()
    manager = await shop.web.api(shop.house, "manager")
    said = {"kind": "promise", "promised_on": later}
    assert (await manager.post(f"{shop.api}/sheets/{sheet['id']}/steps", json=said)).status_code == 200
    assert await overdue() == []


async def test_each_print_is_numbered_and_has_three_copies(sheets: Sheets, web: Web) -> None:
    sheet = await sheets.issue(matter="主卧窗框渗水，请尽快 #let x *处理* 𠮷", promised_on=TODAY.isoformat())
    url = f"{sheets.shop.api}/sheets/{sheet['id']}"
    for _ in range(2):
        answer = await sheets.clerk.post(f"{url}/prints", headers={"accept-language": "zh-CN"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]

    assert len(pages) == 3
    for number, (page, copy) in enumerate(zip(pages, ("物业公司", "工程部", "客服中心"), strict=True), 1):
        assert copy in page and sheet["number"] in page and "补打" in page and f"2-{number}" in page
        assert "#letx*处理*〓" in "".join(page.split()) and "U+20BB7" in page
    history = (await sheets.clerk.get(url)).json()["history"]
    assert [entry["print_no"] for entry in history if entry["kind"] == "print"] == [1, 2]
    screen = await web.console(sheets.shop.house, "clerk")
    shown = await screen.post(f"{sheets.console}/sheets/{sheet['id']}/print")
    assert shown.headers["content-disposition"].startswith("inline")


async def test_sheets_show_on_the_ticket_in_the_list_and_in_a_workbook(sheets: Sheets, web: Web) -> None:
    sheet = await sheets.issue(promised_on=TODAY.isoformat())
    screen = await web.console(sheets.shop.house, "clerk")
    console = sheets.console
    of_ticket = f"{console}/sheets/of/{sheet['ticket_id']}"
    page_of_ticket = await screen.get(f"/s/{sheets.shop.site.slug}/tickets/{sheet['ticket_id']}")
    ticket = await screen.get(of_ticket)
    listed = await screen.get(f"{console}/sheets?which=all")
    page = await screen.get(f"{console}/sheets/{sheet['id']}")
    book = await screen.post(f"{console}/sheets/export?which=all")

    assert of_ticket in page_of_ticket.text
    assert sheet["number"] in ticket.text and sheet["number"] in listed.text and "李工" in page.text
    assert book.status_code == 200 and book.content.startswith(b"PK")
    form = await screen.get(f"{console}/sheets/new?ticket_id={sheet['ticket_id']}")
    assert "中建八局一分公司" in form.text


async def test_a_builder_is_changed_from_the_version_seen(sheets: Sheets, web: Web) -> None:
    url = f"{sheets.shop.api}/contractors/{sheets.builder}"
    new = {"name": "中建八局", "active": False}
    assert (await sheets.clerk.put(url, json=new)).status_code == 428
    changed = await sheets.clerk.put(url, json=new, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await sheets.clerk.put(url, json=new, headers={"if-match": '"1"'})).status_code == 412
    technician = await web.api(sheets.shop.house, "technician")
    assert (await technician.put(url, json=new, headers={"if-match": '"2"'})).status_code == 403
