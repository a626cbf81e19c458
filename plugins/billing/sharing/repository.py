"""Every statement about shared costs; each names the company and the site, besides row level security."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.amounts.number import plain
from plugins.billing.amounts.share import SharePart, part
from plugins.billing.sharing.model import Cost, CostShare, NewCost

_COST: Final = """c.id, c.item_id, i.title, c.month, c.building, c.method, c.total_fen, c.bill, c.meter_id,
    trim_scale(c.used)::text, trim_scale(c.price)::text, c.units, trim_scale(c.weights)::text, c.at, c.by_name,
    EXISTS (SELECT FROM billing_share s JOIN billing_charge l ON l.company_id = s.company_id AND l.unit_id = s.unit_id
        AND l.item_id = c.item_id AND l.first_day = c.month
        WHERE s.company_id = c.company_id AND s.cost_id = c.id)"""
_FROM: Final = "FROM billing_cost c JOIN billing_item i ON i.company_id = c.company_id AND i.id = c.item_id"
_PAGE = f"""
SELECT {_COST} {_FROM} WHERE c.company_id = $1 AND c.site_id = $2 AND ($3::uuid IS NULL OR (c.month, c.id) < (
    SELECT o.month, o.id FROM billing_cost o WHERE o.company_id = $1 AND o.site_id = $2 AND o.id = $3))
ORDER BY c.month DESC, c.id DESC LIMIT $4
"""  # noqa: S608
_GET = f"SELECT {_COST} {_FROM} WHERE c.company_id = $1 AND c.site_id = $2 AND c.id = $3"
_SHARES = """
SELECT s.unit_id, u.label, trim_scale(s.weight)::text, s.amount_fen
FROM billing_share s JOIN unit u ON u.company_id = s.company_id AND u.id = s.unit_id
WHERE s.company_id = $1 AND s.site_id = $2 AND s.cost_id = $3 AND ($4::uuid IS NULL OR (u.sort_key, u.id) > (
    SELECT v.sort_key, v.id FROM unit v WHERE v.company_id = $1 AND v.site_id = $2 AND v.id = $4))
ORDER BY u.sort_key, u.id LIMIT $5
"""
# What each unit has on the day; '' where the method asks for nothing.
_UNITS = """
SELECT u.id, u.building, u.label, (SELECT q.value FROM billing_quantity q
    WHERE q.company_id = $1 AND q.unit_id = u.id AND q.basis = $3 AND q.valid_from <= $4
    ORDER BY q.valid_from DESC LIMIT 1)
FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 ORDER BY u.sort_key, u.id
"""
_ADD = """
WITH cost AS (
    INSERT INTO billing_cost (company_id, id, site_id, item_id, month, building, method, total_fen, bill, meter_id,
        used, price, units, weights, at, by_id, by_name)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::numeric, $12::text::numeric, $13, $14::text::numeric,
        $15, $16, $17)
    RETURNING id
)
INSERT INTO billing_share (company_id, id, site_id, cost_id, unit_id, weight, over_fen, amount_fen)
SELECT $1, new.id, $3, $2, new.unit_id, new.weight::numeric, new.over_fen, new.amount_fen
FROM cost, unnest($18::uuid[], $19::uuid[], $20::text[], $21::smallint[], $22::bigint[])
    AS new (id, unit_id, weight, over_fen, amount_fen)
"""
# The shares go first: a statement that takes away both is looked at by foreign keys when it is done.
_REMOVE = """
WITH shares AS (DELETE FROM billing_share WHERE company_id = $1 AND site_id = $2 AND cost_id = $3)
DELETE FROM billing_cost WHERE company_id = $1 AND site_id = $2 AND id = $3
"""


class Unit(msgspec.Struct, frozen=True):
    """A unit with what it has of what the method asks for."""

    id: UUID
    building: str
    label: str
    value: Any


async def page(uow: UnitOfWork, site_id: UUID, cursor: UUID | None, limit: int) -> list[Cost]:
    """The latest month first."""
    return await uow.fetch(Cost, _PAGE, uow.company_id, site_id, cursor, limit)


async def get(uow: UnitOfWork, site_id: UUID, cost_id: UUID) -> Cost | None:
    return await uow.fetch_one(Cost, _GET, uow.company_id, site_id, cost_id)


async def shares(uow: UnitOfWork, site_id: UUID, cost_id: UUID, cursor: UUID | None, limit: int) -> list[CostShare]:
    """In the roll's order, behind a unit."""
    return await uow.fetch(CostShare, _SHARES, uow.company_id, site_id, cost_id, cursor, limit)


async def units(uow: UnitOfWork, site_id: UUID, basis: str, day: date) -> list[Unit]:
    """All units in the roll's order, each with what it has on the day."""
    return await uow.fetch(Unit, _UNITS, uow.company_id, site_id, basis, day)


async def add(
    uow: UnitOfWork,
    site_id: UUID,
    new: NewCost,
    used: str | None,
    shared: Mapping[UUID, SharePart],
    at: datetime,
    by: tuple[UUID | None, str],
) -> tuple[UUID, str]:
    """The cost and all its shares in one statement; its id, and what all weights come to."""
    id, total = new_id(), next(iter(shared.values())).total_fen
    weights = plain(next(iter(shared.values())).weights)
    rows = [
        (new_id(), unit_id, plain(Fraction(of.weight)), of.over_fen, part(of).amount_fen)
        for unit_id, of in shared.items()
    ]
    what = new.item_id, new.month, new.building, new.method, total, new.bill, new.meter_id, used, new.price
    await uow.execute(
        _ADD, uow.company_id, id, site_id, *what, len(rows), weights, at, *by, *zip(*rows, strict=True)
    )  # fmt: skip
    return id, weights


async def remove(uow: UnitOfWork, site_id: UUID, cost_id: UUID) -> None:
    await uow.execute(_REMOVE, uow.company_id, site_id, cost_id)
