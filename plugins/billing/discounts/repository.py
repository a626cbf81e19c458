"""Every statement about discounts; each names the company and the site, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.sdk import UnitOfWork, new_id
from plugins.billing.discounts.model import Discount, Grant

_DISCOUNT: Final = """d.id, d.item_id, i.title, d.unit_id, coalesce(u.label, ''), d.kind, d.since, d.until,
    trim_scale(d.factor)::text, d.reason, d.asked_by_name, d.at, d.by_name, d.version, d.off_fen, d.receipt_id"""
_FROM: Final = """FROM billing_discount d
JOIN billing_item i ON i.company_id = d.company_id AND i.id = d.item_id
LEFT JOIN unit u ON u.company_id = d.company_id AND u.id = d.unit_id"""
_PAGE = f"""
SELECT {_DISCOUNT} {_FROM} WHERE d.company_id = $1 AND d.site_id = $2 AND ($3 = '' OR u.label ILIKE $3)
    AND ($4::uuid IS NULL OR d.id < $4) ORDER BY d.id DESC LIMIT $5
"""
_GET = f"SELECT {_DISCOUNT} {_FROM} WHERE d.company_id = $1 AND d.site_id = $2 AND d.id = $3"
_PLACE = """
SELECT i.title, i.basis, u.label FROM billing_item i
LEFT JOIN unit u ON u.company_id = i.company_id AND u.site_id = i.site_id AND u.id = $4
WHERE i.company_id = $1 AND i.site_id = $2 AND i.id = $3
"""
_ADD = """
INSERT INTO billing_discount (company_id, id, site_id, item_id, unit_id, kind, since, until, factor, off_fen, reason,
    asked_by, asked_by_name, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::numeric, $10, $11, $12, $13, $14, $15, $16)
"""
_END = """
UPDATE billing_discount SET until = $4, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $5
"""


async def page(uow: UnitOfWork, site_id: UUID, pattern: str, before: UUID | None, limit: int) -> list[Discount]:
    """The latest first: an id's order is that in which they were made."""
    return await uow.fetch(Discount, _PAGE, uow.company_id, site_id, pattern, before, limit)


async def get(uow: UnitOfWork, site_id: UUID, discount_id: UUID) -> Discount | None:
    return await uow.fetch_one(Discount, _GET, uow.company_id, site_id, discount_id)


async def place(
    uow: UnitOfWork, site_id: UUID, item_id: UUID, unit_id: UUID | None
) -> tuple[str, str, str | None] | None:
    """An item's title and basis, and the unit's label. None: the site has no such item."""
    return await uow.fetch_one(lambda *row: row, _PLACE, uow.company_id, site_id, item_id, unit_id)


async def add(uow: UnitOfWork, site_id: UUID, grant: Grant, at: datetime, by: tuple[UUID | None, str]) -> UUID:
    new, id = grant.discount, new_id()
    what = new.item_id, new.unit_id, new.kind, new.since, new.until, new.factor, new.off_fen, new.reason
    await uow.execute(_ADD, uow.company_id, id, site_id, *what, grant.asked_by, grant.asked_by_name, at, *by)
    return id


async def end(uow: UnitOfWork, site_id: UUID, discount_id: UUID, until: date, expected: int) -> bool:
    """False: somebody else was faster."""
    return bool(await uow.execute(_END, uow.company_id, site_id, discount_id, until, expected))
