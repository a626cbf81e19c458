"""Runs over HTTP and in the console: who may what, what the pages say, what a workbook holds."""

from __future__ import annotations

import httpx

from core.exchange.workbook import read_workbook
from plugins.billing.runs.screens import STEPS
from plugins.billing.telling import AMOUNT, FORMULA, LEFT_OVER, OFF, PART, RENT, SPAN, TIER, USED, WHY
from tests.plugins.billing.runs.conftest import Desk
from tests.support.web import Web


async def test_a_run_goes_its_way_over_the_api(
    desk: Desk, finance: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    """BIL-2"""
    fee = await desk.item("fee", "2.35")
    await desk.unit("101", "89.50")
    await desk.unit("102", None)
    made = await finance.post(f"{desk.api}/runs", json={"month": "2026-11-01", "item_ids": [str(fee)]})
    assert made.status_code == 201, made.text
    run = made.json()
    assert (run["status"], run["title"]) == ("computing", "2026-11 fee")
    here = f"{desk.api}/runs/{run['id']}"
    await desk.step(await desk.get_id(run["id"]), 100)

    lines = (await finance.get(f"{here}/lines", params={"unit": "101"})).json()
    assert [(line["unit"], line["amount_fen"]) for line in lines["items"]] == [("1幢101", 21033)]
    skips = (await finance.get(f"{here}/skips")).json()["items"]
    assert [(skip["unit"], skip["reason"]) for skip in skips] == [("1幢102", "missing_quantity")]
    told = (await finance.get(f"{desk.api}/lines/{lines['items'][0]['id']}")).json()
    assert (told["version"], told["replayed"]) == (1, True)
    assert told["steps"] == ["2026-11-01 to 2026-11-30: 2.35 × 89.5 × 1 × 1", "amount: 210.33"]

    etag = (await finance.get(here)).headers["etag"]
    assert (await finance.post(f"{here}/approval", headers={"if-match": etag})).status_code == 403
    assert (await manager.post(f"{here}/approval")).status_code == 428
    approved = await manager.post(f"{here}/approval", headers={"if-match": etag})
    assert approved.json()["status"] == "approved"
    assert (await manager.post(f"{here}/approval", headers={"if-match": etag})).status_code == 412
    issuing = await finance.post(f"{here}/issue", headers={"if-match": approved.headers["etag"]})
    assert issuing.json()["status"] == "issuing"


async def test_lines_come_page_by_page_in_the_order_of_units(desk: Desk, finance: httpx.AsyncClient) -> None:
    items = await desk.item("fee", "2"), await desk.item("bins", "8", "fixed")
    for n in range(9, 13):
        await desk.unit(str(n))
    run = await desk.computed(*items)
    seen, cursor = [], None
    while True:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await finance.get(f"{desk.api}/runs/{run.id}/lines", params=query)).json()
        seen += [line["unit"] for line in page["items"]]
        if not (cursor := page["cursor"]):
            break
    assert seen == [f"1幢{n}" for n in (9, 9, 10, 10, 11, 11, 12, 12)]
    wrong = await finance.get(f"{desk.api}/runs/{run.id}/lines", params={"cursor": "x"})
    assert wrong.status_code == 400


async def test_the_console_computes_shows_and_exports(desk: Desk, web: Web) -> None:
    console = await web.console(desk.house, "finance")
    assert "No fee items yet" in (await console.get(f"{desk.console}/runs")).text
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    await desk.unit("102", None)
    assert "No runs yet" in (await console.get(f"{desk.console}/runs")).text
    refused = await console.post(f"{desk.console}/runs", data={"month": "2026-11"})
    assert refused.status_code == 422
    assert "Choose at least one fee item." in refused.text
    made = await console.post(f"{desk.console}/runs", data={"month": "2026-11", "item_ids": str(fee)})
    assert made.status_code == 303
    here = made.headers["location"]
    assert "0 of 2 units looked at" in (await console.get(here)).text
    await desk.step(await desk.get_id(here.rpartition("/")[2]), 100)

    page = (await console.get(here)).text
    assert "To be looked at" in page
    assert "200.00" in page
    skips = (await console.get(here, params={"show": "skips"})).text
    assert "The area or the number of spaces is missing" in skips
    lines, left = read_workbook((await console.get(f"{here}/export")).content)
    assert [lines.rows[1][0], lines.rows[1][-1]] == ["1幢101", 200]
    assert left.rows[1][0] == "1幢102"

    lead = await web.console(desk.house, "manager")
    stale = await lead.post(f"{here}/approval", data={"version": "77"})
    assert stale.status_code == 412
    approved = await lead.post(
        f"{here}/approval", data={"version": str((await desk.get_id(here.rpartition("/")[2])).version)}
    )
    assert approved.status_code == 303
    line = (await desk.rows("SELECT id FROM billing_charge WHERE company_id = $1"))[0][0]
    assert "Computed anew: the same" in (await console.get(f"{desk.console}/lines/{line}")).text
    console.cookies.set("locale", "zh-CN")
    told = (await console.get(f"{desk.console}/lines/{line}")).text
    assert "2026-11-01 至 2026-11-30：" in told and "金额：200.00 元" in told


async def test_lines_of_another_site_are_not_there(desk: Desk, finance: httpx.AsyncClient) -> None:
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    run = await desk.computed(fee)
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/billing"
    line = (await desk.rows("SELECT id FROM billing_charge WHERE company_id = $1"))[0][0]
    for path in (f"runs/{run.id}", f"runs/{run.id}/lines", f"runs/{run.id}/skips", f"lines/{line}"):
        assert (await finance.get(f"{other}/{path}")).status_code == 404


def test_the_steps_of_a_charge_are_those_that_are_translated() -> None:
    assert {SPAN, AMOUNT, FORMULA, RENT, USED, TIER, PART, LEFT_OVER, OFF, *WHY.values()} == set(STEPS)
