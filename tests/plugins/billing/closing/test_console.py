"""Cash closing over HTTP: who may what, what pages say, what a workbook and paper hold (BIL-4)."""

from __future__ import annotations

import io
from datetime import date

import httpx
from python_calamine import CalamineWorkbook

from tests.plugins.billing.closing.conftest import Till, console
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

CSV = "交易日期,流水号,收入,支出,对方户名,摘要\n2026-11-20,A1,20,,王芳,1幢1单元302\n2026-11-20,A2,x,,,\n"


async def test_a_shift_goes_its_way_over_the_api(till: Till, web: Web) -> None:
    """BIL-4"""
    cashier, finance = await web.api(till.office.house, "cashier"), await web.api(till.office.house, "finance")
    made = await cashier.post(f"{till.api}/shifts", json={"float_fen": 200})
    assert made.status_code == 201, made.text
    assert (await cashier.post(f"{till.api}/shifts", json={})).status_code == 409
    await till.pay(1_000)
    here = f"{till.api}/shifts/{made.json()['id']}"
    shown = await cashier.get(here)
    assert [(c["means"], c["ledger_fen"]) for c in shown.json()["counts"]][:1] == [("cash", 1_000)]

    count = {"cash": [{"value": 1000, "pieces": 1}, {"value": 100, "pieces": 1}]}
    etag = {"if-match": shown.headers["etag"]}
    assert (await cashier.post(f"{here}/closing", json=count)).status_code == 428
    assert (await cashier.post(f"{here}/closing", json=count, headers=etag)).status_code == 422
    closed = await cashier.post(f"{here}/closing", json={**count, "reason": "少一元"}, headers=etag)
    assert closed.status_code == 200, closed.text
    assert closed.json()["counts"][0]["difference_fen"] == -100
    to_bank = {"goes_to": "bank", "amount_fen": 900, "slip_no": "0007"}
    assert (await cashier.post(f"{here}/handovers", json=to_bank)).status_code == 201
    assert (await finance.post(f"{here}/handovers", json={"goes_to": "finance", "amount_fen": 300})).status_code == 409

    listed = (await finance.get(f"{till.api}/shifts", params={"limit": 1})).json()
    assert (listed["items"][0]["difference_fen"], listed["items"][0]["differing"], listed["cursor"]) == (-100, 1, None)
    assert (await finance.get(f"{till.api}/shifts?cursor=x")).status_code == 400
    assert (await finance.get(f"{till.api}/shifts?day=2026-11-22")).json()["items"] == []


async def test_shifts_come_page_by_page(till: Till, web: Web, clock: SettableClock) -> None:
    for _ in range(3):
        await till.close(await till.open())
        clock.advance(minutes=1)
    finance = await web.api(till.office.house, "finance")
    first = (await finance.get(f"{till.api}/shifts?limit=2")).json()
    second = (await finance.get(f"{till.api}/shifts", params={"limit": 2, "cursor": first["cursor"]})).json()

    assert (len(first["items"]), len(second["items"]), second["cursor"]) == (2, 1, None)
    assert {s["id"] for s in first["items"]}.isdisjoint(s["id"] for s in second["items"])


async def test_a_cashier_counts_in_the_console_and_sees_the_difference_before_it_is_final(till: Till, web: Web) -> None:
    page = await console(web, till, "cashier")
    opened = await page.post(f"{till.console}/cash", data={"float_yuan": "2.00"})
    assert opened.status_code == 303
    here = opened.headers["location"]
    await till.pay(1_050)
    wrong = await page.post(f"{here}/closing", data={"version": "1", "cash_1000": "x", "card_yuan": "1.005"})
    short = await page.post(f"{here}/closing", data={"version": "1", "cash_1000": "1", "cash_50": "4"})
    done = await page.post(f"{here}/closing", data={"version": "1", "cash_1000": "1", "cash_50": "4", "reason": "找零"})
    seen = await page.get(here)

    assert (wrong.status_code, wrong.text.count("field-error")) == (422, 2)
    assert short.status_code == 422 and "-0.50" in short.text and "请重新清点" in short.text
    assert done.status_code == 303, done.text
    assert "已交班" in seen.text and "找零" in seen.text and "12.00" in seen.text
    late = await page.post(f"{here}/closing", data={"version": "2"})
    assert late.status_code == 409 and "不再更改" in late.text
    handed = await page.post(f"{here}/handovers", data={"goes_to": "bank", "amount_yuan": "10", "slip_no": "7"})
    much = await page.post(f"{here}/handovers", data={"goes_to": "bank", "amount_yuan": "10", "slip_no": "8"})
    assert (handed.status_code, much.status_code) == (303, 409)
    assert (await page.post(f"{till.console}/cash", data={"float_yuan": "-1"})).status_code == 422


