"""The counter in the console: a household is found, the money is shown where it goes, then taken (BIL-3, MO-4)."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import httpx
from python_calamine import CalamineWorkbook

from core.sdk import new_id
from plugins.billing.ledger.entries import Part, Payment
from tests.plugins.billing.counter.conftest import Home, Till, chinese
from tests.support.statements import recording
from tests.support.web import Web


def form_of(page: str, **changes: Any) -> dict[str, Any]:
    """What a browser would post of the payment's form."""
    form = page[page.index('id="payment"') :]
    form = form[: form.index("</form>")]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if found.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        fields.setdefault(found["name"], []).append(html.unescape(found.get("value", "")))
    for name, body in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        fields[name] = [chosen[1]] if chosen else []
    return {**fields, **changes}


async def opened(page: httpx.AsyncClient, till: Till, home: Home, **query: str) -> str:
    answer = await page.get(f"{till.console}/units/{home.unit_id}", params=query)
    assert answer.status_code == 200
    return answer.text


async def test_a_household_is_found_by_unit_or_name_and_what_it_owes_is_told_with_its_age(till: Till, web: Web) -> None:
    home = await till.home(34_250, room="1802", name="王小芳")
    await till.home(100, room="1803")
    page = await chinese(web, till)

    options = await page.get(f"{till.console}/units", params={"q": "王小"})
    to_it = await page.get(till.console, params={"place": "王小芳"})
    chosen = await page.get(till.console, params={"unit_id": str(home.unit_id)})
    several = await page.get(till.console, params={"place": "1幢"})
    nobody = await page.get(till.console, params={"place": "没有这个人"})
    seen = await opened(page, till, home)

    assert "1幢1单元1802" in options.text and "王小芳" in options.text
    where = f"{till.console}/units/{home.unit_id}"
    assert [(each.status_code, each.headers["location"]) for each in (to_it, chosen)] == [(303, where)] * 2
    assert several.text.count(f'href="{till.console}/units/') == 2
    assert "没有找到房屋" in nobody.text
    assert "342.50" in seen and "叁佰肆拾贰元伍角整" in seen and "王小芳" in seen
    assert (await page.get(till.console, params={"unit_id": "x"})).status_code == 400


async def test_money_is_taken_as_it_was_shown_and_pressing_twice_takes_it_once(till: Till, web: Web) -> None:
    home = await till.home(1_000, 2_000)
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}"
    form = form_of(await opened(page, till, home), identified="true")

    unread = await page.post(here, data={**form, "amount": "12.50"})
    shown = form_of(unread.text, identified="true")
    taken = await page.post(here, data=shown)
    twice = await page.post(here, data=shown)
    receipt = await page.get(taken.headers["location"])

    assert unread.status_code == 422 and "请核对款项去向后再收款" in unread.text
    assert (taken.status_code, twice.status_code) == (303, 303)
    assert taken.headers["location"] == twice.headers["location"]
    assert await till.open_of(home) == [0, 1_750]
    assert "壹拾贰元伍角整" in receipt.text and "SJ-2026-000001" in receipt.text
    assert await till.count("receipts") == 1


async def test_mo_3_each_form_has_a_key_of_its_own_so_that_one_household_pays_after_the_other(
    till: Till, web: Web
) -> None:
    homes = [await till.home(1_000), await till.home(1_000)]
    page = await chinese(web, till)
    forms = [form_of(await opened(page, till, home), identified="true") for home in homes]

    taken = [await page.post(f"{till.console}/units/{h.unit_id}", data=f) for h, f in zip(homes, forms, strict=True)]

    assert [answer.status_code for answer in taken] == [303, 303]
    assert await till.count("receipts") == 2
    assert forms[0]["key"] != forms[1]["key"]


async def test_what_is_missing_is_said_and_nothing_that_was_typed_is_lost(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}"
    form = form_of(await opened(page, till, home), remark="老太太代交", by="agent", agent_name="李雷")

    refused = await page.post(here, data=form)
    wrong = await page.post(here, data={**form, "amount": "十元"})
    empty = await page.post(f"{here}/plan", data={"csrf_token": form["csrf_token"], "party_id": str(home.party_id)})

    assert refused.status_code == 422
    assert "收款前请核对交费人身份" in refused.text and "老太太代交" in refused.text and "李雷" in refused.text
    assert wrong.status_code == 422 and "最多两位小数" in wrong.text
    assert "请勾选要缴的费用" in empty.text
    assert await till.count("receipts") == 0


