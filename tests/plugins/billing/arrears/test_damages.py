"""Damages for late payment: what they come to, charged once a day, waived by two (BIL-5)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from core.approvals.model import Verdict
from core.policies.schema import Json
from core.sdk import Conflict, Invalid, NotFound, Unfit, new_id
from plugins.billing.arrears.damages import service
from plugins.billing.arrears.damages.model import Charged, DamagesPage, UnitDamages
from plugins.billing.arrears.damages.policy import DAMAGES, DamagesRules
from plugins.billing.ledger.entries import Part, Waiver
from tests.plugins.billing.arrears.conftest import Owing
from tests.plugins.billing.arrears.test_dunning import dispute
from tests.support.statements import recording

_ITEM = """
INSERT INTO billing_item (company_id, id, site_id, code, title, basis, cycle, payer, due_days)
VALUES ($1, $2, $3, 'late', '违约金', 'fixed', 'month', 'owner', 10)
"""


@pytest.fixture
async def late(owing: Owing) -> Owing:
    """A site that charges three ten-thousandths a day on its property fee."""
    office = owing.office
    await owing.write(_ITEM, new_id(), office.site.id)
    async with owing.work("admin") as work:
        rules: Json = {"codes": ["property"], "charged_by": "late", "cap_percent": 30}
        assert isinstance(rules, dict)
        await office.lodge.platform.policies.revise(work, DAMAGES, office.site.id, rules, reason="合同约定", expected=0)
    return owing


async def told(owing: Owing, unit_id: UUID) -> UnitDamages:
    async with owing.work() as work:
        return await service.of_unit(owing.office.lodge.platform, work, owing.office.site, unit_id)


async def charge(owing: Owing, *units: UUID) -> Charged:
    async with owing.work("finance") as work:
        return await service.charge(owing.office.lodge.platform, work, owing.office.site, units)


async def test_they_accrue_on_what_is_open_day_by_day_and_never_on_what_is_not_named(late: Owing) -> None:
    unit_id, party_id = await late.household("101")
    fee = await late.owe(unit_id, party_id, 1_000_000)
    await late.owe(unit_id, party_id, 1_000_000, "parking")
    late.clock.advance(days=10)
    assert (await told(late, unit_id)).accrued_fen == 3_000  # 10 days × 10,000 yuan × 3/10,000
    wrong = await late.pay(fee, 1_000_000)
    await late.office.reverse(wrong)  # a payment that was undone was none
    await late.pay(fee, 500_000)
    late.clock.advance(days=10)
    [of] = (found := await told(late, unit_id)).charges
    # the day of the payment counts with what was open at its end
    assert (found.accrued_fen, of.open_fen, of.left_fen) == (9 * 300 + 11 * 150, 500_000, 4_350)


async def test_no_day_is_counted_on_which_it_was_disputed_and_no_more_than_the_cap(late: Owing) -> None:
    unit_id, party_id = await late.household("101")
    await late.owe(unit_id, party_id, 1_000_000)
    late.clock.advance(days=10)
    await dispute(late, unit_id, party_id, "property")
    late.clock.advance(days=30)
    assert (await told(late, unit_id)).accrued_fen == 9 * 300
    other, party = await late.household("102")
    await late.owe(other, party, 1_000_000)
    late.clock.advance(days=3_000)
    assert (await told(late, other)).accrued_fen == 300_000


async def test_they_are_charged_once_for_each_day_as_an_item_of_their_own(late: Owing) -> None:
    """MO-2"""
    unit_id, party_id = await late.household("101")
    await late.owe(unit_id, party_id, 1_000_000)
    late.clock.advance(days=10)

    assert await charge(late, unit_id) == Charged(1, 1, 3_000)
    assert await charge(late, unit_id) == Charged(0, 0, 0)
    late.clock.advance(days=5)
    assert await charge(late, unit_id) == Charged(1, 1, 1_500)
    found = await told(late, unit_id)
    assert (found.accrued_fen, found.left_fen, found.open_fen, len(found.open)) == (4_500, 0, 4_500, 2)
    sql = """
        SELECT i.code, o.party_id, o.open_fen FROM billing_owed o
        JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
        WHERE o.company_id = $1 ORDER BY o.open_fen
    """
    assert await late.office.rows(sql) == [
        ("late", party_id, 1_500), ("late", party_id, 3_000), ("property", party_id, 1_000_000),
    ]  # fmt: skip


async def test_a_waiver_counts_once_a_second_person_has_agreed_and_not_of_what_was_paid_meanwhile(late: Owing) -> None:
    """ARC-3"""
    platform, site = late.office.lodge.platform, late.office.site
    unit_id, party_id = await late.household("101")
    await late.owe(unit_id, party_id, 1_000_000)
    late.clock.advance(days=10)

    async def ask() -> UUID:
        async with late.work("finance") as work:
            return await service.ask_waiver(platform, work, site, unit_id, "首次逾期")

    async def agree(id: UUID) -> Any:
        async with late.work("manager") as work:
            return await platform.approvals.decide(work, site, id, Verdict(approve=True), platform)

    with pytest.raises(Conflict):
        await ask()  # nothing was charged
    await charge(late, unit_id)
    asked = await ask()
    with pytest.raises(Conflict):
        await ask()
    assert (await told(late, unit_id)).open_fen == 3_000
    await agree(asked)
    found = await told(late, unit_id)
    assert (found.open_fen, found.left_fen) == (0, 0)  # what was waived is not charged again

    late.clock.advance(days=10)
    await charge(late, unit_id)
    asked = await ask()
    [opened] = (await told(late, unit_id)).open
    await late.office.post(Waiver(unit_id, (Part(opened.charge_id, 1),)))
    with pytest.raises(Conflict):
        await agree(asked)


async def test_where_nothing_is_chosen_nothing_accrues_and_nothing_is_charged(owing: Owing) -> None:
    unit_id, _ = await owing.late("101", 1_000_000, 40)
    assert (await told(owing, unit_id)).charges == []
    with pytest.raises(Conflict):
        await charge(owing, unit_id)
    for reason, of, error in ((" ", unit_id, Invalid), ("x", new_id(), NotFound)):
        with pytest.raises(error):
            async with owing.work("finance") as work:
                await service.ask_waiver(owing.office.lodge.platform, work, owing.office.site, of, reason)


def test_damages_bear_no_damages_and_a_rate_is_exact() -> None:
    with pytest.raises(Unfit):
        DamagesRules(codes=("late",), charged_by="late")
    assert DamagesRules(daily_rate="0.5").rate == Fraction(1, 20_000)
    assert (DamagesRules(cap_percent=0).cap, DamagesRules(cap_percent=30).cap) == (None, Fraction(3, 10))


async def test_they_are_charged_and_waived_from_the_household_s_page(late: Owing) -> None:
    unit_id, _ = await late.late("101", 1_000_000, 10)
    page = await late.web.console(late.office.house, "finance")
    page.cookies["locale"] = "zh-CN"
    here = f"{late.console}/arrears/units/{unit_id}"

    shown = (await page.get(here)).text
    assert "截至今日违约金" in shown and "30.00" in shown
    assert (await page.post(f"{here}/damages")).status_code == 303
    again = await page.post(f"{here}/damages")
    assert (again.status_code, "截至今日的违约金均已入账" in again.text) == (422, True)
    assert (await page.post(f"{here}/damages/waiver", data={"reason": ""})).status_code == 422
    assert (await page.post(f"{here}/damages/waiver", data={"reason": "首次逾期"})).status_code == 303
    assert (await page.post(f"{here}/damages/waiver", data={"reason": "首次逾期"})).status_code == 409
    cashier = await late.web.api(late.office.house, "cashier")
    assert (await cashier.get(f"{late.api}/arrears/units/{unit_id}/damages")).json()["open_fen"] == 3_000
    assert (await cashier.post(f"{late.api}/arrears/damages", json={"unit_ids": [str(unit_id)]})).status_code == 403


async def listed(owing: Owing, cursor: str | None = None, limit: int = 50) -> DamagesPage:
    async with owing.work() as work:
        return await service.listed(owing.office.lodge.platform, work, owing.office.site, cursor, limit)


async def test_all_households_whose_damages_accrued_are_listed_until_they_are_charged(late: Owing) -> None:
    """BIL-5"""
    homes = [await late.household(room) for room in ("101", "102", "103", "104")]
    fees = [await late.owe(unit_id, party_id, 1_000_000) for unit_id, party_id in homes[:3]]
    await late.owe(*homes[3], 1_000_000, "parking")  # bears none
    await late.pay(fees[0], 1_000_000)  # in time
    late.clock.advance(days=10)
    await late.pay(fees[1], 1_000_000)  # late, and all of it
    late.clock.advance(days=10)

    found = await listed(late)
    assert [(each.unit[-3:], each.open_fen, each.left_fen) for each in found.items] == [
        ("102", 0, 2_700), ("103", 1_000_000, 6_000)
    ]  # fmt: skip
    assert (found.left_fen, found.cursor, found.chargeable) == (8_700, None, True)
    first = await listed(late, limit=1)
    assert [each.unit[-3:] for each in (await listed(late, first.cursor)).items] == ["103"]

    assert await charge(late, *(each.unit_id for each in found.items)) == Charged(2, 2, 8_700)
    assert (await listed(late)).items == []
    late.clock.advance(days=1)
    assert [(each.unit[-3:], each.left_fen) for each in (await listed(late)).items] == [("103", 300)]


async def test_those_that_are_ticked_are_charged_in_the_console_and_pressing_twice_charges_once(late: Owing) -> None:
    """MO-2"""
    one, party_id = await late.late("101", 1_000_000, 10)
    two, _ = await late.household("102")
    await late.owe(two, party_id, 1_000_000)
    late.clock.advance(days=10)
    client = await late.web.console(late.office.house, "finance")
    client.cookies["locale"] = "en"
    page = f"{late.console}/arrears/damages"
    seen = (await client.get(page)).text
    assert str(one) in seen and "60.00" in seen and "90.00" in seen

    assert (await client.post(page, data={})).status_code == 422
    done = await client.post(page, data={"unit_ids": [str(one)]})
    assert "Charged: 1 households, 60.00 yuan." in done.text and str(one) not in done.text.split("<form")[-1]
    twice = await client.post(page, data={"unit_ids": [str(one)]})
    assert "Nothing was left to charge" in twice.text
    assert (await told(late, one)).open_fen == 6_000
    assert (await told(late, two)).open_fen == 0
    cashier = await late.web.console(late.office.house, "cashier")
    assert (await cashier.post(page, data={"unit_ids": [str(two)]})).status_code == 403
    assert 'name="unit_ids"' not in (await cashier.get(page)).text


async def test_a_page_of_damages_is_a_few_statements_however_many_households_there_are(late: Owing) -> None:
    for n in range(12):
        unit_id, party_id = await late.household(str(101 + n))
        await late.owe(unit_id, party_id, 1_000_000)
    late.clock.advance(days=10)
    client = await late.client("finance")
    await client.get(f"{late.api}/arrears/damages")
    async with recording(late.office.lodge.platform.db) as sent:
        answer = await client.get(f"{late.api}/arrears/damages")
    assert len(answer.json()["items"]) == 12
    assert len(sent) <= 6
