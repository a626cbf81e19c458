"""The house that bills, with meters and what they showed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.sdk import new_id
from plugins.billing.meters import service
from plugins.billing.meters.model import NewMeter, NewReading
from tests.plugins.billing.runs.conftest import _ASSIGNED, _ITEM, START, Desk, desk, finance, manager

__all__ = ["Desk", "Meters", "desk", "finance", "manager"]
_TIERS = """
INSERT INTO billing_version (company_id, id, site_id, item_id, number, valid_from, tiers, prorate, rounding_unit,
    rounding_mode, at, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'calendar', 'fen', 'half_up', now(), '')
"""
STEPPED = [("180", "2.9"), ("260", "3.85"), (None, "5.83")]


class Meters(msgspec.Struct, frozen=True):
    """A desk that reads meters."""

    desk: Desk

    async def item(self, code: str = "water", tiers: Any = (("10", "3"), (None, "5"))) -> UUID:
        """An item charged by meters at the whole site."""
        id = new_id()
        await self.desk.write(_ITEM, id, self.desk.site.id, code, code, "meter", "month")
        await self.tiers(id, tiers)
        await self.desk.write(_ASSIGNED, new_id(), self.desk.site.id, id, START)
        return id

    async def tiers(self, item_id: UUID, tiers: Any, number: int = 1, since: date = START) -> None:
        text = msgspec.json.encode([{"up_to": up_to, "price": price} for up_to, price in tiers]).decode()
        await self.desk.write(_TIERS, new_id(), self.desk.site.id, item_id, number, since, text)

    async def meter(self, item_id: UUID, unit_id: UUID | None, *shown: tuple[str, str], **more: Any) -> UUID:
        """A meter with readings of days of 2026 (`10-25`)."""
        new = NewMeter(item_id=item_id, unit_id=unit_id, installed_on=date(2026, 1, 1), **more)
        async with self.desk.work() as work:
            meter = await service.add(work, self.desk.site, new)
        for day, value in shown:
            await self.read(meter.id, day, value)
        return meter.id

    async def read(self, meter_id: UUID, day: str, value: str, **more: Any) -> Any:
        """Enter a reading."""
        new = NewReading(day=date.fromisoformat(f"2026-{day}"), value=value, **more)
        async with self.desk.work("clerk") as work:
            return await service.enter(work, self.desk.site, meter_id, new)

    async def lines(self) -> list[tuple[Any, ...]]:
        """Room, first and last day, what it comes to."""
        return await self.desk.rows(
            "SELECT u.room, c.first_day, c.last_day, c.amount_fen FROM billing_charge c "
            "JOIN unit u ON u.company_id = c.company_id AND u.id = c.unit_id WHERE c.company_id = $1 ORDER BY 1, 2"
        )

    async def skips(self) -> list[tuple[Any, ...]]:
        """Room and reason of what no run charged."""
        return await self.desk.rows(
            "SELECT u.room, s.reason FROM billing_skip s JOIN unit u ON u.company_id = s.company_id "
            "AND u.id = s.unit_id WHERE s.company_id = $1 ORDER BY 1, 2"
        )


@pytest.fixture
def meters(desk: Desk) -> Meters:
    return Meters(desk)
