"""What an order comes to is for whoever may see amounts, or deals in them (AZ-1, REP-3)."""

from __future__ import annotations

from typing import Any

import httpx

from tests.plugins.repairs.conftest import Report, Shop
from tests.plugins.repairs.test_orders import order

READS = ["ticket.view", "repairs.order.view", "repairs.figures.view", "audit.view"]


async def test_charges_are_null_for_whoever_only_reads_orders(
    shop: Shop, desk: httpx.AsyncClient, report: Report, priced: None
) -> None:
    ticket = await report()
    line = {"code": "FM01", "quantity": 1000}
    assert (await desk.post(f"{shop.api}/orders/{ticket['id']}/lines", json=line)).status_code == 201
    [entered] = (await order(shop, desk, ticket))["lines"]
    assert entered["amount_fen"] > 0

    for permissions, seen in (
        (READS, False),
        ([*READS, "amount.view"], True),
        ([*READS, "repairs.order.handle"], True),
    ):
        reader = await shop.web.token(shop.house, permissions)
        told = await order(shop, reader, ticket)
        [shown] = told["lines"]
        assert shown == (entered if seen else {**entered, "price_fen": None, "amount_fen": None})
        assert (told["due_fen"] is None, told["revision"]) == (not seen, 1)
        assert await _timeline(shop, reader, ticket) == ["35.00" if seen else "****"]
        [recorded] = (await reader.get("/api/v1/audit?action=repairs.line.added")).json()["entries"]
        assert recorded["changes"] == {"code": "FM01", "amount_fen": entered["amount_fen"] if seen else None}
        prices = (await reader.get(f"{shop.api}/prices")).json()
        assert {price["price_fen"] is None for price in prices} == {not seen}


async def _timeline(shop: Shop, reader: httpx.AsyncClient, ticket: dict[str, Any]) -> list[str]:
    entries = (await reader.get(f"{shop.tickets}/{ticket['id']}")).json()["timeline"]
    return [entry["details"]["amount"] for entry in entries if "amount" in entry["details"]]
