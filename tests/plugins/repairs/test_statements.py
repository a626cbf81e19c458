"""What work orders ask of the database: few round trips a request, BEGIN and COMMIT among them."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.core.tickets.test_signatures import SIGNED
from tests.plugins.repairs.conftest import Report, Shop
from tests.support.statements import Statement, recording

MOST = 6
DRAWN = {"signer": "王丽华", "picture": SIGNED}
SCRIPT = {"hx-request": "true"}
DAY = "2026-11-24"


def brief(sent: list[Statement]) -> list[str]:
    return [" ".join(statement.sql.split())[:100] for statement in sent]


@pytest.fixture
async def screen(shop: Shop) -> httpx.AsyncClient:
    """The manager's browser; who that is has been looked up."""
    client = await shop.web.console(shop.house, "manager")
    await client.get(f"/s/{shop.site.slug}/repairs")
    return client


@pytest.fixture
async def warm(shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None) -> dict[str, Any]:
    """An order with a visit and a line, its policies read."""
    ticket = await report()
    here = f"{shop.api}/orders/{ticket['id']}"
    await desk.post(f"{here}/visits", json={"technician_id": shop.plumber, "starts_at": f"{DAY}T02:00:00Z"})
    await desk.post(f"{here}/lines", json={"code": "FM01", "quantity": 2000})
    return ticket


@pytest.mark.parametrize(
    "path",
    [
        "orders",
        "urgent",
        "orders/{id}",
        "orders/{id}/slots",
        "technicians",
        f"visits?day={DAY}",
        "prices",
        "terms",
        "figures",
        "sheets",
        "contractors",
        "mobile/orders",
    ],
)
async def test_what_is_read_over_the_api_takes_six_round_trips_at_most(
    shop: Shop, desk: httpx.AsyncClient, warm: dict[str, Any], path: str
) -> None:
    async with recording(shop.lodge.platform.db) as sent:
        answer = await desk.get(f"{shop.api}/{path.format(id=warm['id'])}")

    assert answer.status_code == 200, answer.text
    assert len(sent) <= MOST, brief(sent)


@pytest.mark.parametrize(
    "path",
    [
        "repairs",
        "repairs/urgent",
        "repairs/orders/{id}/panel",
        "repairs/orders/{id}/slots",
        "repairs/sheets/of/{id}",
        "repairs/plan",
        "repairs/technicians",
        "repairs/prices",
        "repairs/terms",
        "repairs/figures",
        "repairs/sheets",
        "repairs/contractors",
        "repairs/mobile/orders",
        "tickets/{id}",
    ],
)
async def test_a_page_takes_six_round_trips_at_most(
    shop: Shop, screen: httpx.AsyncClient, warm: dict[str, Any], path: str
) -> None:
    async with recording(shop.lodge.platform.db) as sent:
        answer = await screen.get(f"/s/{shop.site.slug}/{path.format(id=warm['id'])}")

    assert answer.status_code == 200, answer.text
    assert len(sent) <= MOST, brief(sent)


