"""Who owes what since when, by age, item and building; how much comes in (BIL-5, BIL-6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from core.exchange.workbook import read_workbook
from core.sdk import ARREARS, UnitArrears, new_id
from plugins.billing.arrears.model import permille
from plugins.billing.arrears.policies import ARREARS as RULES
from plugins.billing.ledger.entries import Adjustment, Allocation, Part, Payment, Waiver
from tests.plugins.billing.arrears.conftest import Owing
from tests.support.statements import recording
from tests.support.web import Web

_SUMS = """
SELECT charge_id, coalesce(-sum(amount_fen) FILTER (WHERE account = 'income'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE account = 'receivable'), 0)::bigint
FROM billing_posting WHERE company_id = $1 AND charge_id IS NOT NULL GROUP BY 1 ORDER BY 1
"""
_OWED = "SELECT charge_id, charged_fen, open_fen FROM billing_owed WHERE company_id = $1 ORDER BY 1"


async def ask(client: httpx.AsyncClient, path: str, **query: object) -> Any:
    answer = await client.get(path, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_each_charge_stands_as_its_postings_leave_it(owing: Owing) -> None:
    """MO-1: what is shown as open is the ledger's sum, whatever is posted and undone."""
    office = owing.office
    unit_id, party_id = await owing.household("301")
    charges = [await owing.owe(unit_id, party_id, fen) for fen in (1_000, 2_000, 3_000, 4_000)]
    first, second, third, fourth = (charge.charge_id for charge in charges)
    paid = await office.post(Payment(unit_id, party_id, "cash", 4_500, (Part(first, 1_000), Part(second, 500))))
    await office.post(Allocation(unit_id, party_id, (Part(third, 3_000),)))
    await office.post(Waiver(unit_id, (Part(second, 200),)))
    await office.post(Adjustment(unit_id, fourth, -4_000))
    await office.post(Adjustment(unit_id, second, 700))
    undone = await office.post(Payment(unit_id, party_id, "cash", 100, (Part(second, 100),)))
    await office.reverse(undone.id)

    owed = await office.rows(_OWED)

    assert paid.new and owed == await office.rows(_SUMS)
    assert {charge: (charged, left) for charge, charged, left in owed} == {
        first: (1_000, 0), second: (2_500, 2_000), third: (3_000, 0), fourth: (0, 0),
    }  # fmt: skip


async def test_households_come_by_age_page_by_page_in_each_order(owing: Owing) -> None:
    old, party = await owing.late("101", 700, 200)
    await owing.owe(old, party, 50)
    middle, _ = await owing.late("102", 90_000, 31, "李雷")
    young, _ = await owing.late("103", 800, 20, "韩梅梅")
    fresh, other = await owing.household("104", "赵一")
    await owing.owe(fresh, other, 800, "parking")
    manager = await owing.client()
    rooms = {old: "101", middle: "102", young: "103", fresh: "104"}

    async def order(**query: object) -> list[str]:
        seen: list[str] = []
        cursor = None
        while True:
            page = await ask(
                manager, f"{owing.api}/arrears", limit=2, **query, **({"cursor": cursor} if cursor else {})
            )
            seen += [rooms[UUID(row["unit_id"])] for row in page["items"]]
            if not (cursor := page["cursor"]):
                return seen

    by_amount = await order()
    assert by_amount[0] == "102" and set(by_amount[1:3]) == {"103", "104"} and by_amount[3] == "101"
    assert await order(sort="oldest") == ["101", "102", "103", "104"]
    assert await order(sort="unit") == ["101", "102", "103", "104"]
    assert await order(age=1, sort="unit") == ["101", "102", "103"]
    assert await order(age=2, sort="unit") == ["101", "102"]
    assert await order(age=4, sort="unit") == ["101"]
    assert await order(text="102") == ["102"]
    assert await order(text="1_2") == []
    assert await order(building="1", sort="unit") == ["101", "102", "103", "104"]
    assert await order(building="2") == []
    assert await order(item_id=owing.office.items["parking"]) == ["104"]
    assert await order(least_fen=801) == ["102"]
    [row] = (await ask(manager, f"{owing.api}/arrears", text="101"))["items"]
    assert (row["open_fen"], row["overdue_fen"], row["days"], row["charges"], row["party"]) == (
        750,
        750,
        251,
        2,
        "王芳",
    )
    assert row["aged_fen"] == [0, 0, 50, 0, 700, 0]
    for wrong in ("nonsense", (await ask(manager, f"{owing.api}/arrears", limit=1))["cursor"]):
        answer = await manager.get(f"{owing.api}/arrears", params={"cursor": wrong, "sort": "unit"})
        assert answer.status_code == 400


