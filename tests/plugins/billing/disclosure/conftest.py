"""The house whose ledger is kept, and somebody who publishes what it says."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import Site
from plugins.billing.disclosure import service
from plugins.billing.disclosure.model import Draft, EditionDetail, NewDisclosure, NewExpense
from plugins.billing.ledger.entries import Charge, Part, Payment
from tests.plugins.billing.ledger.conftest import Office
from tests.plugins.billing.ledger.conftest import office as office
from tests.support.web import Web

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


class Notice(msgspec.Struct, frozen=True):
    """The office, and a household of it."""

    office: Office
    unit_id: UUID
    party_id: UUID

    @property
    def site(self) -> Site:
        return self.office.site

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing"

    async def charge(self, fen: int, item: str = "property", paid: int = 0) -> Charge:
        """A charge, of which some is paid at once."""
        charge = self.office.charge(self.unit_id, self.party_id, fen, item)
        await self.office.issue(charge)
        if paid:
            parts = (Part(charge.charge_id, paid),)
            await self.office.post(Payment(self.unit_id, self.party_id, "cash", paid, parts))
        return charge

    async def spend(self, fen: int, category: Any = "cleaning", month: date = NOVEMBER, **more: Any) -> UUID:
        new = NewExpense(month=month, category=category, amount_fen=fen, **more)
        async with self.office.lodge.work(self.office.house, "finance") as work:
            [id] = await service.add_expenses(work, self.site, [new])
        return id

    async def draft(self, kind: Any = "month", day: date = NOVEMBER) -> Draft:
        lodge = self.office.lodge
        async with lodge.work(self.office.house, "manager", read_only=True) as work:
            return await service.draft(lodge.platform, work, self.site, kind, day)

    async def publish(
        self, kind: Any = "month", day: date = NOVEMBER, *, reason: str = "", note: str = "", digest: str = ""
    ) -> EditionDetail:
        """What is there now, unless another digest is said."""
        lodge, seen = self.office.lodge, await self.draft(kind, day)
        new = NewDisclosure(kind=kind, first_day=seen.first_day, digest=digest or seen.digest, note=note, reason=reason)
        async with lodge.work(self.office.house, "manager") as work:
            id = await service.publish(lodge.platform, work, self.site, new)
        return await self.read(id)

    async def read(self, id: UUID) -> EditionDetail:
        async with self.office.lodge.work(self.office.house, "manager", read_only=True) as work:
            return await service.edition(work, self.site, id)

    async def link(self, web: Web) -> str:
        """The path of the public page, as the console shows it."""
        console = await web.console(self.office.house, "manager")
        page = (await console.get(f"{self.console}/disclosures")).text
        address = page.partition('target="_blank"')[0].rpartition('href="')[2].partition('"')[0]
        return httpx.URL(address).path


@pytest.fixture
async def notice(office: Office) -> Notice:
    return Notice(office, await office.unit("302"), await office.party("王芳"))
