"""A house that bills, with offers to whoever pays months ahead, and a counter where they are taken."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import new_id
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import Receipt
from plugins.billing.offers import service
from plugins.billing.offers.model import NewOffer, Offer, Quote, Taken, Taking
from tests.plugins.billing.runs.conftest import Desk, desk, finance, manager
from tests.support.web import Web

__all__ = ["Desk", "desk", "finance", "manager"]
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
_OWNER = "SELECT party_id FROM occupancy WHERE company_id = $1 AND unit_id = $2"


class Shop(msgspec.Struct, frozen=True):
    """The desk with an item and a unit, and what happens to an offer there."""

    desk: Desk
    item_id: UUID
    unit_id: UUID
    party_id: UUID

    async def publish(self, paid: int = 11, free: int = 1, **more: Any) -> Offer:
        new = {"item_id": self.item_id, "title": f"交{paid}送{free}", "paid": paid, "free": free, "since": NOVEMBER}
        async with self.desk.work("manager") as work:
            return await service.add(work, self.desk.site, NewOffer(**{**new, **more}))

    async def quote(self, offer: Offer, first: date | None = None) -> Quote:
        async with self.desk.work("cashier") as work:
            return await service.quote(work, self.desk.site, offer.id, self.unit_id, first)

    def taking(self, quote: Quote, **more: Any) -> Taking:
        given = {
            "key": str(new_id()),
            "offer_id": quote.offer.id,
            "unit_id": self.unit_id,
            "first_day": quote.first_day,
            "party_id": self.party_id,
            "means": "cash",
            "amount_fen": quote.amount_fen,
            "identified": True,
        }
        return Taking(**{**given, **more})

    async def take(self, new: Taking) -> Taken:
        async with self.desk.work("cashier") as work:
            return await service.take(work, self.desk.site, new)

    async def void(self, receipt_id: UUID) -> Receipt:
        async with self.desk.work("finance") as work:
            return await counter.void(work, self.desk.site, receipt_id, "收错户", 1)

    async def discounts(self) -> list[tuple[Any, ...]]:
        return await self.desk.rows(
            "SELECT kind, since, until, factor::text, receipt_id FROM billing_discount "
            "WHERE company_id = $1 ORDER BY id"
        )

    async def prepaid(self) -> int:
        [[fen]] = await self.desk.rows(
            "SELECT coalesce(-sum(amount_fen), 0)::bigint FROM billing_posting "
            "WHERE company_id = $1 AND account = 'prepayment'"
        )
        return int(fen)


@pytest.fixture
async def shop(desk: Desk) -> Shop:
    """An item of 2 yuan a m², a unit of 100 m² with its owner."""
    item_id, unit_id = await desk.item("fee", "2"), await desk.unit("101")
    [[party_id]] = await desk.rows(_OWNER, unit_id)
    return Shop(desk, item_id, unit_id, UUID(str(party_id)))


@pytest.fixture
async def cashier(desk: Desk, web: Web) -> httpx.AsyncClient:
    client = await web.api(desk.house, "cashier")
    client.headers["accept-language"] = "en"
    return client