async def test_what_is_open_is_summed_by_age_item_and_building(owing: Owing) -> None:
    unit_id, party_id = await owing.late("101", 700, 91)
    await owing.owe(unit_id, party_id, 50)
    await owing.owe(unit_id, party_id, 30, "parking")
    paid = await owing.owe(unit_id, party_id, 10)
    await owing.pay(paid, 10)

    manager = await owing.client()
    told = await ask(manager, f"{owing.api}/arrears/ageing")

    assert told["last_days"] == [30, 90, 180, 365]
    total = told["total"]
    assert (total["households"], total["open_fen"], total["overdue_fen"]) == (1, 780, 700)
    assert total["aged_fen"] == [80, 0, 0, 700, 0, 0]
    assert [(row["name"], row["open_fen"]) for row in told["by_item"]] == [("物业费", 750), ("车位费", 30)]
    assert [(row["name"], row["households"], row["open_fen"]) for row in told["by_building"]] == [("1", 1, 780)]


async def test_the_ages_are_those_that_the_site_has_set(owing: Owing) -> None:
    await owing.late("101", 700, 20)
    async with owing.work("admin") as work:
        policies, site = owing.office.lodge.platform.policies, owing.office.site
        await policies.revise(work, RULES, site.id, {"first_days": 10, "second_days": 19}, reason="test", expected=0)
    told = await ask(await owing.client(), f"{owing.api}/arrears/ageing")
    assert (told["last_days"], told["total"]["aged_fen"]) == ([10, 19, 180, 365], [0, 0, 0, 700, 0, 0])


async def test_the_collection_rate_says_what_came_in_of_what_was_charged_against_the_target(owing: Owing) -> None:
    """BIL-6: 95 % of the property fee, all that is collected for others, all other items."""
    await owing.write("UPDATE billing_item SET code = 'property_fee' WHERE company_id = $1 AND code = 'property'")
    unit_id, party_id = await owing.household("101")
    fee = await owing.owe(unit_id, party_id, 10_000)
    parking = await owing.owe(unit_id, party_id, 1_000, "parking")
    await owing.pay(fee, 9_499)
    await owing.pay(parking, 1_000)
    owing.clock.advance(days=10)  # into December
    waived = await owing.owe(unit_id, party_id, 500)
    await owing.office.post(Waiver(unit_id, (Part(waived.charge_id, 500),)))
    part = await owing.owe(unit_id, party_id, 100)

    manager = await owing.client()

    async def rates() -> dict[str, tuple[Any, ...]]:
        told = await ask(manager, f"{owing.api}/arrears/rates", year=2026)
        return {r["item"]: (r["target_percent"], r["permille"], r["reached"], len(r["months"])) for r in told["items"]}

    assert await rates() == {"物业费": (95, 940, False, 2), "车位费": (100, 1000, True, 1)}
    await owing.pay(fee, 1)
    await owing.pay(part, 100)
    assert (await rates())["物业费"] == (95, 950, True, 2)
    assert (await ask(manager, f"{owing.api}/arrears/rates", year=2025))["items"] == []
    assert (await manager.get(f"{owing.api}/arrears/rates?year=12")).status_code == 400


def test_a_rate_is_rounded_down_and_of_nothing_there_is_none() -> None:
    assert (permille(9_499, 10_000), permille(9_500, 10_000), permille(0, 0)) == (949, 950, None)


