"""Accounts with something open: charges are issued on days of a clock that tests turn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from plugins.billing.arrears.dunning.ladder import Step
from plugins.billing.arrears.dunning.model import Outcomes, Press, Record, TakeStep, Worklist
from plugins.billing.arrears.dunning.service import record, take, worklist
from plugins.billing.ledger.entries import Charge, Part, Payment
from tests.plugins.billing.ledger.conftest import Office, office
from tests.support.lodge import SettableClock
from tests.support.web import Web

__all__ = ["office"]


class Owing(msgspec.Struct, frozen=True):
    """The office, and the clock by which charges get old; sessions begin after it was turned."""

    office: Office
    clock: SettableClock
    web: Web

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.office.site.slug}/billing"

    @property
    def console(self) -> str:
        return f"/s/{self.office.site.slug}/billing"

    def work(self, role: str = "manager") -> Any:
        return self.office.lodge.work(self.office.house, role)

    async def write(self, sql: str, *args: object) -> None:
        async with self.office.lodge.owner.begin(self.office.house.company_id) as uow:
            await uow.execute(sql, self.office.house.company_id, *args)

    async def client(self, role: str = "manager") -> httpx.AsyncClient:
        client = await self.web.api(self.office.house, role)
        client.headers["accept-language"] = "en"
        return client

    async def household(self, room: str, name: str = "王芳") -> tuple[UUID, UUID]:
        """A unit, and somebody who owes there."""
        return await self.office.unit(room), await self.office.party(name)

    async def owe(self, unit_id: UUID, party_id: UUID, fen: int, item: str = "property") -> Charge:
        """Issued today, and due today."""
        charge = self.office.charge(unit_id, party_id, fen, item)
        await self.office.issue(charge)
        return charge

    async def pay(self, charge: Charge, fen: int) -> UUID:
        part = Part(charge.charge_id, fen)
        return (await self.office.post(Payment(charge.unit_id, charge.party_id, "cash", fen, (part,)))).id

    async def late(self, room: str, fen: int, days: int, name: str = "王芳") -> tuple[UUID, UUID]:
        """A household that has owed that for so many days."""
        unit_id, party_id = await self.household(room, name)
        await self.owe(unit_id, party_id, fen)
        self.clock.advance(days=days)
        return unit_id, party_id

    async def due(self, step: Step | None = None) -> Worklist:
        async with self.work() as work:
            return await worklist(self.office.lodge.platform, work, self.office.site, step)

    async def steps(self) -> dict[str, str]:
        """The step that each unit is due for."""
        return {row.unit[-3:]: row.step for row in (await self.due()).items}

    async def take(self, step: Any, *units: UUID, **more: Any) -> Outcomes:
        shape = Press if step in ("notice", "legal") else TakeStep
        async with self.work() as work:
            asked = shape(step=step, unit_ids=list(units), **more)
            return await take(self.office.lodge.platform, work, self.office.site, asked)

    async def record(self, unit_id: UUID) -> Record:
        async with self.work() as work:
            return await record(self.office.lodge.platform, work, self.office.site, unit_id)


@pytest.fixture
async def owing(office: Office, clock: SettableClock, web: Web) -> Owing:
    return Owing(office, clock, web)
