"""What work orders ask of the database: few round trips a request, BEGIN and COMMIT among them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.plugins.repairs.conftest import Report, Shop
from tests.support.statements import Statement, recording

MOST = 6
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
        (f"{here}/warranty", {"warranty": "none", "reason": "人为损坏"}),
        (f"{here}/waiver", {"amount_fen": 15_000, "reason": "客户补偿"}),
        (f"{here}/consents", {**said, "amount_fen": 15_000}),
        (f"{shop.tickets}/{warm['id']}/actions/accept", {}),
        (f"{shop.tickets}/{warm['id']}/actions/arrive", {}),
        (f"{shop.tickets}/{warm['id']}/actions/start_work", {}),
        (f"{here}/pause", {"reason": "等待配件"}),
        (f"{shop.tickets}/{warm['id']}/actions/resume", {}),
        (f"{shop.tickets}/{warm['id']}/actions/resolve", {"text": "换了角阀"}),
    ]
    taken = {}
    for path, body in steps:
        seen = (await desk.get(f"{shop.tickets}/{warm['id']}")).headers["etag"]
        async with recording(shop.lodge.platform.db) as sent:
            answer = await desk.post(path, json=body, headers={"if-match": seen})
        assert answer.is_success, (path, answer.text)
        if len(sent) > MOST:
            taken[path.rpartition("/")[2], len(sent)] = brief(sent)
    assert taken == {}