async def test_each_step_takes_six_round_trips_at_most(
    shop: Shop, desk: httpx.AsyncClient, report: Report, warm: dict[str, Any]
) -> None:
    """REP-1, REP-2, REP-3: from the agreed visit to what is done."""
    fresh, here = (await report())["id"], f"{shop.api}/orders/{warm['id']}"
    said = {"kind": "charge", "amount_fen": 7000, "how": "telephone", "resident_name": "王女士"}
    at = {"technician_id": shop.plumber, "starts_at": f"{DAY}T06:00:00Z"}
    steps: list[tuple[str, dict[str, Any]]] = [
        (f"{shop.api}/orders/{fresh}/visits", at),
        (f"{here}/visits", {**at, "starts_at": f"{DAY}T09:00:00Z", "reason": "业主临时有事"}),
        (f"{here}/lines", {"code": "RG01", "quantity": 1000}),
        (f"{here}/consents", {**said, "kind": "estimate", "amount_fen": 15_000}),
        (f"{here}/lines/{{line}}/counter", {"note": "记错"}),
        (f"{here}/signatures", {"shown": {"kind": "estimate", "amount_fen": 8000, "revision": 3}, "signature": DRAWN}),
        (f"{here}/lines", {"code": "FM01", "quantity": 2000}),
        (f"{here}/warranty", {"warranty": "none", "reason": "人为损坏"}),
        (f"{here}/waiver", {"amount_fen": 15_000, "reason": "客户补偿"}),
        (f"{here}/consents", {**said, "amount_fen": 15_000}),
        (f"{shop.tickets}/{warm['id']}/actions/accept", {}),
        (f"{shop.tickets}/{warm['id']}/actions/arrive", {}),
        (f"{shop.tickets}/{warm['id']}/actions/start_work", {}),
        (f"{here}/pause", {"reason": "等待配件"}),
        (f"{shop.tickets}/{warm['id']}/actions/resume", {}),
        (f"{shop.tickets}/{warm['id']}/actions/resolve", {"text": "换了角阀"}),
        (f"{here}/reworks", {}),
        (f"{shop.api}/orders/{fresh}/visits/{{visit}}/cancel", {"reason": "自行解决"}),
    ]
    line = (await desk.get(here)).json()["lines"][0]["id"]
    taken = {}
    for path, body in steps:
        visits = (await desk.get(f"{shop.api}/orders/{fresh}")).json()["visits"] or [{"id": ""}]
        path = path.format(line=line, visit=visits[0]["id"])
        seen = (await desk.get(f"{shop.tickets}/{warm['id']}")).headers["etag"]
        async with recording(shop.lodge.platform.db) as sent:
            answer = await desk.post(path, json=body, headers={"if-match": seen})
        assert answer.is_success, (path, answer.text)
        if len(sent) > MOST:
            taken[path.rpartition("/")[2], len(sent)] = brief(sent)
    assert taken == {}


async def test_each_form_of_the_panel_takes_six_round_trips_at_most(
    shop: Shop, desk: httpx.AsyncClient, screen: httpx.AsyncClient, warm: dict[str, Any]
) -> None:
    order = (await desk.get(f"{shop.api}/orders/{warm['id']}")).json()
    drawn = {"signer": "王丽华", "signature": f"data:image/png;base64,{SIGNED}", "kind": "charge"}
    slot = {"slot": f"{DAY}T09:00:00+00:00|{shop.plumber}", "reason": "业主临时有事"}
    forms: list[tuple[str, dict[str, str]]] = [
        ("visits", slot),
        ("lines", {"code": "RG01", "quantity": "1"}),
        (f"lines/{order['lines'][0]['id']}/counter", {"note": "记错"}),
        ("estimate", {"amount_fen": "8000", "how": "message", "resident_name": "王女士"}),
        ("signature", {**drawn, "amount_fen": "7000", "revision": "1"}),  # refused: it comes to something else
        ("signature", {**drawn, "amount_fen": "8000", "revision": "3"}),
        ("warranty", {"warranty": "none", "reason": "人为损坏"}),
        ("waiver", {"amount_fen": "8000", "reason": "客户补偿"}),
        ("pause", {"reason": "等待配件"}),
    ]
    taken = {}
    seen = {"if-match": (await desk.get(f"{shop.tickets}/{warm['id']}")).headers["etag"]}
    await desk.post(f"{shop.tickets}/{warm['id']}/actions/accept", json={}, headers=seen)
    for what, form in forms:
        async with recording(shop.lodge.platform.db) as sent:
            answer = await screen.post(
                f"/s/{shop.site.slug}/repairs/orders/{warm['id']}/{what}", data=form, headers=SCRIPT
            )
        refused = form.get("revision") == "1"
        assert answer.status_code == (409 if refused else 200), (what, answer.text)
        if len(sent) > MOST + 3 * refused:  # what is undone, and the panel anew
            taken[what, len(sent)] = brief(sent)
    assert taken == {}


