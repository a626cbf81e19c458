"""Work that has to be done again: a new order in one step, tied to the first, free within our own warranty (REP-5)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.plugins.repairs.conftest import Report, Shop
from tests.support.lodge import SettableClock
from tests.support.statements import recording


@pytest.fixture
async def done(shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None) -> dict[str, Any]:
    """An order that is resolved; nobody has said what was out of order."""
    ticket = await report(item="", reporter_name="王丽华", reporter_phone="13800001111")
    seen = {"if-match": str(ticket["version"])}
    resolved = await desk.post(f"{shop.tickets}/{ticket['id']}/actions/resolve", json={"text": "修好了"}, headers=seen)
    assert resolved.status_code == 200, resolved.text
    return ticket


async def again(shop: Shop, desk: httpx.AsyncClient, ticket: dict[str, Any]) -> httpx.Response:
    return await desk.post(f"{shop.api}/orders/{ticket['id']}/reworks", json={})


async def test_the_new_order_is_of_the_same_place_matter_and_reporter_and_shows_the_chain_both_ways(
    shop: Shop, desk: httpx.AsyncClient, done: dict[str, Any]
) -> None:
    made = await again(shop, desk, done)
    assert made.status_code == 201, made.text
    new = (await desk.get(f"{shop.tickets}/{made.json()['id']}")).json()
    same = ("type", "category", "severity", "unit_id", "place", "reporter_name", "reporter_phone", "fields")
    assert {name: new["ticket"][name] for name in same} == {
        name: (await desk.get(f"{shop.tickets}/{done['id']}")).json()["ticket"][name] for name in same
    }
    assert done["number"] in new["ticket"]["description"]
    first = (await desk.get(f"{shop.api}/orders/{done['id']}")).json()
    second = (await desk.get(f"{shop.api}/orders/{made.json()['id']}")).json()
    assert [each["number"] for each in first["reworks"]] == [made.json()["number"]]
    assert second["rework_of"]["number"] == done["number"]
    told = [(await desk.get(f"{shop.tickets}/{id}")).json()["timeline"][-1] for id in (done["id"], made.json()["id"])]
    assert [(each["kind"], each["details"]["side"], each["details"]["number"]) for each in told] == [
        ("related", "to", made.json()["number"]),
        ("related", "from", done["number"]),
    ]


@pytest.mark.parametrize(("days", "warranty"), [(90, "own"), (91, "unknown")])
async def test_it_costs_nothing_as_long_as_our_own_warranty_lasts(
    shop: Shop, done: dict[str, Any], clock: SettableClock, days: int, warranty: str
) -> None:
    clock.advance(minutes=days * 24 * 60)
    desk = await shop.web.api(shop.house, "manager")  # nobody stays signed in for that long
    made = (await again(shop, desk, done)).json()
    here = f"{shop.api}/orders/{made['id']}"
    await desk.post(f"{here}/lines", json={"code": "FM01", "quantity": 1000})
    order = (await desk.get(here)).json()
    assert (order["warranty"]["warranty"], order["due_fen"]) == (warranty, 0 if warranty == "own" else 3500)
    await shop.deliver()
    [row] = (await desk.get(f"{shop.api}/orders")).json()["items"]
    assert row["warranty"] == warranty


async def test_only_what_is_done_is_done_again_and_in_one_order_at_a_time(
    shop: Shop, desk: httpx.AsyncClient, done: dict[str, Any], report: Report
) -> None:
    assert (await again(shop, desk, await report())).status_code == 409
    async with recording(shop.lodge.platform.db) as sent:
        made = (await again(shop, desk, done)).json()
    assert len(sent) <= 6, [statement.sql for statement in sent]
    late = await again(shop, desk, done)
    assert late.status_code == 409 and made["number"] in late.json()["detail"]
    elsewhere = f"/api/v1/sites/{shop.house.sites[1].slug}/repairs/orders/{done['id']}/reworks"
    assert (await desk.post(elsewhere, json={})).status_code == 404

    items = (await desk.get(f"{shop.api}/figures")).json()["items"]
    assert [(each["item"], each["orders"], each["reworked"]) for each in items] == [("", 2, 1), ("pipes", 1, 0)]


async def test_the_panel_has_it_in_one_click(shop: Shop, desk: httpx.AsyncClient, done: dict[str, Any]) -> None:
    console = await shop.web.console(shop.house, "manager")
    here = f"/s/{shop.site.slug}/repairs/orders/{done['id']}"
    assert f'action="{here}/rework"' in (await console.get(f"{here}/panel")).text
    answer = await console.post(f"{here}/rework")
    assert answer.status_code == 303
    new = answer.headers["location"].rpartition("/")[2]
    page = (await console.get(f"/s/{shop.site.slug}/repairs/orders/{new}/panel")).text
    assert done["number"] in page and '/rework"' not in page
    assert f'action="{here}/rework"' not in (await console.get(f"{here}/panel")).text