async def test_mo_4_what_another_cashier_took_meanwhile_is_shown_and_not_taken_again(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    page = await chinese(web, till)
    form = form_of(await opened(page, till, home), identified="true")
    part = Part(home.charges[0].charge_id, 600)
    await till.office.post(Payment(home.unit_id, home.party_id, "card", 600, (part,)))

    refused = await page.post(f"{till.console}/units/{home.unit_id}", data=form)
    again = await page.post(f"{till.console}/units/{home.unit_id}", data=form_of(refused.text, identified="true"))

    assert refused.status_code == 409 and "4.00" in refused.text
    assert again.status_code == 303
    assert await till.open_of(home) == [0]


async def test_the_plan_follows_what_is_entered_with_change_and_rounding(till: Till, web: Web) -> None:
    home = await till.home(12_345)
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}"
    form = form_of(await opened(page, till, home))

    plan = await page.post(f"{here}/plan", data={**form, "round_off": "true", "given": "200"})
    part = await page.post(f"{here}/plan", data={**form, "amount": "100"})
    more = await page.post(f"{here}/plan", data={**form, "amount": "150"})

    assert "123.00" in plan.text and "77.00" in plan.text and "0.45" in plan.text
    assert "23.45" in part.text and "勾选部分仍欠" in part.text
    assert "26.55" in more.text and "转入预收" in more.text
    rounded = form_of('<form id="payment">' + plan.text + "</form>")
    taken = await page.post(here, data={**form, **rounded, "round_off": "true", "given": "200", "identified": "true"})
    assert taken.status_code == 303, taken.text
    assert await till.open_of(home) == [0]


async def test_other_units_of_the_payer_stand_beside_and_are_paid_when_ticked(till: Till, web: Web) -> None:
    home = await till.home(1_000, room="301")
    garage = await till.home(800, room="B17", party_id=home.party_id)
    tenant = await till.office.party("租客")
    await till.owns(home.unit_id, tenant, "tenant")
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}"
    seen = await opened(page, till, home)
    form = form_of(seen)
    charges = [*form["charge"], str(garage.charges[0].charge_id)]

    shown = await page.post(here, data={**form, "charge": charges})
    taken = await page.post(here, data=form_of(shown.text, identified="true"))
    by_tenant = await opened(page, till, home, party_id=str(tenant))

    assert "1幢1单元B17" in seen and len(form["charge"]) == 1
    assert taken.status_code == 303, taken.text
    assert (await till.open_of(home), await till.open_of(garage)) == ([0], [0])
    assert "1幢1单元B17" not in by_tenant
    assert (await page.get(here, params={"party_id": str(new_id())})).status_code == 404


async def test_a_receipt_is_printed_voided_and_its_invoice_handled_from_its_page(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home, given_fen=1_200))
    here = f"{till.console}/receipts/{taken.id}"
    cashier, finance = await chinese(web, till), await chinese(web, till, "finance")

    first = await cashier.post(f"{here}/print")
    asked = await cashier.post(f"{here}/invoice", data={"title": "", "tax_number": "1"})
    invoiced = await cashier.post(f"{here}/invoice", data={"title": "王芳", "tax_number": ""})
    silent = await finance.post(f"{here}/void", data={"version": "1", "reason": ""})
    stale = await finance.post(f"{here}/void", data={"version": "5", "reason": "收错户"})
    barred = await cashier.post(f"{here}/void", data={"version": "1", "reason": "收错户"})
    done = await finance.post(f"{here}/void", data={"version": "1", "reason": "收错户"})
    seen = await cashier.get(here)

    assert first.content.startswith(b"%PDF-")
    assert (asked.status_code, invoiced.status_code) == (422, 303)
    assert [each.status_code for each in (silent, stale, barred, done)] == [422, 412, 403, 303]
    assert "已作废：收错户" in seen.text and "找零" in seen.text and "do-void" not in seen.text
    assert await till.open_of(home) == [1_000]
    other = await till.take(till.payment(home))
    there = f"{till.console}/receipts/{other.id}"
    await cashier.post(f"{there}/invoice", data={"title": "王芳", "tax_number": ""})
    issued = await cashier.post(f"{there}/invoice/issue", data={"version": "1", "number": "26117000001"})
    assert issued.status_code == 303
    assert "26117000001" in (await cashier.get(there)).text
    assert (await finance.post(f"{there}/void", data={"version": "1", "reason": "x"})).status_code == 409


async def test_the_register_shows_today_and_its_sums_and_goes_into_a_workbook(till: Till, web: Web) -> None:
    home = await till.home(name="王芳")
    for means, fen in (("cash", 100), ("cash", 250), ("qr", 400)):
        await till.take(till.payment(home, fen, means=means))
    page = await chinese(web, till)

    seen = await page.get(f"{till.console}/receipts")
    none = await page.get(f"{till.console}/receipts", params={"since": "2026-11-24", "until": ""})
    mine = await page.get(till.console)
    book = await page.get(f"{till.console}/receipts/export", params={"means": "cash"})
    rows = CalamineWorkbook.from_object(io.BytesIO(book.content))

    assert "3.50" in seen.text and "SJ-2026-000003" in seen.text and "2 张" in seen.text
    assert "没有收据" in none.text
    assert "SJ-2026-000003" in mine.text and "3.50" in mine.text
    assert [row[6] for row in rows.get_sheet_by_index(0).to_python()[1:]] == [2.5, 1.0]
    assert rows.get_sheet_by_index(1).to_python()[1:] == [["现金", 2.0, 3.5]]


