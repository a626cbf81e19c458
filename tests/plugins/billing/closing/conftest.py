"""A house whose cashiers take money, with services asked as somebody of a role."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from core.sdk import new_id
from plugins.billing.closing import service
from plugins.billing.closing.bank import service as bank
from plugins.billing.closing.bank.model import Taken
from plugins.billing.closing.counting import Pieces, Slips
from plugins.billing.closing.days import service as days
from plugins.billing.closing.days.model import ClosingDetail, ClosingKind, NewClosing
from plugins.billing.closing.model import CountedShift, NewShift, Shift, ShiftDetail
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Entry, Payment
from tests.plugins.billing.ledger.conftest import Office
from tests.plugins.billing.ledger.conftest import office as office
from tests.support.web import Web

TODAY = date(2026, 11, 23)  # a Monday


class Till(msgspec.Struct, frozen=True):
    """The office, and somebody who pays there."""

    office: Office
    unit_id: UUID
    party_id: UUID

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.office.site.slug}/billing"

    @property
    def whose(self) -> tuple[UUID, UUID]:
        return self.unit_id, self.party_id

    @property
    def console(self) -> str:
        return f"/s/{self.office.site.slug}/billing"

    async def open(self, role: str = "cashier", float_fen: int = 0) -> Shift:
        async with self.office.lodge.work(self.office.house, role) as work:
            return await service.open_shift(work, self.office.site, NewShift(float_fen))

    async def close(
        self, shift: Shift, role: str = "cashier", *, jiao: int = 0, slips: tuple[Slips, ...] = (), reason: str = ""
    ) -> ShiftDetail:
        """Close it with so many coins of 0.1 yuan in the drawer."""
        count = CountedShift([Pieces(10, jiao)] if jiao else [], list(slips), reason)
        lodge = self.office.lodge
        async with lodge.work(self.office.house, role) as work:
            return await service.close(lodge.platform, work, self.office.site, shift.id, shift.version, count)

    async def detail(self, shift: Shift) -> ShiftDetail:
        async with self.office.lodge.work(self.office.house, "finance", read_only=True) as work:
            return await service.get(work, self.office.site, shift.id)

    async def post(self, entry: Entry, role: str = "cashier") -> UUID:
        async with self.office.lodge.work(self.office.house, role) as work:
            return (await ledger.post(work, self.office.site, entry, key=str(new_id()))).id

    async def pay(self, fen: int, means: Any = "cash", role: str = "cashier") -> UUID:
        return await self.post(Payment(self.unit_id, self.party_id, means, fen), role)

    async def close_day(
        self, day: date = TODAY, role: str = "finance", note: str = "已核对", kind: ClosingKind = "day"
    ) -> ClosingDetail:
        lodge = self.office.lodge
        async with lodge.work(self.office.house, role) as work:
            return await days.close(lodge.platform, work, self.office.site, NewClosing(kind, day, note))

    async def take_in(self, data: str | bytes, name: str = "statement.csv", account: str = "工行 1234") -> Taken:
        content = data.encode() if isinstance(data, str) else data
        async with self.office.lodge.work(self.office.house, "finance") as work:
            return await bank.take_in(work, self.office.site, account, name, content)


@pytest.fixture
async def till(office: Office) -> Till:
    till = Till(office, await office.unit("302"), await office.party())
    await lives(office, till.unit_id, till.party_id)
    return till


async def lives(office: Office, unit_id: UUID, party_id: UUID) -> None:
    """The party owns the unit."""
    async with office.lodge.owner.begin(office.house.company_id) as uow:
        await uow.execute(
            "INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role) "
            "VALUES ($1, $2, $3, $4, $5, 'owner')",
            office.house.company_id, new_id(), office.site.id, unit_id, party_id,
        )  # fmt: skip


async def waits(office: Office, who: asyncio.Task[Any]) -> None:
    """They wait for a lock, or have come to an end."""
    connection = await asyncpg.connect(office.lodge.dsns.owner)
    try:
        sql = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        waiting = False
        while not (waiting or who.done()):
            waiting = await connection.fetchval(sql)
    finally:
        await connection.close()


async def console(web: Web, till: Till, role: str) -> Any:
    client = await web.console(till.office.house, role)
    client.cookies["locale"] = "zh-CN"
    return client
