"""Collection at home: a counter's households, a book in a collector's hands, visits, and whoever enters them."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.sdk import Site
from plugins.billing.collection import books, service, taking
from plugins.billing.collection.model import (
    HomeVisit,
    NewCollection,
    NewHomeVisit,
    NewReceiptBook,
    NumberMark,
    ReceiptBookDetail,
    ReturnedBook,
)
from plugins.billing.counter.model import ReceiptDetail
from tests.plugins.billing.counter.conftest import Home, Till, till
from tests.plugins.billing.ledger.conftest import office

__all__ = ["office", "till"]  # fixtures


class Round(msgspec.Struct, frozen=True):
    """Whoever goes round is the cashier, who enters it too; finance hands out books."""

    till: Till

    @property
    def site(self) -> Site:
        return self.till.site

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing/collection"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing/collection"

    @property
    def today(self) -> date:
        return self.site.today(self.till.office.lodge.platform.clock())

    def member(self, role: str) -> UUID:
        return self.till.office.house.staff[role].membership_id

    def work(self, role: str = "cashier", *, read_only: bool = False) -> Any:
        office = self.till.office
        return office.lodge.work(office.house, role, read_only=read_only)

    async def hand_out(
        self, first: str = "A0001", last: str = "A0020", holder: str = "cashier", role: str = "finance"
    ) -> ReceiptBookDetail:
        async with self.work(role) as work:
            new = NewReceiptBook(first, last, self.member(holder), signed=True)
            return await books.hand_out(self.till.office.lodge.platform, work, self.site, new)

    async def mark(self, book_id: UUID, state: str, first: str, last: str = "") -> ReceiptBookDetail:
        async with self.work() as work:
            new = NumberMark(state, first, "受潮", last)  # type: ignore[arg-type]
            return await books.mark(work, self.site, book_id, new)

    async def take_back(self, book_id: UUID, unused: int, role: str = "finance", version: int = 1) -> ReceiptBookDetail:
        async with self.work(role) as work:
            return await books.take_back(work, self.site, book_id, ReturnedBook(unused), version)

    async def book(self, book_id: UUID) -> ReceiptBookDetail:
        async with self.work(read_only=True) as work:
            return await books.get(work, self.site, book_id)

    def new(self, home: Home, **more: Any) -> NewHomeVisit:
        given = {
            "unit_id": home.unit_id,
            "party_id": home.party_id,
            "day": self.today,
            "starts": time(18),
            "ends": time(19, 30),
            "collector_id": self.member("cashier"),
            "why": "行动不便",
        }
        return NewHomeVisit(**{**given, **more})

    async def agree(self, home: Home, **more: Any) -> HomeVisit:
        async with self.work() as work:
            return await service.agree(self.till.office.lodge.platform, work, self.site, self.new(home, **more))

    def collection(self, number: str = "A0001", fen: int = 1_000, **more: Any) -> NewCollection:
        given = {"paper_number": number, "means": "cash", "amount_fen": fen, "collected_on": self.today}
        return NewCollection(**{**given, **more})

    async def collect(self, visit_id: UUID, new: NewCollection, role: str = "cashier") -> ReceiptDetail:
        async with self.work(role) as work:
            return await taking.collect(work, self.site, visit_id, new)

    async def visit(self, visit_id: UUID) -> HomeVisit:
        async with self.work(read_only=True) as work:
            return await service.get(work, self.site, visit_id)


@pytest.fixture
async def rounds(till: Till) -> Round:
    return Round(till)
