"""Signing an order is one act: the sum that was shown, the signature and who signed, all of it or nothing (REP-3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.core.tickets.test_signatures import SIGNED
from tests.plugins.repairs.conftest import Report, Shop

DRAWN = {"signer": "王丽华", "picture": SIGNED}
VALVE = {"code": "FM01", "quantity": 2000}


def shown(amount_fen: int, revision: int, kind: str = "charge") -> dict[str, Any]:
    return {"kind": kind, "amount_fen": amount_fen, "revision": revision}


@pytest.fixture
async def ticket(shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None) -> dict[str, Any]:
    """An order of the plumber's that comes to 70 yuan."""
    taken = await report(assignee_id=shop.plumber)
    assert (await desk.post(f"{shop.api}/orders/{taken['id']}/lines", json=VALVE)).status_code == 201
    return taken


async def kept(shop: Shop, desk: httpx.AsyncClient, ticket: dict[str, Any]) -> tuple[list[Any], list[Any], list[str]]:
    """The agreements, the files and the timeline of an order."""
    order = (await desk.get(f"{shop.api}/orders/{ticket['id']}")).json()
    detail = (await desk.get(f"{shop.tickets}/{ticket['id']}")).json()
    said = [(each["kind"], each["amount_fen"], each["how"], each["resident_name"]) for each in order["consents"]]
    files = [each["signed_by"] for each in detail["sections"]["attachments"]]
    return said, files, [each["details"].get("message", each["kind"]) for each in detail["timeline"]]


async def test_with_the_signature_the_sum_is_agreed_to(
    shop: Shop, technician: httpx.AsyncClient, desk: httpx.AsyncClient, ticket: dict[str, Any]
) -> None:
    here = f"{shop.api}/orders/{ticket['id']}"
    before = len((await kept(shop, desk, ticket))[2])
    answer = await technician.post(f"{here}/signatures", json={"shown": shown(7000, 1), "signature": DRAWN})

    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["settled"]["how"], order["missing"]) == ("signature", None)
    assert order["settled"]["attachment_id"] == order["signatures"][0]["id"]
    said, files, timeline = await kept(shop, desk, ticket)
    assert (said, files) == ([("charge", 7000, "signature", "王丽华")], ["王丽华"])
    assert timeline[before:] == ["had {name} sign for the charge of {amount} yuan"]
    assert await shop.events() == ["repairs.charge_confirmed.v1"]


async def _another_line(shop: Shop, desk: httpx.AsyncClient, here: str) -> httpx.Response:
    return await desk.post(f"{here}/lines", json={"code": "RG01", "quantity": 500})


async def _other_lines_of_the_same_sum(shop: Shop, desk: httpx.AsyncClient, here: str) -> httpx.Response:
    [line] = (await desk.get(here)).json()["lines"]
    await desk.post(f"{here}/lines/{line['id']}/counter", json={"note": "记错"})
    return await desk.post(f"{here}/lines", json=VALVE)


async def _a_warranty(shop: Shop, desk: httpx.AsyncClient, here: str) -> httpx.Response:
    return await desk.post(f"{here}/warranty", json={"warranty": "builder", "reason": "交付未满两年"})


@pytest.mark.parametrize(
    ("change", "present"),
    [(_another_line, (11_000, 2)), (_other_lines_of_the_same_sum, (7000, 3)), (_a_warranty, (0, 1))],
)
async def test_what_has_changed_since_it_was_shown_is_signed_again_and_nothing_is_kept_by_half(
    shop: Shop,
    desk: httpx.AsyncClient,
    ticket: dict[str, Any],
    change: Callable[[Shop, httpx.AsyncClient, str], Awaitable[httpx.Response]],
    present: tuple[int, int],
) -> None:
    here = f"{shop.api}/orders/{ticket['id']}"
    assert (await change(shop, desk, here)).is_success
    before = await kept(shop, desk, ticket)
    late = await desk.post(f"{here}/signatures", json={"shown": shown(7000, 1), "signature": DRAWN})

    assert late.status_code == 409
    assert f" {present[0] / 100:.2f} " in late.json()["detail"]
    assert await kept(shop, desk, ticket) == before
    again = await desk.post(f"{here}/signatures", json={"shown": shown(*present), "signature": DRAWN})
    assert again.status_code == 201, again.text
    assert (await kept(shop, desk, ticket))[1] == ["王丽华"]


async def test_an_estimate_is_signed_for_before_the_work_and_what_is_free_after_it(
    shop: Shop, desk: httpx.AsyncClient, ticket: dict[str, Any], report: Report
) -> None:
    here = f"{shop.api}/orders/{ticket['id']}"
    paper = {"signer": "王丽华", "on_paper": True, "remark": "前台文件柜"}
    early = await desk.post(f"{here}/signatures", json={"shown": shown(7000, 1, "estimate"), "signature": paper})
    assert (early.json()["estimated_fen"], early.json()["settled"]) == (7000, None)
    assert (await kept(shop, desk, ticket))[:2] == ([("estimate", 7000, "paper", "王丽华")], [])

    free = f"{shop.api}/orders/{(await report())['id']}/signatures"
    assert (await desk.post(free, json={"shown": shown(0, 0, "estimate"), "signature": DRAWN})).status_code == 422
    signed = (await desk.post(free, json={"shown": shown(0, 0), "signature": DRAWN})).json()
    assert (signed["consents"], [each["signed_by"] for each in signed["signatures"]]) == ([], ["王丽华"])


async def test_a_phone_sends_what_was_shown_and_however_often_it_counts_once(
    shop: Shop, desk: httpx.AsyncClient, ticket: dict[str, Any]
) -> None:
    phone = await shop.web.console(shop.house, "technician")
    url = f"/s/{shop.site.slug}/repairs/mobile/orders/{ticket['id']}/signature"
    unseen = await phone.post(url, json={"signature": DRAWN})
    stale = await phone.post(url, json={"shown": shown(3500, 1), "signature": DRAWN})
    assert (unseen.status_code, stale.status_code) == (409, 409)

    said = {"shown": shown(7000, 1), "signature": DRAWN}
    answers = [await phone.post(url, json=said, headers={"idempotency-key": "signed"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["order"]["agreed"] == "charge"
    assert (await kept(shop, desk, ticket))[:2] == ([("charge", 7000, "signature", "王丽华")], ["王丽华"])


async def test_a_form_that_was_refused_comes_back_with_the_new_sum(
    shop: Shop, desk: httpx.AsyncClient, ticket: dict[str, Any]
) -> None:
    console = await shop.web.console(shop.house, "manager")
    here = f"/s/{shop.site.slug}/repairs/orders/{ticket['id']}"
    form = {"signer": "王丽华", "signature": f"data:image/png;base64,{SIGNED}", "kind": "charge"}
    script = {"hx-request": "true"}
    late = await console.post(f"{here}/signature", data={**form, "amount_fen": "3500", "revision": "1"}, headers=script)
    assert late.status_code == 409 and "toast" in late.headers["hx-trigger"]
    assert 'name="amount_fen" value="7000"' in late.text and "data-show" in late.text
    assert (await kept(shop, desk, ticket))[:2] == ([], [])
    blank = {**form, "signature": "", "amount_fen": "7000", "revision": "1"}
    assert (await console.post(f"{here}/signature", data=blank, headers=script)).status_code == 422
    told = {**form, "amount_fen": "7000", "revision": "1"}
    assert (await console.post(f"{here}/signature", data=told, headers=script)).is_success
    assert (await kept(shop, desk, ticket))[1] == ["王丽华"]
