"""A technician's own orders on a phone: whose they are, and that what is sent twice counts once (REP-3, ARC-4)."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image

from tests.core.tickets.test_signatures import SIGNED
from tests.plugins.repairs.conftest import Report, Shop
from tests.support.statements import recording


@pytest.fixture
async def phone(shop: Shop) -> httpx.AsyncClient:
    """The plumber's browser."""
    return await shop.web.console(shop.house, "technician")


def mobile(shop: Shop, rest: str = "") -> str:
    return f"/s/{shop.site.slug}/repairs/mobile{rest}"


async def test_a_phone_gets_ones_own_orders_without_telephone_numbers(
    shop: Shop, phone: httpx.AsyncClient, report: Report
) -> None:
    await report()
    own = await report(assignee_id=shop.plumber, reporter_phone="13812345678")
    answer = await phone.get(mobile(shop, "/orders"))

    assert [order["number"] for order in answer.json()["orders"]] == [own["number"]]
    assert answer.json()["person"] == shop.plumber
    assert "13812345678" not in answer.text and answer.json()["orders"][0]["has_phone"]
    page = await phone.get(mobile(shop))
    assert own["number"] not in page.text, "the page itself is kept by the phone: it holds no order"
    worker = await phone.get(mobile(shop, "/worker.js"))
    assert worker.headers["service-worker-allowed"] == mobile(shop)


async def test_a_number_is_asked_for_by_itself_and_on_record(
    shop: Shop, phone: httpx.AsyncClient, report: Report
) -> None:
    own = await report(assignee_id=shop.plumber, reporter_phone="13812345678")
    other = await report(reporter_phone="13812345678")
    told = await phone.post(mobile(shop, f"/orders/{own['id']}/phone"))

    assert told.json() == {"phone": "13812345678"}
    assert (await phone.post(mobile(shop, f"/orders/{other['id']}/phone"))).status_code == 404
    async with shop.lodge.owner.begin(shop.house.company_id, read_only=True) as uow:
        sql = "SELECT subject_id FROM audit_entry WHERE company_id = $1 AND action = 'ticket.phone_revealed'"
        assert await uow.fetch(str, sql, shop.house.company_id) == [own["id"]]


async def test_an_action_sent_again_under_its_key_has_one_effect_and_the_same_answer(
    shop: Shop, phone: httpx.AsyncClient, desk: httpx.AsyncClient, report: Report
) -> None:
    own = await report(assignee_id=shop.plumber)
    said = {"act": "accept", "version": own["version"]}
    url = mobile(shop, f"/orders/{own['id']}/act")
    answers = [await phone.post(url, json=said, headers={"idempotency-key": "k1"}) for _ in range(3)]
    late = await phone.post(url, json=said, headers={"idempotency-key": "k2", "hx-request": "true"})

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["order"]["status"] == "accepted"
    assert late.status_code == 412 and "toast" in late.headers["hx-trigger"]
    timeline = (await desk.get(f"{shop.tickets}/{own['id']}")).json()["timeline"]
    assert [entry["kind"] for entry in timeline].count("accept") == 1


async def test_photos_materials_and_a_signature_come_with_the_order(
    shop: Shop, phone: httpx.AsyncClient, report: Report, priced: None
) -> None:
    own = await report(assignee_id=shop.plumber)
    here = mobile(shop, f"/orders/{own['id']}")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#a55").save(picture, "JPEG")
    file = {"file": ("photo.jpg", picture.getvalue())}
    await phone.post(f"{here}/photos", data={"moment": "before"}, files=file)
    await phone.post(f"{here}/lines", json={"code": "FM01", "quantity": 2000})
    shown = {"kind": "charge", "amount_fen": 7000, "revision": 1}
    answer = await phone.post(
        f"{here}/signature", json={"shown": shown, "signature": {"signer": "王丽华", "picture": SIGNED}}
    )

    order = answer.json()["order"]
    assert (order["due_fen"], order["revision"], order["agreed"]) == (7000, 1, "charge")
    assert [each["moment"] for each in order["pictures"]] == ["before"]
    assert [(each["name"], each["quantity"]) for each in order["used"]] == [("角阀", 2000)]
    assert order["signed_by"] == "王丽华"
    refused = await phone.post(f"{here}/photos", data={"moment": "later"}, files=file)
    assert refused.status_code == 422


async def test_an_order_given_to_somebody_else_is_gone_from_the_phone(
    shop: Shop, phone: httpx.AsyncClient, desk: httpx.AsyncClient, report: Report
) -> None:
    own = await report(assignee_id=shop.plumber)
    other = str(shop.house.staff["engineering"].membership_id)
    seen = {"if-match": str(own["version"])}
    assert (await desk.post(
        f"{shop.tickets}/{own['id']}/actions/assign", json={"assignee_id": other}, headers=seen
    )).status_code == 200  # fmt: skip
    late = await phone.post(mobile(shop, f"/orders/{own['id']}/act"), json={"act": "accept", "version": own["version"]})

    assert late.status_code == 412
    assert (await phone.get(mobile(shop, "/orders"))).json()["orders"] == []


async def test_a_list_takes_six_statements_at_most(shop: Shop, phone: httpx.AsyncClient, report: Report) -> None:
    for _ in range(3):
        await report(assignee_id=shop.plumber)
    await phone.get(mobile(shop, "/orders"))
    async with recording(shop.lodge.platform.db) as statements:
        assert (await phone.get(mobile(shop, "/orders"))).status_code == 200
    assert len(statements) <= 6
