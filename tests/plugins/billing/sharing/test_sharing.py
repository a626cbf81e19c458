"""A month's cost over its households: the parts are the whole, through the run, and each is explained (BIL-1, MO-6)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Conflict, Invalid, new_id
from plugins.billing.amounts.share import Share, SharePart, Weight, part, parts, share
from plugins.billing.line import replay
from plugins.billing.runs import service as runs
from plugins.billing.runs.lines import kept_line
from plugins.billing.sharing import service
from plugins.billing.sharing.model import Cost, NewCost
from tests.plugins.billing.runs.conftest import _ASSIGNED, _ITEM, START
from tests.plugins.billing.sharing.conftest import Desk, Meters
from tests.support.statements import recording
from tests.support.web import Web

NOVEMBER = date(2026, 11, 1)


async def energy(desk: Desk, code: str = "energy") -> UUID:
    """An item that households share, charged at the whole site."""
    id = new_id()
    await desk.write(_ITEM, id, desk.site.id, code, code, "shared", "month")
    await desk.write(_ASSIGNED, new_id(), desk.site.id, id, START)
    return id


async def enter(desk: Desk, item: UUID, **more: Any) -> Cost:
    new = NewCost(**{"item_id": item, "month": NOVEMBER, "method": "built", "total_fen": 100_000, **more})
    async with desk.work() as work:
        return await service.add(work, desk.site, new)


WEIGHTS = st.lists(st.decimals("0", "500", places=2).map(Fraction), min_size=1, max_size=30)


@given(st.integers(1, 10**9), WEIGHTS)
def test_each_part_by_itself_is_what_the_whole_gives(total: int, weights: list[Fraction]) -> None:
    """MO-6"""
    if not any(weights):
        return
    asked = Share(total, tuple(Weight(str(n), weight) for n, weight in enumerate(weights)))
    found = {id: part(of).amount_fen for id, of in parts(asked).items()}
    assert found == share(asked).shares
    assert sum(found.values()) == total


async def test_a_run_bills_the_shares_and_they_come_to_the_cost(desk: Desk) -> None:
    """MO-6"""
    item = await energy(desk)
    for room, area in (("101", "89.50"), ("102", "100"), ("103", "120.25"), ("104", "77.77"), ("105", "0")):
        await desk.unit(room, area)
    cost = await enter(desk, item, total_fen=100_001)
    assert (cost.units, cost.weights, cost.billed) == (5, "387.52", False)

    run = await desk.computed(item)

    assert (run.charges, run.total_fen, run.items[0].skips) == (4, 100_001, 0)  # who has no share owes nothing
    lines = await desk.rows(
        "SELECT id, first_day, last_day, amount_fen, definition, facts FROM billing_charge WHERE company_id = $1"
    )
    assert {row[1:3] for row in lines} == {(NOVEMBER, date(2026, 11, 30))}
    for *_, definition, facts in lines:
        assert isinstance(replay(kept_line(definition, facts)[1]), SharePart)
    async with desk.work() as work:
        explained, *_ = await runs.explain(work, desk.site, lines[0][0])
        assert (await service.page(work, desk.site)).items[0].billed
    assert explained.replayed
    assert explained.steps[0].startswith("1,000.01 × ") and explained.steps[0].endswith(" of 387.52")
    assert (await desk.computed(item)).charges == 0


async def test_a_cost_is_shared_equally_by_coefficients_and_in_a_building(desk: Desk) -> None:
    item = await energy(desk)
    units = [await desk.unit(room, None) for room in ("101", "102", "103")]
    await desk.write("UPDATE unit SET building = '2' WHERE company_id = $1 AND id = $2", units[2])
    equal = await enter(desk, item, method="equal", building="1", total_fen=101)
    async with desk.work() as work:
        found = await service.detail(work, desk.site, equal.id)
    assert [(each.unit, each.amount_fen) for each in found.shares] == [("1幢101", 51), ("1幢102", 50)]
    with pytest.raises(Invalid) as refused:
        await enter(desk, item, method="coefficient", building="2")
    assert refused.value.fields[0].params["unit"] == "1幢103"
    with pytest.raises(Invalid):
        await enter(desk, item, method="equal")  # a part of the site has its own already
    await desk.write(
        "INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name) "
        "VALUES ($1, $2, $3, $4, 'coefficient', $5, 0.85, now(), '')",
        new_id(),
        desk.site.id,
        units[2],
        START,
    )
    assert (await enter(desk, item, method="coefficient", building="2")).weights == "0.85"
    assert (await desk.computed(item)).total_fen == 100_101


async def test_a_meter_of_the_site_says_what_is_shared(desk: Desk, meters: Meters) -> None:
    item = await energy(desk)
    await desk.unit("101")
    await desk.unit("102")
    meter = await meters.meter(item, None, ("10-25", "100"), multiplier="40", label="泵房")
    with pytest.raises(Invalid):
        await enter(desk, item, total_fen=None, meter_id=meter, price="0.6")
    await meters.read(meter, "11-20", "150.5")
    cost = await enter(desk, item, total_fen=None, meter_id=meter, price="0.6125", method="equal")
    assert (cost.used, cost.total_fen) == ("2020", 123_725)
    assert (await desk.computed(item)).total_fen == 123_725


async def test_a_cost_is_needed_before_the_run_and_goes_only_before_it(desk: Desk) -> None:
    item = await energy(desk)
    await desk.unit("101")
    with pytest.raises(Invalid):
        await desk.run(item)
    cost = await enter(desk, item)
    run = await desk.computed(item)
    with pytest.raises(Conflict):
        async with desk.work() as work:
            await service.remove(work, desk.site, cost.id)
    async with desk.work() as work:
        await runs.discard(work, desk.site, run.id, run.version)
    async with desk.work() as work:
        await service.remove(work, desk.site, cost.id)
    assert await desk.rows("SELECT count(*) FROM billing_share WHERE company_id = $1") == [(0,)]


async def test_a_cost_is_entered_over_the_api_in_few_statements(desk: Desk, finance: httpx.AsyncClient) -> None:
    item, fee = await energy(desk), await desk.item("fee", "2")
    await desk.unit("101")
    new = {"item_id": str(item), "month": "2026-11-01", "method": "built", "total_fen": 5000, "bill": "D-1"}
    for wrong in ({"item_id": str(fee)}, {"month": "2026-11-02"}, {"month": "2026-12-01"}, {"total_fen": None}):
        assert (await finance.post(f"{desk.api}/shared-costs", json={**new, **wrong})).status_code == 422, wrong
    async with recording(desk.lodge.platform.db) as sent:
        made = await finance.post(f"{desk.api}/shared-costs", json=new)
    assert made.status_code == 201, made.text
    assert len(sent) <= 6
    here = f"{desk.api}/shared-costs/{made.json()['id']}"
    assert (await finance.get(here)).json()["shares"][0]["amount_fen"] == 5000
    assert (await finance.get(f"{desk.api}/shared-costs")).json()["items"][0]["bill"] == "D-1"
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/billing/shared-costs/{made.json()['id']}"
    assert (await finance.get(other)).status_code == (await finance.delete(other)).status_code == 404
    assert (await finance.delete(here)).status_code == 204
    assert [row[0] for row in await desk.rows(
        "SELECT action FROM audit_entry WHERE company_id = $1 AND action LIKE 'billing.cost%' ORDER BY at, id"
    )] == ["billing.cost.added", "billing.cost.removed"]  # fmt: skip


async def test_the_console_shares_a_bill_and_shows_every_share(desk: Desk, web: Web) -> None:
    console = await web.console(desk.house, "finance")
    console.headers["hx-request"] = "true"
    here = f"{desk.console}/shared-costs"
    assert "Nothing is shared here" in (await console.get(here)).text
    item = await energy(desk)
    await desk.unit("101", "60")
    await desk.unit("102", "40")
    assert "No cost is entered yet" in (await console.get(here)).text
    form = {"item_id": str(item), "month": "2026-11", "method": "built", "yuan": "12.345", "building": ""}
    refused = await console.post(here, data=form)
    assert refused.status_code == 422 and "Give at most two places: fen." in refused.text
    made = await console.post(here, data={**form, "yuan": "100.01"})
    page = (await console.get(made.headers["hx-redirect"])).text
    assert "60.01" in page and "40.00" in page and "not billed yet" in page
    assert (await console.get(f"{made.headers['hx-redirect']}/export")).status_code == 200
    clerk = await web.console(desk.house, "clerk")
    assert (await clerk.get(here)).status_code == 403
    assert (await console.post(made.headers["hx-redirect"])).headers["hx-redirect"] == here
