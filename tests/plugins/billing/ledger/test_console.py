"""The ledger over HTTP: journal, accounts, months, and who may do what there (MO-1, MO-7)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import httpx
from python_calamine import CalamineWorkbook

from core.sdk import new_id
from plugins.billing.ledger.entries import Deposit, Part, Payment
from tests.plugins.billing.ledger.conftest import Office
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web


async def chinese(web: Web, office: Office, role: str) -> httpx.AsyncClient:
    client = await web.console(office.house, role)
    client.cookies["locale"] = "zh-CN"
    return client


async def test_the_journal_tells_entries_with_their_postings_page_by_page(
    office: Office, manager: httpx.AsyncClient
) -> None:
    unit_id, party_id = await office.unit("302"), await office.party()
    charges = [office.charge(unit_id, party_id, 1_000 + n) for n in range(5)]
    for charge in charges:
        await office.issue(charge)
    await office.post(Payment(unit_id, party_id, "cash", 1_500, (Part(charges[0].charge_id, 1_000),)), note="前台收")

    async def ask(**query: object) -> dict[str, Any]:
        answer = await manager.get(f"{office.api}/entries", params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = await ask(limit=4)
    second = await ask(limit=4, cursor=first["cursor"])
    newest = first["items"][0]

    assert (newest["kind"], newest["note"], newest["posted_on"]) == ("payment", "前台收", "2026-11-23")
    assert [(line["account"], line["amount_fen"]) for line in newest["lines"]] == [
        ("clearing", 1_500),
        ("receivable", -1_000),
        ("prepayment", -500),
    ]
    assert newest["lines"][1]["item"] == "物业费" and newest["lines"][1]["unit"] == "1幢1单元302"
    assert (len(second["items"]), second["cursor"]) == (2, None)
    assert {e["id"] for e in first["items"]}.isdisjoint(e["id"] for e in second["items"])
    assert [len((await ask(**q))["items"]) for q in (
        {"kind": "payment"}, {"since": "2026-11-24"}, {"until": "2026-11-23"}, {"unit_id": unit_id},
        {"unit_id": new_id()}, {"text": "302"}, {"text": "3_2"},
    )] == [1, 0, 6, 6, 0, 6, 0]  # fmt: skip
    assert (await manager.get(f"{office.api}/entries?cursor=nonsense")).status_code == 400


async def test_a_household_s_account_says_what_is_open_and_since_when(
    office: Office, web: Web, clock: SettableClock
) -> None:
    unit_id, party_id = await office.unit("303"), await office.party("李雷")
    old = office.charge(unit_id, party_id, 1_000)
    await office.issue(old)
    clock.advance(days=10)
    await office.issue(office.charge(unit_id, party_id, 300, "parking"))
    await office.post(Payment(unit_id, party_id, "cash", 700, (Part(old.charge_id, 400),)))
    await office.post(Deposit(unit_id, party_id, "cash", 5_000))
    clock.advance(days=5)
    manager = await web.api(office.house, "manager")

    account = (await manager.get(f"{office.api}/accounts/{unit_id}")).json()
    rows = [(c["item"], c["days"], c["charged_fen"], c["open_fen"], c["party"]) for c in account["charges"]]

    assert rows == [("物业费", 15, 1_000, 600, "李雷"), ("车位费", 5, 300, 300, "李雷")]
    sums = [account[name] for name in ("open_fen", "overdue_fen", "prepaid_fen", "deposit_fen")]
    assert sums == [900, 900, 300, 5_000]
    assert (await manager.get(f"{office.api}/accounts/{new_id()}")).status_code == 404
    other = await office.unit(site=office.house.sites[1])
    assert (await manager.get(f"{office.api}/accounts/{other}")).status_code == 404


async def test_an_entry_is_undone_from_the_console_with_a_reason(office: Office, web: Web) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    paid = await office.post(Payment(unit_id, party_id, "cash", 700))
    page = await chinese(web, office, "manager")
    here = f"{office.console}/entries/{paid.id}"

    silent = await page.post(here, data={"reason": ""})
    done = await page.post(here, data={"reason": "收错户"})
    again = await page.post(here, data={"reason": "另一个原因"})
    seen = await page.get(here)

    assert (silent.status_code, done.status_code, again.status_code) == (422, 303, 422)
    assert "已冲销" in seen.text and "冲销原因" not in seen.text
    assert (await office.books(unit_id)).prepaid == {party_id: 0}


async def test_a_month_is_closed_from_the_console_and_what_is_missing_is_said(
    office: Office, web: Web, clock: SettableClock
) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    await office.post(Payment(unit_id, party_id, "cash", 700))
    clock.advance(days=31)
    await office.post(Payment(unit_id, party_id, "cash", 300))
    page, manager = await chinese(web, office, "finance"), await web.api(office.house, "manager")

    before = await page.get(f"{office.console}/periods")
    early = await page.post(f"{office.console}/periods", data={"month": "2026-12"})
    closed = await page.post(f"{office.console}/periods", data={"month": "2026-11"})
    told = (await manager.get(f"{office.api}/periods")).json()

    assert "2027-01-01 起可以关账" in before.text and "7.00" in before.text
    assert (early.status_code, closed.status_code) == (422, 303)
    assert [(p["month"], p["debit_fen"], p["missing"], p["entries"]) for p in told] == [
        (str(date(2026, 12, 1)), 300, "not_over", 1),
        (str(date(2026, 11, 1)), 700, "", 1),
    ]


async def test_pages_cost_few_statements_and_the_workbook_has_a_row_a_posting(office: Office, web: Web) -> None:
    unit_id, party_id = await office.unit("501"), await office.party()
    await office.issue(office.charge(unit_id, party_id, 12_345))
    page = await chinese(web, office, "cashier")
    for path in ("", "/periods", f"/accounts/{unit_id}"):
        await page.get(office.console + path)
        async with recording(office.lodge.platform.db) as sent:
            answer = await page.get(office.console + path)
        assert (answer.status_code, len(sent) <= 6) == (200, True), (path, sent)
        assert "123.45" in answer.text

    book = CalamineWorkbook.from_object(io.BytesIO((await page.get(f"{office.console}/export")).content))
    rows = book.get_sheet_by_index(0).to_python()[1:]
    assert [(row[3], row[6], row[7]) for row in rows] == [("应收账款", 123.45, ""), ("收入", "", 123.45)]


async def test_only_who_keeps_accounts_sees_them_and_only_who_leads_undoes_and_closes(office: Office, web: Web) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    paid = await office.post(Payment(unit_id, party_id, "cash", 700))

    async def statuses(role: str) -> list[int]:
        client = await web.api(office.house, role)
        undo = await client.post(f"{office.api}/entries/{paid.id}/reversal", json={"reason": "x"})
        close = await client.post(f"{office.api}/periods", json={"month": "2026-11-01"})
        return [(await client.get(f"{office.api}/entries")).status_code, undo.status_code, close.status_code]

    assert await statuses("clerk") == [403, 403, 403]
    assert await statuses("cashier") == [200, 403, 403]
    assert await statuses("finance") == [200, 200, 409]
