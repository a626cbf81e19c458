"""Every statement about items, versions and where they are charged; each names the company, besides row level
security."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.tariffs.model import (
    Assignment,
    AssignmentChange,
    FeeItem,
    ItemChange,
    NewAssignment,
    NewItem,
    NewVersion,
    PriceTier,
    TariffVersion,
)

_ITEM = ", ".join(FeeItem.__struct_fields__)
_VERSION = """v.id, v.item_id, v.number, v.valid_from, v.price::text, v.formula, v.prorate, v.rounding_unit,
    v.rounding_mode, v.note, v.at, v.by_name, v.tiers"""
_ASSIGNMENT = """a.id, a.item_id, a.scope, a.building, a.unit_id, coalesce(u.label, ''), a.since, a.until, a.charged,
    a.version"""
_ITEMS = f"""
SELECT {_ITEM} FROM billing_item WHERE company_id = $1 AND site_id = $2 ORDER BY ended_on IS NOT NULL, code
"""  # noqa: S608
_GET = f"SELECT {_ITEM} FROM billing_item WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_ADD = f"""
INSERT INTO billing_item
    (company_id, id, site_id, code, title, basis, cycle, payer, due_days, collected_for, ended_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (company_id, site_id, code) DO NOTHING RETURNING {_ITEM}
"""  # noqa: S608
_CHANGE = f"""
UPDATE billing_item SET title = $4, cycle = $5, payer = $6, due_days = $7, collected_for = $8, ended_on = $9,
    version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $10 RETURNING {_ITEM}
"""  # noqa: S608
_VERSIONS = f"""
SELECT {_VERSION} FROM billing_version v
WHERE v.company_id = $1 AND v.site_id = $2 AND ($3::uuid IS NULL OR v.item_id = $3)
ORDER BY v.valid_from DESC, v.number DESC
"""  # noqa: S608
_ADD_VERSION = f"""
INSERT INTO billing_version AS v (company_id, id, site_id, item_id, number, valid_from, price, formula, prorate,
    rounding_unit, rounding_mode, note, tiers, at, by_id, by_name)
SELECT $1, $2, $3, $4,
    1 + coalesce((SELECT max(number) FROM billing_version WHERE company_id = $1 AND site_id = $3 AND item_id = $4), 0),
    $5, $6::text::numeric, $7, $8, $9, $10, $11, $12, $13, $14, $15
RETURNING {_VERSION}
"""  # noqa: S608
_ASSIGNMENTS = f"""
SELECT {_ASSIGNMENT} FROM billing_assignment a
LEFT JOIN unit u ON u.company_id = a.company_id AND u.site_id = a.site_id AND u.id = a.unit_id
WHERE a.company_id = $1 AND a.site_id = $2 AND ($3::uuid IS NULL OR a.item_id = $3)
ORDER BY a.unit_id IS NOT NULL, a.building, u.sort_key, a.since
"""  # noqa: S608
_ASSIGN = """
INSERT INTO billing_assignment AS a (company_id, id, site_id, item_id, building, unit_id, since, until, charged)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
RETURNING id, item_id, scope, building, unit_id,
    coalesce((SELECT label FROM unit u WHERE u.company_id = $1 AND u.site_id = $3 AND u.id = $6), ''),
    since, until, charged, version
"""
_GET_ASSIGNMENT = f"""
SELECT {_ASSIGNMENT} FROM billing_assignment a
LEFT JOIN unit u ON u.company_id = a.company_id AND u.site_id = a.site_id AND u.id = a.unit_id
WHERE a.company_id = $1 AND a.site_id = $2 AND a.id = $3
"""  # noqa: S608
_REASSIGN = """
UPDATE billing_assignment SET until = $4, charged = $5, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $6 RETURNING version
"""
_UNASSIGN = "DELETE FROM billing_assignment WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4"
_UNIT = "SELECT id, label FROM unit WHERE company_id = $1 AND site_id = $2 AND ($3::uuid = id OR label = $4) LIMIT 1"


_tiers = msgspec.json.Decoder(tuple[PriceTier, ...]).decode


class Named(msgspec.Struct, frozen=True):
    """A unit of the roll."""

    id: UUID
    label: str


async def items(uow: UnitOfWork, site_id: UUID) -> list[FeeItem]:
    """By code, those that have an end last."""
    return await uow.fetch(FeeItem, _ITEMS, uow.company_id, site_id)


async def get(uow: UnitOfWork, site_id: UUID, item_id: UUID) -> FeeItem | None:
    return await uow.fetch_one(FeeItem, _GET, uow.company_id, site_id, item_id)


async def add(uow: UnitOfWork, site_id: UUID, new: NewItem) -> FeeItem | None:
    """None: the code is taken."""
    values = new.code, new.title, new.basis, new.cycle, new.payer, new.due_days, new.collected_for, new.ended_on
    return await uow.fetch_one(FeeItem, _ADD, uow.company_id, new_id(), site_id, *values)


async def change(uow: UnitOfWork, site_id: UUID, item_id: UUID, entry: ItemChange, expected: int) -> FeeItem | None:
    """None: somebody else was faster."""
    values = entry.title, entry.cycle, entry.payer, entry.due_days, entry.collected_for, entry.ended_on
    return await uow.fetch_one(FeeItem, _CHANGE, uow.company_id, site_id, item_id, *values, expected)


async def versions(uow: UnitOfWork, site_id: UUID, item_id: UUID | None = None) -> list[TariffVersion]:
    """An item's, or those of all items of the site; the latest first."""
    return await uow.fetch(_version, _VERSIONS, uow.company_id, site_id, item_id)


async def add_version(
    uow: UnitOfWork, site_id: UUID, item_id: UUID, new: NewVersion, at: datetime, by: tuple[UUID | None, str]
) -> TariffVersion:
    """The item's lock is held, so that numbers follow each other."""
    tiers = msgspec.json.encode(new.tiers).decode() if new.tiers else ""
    rules = new.prorate, new.rounding_unit, new.rounding_mode, new.note, tiers
    values = new.valid_from, new.price, new.formula, *rules
    added = await uow.fetch_one(_version, _ADD_VERSION, uow.company_id, new_id(), site_id, item_id, *values, at, *by)
    assert added is not None
    return added


async def assignments(uow: UnitOfWork, site_id: UUID, item_id: UUID | None = None) -> list[Assignment]:
    """An item's, or those of all items of the site: the whole site first, then buildings, then units."""
    return await uow.fetch(Assignment, _ASSIGNMENTS, uow.company_id, site_id, item_id)


async def assign(uow: UnitOfWork, site_id: UUID, item_id: UUID, new: NewAssignment) -> Assignment | None:
    """None: there is a line for that place from that day on."""
    values = new.building, new.unit_id, new.since, new.until, new.charged
    return await uow.fetch_one(Assignment, _ASSIGN, uow.company_id, new_id(), site_id, item_id, *values)


async def assignment(uow: UnitOfWork, site_id: UUID, assignment_id: UUID) -> Assignment | None:
    return await uow.fetch_one(Assignment, _GET_ASSIGNMENT, uow.company_id, site_id, assignment_id)


async def reassign(
    uow: UnitOfWork, site_id: UUID, assignment_id: UUID, entry: AssignmentChange, expected: int
) -> int | None:
    """The new version; None: somebody else was faster."""
    version: int | None = await uow.value(
        _REASSIGN, uow.company_id, site_id, assignment_id, entry.until, entry.charged, expected
    )
    return version


async def unassign(uow: UnitOfWork, site_id: UUID, assignment_id: UUID, expected: int) -> bool:
    return bool(await uow.execute(_UNASSIGN, uow.company_id, site_id, assignment_id, expected))


async def unit(uow: UnitOfWork, site_id: UUID, unit_id: UUID | None, label: str = "") -> Named | None:
    """The unit of that id, or of that name."""
    return await uow.fetch_one(Named, _UNIT, uow.company_id, site_id, unit_id, label)


def _version(*row: Any) -> TariffVersion:
    return TariffVersion(*(*row[:12], _tiers(row[12]) if row[12] else ()))
