"""A counter: households with owners and open charges, and whoever takes their money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import Site, new_id
from plugins.billing.counter import service
from plugins.billing.counter.model import NewPart, NewPayment, Receipt, ReceiptDetail
from plugins.billing.ledger.entries import Books, Charge
from tests.plugins.billing.ledger.conftest import Office, office
from tests.support.web import Web

__all__ = ["office"]  # a fixture
_OWNS = """
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role) VALUES ($1, $2, $3, $4, $5, $6)
"""


class Home(msgspec.Struct, frozen=True):
    """A unit, its owner, and what they owe."""

    unit_id: UUID
    party_id: UUID
    charges: list[Charge]

    def parts(self) -> tuple[NewPart, ...]:
        return tuple(NewPart(self.unit_id, charge.charge_id, charge.amount_fen) for charge in self.charges)


class Till(msgspec.Struct, frozen=True):
    """The counter of the office's first site."""

    office: Office

    @property
    def site(self) -> Site:
        return self.office.site

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing/counter"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing/counter"

    async def owns(self, unit_id: UUID, party_id: UUID, role: str = "owner") -> None:
        house = self.office.house
        async with self.office.lodge.owner.begin(house.company_id) as uow:
            await uow.execute(_OWNS, house.company_id, new_id(), self.site.id, unit_id, party_id, role)

    async def home(self, *fen: int, room: str = "", party_id: UUID | None = None, name: str = "王芳") -> Home:
        unit_id = await self.office.unit(room)
        owner = party_id or await self.office.party(name)
        await self.owns(unit_id, owner)
        charges = [self.office.charge(unit_id, owner, each) for each in fen]
        await self.office.issue(*charges)
        return Home(unit_id, owner, charges)

    def payment(self, home: Home, fen: int | None = None, **more: Any) -> NewPayment:
        """All that is open there, or so much for the whole of nothing."""
        parts = home.parts() if fen is None else ()
        amount = sum(part.amount_fen for part in parts) if fen is None else fen
        given = {
            "key": str(new_id()),
            "unit_id": home.unit_id,
            "party_id": home.party_id,
            "means": "cash",
            "amount_fen": amount,
            "parts": parts,
            "identified": True,
        }
        return NewPayment(**{**given, **more})  # type: ignore[arg-type]

    async def take(self, new: NewPayment, role: str = "cashier") -> ReceiptDetail:
        lodge = self.office.lodge
        async with lodge.work(self.office.house, role) as work:
            return await service.take(lodge.platform, work, self.site, new)

    async def void(self, receipt_id: UUID, reason: str = "收错户", version: int = 1) -> Receipt:
        async with self.office.lodge.work(self.office.house, "finance") as work:
            return await service.void(work, self.site, receipt_id, reason, version)

    async def get(self, receipt_id: UUID) -> ReceiptDetail:
        async with self.office.lodge.work(self.office.house, "cashier", read_only=True) as work:
            return await service.get(work, self.site, receipt_id)

    async def books(self, home: Home) -> Books:
        return await self.office.books(home.unit_id, [charge.charge_id for charge in home.charges])

    async def open_of(self, home: Home) -> list[int]:
        books = await self.books(home)
        return [books.charges[charge.charge_id].open_fen for charge in home.charges]

    async def count(self, table: str) -> int:
        """How many rows of the house a table has."""
        sql = {
            "receipts": "SELECT count(*) FROM billing_receipt WHERE company_id = $1",
            "payments": "SELECT count(*) FROM billing_entry WHERE company_id = $1 AND kind = 'payment'",
        }[table]
        [[found]] = await self.office.rows(sql)
        return int(found)


@pytest.fixture
async def till(office: Office) -> Till:
    return Till(office)


@pytest.fixture
async def cashier(till: Till, web: Web) -> httpx.AsyncClient:
    client = await web.api(till.office.house, "cashier")
    client.headers["accept-language"] = "en"
    return client


async def chinese(web: Web, till: Till, role: str = "cashier") -> httpx.AsyncClient:
    """Somebody at the console who reads Chinese."""
    client = await web.console(till.office.house, role)
    client.cookies["locale"] = "zh-CN"
    return client