async def test_finance_closes_a_day_in_the_console_and_takes_it_along(
    till: Till, web: Web, clock: SettableClock
) -> None:
    shift = await till.open()
    await till.pay(1_000)
    page = await console(web, till, "finance")
    waits = await page.get(f"{till.console}/cash/closings/preview")
    await till.close(shift, jiao=90, reason="少一元")
    silent = await page.post(f"{till.console}/cash/closings", data={"kind": "day", "day": "2026-11-23"})
    done = await page.post(f"{till.console}/cash/closings", data={"kind": "day", "day": "2026-11-23", "note": "已查"})
    here = done.headers["location"]
    seen, listed = await page.get(here), await page.get(f"{till.console}/cash/closings")
    book = CalamineWorkbook.from_object(io.BytesIO((await page.get(f"{here}/export")).content))
    paper = await page.get(f"{here}/paper")

    assert "尚有班次未交班" in waits.text
    assert silent.status_code == 422 and "请填写处理说明" in silent.text
    assert done.status_code == 303
    assert "班次长短款" in seen.text and "-1.00" in seen.text and "已查" in seen.text
    assert "2026-11-23" in listed.text
    assert book.get_sheet_by_index(0).to_python()[1] == ["现金", 1.0, 10.0, 10.0, 0.0, 9.0, -1.0]
    assert paper.content.startswith(b"%PDF")
    again = await page.post(f"{till.console}/cash/closings", data={"kind": "day", "day": "2026-11-23", "note": "x"})
    assert again.status_code == 409 and "已结账" in again.text
    clock.advance(days=7)
    week = await page.post(f"{till.console}/cash/closings", data={"kind": "week", "day": "2026-11-25", "note": "周结"})
    assert week.status_code == 303, week.text


async def test_finance_takes_a_statement_in_and_posts_what_is_proposed(till: Till, web: Web) -> None:
    page = await console(web, till, "finance")
    file = {"file": ("对账单.csv", CSV.encode("gb18030"))}
    nothing = await page.post(f"{till.console}/cash/bank", data={"account": "工行"})
    none = await page.post(f"{till.console}/cash/bank", data={"account": "工行"}, files={"file": ("x.csv", b"a,b\n")})
    taken = await page.post(f"{till.console}/cash/bank", data={"account": "工行"}, files=file)
    api = await web.api(till.office.house, "finance")
    [line] = (await api.get(f"{till.api}/bank/lines?status=open")).json()["items"]
    here = f"{till.console}/cash/bank/{line['id']}"
    shown = await page.get(here)
    wanted = {"version": "1", "unit_id": str(till.unit_id), "party_id": str(till.party_id)}
    done, again = await page.post(here, data=wanted), await page.post(here, data=wanted)

    assert (nothing.status_code, none.status_code) == (422, 422)
    assert "交易日期" in none.text
    assert taken.status_code == 200 and "新增 1 笔" in taken.text and "金额无法识别" in taken.text
    assert "付款人为该户" in shown.text
    assert (done.status_code, again.status_code) == (303, 412)
    assert "已入账" in (await page.get(here)).text
    assert (await till.office.books(till.unit_id)).prepaid == {till.party_id: 2_000}


async def test_a_month_is_signed_in_the_console(till: Till, web: Web, clock: SettableClock) -> None:
    await till.pay(300, "transfer")
    clock.advance(days=10)
    page = await console(web, till, "finance")
    seen = await page.get(f"{till.console}/cash/reconciliation")
    silent = await page.post(f"{till.console}/cash/reconciliation", data={"month": "2026-11"})
    done = await page.post(f"{till.console}/cash/reconciliation", data={"month": "2026-11", "note": "在途"})
    book = await page.get(f"{till.console}/cash/reconciliation/export?month=2026-11")

    assert "3.00" in seen.text and "2026-11" in seen.text
    assert (silent.status_code, done.status_code) == (422, 303)
    assert "已签字" in (await page.get(f"{till.console}/cash/reconciliation?month=2026-11")).text
    sheet = CalamineWorkbook.from_object(io.BytesIO(book.content)).get_sheet_by_index(1).to_python()
    assert sheet[1][:2] == [date(2026, 11, 23), "1幢1单元302"]
    early = await page.post(f"{till.console}/cash/reconciliation", data={"month": "2026-12"})
    assert early.status_code == 409


async def test_pages_cost_few_statements(till: Till, web: Web) -> None:
    shift = await till.open()
    await till.pay(1_000)
    page = await console(web, till, "finance")
    days = ("/cash/closings", "/cash/closings/preview", "/cash/closings/preview?kind=week")
    for path in ("/cash", f"/cash/shifts/{shift.id}", *days, "/cash/bank", "/cash/reconciliation"):
        await page.get(till.console + path)
        async with recording(till.office.lodge.platform.db) as sent:
            answer = await page.get(till.console + path)
        assert (answer.status_code, len(sent) <= 6) == (200, True), (path, sent)


async def test_only_who_handles_cash_sees_it_and_only_finance_and_managers_close_days(till: Till, web: Web) -> None:
    async def statuses(role: str) -> list[int]:
        client: httpx.AsyncClient = await web.api(till.office.house, role)
        asked = [client.get(f"{till.api}/{path}") for path in ("shifts", "closings", "bank/lines", "bank/month")]
        opened = await client.post(f"{till.api}/shifts", json={})
        body = {"kind": "day", "day": "2026-11-22", "note": ""}
        closed = await client.post(f"{till.api}/closings", json=body)
        return [*[(await each).status_code for each in asked], opened.status_code, closed.status_code]

    assert await statuses("clerk") == [403] * 6
    assert await statuses("cashier") == [200, 200, 403, 403, 201, 403]
    assert await statuses("manager") == [200, 200, 200, 200, 403, 201]
    assert await statuses("finance") == [200, 200, 200, 200, 201, 409]