async def test_the_workbook_has_households_items_and_buildings_in_yuan(owing: Owing, web: Web) -> None:
    await owing.late("101", 12_345, 40)
    page = await web.console(owing.office.house, "cashier")
    households, items, buildings = read_workbook((await page.get(f"{owing.console}/arrears/export")).content)
    assert [households.rows[1][0], *households.rows[1][5:10]] == ["1幢1单元101", 40, 123.45, 123.45, 0, 0]
    assert (items.rows[1][0], items.rows[1][2]) == ("物业费", 123.45)
    assert buildings.rows[1][:2] == ("1", 1) or list(buildings.rows[1][:2]) == ["1", 1]


async def test_pages_ask_few_times_and_are_for_those_who_keep_accounts(owing: Owing, web: Web) -> None:
    unit_id, _ = await owing.late("101", 12_345, 40)
    page = await web.console(owing.office.house, "cashier")
    page.cookies["locale"] = "zh-CN"
    for path in ("arrears", "arrears/rates?year=2026", f"arrears/units/{unit_id}", "dunning", "dunning?step=letter"):
        await page.get(f"{owing.console}/{path}")
        async with recording(owing.office.lodge.platform.db) as sent:
            answer = await page.get(f"{owing.console}/{path}")
        assert (answer.status_code, len(sent) <= 6) == (200, True), (path, [statement.sql for statement in sent])
        if path != "dunning?step=letter":
            assert "123.45" in answer.text, path
    clerk = await web.api(owing.office.house, "clerk")
    for path in ("arrears", "arrears/ageing", "arrears/rates", f"arrears/units/{unit_id}", "dunning"):
        assert (await clerk.get(f"{owing.api}/{path}")).status_code == 403


async def test_a_household_of_another_site_is_not_there(owing: Owing) -> None:
    other = await owing.office.unit(site=owing.office.house.sites[1])
    manager = await owing.client()
    for unit_id in (other, new_id()):
        assert (await manager.get(f"{owing.api}/arrears/units/{unit_id}")).status_code == 404


async def test_the_household_s_card_says_what_it_owes_to_whoever_sees_amounts(owing: Owing, web: Web) -> None:
    """REC-5"""
    unit_id, party_id = await owing.late("101", 12_345, 40)
    await owing.owe(unit_id, party_id, 100)
    owes_nothing = await owing.office.unit("102")
    here = f"/s/{owing.office.site.slug}/estate/units"
    clerk, cashier = await web.console(owing.office.house, "clerk"), await web.console(owing.office.house, "cashier")
    guard = await web.console(owing.office.house, "guard")

    seen = (await cashier.get(f"{here}/{unit_id}")).text
    assert "123.45 yuan overdue since 2026-11-23 (40 days)" in seen and f"arrears/units/{unit_id}" in seen
    told = (await clerk.get(f"{here}/{unit_id}")).text
    assert "123.45 yuan overdue" in told and "arrears/units" not in told
    assert "yuan" not in (await clerk.get(f"{here}/{owes_nothing}")).text
    answer = await guard.get(f"{here}/{unit_id}")
    assert "123.45" not in answer.text


async def test_other_modules_are_told_what_units_owe_in_one_statement(owing: Owing) -> None:
    platform, site = owing.office.lodge.platform, owing.office.site
    unit_id, party_id = await owing.late("101", 700, 5)
    await owing.owe(unit_id, party_id, 50)
    nothing = await owing.office.unit("102")
    async with owing.work("clerk") as work:
        arrears = platform.services.find(ARREARS, work.ctx, site.id)
        assert arrears is not None
        async with recording(platform.db) as sent:
            told = await arrears.of_units(work, site, [unit_id, nothing, new_id()])
            assert await arrears.of_units(work, site, []) == {}
    assert len(sent) <= 2
    [[day]] = await owing.office.rows("SELECT min(due_on) FROM billing_owed WHERE company_id = $1")
    assert told == {unit_id: UnitArrears(750, 700, day)}


@pytest.mark.parametrize("on", [True, False])
async def test_nobody_offers_arrears_where_billing_is_off(owing: Owing, on: bool) -> None:
    platform = owing.office.lodge.platform
    house = owing.office.house if on else await owing.office.lodge.house(plugins=["reception"])
    async with owing.office.lodge.work(house, "clerk") as work:
        assert (platform.services.find(ARREARS, work.ctx, house.sites[0].id) is not None) == on
