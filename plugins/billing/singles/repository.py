"""Every statement about single charges; each names the company and the site, besides row level security."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.line import DEFINITION
from plugins.billing.singles.model import Single

_LIST = """
SELECT c.id, c.item_id, i.title, c.unit_id, u.label, c.party_id, p.name, c.first_day, c.due_on, c.amount_fen
FROM billing_charge c
JOIN billing_item i ON i.company_id = c.company_id AND i.id = c.item_id
JOIN unit u ON u.company_id = c.company_id AND u.id = c.unit_id
JOIN party p ON p.company_id = c.company_id AND p.id = c.party_id
WHERE c.company_id = $1 AND c.site_id = $2 AND c.run_id IS NULL AND ($3 = '' OR u.label ILIKE $3)
    AND ($4::uuid IS NULL OR c.id < $4)
ORDER BY c.id DESC LIMIT $5
"""
# The item with its price on the day, and who is at the unit then.
_ASKED = """
SELECT i.title, i.basis, i.payer, i.due_days, i.ended_on, u.label,
    (SELECT jsonb_build_array(v.number, v.price::text, v.rounding_unit, v.rounding_mode)::text FROM billing_version v
        WHERE v.company_id = $1 AND v.item_id = i.id AND v.valid_from <= $5
        ORDER BY v.valid_from DESC, v.number DESC LIMIT 1),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(o.party_id, p.name, o.role, o.starts_on, o.ends_on)), '[]')::text
        FROM occupancy o JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
        WHERE o.company_id = $1 AND o.unit_id = u.id AND coalesce(o.starts_on, $5) <= $5
            AND coalesce(o.ends_on, $5) >= $5)
FROM billing_item i LEFT JOIN unit u ON u.company_id = i.company_id AND u.site_id = i.site_id AND u.id = $4
WHERE i.company_id = $1 AND i.site_id = $2 AND i.id = $3
"""
_ADD = """
INSERT INTO billing_charge (company_id, id, site_id, item_id, unit_id, party_id, first_day, last_day, due_on,
    amount_fen, definition, facts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11)
"""
_Price = tuple[int, str, Any, Any]
_Person = tuple[UUID, str, str, date | None, date | None]
_price: Final = msgspec.json.Decoder(_Price).decode
_people: Final = msgspec.json.Decoder(list[_Person]).decode


class Asked(msgspec.Struct, frozen=True):
    """An item on a day, with its price there, and the unit with its people then: id, name, role, first and last day."""

    title: str
    basis: str
    payer: Any
    due_days: int
    ended_on: date | None
    unit: str | None
    price: _Price | None
    people: list[_Person]


async def page(uow: UnitOfWork, site_id: UUID, pattern: str, before: UUID | None, limit: int) -> list[Single]:
    """The latest first: an id's order is that in which they were made."""
    return await uow.fetch(Single, _LIST, uow.company_id, site_id, pattern, before, limit)


async def asked(uow: UnitOfWork, site_id: UUID, item_id: UUID, unit_id: UUID, day: date) -> Asked | None:
    """None: the site has no such item."""

    def read(*row: Any) -> Asked:
        price, people = row[6:]
        return Asked(*(*row[:6], None if price is None else _price(price), _people(people)))

    return await uow.fetch_one(read, _ASKED, uow.company_id, site_id, item_id, unit_id, day)


async def add(uow: UnitOfWork, site_id: UUID, new: Single, facts: str) -> None:
    what = new.item_id, new.unit_id, new.party_id, new.day, new.due_on, new.amount_fen, DEFINITION, facts
    await uow.execute(_ADD, uow.company_id, new.id, site_id, *what)
