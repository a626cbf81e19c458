"""Every statement about rent contracts; each names the company and the site, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.rents.model import BilledRent, NewRent, Rent, RentChange, Rise

_COLUMNS: Final = """
r.id, r.item_id, i.title, r.unit_id, u.label, r.party_id, p.name, r.number, r.first_day, r.last_day, r.ended_on,
r.until, r.per, r.price::text, r.note, r.at, r.by_name, r.version,
r.rises_every, r.rises_how, r.rises_by::text, r.rises_unit, r.rises_mode
"""
_FROM: Final = """
FROM billing_rent r
JOIN billing_item i ON i.company_id = r.company_id AND i.id = r.item_id
JOIN unit u ON u.company_id = r.company_id AND u.id = r.unit_id
JOIN party p ON p.company_id = r.company_id AND p.id = r.party_id
WHERE r.company_id = $1 AND r.site_id = $2
"""
_FITTING: Final = """
AND ($3::uuid IS NULL OR r.item_id = $3) AND ($4 = '' OR u.label ILIKE $4 OR r.number ILIKE $4)
"""
_CURRENT = f"""
SELECT {_COLUMNS} {_FROM} {_FITTING} AND r.until >= $5 AND (r.until, r.id) > ($6, $7)
ORDER BY r.until, r.id LIMIT $8
"""
_ENDED = f"""
SELECT {_COLUMNS} {_FROM} {_FITTING} AND r.until < $5 AND (r.until, r.id) < ($6, $7)
ORDER BY r.until DESC, r.id DESC LIMIT $8
"""
_GET = f"SELECT {_COLUMNS} {_FROM} AND r.id = $3"
# What a contract is about, none of which need be there.
_ASKED = """
SELECT
    (SELECT jsonb_build_array(title, basis, ended_on) FROM billing_item
        WHERE company_id = $1 AND site_id = $2 AND id = $3)::text,
    (SELECT label FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $4),
    (SELECT name FROM party WHERE company_id = $1 AND site_id = $2 AND id = $5)
"""
# Nothing where a day of it has a contract already, whoever enters another one at the same time.
_ADD = """
INSERT INTO billing_rent (company_id, id, site_id, item_id, unit_id, party_id, number, first_day, last_day, per, price,
    rises_every, rises_how, rises_by, rises_unit, rises_mode, note, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::numeric, $12, $13, $14::text::numeric, $15, $16, $17, $18,
    $19, $20)
ON CONFLICT DO NOTHING
"""
_CHANGE = """
UPDATE billing_rent SET number = $4, note = $5, ended_on = $6, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $7
"""
_OTHER = f"""
SELECT {_COLUMNS} {_FROM} AND r.item_id = $3 AND r.unit_id = $4 AND r.id <> $5
    AND r.first_day <= $7 AND r.until >= greatest($6, r.first_day) ORDER BY r.first_day LIMIT 1
"""
# What a line comes to by now: corrections of it are posted. Days that it no longer has are the last ones.
_BILLED = """
SELECT c.id, c.run_id, c.first_day, c.last_day, c.due_on, (c.amount_fen + coalesce((SELECT sum(k.difference_fen)
        FROM billing_correction_line k
        WHERE k.company_id = c.company_id AND k.charge_id = c.id AND k.outcome = 'posted'), 0))::bigint,
    n.issued_at IS NOT NULL, c.last_day > $8 AND NOT EXISTS (SELECT FROM billing_freed f
        WHERE f.company_id = c.company_id AND f.charge_id = c.id AND f.first_day <= $8 + 1 AND f.last_day >= c.last_day)
FROM billing_charge c JOIN billing_run n ON n.company_id = c.company_id AND n.id = c.run_id
WHERE c.company_id = $1 AND c.site_id = $2 AND c.unit_id = $3 AND c.item_id = $4 AND c.party_id = $5
    AND c.first_day BETWEEN $6 AND $7
