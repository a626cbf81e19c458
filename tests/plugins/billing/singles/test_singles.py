"""Something single: owed at once, on the account, explained, in no run (BIL-1)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from core.sdk import new_id
from tests.plugins.billing.runs.conftest import _ITEM, Desk
from tests.support.statements import recording
from tests.support.web import Web


async def service_of(desk: Desk, price: str | None = None) -> UUID:
    id = new_id()
    await desk.write(_ITEM, id, desk.site.id, "rubbish", "装修垃圾清运", "once", "month")
    if price is not None:
        await desk.price(id, price)
    return id


def body(item: UUID, unit: UUID, **more: Any) -> dict[str, Any]:
    return {"item_id": str(item), "unit_id": str(unit), "day": "2026-11-20", **more}


async def test_a_household_owes_it_at_once_and_its_line_tells_how(desk: Desk, finance: httpx.AsyncClient) -> None:
    """MO-1"""
    item, unit = await service_of(desk, "12.5"), await desk.unit("101")
    await finance.post(f"{desk.api}/singles", json=body(item, await desk.unit("102")))
    async with recording(desk.lodge.platform.db) as sent:
        made = await finance.post(f"{desk.api}/singles", json=body(item, unit, times="3"))
    assert made.status_code == 201, made.text
    assert len(sent) <= 8  # three of them are the ledger's
    owed = made.json()
    assert (owed["party"], owed["amount_fen"], owed["due_on"]) == ("业主101", 3750, "2026-11-29")

    account = (await finance.get(f"{desk.api}/ledger/accounts/{unit}")).json()
    assert [(c["open_fen"], c["first_day"], c["due_on"]) for c in account["charges"]] == [
        (3750, "2026-11-20", "2026-11-29")
    ]
    told = (await finance.get(f"{desk.api}/lines/{owed['id']}")).json()
    assert (told["replayed"], told["steps"], told["version"]) == (True, ["3 × 12.5", "amount: 37.50"], 1)
    listed = (await finance.get(f"{desk.api}/singles", params={"text": "101"})).json()["items"]
    assert [each["id"] for each in listed] == [owed["id"]]
    assert await desk.rows("SELECT sum(amount_fen)::bigint FROM billing_posting WHERE company_id = $1") == [(0,)]


async def test_two_of_a_kind_on_one_day_are_two_charges(desk: Desk, finance: httpx.AsyncClient) -> None:
    item, unit = await service_of(desk), await desk.unit("101")
    for _ in range(2):
        assert (await finance.post(f"{desk.api}/singles", json=body(item, unit, amount_fen=500))).status_code == 201
    assert (await finance.get(f"{desk.api}/ledger/accounts/{unit}")).json()["open_fen"] == 1000


async def test_what_does_not_fit_is_refused_and_nothing_is_owed(desk: Desk, finance: httpx.AsyncClient) -> None:
    item, unit, fee = await service_of(desk), await desk.unit("101"), await desk.item("fee", "2")
    nobody = await desk.unit("102")
    await desk.write("DELETE FROM occupancy WHERE company_id = $1 AND unit_id = $2", nobody)
    for wrong in (
        body(item, unit),
        body(fee, unit, amount_fen=5),
        body(unit, unit, amount_fen=5),
        body(item, item, amount_fen=5),
        body(item, nobody, amount_fen=5),
        body(item, unit, amount_fen=5, party_id=str(unit)),
        body(item, unit, amount_fen=5, due_on="2026-11-01"),
        body(item, unit, amount_fen=5, times="0"),
    ):
        assert (await finance.post(f"{desk.api}/singles", json=wrong)).status_code == 422, wrong
    await desk.price(item, "3")
    priced = await finance.post(f"{desk.api}/singles", json=body(item, unit, amount_fen=5))
    assert priced.json()["errors"][0]["field"] == "amount_fen"
    assert await desk.rows("SELECT count(*) FROM billing_charge WHERE company_id = $1") == [(0,)]


async def test_nothing_is_charged_into_a_closed_month(desk: Desk, finance: httpx.AsyncClient) -> None:
    """MO-7"""
    item, unit = await service_of(desk), await desk.unit("101")
    await desk.write(
        "INSERT INTO billing_period (company_id, id, site_id, month, debit_fen, credit_fen, at, by_name) "
        "VALUES ($1, $2, $3, $4, 0, 0, now(), '')",
        new_id(),
        desk.site.id,
        date(2026, 11, 1),
    )
    answer = await finance.post(f"{desk.api}/singles", json=body(item, unit, amount_fen=500))
    assert answer.status_code == 409
    assert await desk.rows("SELECT count(*) FROM billing_charge WHERE company_id = $1") == [(0,)]


async def test_a_run_neither_offers_it_nor_counts_it(desk: Desk, finance: httpx.AsyncClient) -> None:
    item, unit = await service_of(desk), await desk.unit("101")
    await finance.post(f"{desk.api}/singles", json=body(item, unit, amount_fen=500))
    refused = await finance.post(f"{desk.api}/runs", json={"month": "2026-11-01", "item_ids": [str(item)]})
    assert refused.status_code == 422
    run = await desk.computed(await desk.item("fee", "2"))
    assert (run.charges, run.total_fen) == (1, 20000)


async def test_the_console_charges_a_household_and_leads_to_its_account(desk: Desk, web: Web) -> None:
    console = await web.console(desk.house, "finance")
    console.headers["hx-request"] = "true"
    here = f"{desk.console}/singles"
    assert "Nothing is charged by itself here" in (await console.get(here)).text
    item = await service_of(desk)
    await desk.unit("101")
    assert "Nothing single was charged yet" in (await console.get(here)).text
    form = {"item_id": str(item), "unit": "1幢101", "day": "2026-11-20", "times": "1", "yuan": ""}
    refused = await console.post(here, data=form)
    nowhere = await console.post(here, data={**form, "unit": "9幢", "yuan": "5"})
    assert "This item has no price on that day: give the amount." in refused.text
    assert "There is no such unit" in nowhere.text
    made = await console.post(here, data={**form, "yuan": "30.50"})
    shown = (await console.get(made.headers["hx-redirect"])).text
    assert "Charged: 1幢101, 装修垃圾清运, 30.50 yuan." in shown
    assert "/billing/ledger/accounts/" in shown
    [(line,)] = await desk.rows("SELECT id FROM billing_charge WHERE company_id = $1")
    assert "Back to single charges" in (await console.get(f"{desk.console}/lines/{line}")).text
    cashier = await web.console(desk.house, "cashier")
    assert (await cashier.get(here)).status_code == 200
    assert (await cashier.post(here, data=form)).status_code == 403
