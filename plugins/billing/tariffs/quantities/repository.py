"""Every statement about quantities; each names the company and the site, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.tariffs.quantities.model import NewQuantity, QuantityChange, UnitQuantity, UnitRow

_QUANTITY = "id, unit_id, basis, valid_from, value::text, reason, at, by_name, version"
# What each unit has on the day, one text of JSON a unit.
_UNITS = """
SELECT u.id, u.building, u.label, u.area_m2::text, coalesce(q.held, '{{}}')
FROM unit u LEFT JOIN (
    SELECT unit_id, jsonb_object_agg(basis, value)::text AS held FROM (
        SELECT DISTINCT ON (unit_id, basis) unit_id, basis, value::text AS value FROM billing_quantity
        WHERE company_id = $1 AND site_id = $2 AND valid_from <= $3 {only}
        ORDER BY unit_id, basis, valid_from DESC
    ) latest GROUP BY unit_id
) q ON q.unit_id = u.id
WHERE u.company_id = $1 AND u.site_id = $2 {where}
ORDER BY u.sort_key, u.id {limit}
"""
_ALL = _UNITS.format(only="", where="", limit="")
_PAGE = _UNITS.format(
    only="",
    where="""AND ($4 = '' OR position(lower($4) IN lower(u.label)) > 0)
    AND ($5::uuid IS NULL OR (u.sort_key, u.id) > (
        SELECT sort_key, id FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $5))""",
    limit="LIMIT $6",
)
_ONE = _UNITS.format(only="AND unit_id = $4", where="AND u.id = $4", limit="")
_HISTORY = f"""
SELECT {_QUANTITY} FROM billing_quantity WHERE company_id = $1 AND site_id = $2 AND unit_id = $3
ORDER BY basis, valid_from DESC
"""  # noqa: S608
_GET = f"SELECT {_QUANTITY} FROM billing_quantity WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
# Only for a unit of the site.
_ADD = f"""
INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, reason, at, by_id, by_name)
SELECT $1, $2, $3, u.id, $5, $6, $7::text::numeric, $8, $9, $10, $11
FROM unit u WHERE u.company_id = $1 AND u.site_id = $3 AND u.id = $4
ON CONFLICT (company_id, unit_id, basis, valid_from) DO NOTHING RETURNING {_QUANTITY}
"""  # noqa: S608
_CHANGE = f"""
UPDATE billing_quantity SET value = $4::text::numeric, reason = $5, at = $6, by_id = $7, by_name = $8,
    version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $9 RETURNING {_QUANTITY}
"""  # noqa: S608
_REMOVE = "DELETE FROM billing_quantity WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4"
_TAKE_OVER = """
WITH bare AS (
    SELECT u.id, u.area_m2 FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND NOT EXISTS (
        SELECT FROM billing_quantity q WHERE q.company_id = $1 AND q.unit_id = u.id AND q.basis = 'built')
), taken AS (
    INSERT INTO billing_quantity
        (company_id, id, site_id, unit_id, basis, valid_from, value, reason, at, by_id, by_name)
    SELECT $1, gen_random_uuid(), $2, id, 'built', $3, area_m2, $4, $5, $6, $7 FROM bare WHERE area_m2 > 0
    ON CONFLICT (company_id, unit_id, basis, valid_from) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM bare WHERE coalesce(area_m2, 0) <= 0)
"""
_held = msgspec.json.Decoder(dict[str, str]).decode


def _row(id: UUID, building: str, label: str, area: str | None, held: str) -> UnitRow:
    return UnitRow(id, building, label, area, _held(held))  # type: ignore[arg-type]  # a CHECK holds the keys to these


async def every(uow: UnitOfWork, site_id: UUID, day: date) -> list[UnitRow]:
    """All units of the site in the roll's order."""
    return await uow.fetch(_row, _ALL, uow.company_id, site_id, day)


async def page(uow: UnitOfWork, site_id: UUID, day: date, text: str, cursor: UUID | None, limit: int) -> list[UnitRow]:
    """Units whose name holds the text, after the one that the cursor names."""
    return await uow.fetch(_row, _PAGE, uow.company_id, site_id, day, text, cursor, limit)


async def one(uow: UnitOfWork, site_id: UUID, day: date, unit_id: UUID) -> UnitRow | None:
    return await uow.fetch_one(_row, _ONE, uow.company_id, site_id, day, unit_id)


async def history(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> list[UnitQuantity]:
    """A unit's quantities by basis, the latest first."""
    return await uow.fetch(UnitQuantity, _HISTORY, uow.company_id, site_id, unit_id)


async def get(uow: UnitOfWork, site_id: UUID, quantity_id: UUID) -> UnitQuantity | None:
    return await uow.fetch_one(UnitQuantity, _GET, uow.company_id, site_id, quantity_id)


async def add(
    uow: UnitOfWork, site_id: UUID, new: NewQuantity, at: datetime, by: tuple[UUID | None, str]
) -> UnitQuantity | None:
    """None: it has one from that day on, or the site has no such unit."""
    values = new.unit_id, new.basis, new.valid_from, new.value, new.reason
    return await uow.fetch_one(UnitQuantity, _ADD, uow.company_id, new_id(), site_id, *values, at, *by)


async def change(
    uow: UnitOfWork,
    site_id: UUID,
    quantity_id: UUID,
    entry: QuantityChange,
    at: datetime,
    by: tuple[UUID | None, str],
    expected: int,
) -> UnitQuantity | None:
    """None: somebody else was faster."""
    values = entry.value, entry.reason, at, *by, expected
    return await uow.fetch_one(UnitQuantity, _CHANGE, uow.company_id, site_id, quantity_id, *values)


async def remove(uow: UnitOfWork, site_id: UUID, quantity_id: UUID, expected: int) -> bool:
    return bool(await uow.execute(_REMOVE, uow.company_id, site_id, quantity_id, expected))


async def take_over(
    uow: UnitOfWork, site_id: UUID, day: date, reason: str, at: datetime, by: tuple[UUID | None, str]
) -> tuple[int, int]:
    """How many areas of the roll were taken, and how many units without a built area have none there."""
    found = await uow.fetch_one(
        lambda *counts: counts, _TAKE_OVER, uow.company_id, site_id, day, reason, at, *by
    )  # fmt: skip
    assert found is not None
    return found