ORDER BY c.first_day DESC, c.id DESC LIMIT $9
"""
# Who is or was at the unit, tenants first, those that came last first of all.
_PEOPLE = """
SELECT o.party_id, p.name, o.role FROM occupancy o JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = $3
ORDER BY o.role <> 'tenant', coalesce(o.starts_on, '-infinity') DESC, p.name LIMIT 50
"""
_item: Final = msgspec.json.Decoder(tuple[str, str, date | None] | None).decode


class Asked(msgspec.Struct, frozen=True):
    """What a contract is about: title, basis and last day of the item, the unit's and the tenant's name."""

    item: tuple[str, str, date | None] | None
    unit: str | None
    party: str | None


async def current(
    uow: UnitOfWork, site_id: UUID, item_id: UUID | None, pattern: str, day: date, after: tuple[date, UUID], limit: int
) -> list[Rent]:
    """Those that have not ended before the day, those first that end soonest."""
    return await uow.fetch(_rent, _CURRENT, uow.company_id, site_id, item_id, pattern, day, *after, limit)


async def ended(
    uow: UnitOfWork, site_id: UUID, item_id: UUID | None, pattern: str, day: date, before: tuple[date, UUID], limit: int
) -> list[Rent]:
    """Those that have ended before the day, the latest first."""
    return await uow.fetch(_rent, _ENDED, uow.company_id, site_id, item_id, pattern, day, *before, limit)


async def get(uow: UnitOfWork, site_id: UUID, rent_id: UUID) -> Rent | None:
    return await uow.fetch_one(_rent, _GET, uow.company_id, site_id, rent_id)


async def asked(uow: UnitOfWork, site_id: UUID, item_id: UUID, unit_id: UUID, party_id: UUID) -> Asked:
    def read(item: str | None, unit: str | None, party: str | None) -> Asked:
        return Asked(_item(item) if item else None, unit, party)

    found = await uow.fetch_one(read, _ASKED, uow.company_id, site_id, item_id, unit_id, party_id)
    assert found is not None  # three subqueries are one row
    return found


async def add(uow: UnitOfWork, site_id: UUID, new: NewRent, at: datetime, by: tuple[UUID | None, str]) -> UUID | None:
    """None: another contract has a day of it."""
    id, rise = new_id(), new.rise
    what = new.item_id, new.unit_id, new.party_id, new.number, new.first_day, new.last_day, new.per, new.price
    rises: tuple[Any, ...] = (None,) * 5
    if rise is not None:
        mode = rise.rounding_mode if rise.rounding_unit else None
        rises = rise.every_months, rise.how, rise.by, rise.rounding_unit, mode
    written = await uow.execute(_ADD, uow.company_id, id, site_id, *what, *rises, new.note, at, *by)
    return id if written else None


async def change(uow: UnitOfWork, site_id: UUID, rent_id: UUID, entry: RentChange, expected: int) -> bool:
    """False: somebody else was faster. Raises ExclusionViolationError where another contract has a day of it."""
    values = entry.number, entry.note, entry.ended_on, expected
    return bool(await uow.execute(_CHANGE, uow.company_id, site_id, rent_id, *values))


async def other(
    uow: UnitOfWork, site_id: UUID, item_id: UUID, unit_id: UUID, but: UUID, first: date, last: date
) -> Rent | None:
    """Another contract of the unit and item that has one of these days."""
    return await uow.fetch_one(_rent, _OTHER, uow.company_id, site_id, item_id, unit_id, but, first, last)


async def billed(uow: UnitOfWork, site_id: UUID, rent: Rent, limit: int) -> list[BilledRent]:
    """The lines that charge its tenant for days from its first to the last that was agreed, the latest first."""
    of = rent.unit_id, rent.item_id, rent.party_id, rent.first_day, rent.last_day, rent.until
    return await uow.fetch(BilledRent, _BILLED, uow.company_id, site_id, *of, limit)


async def people(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> list[tuple[UUID, str, str]]:
    """Ids, names and roles of who is or was at the unit."""
    return await uow.fetch(lambda *row: row, _PEOPLE, uow.company_id, site_id, unit_id)


def _rent(*row: Any) -> Rent:
    every, how, by, unit, mode = row[18:]
    rise = None
    if every is not None:
        rise = Rise(every_months=every, how=how, by=by, rounding_unit=unit, rounding_mode=mode or "half_up")
    return Rent(*(*row[:14], rise, *row[14:18]))