async def test_a_refund_is_asked_for_at_the_household_and_paid_from_the_list(till: Till, web: Web) -> None:
    home = await till.home(room="901")
    bare = await till.home()
    await till.take(till.payment(home, 1_000))
    house = till.office.house
    cashier, finance = await chinese(web, till), await web.api(house, "finance")
    here = f"{till.console}/units/{home.unit_id}/refund"
    wanted = {"party_id": str(home.party_id), "amount": "7", "reason": "搬走"}

    shown = await cashier.get(here)
    nothing = await cashier.get(f"{till.console}/units/{bare.unit_id}/refund")
    wrong = await cashier.post(here, data={**wanted, "amount": ""})
    more = await cashier.post(here, data={**wanted, "amount": "10.01"})
    asked = await cashier.post(here, data=wanted)
    approval = asked.headers["location"].rpartition("/")[2]
    seen = await cashier.get(asked.headers["location"])
    await finance.post(f"/api/v1/sites/{till.site.slug}/approvals/{approval}/decision", json={"approve": True})
    listed = await cashier.get(f"{till.console}/refunds")
    [pay] = set(re.findall(rf'action="({till.console}/refunds/[0-9a-f-]+)"', listed.text))
    paid = await cashier.post(pay, data={"means": "cash"})
    again = await cashier.post(pay, data={"means": "cash"})

    assert "10.00" in shown.text and "没有预收余额" in nothing.text
    assert [wrong.status_code, more.status_code, asked.status_code] == [422, 409, 303]
    assert "1幢1单元901：退还预收款 7.00 元" in seen.text
    assert [paid.status_code, again.status_code] == [303, 409]
    assert "已付款" in again.text
    assert (await till.books(home)).prepaid == {home.party_id: 300}


async def test_pages_cost_few_statements(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    await till.home(700, party_id=home.party_id)
    taken = await till.take(till.payment(home, 100))
    page = await chinese(web, till)
    unit = f"/units/{home.unit_id}"
    db = till.office.lodge.platform.db
    for path in (
        "",
        f"?place={home.unit_id}",
        "/units?q=1",
        unit,
        f"{unit}/refund",
        "/receipts",
        f"/receipts/{taken.id}",
        "/refunds",
    ):
        await page.get(till.console + path)
        async with recording(db) as sent:
            answer = await page.get(till.console + path)
        assert (answer.status_code, len(sent) <= 6) == (200, True), (path, sent)
    form = form_of(await opened(page, till, home), identified="true")
    async with recording(db) as sent:
        assert (await page.post(till.console + unit, data=form)).status_code == 303
    assert len(sent) <= 6, sent


async def test_only_who_takes_money_is_at_the_counter(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home))
    paths = ("", f"/units/{home.unit_id}", "/receipts", f"/receipts/{taken.id}", "/refunds")

    async def statuses(role: str) -> set[int]:
        page = await web.console(till.office.house, role)
        return {(await page.get(till.console + path)).status_code for path in paths}

    assert [await statuses(role) for role in ("cashier", "finance", "manager")] == [{200}] * 3
    assert [await statuses(role) for role in ("clerk", "guard", "technician")] == [{403}] * 3


async def test_an_entry_leads_to_its_receipt_and_the_receipt_to_its_entries(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home))
    receipt, page = taken.receipt, await chinese(web, till)
    ledger = f"/s/{till.site.slug}/billing/ledger/entries"
    [entry_id] = {line.entry_id for line in taken.lines}
    where = f"{till.console}/receipts/{receipt.id}"

    assert f"{ledger}/{entry_id}" in (await page.get(where)).text
    entry = (await page.get(f"{ledger}/{entry_id}")).text
    assert where in entry and receipt.number in entry

    await till.void(receipt.id)
    [[undoing]] = await till.office.rows(
        "SELECT id FROM billing_entry WHERE company_id = $1 AND reverses = $2", entry_id
    )
    assert where in (await page.get(f"{ledger}/{undoing}")).text
    by_hand = await till.office.post(Payment(home.unit_id, home.party_id, "cash", 500))
    assert "/counter/receipts/" not in (await page.get(f"{ledger}/{by_hand.id}")).text.split("entry-title")[1]