async def test_what_a_phone_sends_takes_six_round_trips_at_most(
    shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None
) -> None:
    phone = await shop.web.console(shop.house, "technician")
    own = await report(assignee_id=shop.plumber)
    here = f"/s/{shop.site.slug}/repairs/mobile/orders/{own['id']}"
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#a55").save(picture, "JPEG")
    await phone.get(f"/s/{shop.site.slug}/repairs/mobile/orders")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("act", {"act": "accept"}),
        ("act", {"act": "set_off"}),
        ("act", {"act": "arrive"}),
        ("photos", {}),
        ("lines", {"code": "FM01", "quantity": 2000}),
        ("act", {"act": "start_work"}),
        ("pause", {"reason": "等待配件"}),
        ("act", {"act": "resume"}),
        ("signature", {"shown": {"kind": "charge", "amount_fen": 7000, "revision": 1}, "signature": DRAWN}),
        ("act", {"act": "resolve", "text": "换了角阀"}),
    ]
    taken = {}
    for what, body in steps:
        version = (await desk.get(f"{shop.tickets}/{own['id']}")).json()["ticket"]["version"]
        said = {**body, "version": version} if what in ("act", "pause") else body
        sends: dict[str, Any] = {"json": said}
        if what == "photos":
            sends = {"data": {"moment": "before"}, "files": {"file": ("photo.jpg", picture.getvalue())}}
        async with recording(shop.lodge.platform.db) as sent:
            answer = await phone.post(
                f"{here}/{what}", **sends
            )  # a key is looked up at the edge, for every route alike
        assert answer.status_code == 200, (what, answer.text)
        if len(sent) > MOST:
            taken[what, str(body), len(sent)] = brief(sent)
    assert taken == {}


async def test_what_is_done_with_a_contact_sheet_takes_six_round_trips_at_most(
    shop: Shop, desk: httpx.AsyncClient, screen: httpx.AsyncClient, warm: dict[str, Any]
) -> None:
    """REP-4: from its issue to the owner's signature."""
    builder = (await desk.post(f"{shop.api}/contractors", json={"name": "中建八局"})).json()["id"]
    new = {"ticket_id": warm["id"], "contractor_id": builder}
    made = [(await desk.post(f"{shop.api}/sheets", json=new)).json()["id"] for _ in range(2)]
    drawn = {"signer": "王丽华", "signature": f"data:image/png;base64,{SIGNED}"}
    sheet, console = f"{shop.api}/sheets/{made[0]}", f"/s/{shop.site.slug}/repairs/sheets"
    chase = {"kind": "chase", "text": "明天来", "spoke_with": "李工", "via": "call"}
    sends: list[tuple[httpx.AsyncClient, str, dict[str, Any]]] = [
        (desk, f"{shop.api}/sheets", {"json": new}),
        (desk, f"{sheet}/steps", {"json": chase}),
        (desk, f"{sheet}/steps", {"json": {"kind": "done"}}),
        (desk, f"{sheet}/steps", {"json": {"kind": "accept", "signature": DRAWN}}),
        (desk, f"{sheet}/prints", {}),
        (screen, console, {"data": new}),
        (screen, f"{console}/{made[1]}/steps", {"data": chase}),
        (screen, f"{console}/{made[1]}/steps", {"data": {"kind": "done"}}),
        (screen, f"{console}/{made[1]}/steps", {"data": {"kind": "accept", **drawn}}),
        (screen, f"{console}/{made[1]}/print", {}),
    ]
    taken = {}
    for client, path, body in sends:
        async with recording(shop.lodge.platform.db) as sent:
            answer = await client.post(path, **body)
        assert answer.status_code in (200, 201, 303), (path, answer.text)
        if len(sent) > MOST:
            taken[path, str(body)[:40], len(sent)] = brief(sent)
    assert taken == {}
