"""Contracts in the console: found, entered with their steps before them, ended, and read as a workbook (BIL-1)."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from core.exchange.workbook import read_workbook
from tests.plugins.billing.rents.conftest import FIVE_PERCENT, Letting
from tests.support.web import Web

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
async def lead(letting: Letting, web: Web) -> httpx.AsyncClient:
    client = await web.console(letting.house, "manager")
    client.headers["hx-request"] = "true"
    return client


def form(item: object, tenant: object, **more: str) -> dict[str, str]:
    return {
        "item_id": str(item), "unit": "1幢S12", "party_id": str(tenant), "number": "HT-1", "first_day": "2025-03-16",
        "last_day": "2028-03-15", "price": "1000", "per": "month", "how": "rate", "every_months": "12", "by": "5",
        "rounding_unit": "fen", "rounding_mode": "half_up", "note": "", **more,
    }  # fmt: skip


async def test_the_list_says_what_to_do_first(letting: Letting, lead: httpx.AsyncClient) -> None:
    here = f"{letting.console}/rents"
    assert "No rents are charged here yet" in (await lead.get(here)).text
    assert "No rents are charged here yet" in (await lead.get(f"{here}/new")).text
    await letting.rent_item()
    page = (await lead.get(here)).text
    assert "No rent contracts yet" in page and f"{here}/new" in page
    assert "No contract fits" in (await lead.get(here, params={"q": "x"})).text


async def test_a_contract_is_entered_with_its_steps_before_it(letting: Letting, lead: httpx.AsyncClient) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    here = f"{letting.console}/rents"
    bare = await lead.post(f"{here}/preview", data={"unit": "1幢S12"})
    assert bare.status_code == 200 and "业主S12" in bare.text and "Prices step by step" not in bare.text
    tenant = await letting.tenant(unit, "李强")
    shown = (await lead.post(f"{here}/preview", data=form(item, tenant))).text
    assert "李强" in shown and "1102.5" in shown and "2027-03-16" in shown
    wrong = await lead.post(f"{here}/preview", data=form(item, tenant, every_months="0"))
    assert wrong.status_code == 200 and "from 1 to 240" in wrong.text
    assert await letting.rows("SELECT id FROM billing_rent WHERE company_id = $1") == []

    for field, value, said in (
        ("price", "viel", "Give a number such as 2.35."),
        ("last_day", "", "Give a day."),
        ("last_day", "2025-01-01", "The last day is before the first."),
        ("party_id", "", "Choose the tenant."),
        ("number", " ", "number."),
        ("unit", "9幢", "There is no such unit"),
        ("by", "", "Give a number such as 2.35."),
        ("by", "5.00001", "Give four places at most."),
    ):
        refused = await lead.post(here, data=form(item, tenant, **{field: value}))
        assert refused.status_code == 422 and said in refused.text, (field, value)
    added = await lead.post(here, data=form(item, tenant))
    assert added.status_code == 200, added.text
    page = (await lead.get(added.headers["hx-redirect"])).text
    assert "5 % every 12 months" in page and "1102.5" in page and "Nothing was billed yet" in page
    refused = await lead.post(here, data=form(item, tenant, number="HT-2"))
    assert refused.status_code == 422 and "HT-1" in refused.text
    listed = (await lead.get(here)).text
    assert added.headers["hx-redirect"] in listed and "李强" in listed and "1050" in listed


async def test_a_contract_is_ended_from_its_page_and_tells_what_was_billed_beyond(
    letting: Letting, lead: httpx.AsyncClient
) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR)
    await letting.issued(item)
    here = f"{letting.console}/rents/{rent.id}"
    wrong = await lead.post(here, data={"kind": "end", "version": "1", "ended_on": "2027-05-01"})
    assert wrong.status_code == 422 and "a longer lease is another contract" in wrong.text
    assert (await lead.post(here, data={"kind": "end", "version": "1", "ended_on": ""})).status_code == 422
    named = await lead.post(here, data={"kind": "change", "version": "1", "number": "HT-7", "note": "补签"})
    assert named.headers["hx-redirect"] == here
    done = await lead.post(here, data={"kind": "end", "version": "2", "ended_on": "2026-11-15"})
    assert done.headers["hx-redirect"] == here
    page = (await lead.get(here)).text
    assert "Days after the end were billed" in page and "beyond its end" in page
    assert "HT-7" in page and "补签" in page and "since=2026-11-16" in page
    assert (await lead.post(here, data={"kind": "end", "version": "2", "ended_on": "2026-11-10"})).status_code == 412


async def test_the_item_leads_to_its_contracts_and_is_published_without_a_price(
    letting: Letting, lead: httpx.AsyncClient
) -> None:
    item = await letting.rent_item()
    page = (await lead.get(f"{letting.console}/items/{item}")).text
    assert f"{letting.console}/rents?item={item}" in page and "do-assign" not in page.partition("<dialog")[0]
    assert f'{letting.console}/rents"' in (await lead.get(letting.console)).text
    assert "As its contracts say" in (await lead.get(f"{letting.console}/price-list")).text


async def test_a_workbook_has_the_contracts_of_the_list(
    letting: Letting, lead: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenant = await letting.tenant(unit, "李强")
    await letting.let(item, unit, tenant, date(2025, 3, 16), YEAR[1], rise=FIVE_PERCENT, note="押三付一")
    for client, path in ((lead, letting.console), (manager, letting.api)):
        answer = await client.get(f"{path}/rents/export")
        assert answer.status_code == 200, answer.text
        [sheet] = read_workbook(answer.content)
        (row,) = [row for row in sheet.rows if row[0] == "1幢S12"]
        assert row[1:6] == ("李强", "HT-1", "rent", date(2025, 3, 16), YEAR[1])
        assert row[8:10] == (1000, 1050) and row[12] == "押三付一"


async def test_whoever_keeps_the_books_reads_contracts_and_enters_none(
    letting: Letting, web: Web, lead: httpx.AsyncClient
) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR)
    cashier, clerk = await web.console(letting.house, "cashier"), await web.console(letting.house, "clerk")
    here = f"{letting.console}/rents"
    assert "do-end" not in (await cashier.get(f"{here}/{rent.id}")).text
    assert f"{here}/new" not in (await cashier.get(here)).text
    assert (await cashier.get(f"{here}/new")).status_code == 403
    assert (await clerk.get(here)).status_code == 403
    assert f'{here}"' not in (await clerk.get(letting.console)).text
