"""A work order from the report to the confirmed charge (REP-1, REP-2, REP-3)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.plugins.repairs.conftest import Report, Shop
from tests.support.lodge import SettableClock
from tests.support.web import Web

TOMORROW = "2026-11-24T02:00:00Z"


async def act(shop: Shop, client: httpx.AsyncClient, ticket: dict[str, Any], action: str, **body: Any) -> int:
    seen = (await client.get(f"{shop.tickets}/{ticket['id']}")).headers["etag"]
    here = f"{shop.tickets}/{ticket['id']}/actions/{action}"
    answer = await client.post(here, json=body, headers={"if-match": seen})
    return answer.status_code


async def order(shop: Shop, client: httpx.AsyncClient, ticket: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"{shop.api}/orders/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_warranty_shows_at_once_and_is_kept_as_somebody_decided(
    shop: Shop, desk: httpx.AsyncClient, report: Report
) -> None:
    """REP-1."""
    ticket = await report()
    assert (await order(shop, desk, ticket))["warranty"]["basis"] == "no_date"

    term = {"unit_id": str(shop.unit_id), "starts_on": "2025-06-01"}
    assert (await desk.post(f"{shop.api}/terms", json={"terms": [term]})).status_code == 204
    asked = await desk.get(f"{shop.api}/warranty", params={"unit_id": str(shop.unit_id), "item": "pipes"})
    assert asked.json()["warranty"] == "builder"
    await shop.deliver()
    [row] = (await desk.get(f"{shop.api}/orders")).json()["items"]
    assert (row["warranty"], row["warranty_until"]) == ("builder", "2027-06-01")

    decision = {"warranty": "none", "reason": "人为损坏"}
    assert (await desk.post(f"{shop.api}/orders/{ticket['id']}/warranty", json=decision)).status_code == 204
    assert await act(shop, desk, ticket, "amend", fields={"spot": "阳台"}) == 200
    await shop.deliver()
    found = (await order(shop, desk, ticket))["warranty"]
    assert (found["warranty"], found["note"], found["by_name"]) == (
        "none", "人为损坏", shop.house.staff["manager"].name
    )  # fmt: skip


async def test_an_order_goes_from_a_visit_to_a_confirmed_charge(
    shop: Shop, desk: httpx.AsyncClient, technician: httpx.AsyncClient, report: Report, priced: None
) -> None:
    """REP-2, REP-3."""
    learnt = {"trades": [{"trade": "plumber", "level": 3}]}
    assert (await desk.post(f"{shop.api}/technicians/{shop.plumber}/trades", json=learnt)).status_code == 204
    ticket = await report()
    ranked = (await desk.get(f"{shop.tickets}/{ticket['id']}/candidates")).json()["candidates"]
    assert (ranked[0]["membership_id"], ranked[0]["skill"]) == (shop.plumber, "水工")
    here = f"{shop.api}/orders/{ticket['id']}"
    slots = (await desk.get(f"{here}/slots", params={"day": "2026-11-24"})).json()
    assert [who["membership_id"] for who in slots[0]["technicians"]] == [shop.plumber]
    visit = {"technician_id": shop.plumber, "starts_at": slots[0]["starts_at"]}
    booked = await desk.post(f"{here}/visits", json=visit)
    assert booked.status_code == 201, booked.text
    plan = (await desk.get(f"{shop.api}/visits", params={"day": "2026-11-24"})).json()
    assert [each["number"] for each in plan["visits"]] == [ticket["number"]]

    for action in ("accept", "set_off", "arrive", "start_work"):
        assert await act(shop, technician, ticket, action) == 200, action
    await shop.deliver()
    assert (await order(shop, desk, ticket))["visits"][0]["arrived_at"] is not None
    valve = await technician.post(f"{here}/lines", json={"code": "FM01", "quantity": 2000})
    assert valve.json()["amount_fen"] == 7000
    hours = (await technician.post(f"{here}/lines", json={"code": "RG01", "quantity": 1500})).json()
    assert (await technician.post(f"{here}/lines/{hours['id']}/counter", json={"note": "多记"})).status_code == 204
    assert (await technician.post(f"{here}/lines/{hours['id']}/counter", json={"note": "多记"})).status_code == 404
    assert await act(shop, technician, ticket, "resolve", text="换了角阀") == 409

    said = {"kind": "charge", "amount_fen": 7000, "how": "telephone", "resident_name": "王女士"}
    assert (await technician.post(f"{here}/consents", json={**said, "amount_fen": 6900})).status_code == 409
    confirmed = await technician.post(f"{here}/consents", json=said)
    assert confirmed.status_code == 201 and confirmed.json()["missing"] is None
    assert await shop.events() == ["repairs.charge_confirmed.v1"]
    assert await act(shop, technician, ticket, "resolve", text="换了角阀") == 200


async def test_what_is_under_warranty_costs_nothing_and_what_is_waived_needs_a_right(
    shop: Shop, desk: httpx.AsyncClient, technician: httpx.AsyncClient, report: Report, priced: None
) -> None:
    ticket = await report()
    here = f"{shop.api}/orders/{ticket['id']}"
    await desk.post(f"{here}/lines", json={"code": "FM01", "quantity": 1000})
    waiver = {"amount_fen": 3500, "reason": "客户补偿"}
    assert (await technician.post(f"{here}/waiver", json=waiver)).status_code == 403
    assert (await desk.post(f"{here}/waiver", json=waiver)).json()["settled"]["kind"] == "waiver"
    await desk.post(f"{here}/lines", json={"code": "FM01", "quantity": 1000})
    assert (await order(shop, desk, ticket))["settled"] is None  # it comes to something else now

    await desk.post(f"{here}/warranty", json={"warranty": "builder", "reason": "交付未满两年"})
    found = await order(shop, desk, ticket)
    assert (found["total_fen"], found["due_fen"], found["missing"]) == (7000, 0, None)


async def test_work_above_the_limit_starts_once_the_estimate_is_agreed_to(
    shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None
) -> None:
    ticket = await report()
    here = f"{shop.api}/orders/{ticket['id']}"
    await desk.post(f"{here}/lines", json={"code": "RG01", "quantity": 3000})
    for action in ("accept", "arrive"):
        await act(shop, desk, ticket, action)
    assert await act(shop, desk, ticket, "start_work") == 409
    said = {"kind": "estimate", "amount_fen": 24000, "how": "in_person", "resident_name": "王女士"}
    assert (await desk.post(f"{here}/consents", json=said)).status_code == 201
    assert await act(shop, desk, ticket, "start_work") == 200


async def test_our_own_repair_is_under_our_warranty_and_a_third_one_is_flagged(
    shop: Shop, desk: httpx.AsyncClient, report: Report, clock: SettableClock
) -> None:
    """REP-6."""
    for _ in range(2):
        ticket = await report()
        assert await act(shop, desk, ticket, "resolve", text="修好了") == 200
        clock.advance(minutes=1)
    third = await order(shop, desk, await report())
    assert (third["warranty"]["warranty"], third["warranty"]["basis"]) == ("own", "own_work")
    assert (third["repeats"], third["too_often"]) == (3, True)
    assert (await order(shop, desk, await report(item="wiring")))["repeats"] == 1


async def test_cc_3_nobody_is_booked_twice_however_close_two_clerks_come(
    shop: Shop, desk: httpx.AsyncClient, report: Report
) -> None:
    """CC-3: the database refuses, not only the screen."""
    tickets = [await report() for _ in range(4)]
    visit = {"technician_id": shop.plumber, "starts_at": TOMORROW}

    answers = await asyncio.gather(
        *(desk.post(f"{shop.api}/orders/{ticket['id']}/visits", json=visit) for ticket in tickets)
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_visit_is_moved_and_called_off_with_a_reason_and_nothing_is_lost(
    shop: Shop, desk: httpx.AsyncClient, report: Report
) -> None:
    ticket = await report()
    here = f"{shop.api}/orders/{ticket['id']}/visits"
    first = {"technician_id": shop.plumber, "starts_at": TOMORROW}
    assert (await desk.post(here, json=first)).status_code == 201
    moved = {**first, "starts_at": "2026-11-24T03:00:00Z"}
    assert (await desk.post(here, json=moved)).status_code == 422
    found = (await desk.post(here, json={**moved, "reason": "业主临时有事"})).json()
    assert [(v["starts_at"], v["reason"]) for v in found["visits"]] == [
        ("2026-11-24T03:00:00Z", ""), (TOMORROW, "业主临时有事")
    ]  # fmt: skip
    cancel = f"{here}/{found['visits'][0]['id']}/cancel"
    assert (await desk.post(cancel, json={"reason": " "})).status_code == 422
    assert (await desk.post(cancel, json={"reason": "自行解决"})).status_code == 204
    assert (await desk.post(cancel, json={"reason": "自行解决"})).status_code == 404


async def test_prices_hold_from_a_day_on_and_orders_keep_theirs(
    shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None
) -> None:
    ticket = await report()
    here = f"{shop.api}/orders/{ticket['id']}"
    await desk.post(f"{here}/lines", json={"code": "FM01", "quantity": 1000})
    dearer = {"code": "FM01", "name": "角阀", "kind": "material", "unit": "个", "price_fen": 4000, "warranty_days": 365}
    past = {"valid_from": "2026-11-22", "prices": [dearer]}
    assert (await desk.post(f"{shop.api}/prices", json=past)).status_code == 422
    assert (await desk.post(f"{shop.api}/prices", json={**past, "valid_from": "2026-11-23"})).status_code == 409
    coming = {**past, "valid_from": "2026-12-01"}
    assert (await desk.post(f"{shop.api}/prices", json=coming)).json() == ["FM01"]
    assert (await desk.post(f"{shop.api}/prices", json=coming)).json() == []  # nothing changes

    assert (await order(shop, desk, ticket))["total_fen"] == 3500
    later = (await desk.get(f"{shop.api}/prices", params={"day": "2026-12-01"})).json()
    assert {price["code"]: price["price_fen"] for price in later}["FM01"] == 4000


async def test_an_order_waits_for_one_of_the_sites_reasons(shop: Shop, desk: httpx.AsyncClient, report: Report) -> None:
    ticket = await report()
    await act(shop, desk, ticket, "accept")
    pause = f"{shop.api}/orders/{ticket['id']}/pause"
    desk.headers["if-match"] = (await desk.get(f"{shop.tickets}/{ticket['id']}")).headers["etag"]
    assert (await desk.post(pause, json={"reason": "心情不好"})).status_code == 422
    assert (await desk.post(pause, json={"reason": "等待配件", "note": "周三到货"})).json()["status"] == "paused"


@pytest.mark.parametrize("path", ["orders/{id}", "orders/{id}/slots"])
async def test_an_order_of_another_site_is_not_there(
    shop: Shop, desk: httpx.AsyncClient, report: Report, path: str
) -> None:
    ticket = await report()
    other = f"/api/v1/sites/{shop.house.sites[1].slug}/repairs/"

    assert (await desk.get(other + path.format(id=ticket["id"]))).status_code == 404


async def test_whoever_sees_no_tickets_is_led_to_none(shop: Shop, web: Web, report: Report) -> None:
    ticket = await report()
    await shop.deliver()
    pages = [
        (await (await web.console(shop.house, role)).get(f"/s/{shop.site.slug}/repairs")).text
        for role in ("clerk", "finance")
    ]
    assert [f"/tickets/{ticket['id']}" in page for page in pages] == [True, False]
    assert all(ticket["number"] in page for page in pages)
