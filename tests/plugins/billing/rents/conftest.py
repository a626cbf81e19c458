"""The house that bills, with an item for rents and contracts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import new_id
from plugins.billing.rents import service
from plugins.billing.rents.model import NewRent, Rent, RentChange, Rise
from tests.plugins.billing.corrections.conftest import Office, api_of
from tests.plugins.billing.runs.conftest import START
from tests.support.lodge import Lodge
from tests.support.web import Web

_PARTY = "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', $4)"
_RENTS = """
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role, starts_on)
VALUES ($1, $2, $3, $4, $5, 'tenant', $6)
"""
_ITEM = """
INSERT INTO billing_item (company_id, id, site_id, code, title, basis, cycle, payer, due_days)
VALUES ($1, $2, $3, $4, $4, 'rent', $5, 'owner', 9)
"""
_VERSION = """
INSERT INTO billing_version (company_id, id, site_id, item_id, number, valid_from, prorate, rounding_unit,
    rounding_mode, at, by_name)
VALUES ($1, $2, $3, $4, 1, $5, $6, 'fen', 'half_up', now(), '')
"""
FIVE_PERCENT = Rise(every_months=12, how="rate", by="0.05", rounding_unit="fen")


class Letting(Office, frozen=True):
    """The house that lets shops."""

    async def rent_item(self, cycle: str = "month", prorate: str = "calendar", code: str = "rent") -> UUID:
        id = new_id()
        await self.write(_ITEM, id, self.site.id, code, cycle)
        await self.write(_VERSION, new_id(), self.site.id, id, START, prorate)
        return id

    async def tenant(self, unit_id: UUID, name: str, since: date = START) -> UUID:
        party = new_id()
        await self.write(_PARTY, party, self.site.id, name)
        await self.write(_RENTS, new_id(), self.site.id, unit_id, party, since)
        return party

    async def let(self, item: UUID, unit: UUID, party: UUID, first: date, last: date, **more: Any) -> Rent:
        """A contract, as the manager enters it."""
        of: dict[str, Any] = {"number": "HT-1", "price": "1000", **more}
        new = NewRent(item_id=item, unit_id=unit, party_id=party, first_day=first, last_day=last, **of)
        async with self.work("manager") as work:
            return await service.add(work, self.site, new)

    async def ended(self, rent: Rent, day: date) -> Rent:
        async with self.work("manager") as work:
            entry = RentChange(number=rent.number, note=rent.note, ended_on=day)
            return await service.change(work, self.site, rent.id, entry, rent.version)

    def body(self, item: UUID, unit: UUID, party: UUID, **more: Any) -> dict[str, Any]:
        """A contract as the API takes it."""
        days = {"first_day": "2026-01-01", "last_day": "2026-12-31", "price": "1000", "number": "HT-1"}
        return {"item_id": str(item), "unit_id": str(unit), "party_id": str(party), **days, **more}


def rising(by: str, every: int = 12, **more: Any) -> Rise:
    return msgspec.structs.replace(FIVE_PERCENT, by=by, every_months=every, **more)


@pytest.fixture
async def letting(lodge: Lodge) -> Letting:
    return Letting(lodge, await lodge.house(sites=2, plugins=["billing"]))


@pytest.fixture
async def manager(letting: Letting, web: Web) -> httpx.AsyncClient:
    return await api_of(letting, web, "manager")


@pytest.fixture
async def finance(letting: Letting, web: Web) -> httpx.AsyncClient:
    return await api_of(letting, web, "finance")
