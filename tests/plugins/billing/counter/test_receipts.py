"""The register over the JSON API: receipts found, summed, voided, printed, invoiced; refunds that two agree to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.sdk import Conflict, new_id
from plugins.billing.counter import refunds
from plugins.billing.counter.model import NewRefund, PaidRefund
from plugins.billing.counter.refunds import Asked
from tests.plugins.billing.counter.conftest import Home, Till
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web


def body(till: Till, home: Home, fen: int, **more: Any) -> dict[str, Any]:
    parts = [
        {"unit_id": str(p.unit_id), "charge_id": str(p.charge_id), "amount_fen": p.amount_fen} for p in home.parts()
    ]
    given = {"key": str(new_id()), "unit_id": str(home.unit_id), "party_id": str(home.party_id), "means": "cash",
             "amount_fen": fen, "parts": parts, "identified": True}  # fmt: skip
    return {**given, **more}


async def test_a_payment_over_the_api_answers_with_its_receipt_and_again_with_the_same(
    till: Till, cashier: httpx.AsyncClient
) -> None:
    home = await till.home(1_000)
    new = body(till, home, 1_000)
    for_one = {"idempotency-key": "one"}

    first = await cashier.post(f"{till.api}/payments", json=new)
    again = await cashier.post(f"{till.api}/payments", json=new)
    keyed = [await cashier.post(f"{till.api}/payments", json=body(till, home, 200, parts=[], key="x"), headers=for_one)
             for _ in range(2)]  # fmt: skip
    wrong = await cashier.post(f"{till.api}/payments", json={**new, "identified": False, "key": "y"})

    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    assert again.json() == first.json()
    assert [answer.status_code for answer in keyed] == [201, 201]
    assert keyed[0].content == keyed[1].content
    assert wrong.status_code == 422
    assert await till.count("receipts") == 2
    read = await cashier.get(f"{till.api}/receipts/{first.json()['id']}")
    assert read.json() == first.json()
    assert (await cashier.get(f"{till.api}/receipts/{new_id()}")).status_code == 404


async def test_the_register_is_found_by_day_cashier_means_state_and_text(
    till: Till, web: Web, clock: SettableClock
) -> None:
    home = await till.home(name="赵敏")
    other = await till.home(name="李雷")
    for means, fen in (("cash", 100), ("cash", 200), ("qr", 400)):
        await till.take(till.payment(home, fen, means=means))
    voided = await till.take(till.payment(other, 800), "finance")
    await till.void(voided.id)
    clock.advance(days=1)
    await till.take(till.payment(other, 1_600, agent_name="韩梅梅", agent_relation="妻子"))
    cashier = await web.api(till.office.house, "cashier")

    async def amounts(**query: object) -> list[int]:
        answer = await cashier.get(f"{till.api}/receipts", params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, answer.text
        return [each["amount_fen"] for each in answer.json()["items"]]

    me = till.office.house.staff["cashier"].membership_id
    assert await amounts() == [1_600, 800, 400, 200, 100]
    assert await amounts(until="2026-11-23") == [800, 400, 200, 100]
    assert await amounts(since="2026-11-24") == [1_600]
    assert await amounts(cashier_id=me, means="cash", until="2026-11-23") == [200, 100]
    assert await amounts(status="void") == [800]
    assert (await amounts(text="赵敏"), await amounts(text="韩梅"), await amounts(text="000004")) == (
        [400, 200, 100], [1_600], [800],
    )  # fmt: skip
    assert await amounts(invoice="asked") == []
    first = (await cashier.get(f"{till.api}/receipts?limit=3")).json()
    rest = (await cashier.get(f"{till.api}/receipts", params={"limit": 3, "cursor": first["cursor"]})).json()
    assert [len(first["items"]), len(rest["items"]), rest["cursor"]] == [3, 2, None]
    assert (await cashier.get(f"{till.api}/receipts?cursor=nonsense")).status_code == 400
    sums = (await cashier.get(f"{till.api}/sums?until=2026-11-23")).json()
    assert [(each["means"], each["receipts"], each["amount_fen"]) for each in sums] == [
        ("cash", 2, 300),
        ("qr", 1, 400),
    ]


async def test_a_receipt_is_voided_over_the_api_by_who_may_and_from_the_version_they_saw(till: Till, web: Web) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home))
    here = f"{till.api}/receipts/{taken.id}/void"
    cashier, finance = await web.api(till.office.house, "cashier"), await web.api(till.office.house, "finance")

    barred = await cashier.post(here, json={"reason": "x"}, headers={"if-match": '"1"'})
    blind = await finance.post(here, json={"reason": "x"})
    stale = await finance.post(here, json={"reason": "x"}, headers={"if-match": '"7"'})
    done = await finance.post(here, json={"reason": "x"}, headers={"if-match": '"1"'})
    again = await finance.post(here, json={"reason": "x"}, headers={"if-match": '"1"'})

    assert [each.status_code for each in (barred, blind, stale, done, again)] == [403, 428, 412, 200, 412]
    assert (done.json()["status"], done.headers["etag"]) == ("void", '"2"')
    assert await till.open_of(home) == [1_000]


async def test_each_print_is_counted_and_is_a_pdf(till: Till, cashier: httpx.AsyncClient) -> None:
    home = await till.home(*[100] * 70)
    taken = await till.take(till.payment(home, agent_name="李雷", agent_relation="儿子", given_fen=10_000, remark="x"))

    for _ in range(2):
        answer = await cashier.post(f"{till.api}/receipts/{taken.id}/prints")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")

    assert (await till.get(taken.id)).receipt.prints == 2
    assert (await cashier.post(f"{till.api}/receipts/{new_id()}/prints")).status_code == 404


async def test_an_invoice_is_asked_for_put_right_and_recorded_and_then_stands_against_voiding(
    till: Till, cashier: httpx.AsyncClient
) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home))
    here = f"{till.api}/receipts/{taken.id}/invoice"

    async def issue(number: str, version: int) -> int:
        sent = await cashier.post(f"{here}/number", json={"number": number}, headers={"if-match": f'"{version}"'})
        return sent.status_code

    early = await issue("26117000001", 1)
    nobody = await cashier.post(here, json={"title": " "})
    odd = await cashier.post(here, json={"title": "某公司", "tax_number": "123"})
    asked = await cashier.post(here, json={"title": "某公司", "tax_number": "9131 0000 ma1k 00000x"})
    again = await cashier.post(here, json={"title": "王芳"})

    assert [early, nobody.status_code, odd.status_code, asked.status_code] == [409, 422, 422, 200]
    assert (asked.json()["tax_number"], again.json()["title"], again.json()["version"]) == (
        "91310000MA1K00000X", "王芳", 2,
    )  # fmt: skip
    assert [await issue("", 2), await issue("1", 1), await issue("1", 2), await issue("2", 3)] == [422, 412, 200, 409]
    assert (await cashier.post(here, json={"title": "x"})).status_code == 409
    with pytest.raises(Conflict):
        await till.void(taken.id)
    detail = await till.get(taken.id)
    assert detail.invoice is not None and (detail.invoice.number, detail.receipt.status) == ("1", "valid")


async def test_a_void_receipt_gets_no_invoice(till: Till, cashier: httpx.AsyncClient) -> None:
    home = await till.home(1_000)
    taken = await till.take(till.payment(home))
    await till.void(taken.id)

    assert (await cashier.post(f"{till.api}/receipts/{taken.id}/invoice", json={"title": "x"})).status_code == 409


async def test_mo_5_a_refund_is_agreed_to_by_somebody_else_and_paid_once_by_who_hands_it_out(
    till: Till, web: Web
) -> None:
    home = await till.home()
    await till.take(till.payment(home, 1_000))
    house = till.office.house
    cashier, finance = await web.api(house, "cashier"), await web.api(house, "finance")
    wanted = {"unit_id": str(home.unit_id), "party_id": str(home.party_id), "amount_fen": 700, "reason": "搬走"}

    too_much = await cashier.post(f"{till.api}/refunds", json={**wanted, "amount_fen": 1_001})
    silent = await cashier.post(f"{till.api}/refunds", json={**wanted, "reason": " "})
    asked = await cashier.post(f"{till.api}/refunds", json=wanted)
    twice = await cashier.post(f"{till.api}/refunds", json=wanted)
    approval = f"/api/v1/sites/{till.site.slug}/approvals/{asked.json()['approval_id']}"
    agreed = await finance.post(f"{approval}/decision", json={"approve": True})
    [refund] = (await cashier.get(f"{till.api}/refunds")).json()["items"]
    more = await cashier.post(f"{till.api}/refunds", json={**wanted, "amount_fen": 301})
    pays = f"{till.api}/refunds/{refund['id']}/payment"
    paid = await cashier.post(pays, json={"means": "cash"})
    again = await cashier.post(pays, json={"means": "cash"})

    assert [each.status_code for each in (too_much, silent, asked, twice)] == [409, 422, 201, 409]
    assert agreed.status_code in (200, 201), agreed.text
    assert (refund["status"], refund["amount_fen"], refund["party"]) == ("approved", 700, "王芳")
    assert more.status_code == 409, "the rest is less"
    assert [paid.status_code, again.status_code] == [200, 409]
    assert paid.json()["status"] == "paid"
    assert (await till.books(home)).prepaid == {home.party_id: 300}
    [[by_id]] = await till.office.rows("SELECT by_id FROM billing_entry WHERE company_id = $1 AND kind = 'refund'")
    assert by_id == house.staff["cashier"].membership_id
    assert (await cashier.post(f"{till.api}/refunds/{new_id()}/payment", json={"means": "cash"})).status_code == 404


async def test_mo_5_what_was_used_meanwhile_is_not_paid_back_and_paying_takes_six_statements(till: Till) -> None:
    home = await till.home(500)
    await till.take(till.payment(home, 1_000))
    lodge, house = till.office.lodge, till.office.house
    asked = Asked(home.unit_id, home.party_id, 600, "搬走", "", "")
    async with lodge.work(house, "finance") as work:
        await refunds.approved(work, till.site, asked)
    async with lodge.work(house, "manager") as work:
        [refund] = (await refunds.listed(work, till.site)).items
        with pytest.raises(Conflict):
            await refunds.approved(work, till.site, asked)

    async with recording(lodge.platform.db) as sent, lodge.work(house, "cashier") as work:
        await refunds.pay(work, till.site, refund.id, PaidRefund("cash"))
    other = await till.home()
    await till.take(till.payment(other, 1_000))
    async with lodge.work(house, "cashier") as work:  # what the site's policies say is remembered from here on
        new = NewRefund(other.unit_id, other.party_id, 100, "搬走")
        await refunds.ask(lodge.platform, work, till.site, new)
    async with recording(lodge.platform.db) as asking, lodge.work(house, "cashier") as work:
        new = NewRefund(home.unit_id, home.party_id, 100, "搬走")
        await refunds.ask(lodge.platform, work, till.site, new)

    assert len(sent) <= 6 and len(asking) <= 6, (sent, asking)
    assert (await till.books(home)).prepaid == {home.party_id: 400}
