"""The house that bills, and those who mend its facts and correct what was billed from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import httpx
import pytest

from core.sdk import new_id
from plugins.billing.corrections import service
from plugins.billing.corrections.model import Correction, Line, NewCorrection
from plugins.billing.corrections.work import compute_step, post_step
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Charge, Entry, Part, Payment
from tests.plugins.billing.runs.conftest import Desk
from tests.support.lodge import Lodge
from tests.support.web import Web

MARCH = date(2026, 3, 1)
_AREA = """
INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name)
VALUES ($1, $2, $3, $4, 'built', $5, $6, now(), '')
ON CONFLICT (company_id, unit_id, basis, valid_from) DO UPDATE SET value = excluded.value
"""
_SOLD = """
UPDATE occupancy SET ends_on = $3::date - 1 WHERE company_id = $1 AND unit_id = $2 AND ends_on IS NULL
"""
_BOUGHT = """
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role, starts_on)
VALUES ($1, $2, $3, $4, $5, 'owner', $6)
"""
_CHARGED = """
SELECT u.room, p.name, c.first_day, c.last_day, -sum(n.amount_fen)::bigint
FROM billing_charge c JOIN unit u ON u.company_id = c.company_id AND u.id = c.unit_id
JOIN party p ON p.company_id = c.company_id AND p.id = c.party_id
JOIN billing_posting n ON n.company_id = c.company_id AND n.charge_id = c.id AND n.account = 'income'
WHERE c.company_id = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 2
"""


class Office(Desk, frozen=True):
    """The house that bills and mends."""

    async def area_from(self, unit_id: UUID, day: date, area: str) -> None:
        """What the unit has from that day on; entered again, the value is mended."""
        await self.write(_AREA, new_id(), self.site.id, unit_id, day, Decimal(area))

    async def sold(self, unit_id: UUID, day: date, name: str) -> UUID:
        """Somebody else owns the unit from that day on."""
        party = new_id()
        await self.write(
            "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', $4)",
            party,
            self.site.id,
            name,
        )
        await self.write(_SOLD, unit_id, day)
        await self.write(_BOUGHT, new_id(), self.site.id, unit_id, party, day)
        return party

    async def look(
        self, since: date = MARCH, unit_id: UUID | None = None, item_id: UUID | None = None, reason: str = "面积误录"
    ) -> Correction:
        """Which bills are touched, as finance asks."""
        async with self.work() as work:
            return await service.create(work, self.site, NewCorrection(reason, since, item_id, unit_id))

    async def approved(self, correction: Correction) -> Correction:
        """Asked for by finance, agreed to by the manager."""
        async with self.work() as work:
            asked = await service.ask(work, self.site, correction.id, correction.version)
        async with self.work("manager") as work:
            return await service.approve(work, self.site, asked.id, asked.version)

    async def corrected(self, since: date = MARCH, unit_id: UUID | None = None) -> Correction:
        """Looked at, agreed to and posted."""
        correction = await self.approved(await self.look(since, unit_id))
        while await self.settle(correction):
            pass
        return await self.seen(correction)

    async def compute(self, correction: Correction, units: int = 2) -> bool:
        async with self.system() as work:
            return await compute_step(work, correction.id, units)

    async def settle(self, correction: Correction | UUID, lines: int = 2) -> bool:
        id = correction if isinstance(correction, UUID) else correction.id
        async with self.system() as work:
            return await post_step(self.lodge.platform, work, id, lines)

    async def seen(self, correction: Correction) -> Correction:
        async with self.work() as work:
            return await service.get(work, self.site, correction.id)

    async def lines(self, correction: Correction) -> list[Line]:
        async with self.work() as work:
            page = await service.lines(work, self.site, correction.id, unit="", cursor=None, limit=200)
        return page.items

    async def charged(self) -> list[tuple[str, str, date, date, int]]:
        """Room, payer, first and last day of every charge, and what the ledger says that it comes to."""
        return [(*row,) for row in await self.rows(_CHARGED)]

    async def enter(self, entry: Entry) -> UUID:
        """Post an entry of somebody's."""
        async with self.work("manager") as work:
            return (await ledger.post(work, self.site, entry, key=str(new_id()))).id

    async def open_charges(self) -> list[Charge]:
        """Every charge with what is open of it."""
        return [
            Charge(*row)
            for row in await self.rows(
                "SELECT unit_id, party_id, item_id, charge_id, sum(amount_fen)::bigint FROM billing_posting "
                "WHERE company_id = $1 AND account = 'receivable' GROUP BY 1, 2, 3, 4 ORDER BY 4"
            )
        ]

    async def pay(self, charge: Charge) -> None:
        """All of it, in cash."""
        part = (Part(charge.charge_id, charge.amount_fen),)
        await self.enter(Payment(charge.unit_id, charge.party_id, "cash", charge.amount_fen, part))


@pytest.fixture
async def office(lodge: Lodge) -> Office:
    return Office(lodge, await lodge.house(sites=2, plugins=["billing"]))


async def api_of(office: Office, web: Web, role: str) -> httpx.AsyncClient:
    client = await web.api(office.house, role)
    client.headers["accept-language"] = "en"
    return client


def short(line: Line) -> tuple[int, int | None, int]:
    """What was billed, what is right, the difference."""
    return line.was_fen, line.right_fen, line.difference_fen


def figures(correction: Correction) -> tuple[str, int, int, int, int]:
    """State, lines, unknown, credit and debit."""
    c = correction
    return c.status, c.lines, c.unknown, c.credit_fen, c.debit_fen
