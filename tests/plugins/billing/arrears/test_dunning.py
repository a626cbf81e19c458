"""The ladder as it is climbed: who is due, what is put on record, what pauses it (BIL-5)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.notify.endpoints import NewProvider
from core.sdk import Conflict, Invalid, NotFound, new_id
from plugins.billing.arrears.dunning import claims
from plugins.billing.arrears.dunning.model import NewDispute, NewPromise, Settle
from tests.plugins.billing.arrears.conftest import Owing
from tests.support.web import Web

_PHONE = "INSERT INTO contact (company_id, id, site_id, party_id, phone) VALUES ($1, $2, $3, $4, $5)"
_TWILIO = {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"}
_SENT = "SELECT count(*) FROM notify_delivery WHERE company_id = $1 AND kind = 'resident'"


async def letters(owing: Owing, *units: UUID) -> None:
    """They have had their message, and a week of rest."""
    for unit_id in units:
        await owing.write(
            "UPDATE billing_owed SET dunned = 1, dunned_on = due_on WHERE company_id = $1 AND unit_id = $2", unit_id
        )


async def promise(owing: Owing, unit_id: UUID, party_id: UUID, fen: int, days: int) -> UUID:
    async with owing.work("cashier") as work:
        day = owing.office.site.today(work.now) + timedelta(days)
        new = NewPromise(party_id=party_id, amount_fen=fen, promised_on=day)
        return await claims.promise(work, owing.office.site, unit_id, new)


async def dispute(owing: Owing, unit_id: UUID, party_id: UUID, item: str | None = None) -> UUID:
    async with owing.work("cashier") as work:
        item_id = owing.office.items[item] if item else None
        new = NewDispute(party_id=party_id, item_id=item_id, reason="面积有误")
        return await claims.dispute(work, owing.office.site, unit_id, new)


async def test_households_are_listed_by_the_step_that_they_are_due_for(owing: Owing) -> None:
    lettered, _ = await owing.late("101", 30_000, 20)
    await letters(owing, lettered)
    await owing.late("102", 30_000, 5)
    await owing.late("103", 30_000, 2)

    assert await owing.steps() == {"101": "letter", "102": "message"}
    found = await owing.due("letter")
    assert [(row.unit, row.amount_fen, row.days, row.broken) for row in found.items] == [
        ("1幢1单元101", 30_000, 27, False)
    ]
    assert found.counts == {"message": 1, "letter": 1, "visit": 0, "notice": 0, "legal": 0}


async def test_a_step_is_put_on_record_with_what_it_asks_for_and_is_not_taken_twice(owing: Owing) -> None:
    one, party = await owing.late("101", 30_000, 10)
    await owing.owe(one, party, 5_000)
    owing.clock.advance(days=20)
    two, _ = await owing.late("102", 30_000, 10, "李雷")
    await letters(owing, one, two)
    owing.clock.advance(days=10)

    done = await owing.take("letter", one, two)
    assert (done.taken, done.amount_fen, done.not_due) == (2, 65_000, [])
    [step] = (await owing.record(one)).steps
    assert (step.step, step.number, step.amount_fen, step.party) == ("letter", 1, 35_000, "王芳")
    assert [line.open_fen for line in step.lines] == [30_000, 5_000]

    again = await owing.take("letter", one, two)
    assert (again.dunning_id, again.taken, again.not_due) == (None, 0, sorted([one, two]))
    owing.clock.advance(days=8)
    assert (await owing.steps())["101"] == "visit"
    visited = await owing.take("visit", one, who="周强", outcome="absent", note="留了便条")
    assert visited.taken == 1
    steps = (await owing.record(one)).steps
    assert [(each.step, each.number, each.who, each.outcome) for each in steps] == [
        ("visit", 3, "周强", "absent"), ("letter", 1, "", ""),
    ]  # fmt: skip


async def test_two_who_carry_out_the_same_list_ask_each_household_once(owing: Owing) -> None:
    units = [(await owing.late(f"10{n}", 30_000, 0))[0] for n in range(5)]
    owing.clock.advance(days=20)
    await letters(owing, *units)

    outcomes = await asyncio.gather(*(owing.take("letter", *units) for _ in range(4)))

    assert sum(each.taken for each in outcomes) == 5
    rows = await owing.office.rows("SELECT number FROM billing_dunning WHERE company_id = $1 ORDER BY 1")
    assert [number for (number,) in rows] == [1, 2, 3, 4, 5]


async def test_a_visit_says_who_went_and_handing_over_to_whom(owing: Owing) -> None:
    unit_id, _ = await owing.late("101", 30_000, 40)
    for step, more in (("visit", {}), ("visit", {"who": "周强"}), ("legal", {}), ("letter", {"who": "周强"})):
        with pytest.raises(Invalid):
            await owing.take(step, unit_id, **more)
    with pytest.raises(NotFound):
        await owing.take("letter", new_id())


async def test_a_message_goes_to_who_owes_most_and_those_without_a_number_are_named(owing: Owing) -> None:
    office = owing.office
    unit_id, _ = await owing.late("101", 500, 0)
    payer = await office.party("李雷")
    await owing.owe(unit_id, payer, 900)
    silent, _ = await owing.late("102", 500, 5)
    with pytest.raises(Conflict):
        await owing.take("message", unit_id)
    async with owing.work("admin") as work:
        sms = NewProvider(name="短信", scheme="twilio", site_ids=[office.site.id], settings=_TWILIO)
        await office.lodge.platform.notify.endpoints.add_provider(work, sms)
    await owing.write(_PHONE, new_id(), office.site.id, payer, "13900001111")

    done = await owing.take("message", unit_id, silent)

    assert (done.taken, done.amount_fen, done.not_reached) == (1, 1_400, [silent])
    assert await office.rows(_SENT) == [(1,)]
    async with owing.work() as work:
        [told] = await office.lodge.platform.notify.residents.told(work, [payer])
    assert "14.00元" in told.text and "1幢1单元101" in told.text
    assert await owing.steps() == {"102": "message"}  # who has not been reached stays on the list


async def test_what_is_collected_for_others_never_leads_to_a_visit(owing: Owing) -> None:
    await owing.write("UPDATE billing_item SET collected_for = '供水公司' WHERE company_id = $1 AND code = 'parking'")
    unit_id, party_id = await owing.household("101")
    await owing.owe(unit_id, party_id, 90_000, "parking")
    owing.clock.advance(days=300)
    await owing.write("UPDATE billing_owed SET dunned = 2, dunned_on = due_on WHERE company_id = $1")
    assert await owing.steps() == {}

    await owing.owe(unit_id, party_id, 50_000)
    owing.clock.advance(days=31)
    await owing.write("UPDATE billing_owed SET dunned = 2, dunned_on = due_on WHERE company_id = $1")
    assert await owing.steps() == {"101": "visit"}
    done = await owing.take("visit", unit_id, who="周强", outcome="met")
    assert done.amount_fen == 50_000


async def test_a_promise_leaves_a_household_alone_until_its_day_and_the_ledger_says_whether_it_was_kept(
    owing: Owing,
) -> None:
    unit_id, party_id = await owing.household("101")
    charge = await owing.owe(unit_id, party_id, 30_000)
    owing.clock.advance(days=5)
    before = await owing.pay(charge, 1_000)
    await promise(owing, unit_id, party_id, 10_000, 3)
    await owing.office.reverse(before)  # of before the promise: it is none that was kept, nor one that was broken

    assert await owing.steps() == {}
    assert (await owing.record(unit_id)).promise_state == "open"
    owing.clock.advance(days=1)
    paid = await owing.pay(charge, 10_000)
    assert (await owing.record(unit_id)).promise_state == "kept"
    assert await owing.steps() == {"101": "message"}  # what is left is asked for like any other
    await owing.office.reverse(paid)
    owing.clock.advance(days=3)
    told = await owing.record(unit_id)
    assert (told.promise_state, told.promise_paid_fen, told.due) == ("broken", 0, "message")
    found = await owing.due()
    assert (found.broken, found.promised, found.items[0].broken) == (1, 0, True)
    await promise(owing, unit_id, party_id, 5_000, 30)
    assert (await owing.record(unit_id)).promise_state == "open"
    assert [each.amount_fen for each in (await owing.record(unit_id)).promises] == [5_000, 10_000]


async def test_a_promise_is_of_somebody_who_owes_and_for_a_day_to_come(owing: Owing) -> None:
    unit_id, party_id = await owing.late("101", 30_000, 5)
    for who, days in ((party_id, -1), (party_id, 400), (await owing.office.party("旁人"), 3)):
        with pytest.raises(Invalid):
            await promise(owing, unit_id, who, 100, days)


async def test_nothing_is_asked_for_that_is_disputed_until_it_is_settled(owing: Owing) -> None:
    unit_id, party_id = await owing.household("101")
    await owing.owe(unit_id, party_id, 30_000)
    await owing.owe(unit_id, party_id, 500, "parking")
    owing.clock.advance(days=5)
    opened = await dispute(owing, unit_id, party_id, "property")
    with pytest.raises(Conflict):
        await dispute(owing, unit_id, party_id, "property")

    [row] = (await owing.due()).items
    assert (row.step, row.amount_fen) == ("message", 500)
    wholly = await dispute(owing, unit_id, party_id)
    assert await owing.steps() == {}
    for id in (opened, wholly):
        async with owing.work("finance") as work:
            settled = await claims.settle(work, owing.office.site, id, Settle("核对无误"), 1)
        assert (settled.status, settled.outcome) == ("settled", "核对无误")
    [row] = (await owing.due()).items
    assert row.amount_fen == 30_500
    with pytest.raises(Conflict):
        async with owing.work("finance") as work:
            await claims.settle(work, owing.office.site, opened, Settle("again"), 2)


async def test_who_reminds_does_not_press_and_who_opens_a_dispute_does_not_settle_it(owing: Owing, web: Web) -> None:
    unit_id, party_id = await owing.late("101", 90_000, 5)
    opened = await dispute(owing, unit_id, party_id)
    cashier, clerk = await web.api(owing.office.house, "cashier"), await web.api(owing.office.house, "clerk")
    finance = await web.api(owing.office.house, "finance")
    press: dict[str, Any] = {"step": "notice", "unit_ids": [str(unit_id)]}
    settle = f"{owing.api}/disputes/{opened}/settlement"

    assert (await clerk.post(f"{owing.api}/dunning", json={**press, "step": "letter"})).status_code == 403
    assert (await cashier.post(f"{owing.api}/dunning", json=press)).status_code == 400  # no step of theirs
    assert (await cashier.post(f"{owing.api}/dunning/press", json=press)).status_code == 403
    assert (await cashier.post(settle, json={"outcome": "x"}, headers={"if-match": '"1"'})).status_code == 403
    assert (await finance.post(f"{owing.api}/dunning/press", json=press)).status_code == 200
    assert (await finance.post(settle, json={"outcome": "x"})).status_code == 428
    assert (await finance.post(settle, json={"outcome": "x"}, headers={"if-match": '"7"'})).status_code == 412
    done = await finance.post(settle, json={"outcome": "x"}, headers={"if-match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')


async def test_the_ladder_is_climbed_from_the_console_down_to_the_paper(owing: Owing, web: Web) -> None:
    unit_id, party_id = await owing.late("101", 90_000, 20)
    other, _ = await owing.late("102", 90_000, 20)
    await letters(owing, unit_id, other)
    page: httpx.AsyncClient = await web.console(owing.office.house, "finance")
    page.cookies["locale"] = "zh-CN"
    here = f"{owing.console}/dunning"

    listed = (await page.get(here, params={"step": "letter"})).text
    assert "1幢1单元101" in listed and "生成所选住户的催缴函" in listed
    none = await page.post(here, data={"step": "letter"})
    assert (none.status_code, "请至少勾选一户" in none.text) == (422, True)
    done = await page.post(here, data={"step": "letter", "unit_ids": [str(unit_id), str(other)]})
    assert done.status_code == 303, done.text
    batch = done.headers["location"]
    shown = (await page.get(batch)).text
    assert "2027-0001" in shown and "2027-0002" in shown and "900.00" in shown
    paper = await page.get(f"{batch}/paper")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert len((await page.get(f"{batch}/paper", params={"alone": "true"})).content) < len(paper.content)
    again = await page.post(here, data={"step": "letter", "unit_ids": str(unit_id)})
    assert (again.status_code, "已不在此级催缴之列" in again.text) == (422, True)
    late = await page.post(f"{here}/press", data={"step": "notice", "unit_ids": str(unit_id)})
    assert late.status_code == 422

    record = f"{owing.console}/arrears/units/{unit_id}"
    assert "催缴函" in (await page.get(record)).text
    wrong = await page.post(f"{record}/promises", data={"party_id": str(party_id), "amount": "x", "promised_on": ""})
    assert (wrong.status_code, "请填写金额" in wrong.text) == (422, True)
    given = {"party_id": str(party_id), "amount": "300", "promised_on": "2027-03-01"}
    assert (await page.post(f"{record}/promises", data=given)).status_code == 303
    assert "已承诺缴费" in (await page.get(record)).text
    assert (await page.post(f"{record}/disputes", data={"party_id": str(party_id)})).status_code == 422
    told = {"party_id": str(party_id), "item_id": "", "reason": "面积有误"}
    assert (await page.post(f"{record}/disputes", data=told)).status_code == 303
    twice = await page.post(f"{record}/disputes", data=told)
    assert (twice.status_code, "该项已有未处理完的争议" in twice.text) == (422, True)
    [[id]] = await owing.office.rows("SELECT id FROM billing_dispute WHERE company_id = $1")
    settle = f"{owing.console}/disputes/{id}"
    assert (await page.post(settle, data={"version": "1", "outcome": " "})).status_code == 422
    assert (await page.post(settle, data={"version": "1", "outcome": "核对无误"})).status_code == 303
    assert "核对无误" in (await page.get(record)).text
