"""Every statement about meters and readings; each names the company and the site, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.meters.dial import HELD, Dial, read_dial
from plugins.billing.meters.model import KeptReading, Meter, MeterChange, MeterReading, NewMeter, State
from plugins.billing.tariffs.model import Basis
from plugins.billing.tariffs.scope import Assigned

_METER: Final = """m.id, m.item_id, i.title, m.unit_id, coalesce(u.label, ''), m.number, m.label, m.digits,
    trim_scale(m.multiplier)::text, m.installed_on, m.removed_on, m.version"""
_FROM: Final = """FROM billing_meter m
JOIN billing_item i ON i.company_id = m.company_id AND i.id = m.item_id
LEFT JOIN unit u ON u.company_id = m.company_id AND u.id = m.unit_id"""
# Those that households share come first, having no unit.
_BEHIND: Final = """($7::uuid IS NULL OR (coalesce(u.sort_key, ''), m.id) > (
    SELECT coalesce(v.sort_key, ''), c.id FROM billing_meter c
    LEFT JOIN unit v ON v.company_id = c.company_id AND v.id = c.unit_id
    WHERE c.company_id = $1 AND c.site_id = $2 AND c.id = $7))"""
_ORDER: Final = "ORDER BY coalesce(u.sort_key, ''), m.id"
_WHICH: Final = """m.company_id = $1 AND m.site_id = $2 AND ($3::uuid IS NULL OR m.item_id = $3)
    AND ($4 = '' OR u.label ILIKE $4 OR m.number ILIKE $4 OR m.label ILIKE $4)"""
_PAGE = f"""
SELECT {_METER} {_FROM} WHERE {_WHICH} AND ($5::date IS NULL OR m.removed_on IS NULL OR m.removed_on >= $5)
    AND {_BEHIND} {_ORDER} LIMIT $6
"""
_SHARED = f"""
SELECT {_METER} {_FROM} WHERE m.company_id = $1 AND m.site_id = $2 AND m.unit_id IS NULL
    AND (m.removed_on IS NULL OR m.removed_on >= $3) ORDER BY i.title, m.label, m.id LIMIT 200
"""
_THERE: Final = "m.installed_on <= $6 AND (m.removed_on IS NULL OR m.removed_on >= $5)"
_READ: Final = """EXISTS (SELECT FROM billing_reading r WHERE r.company_id = $1 AND r.meter_id = m.id
    AND r.day BETWEEN $5 AND $6 AND r.kind = 'reading')"""
_MONTH = f"""
SELECT {_METER}, {HELD.format(since="$5", until="$6")} {_FROM}
WHERE {_WHICH} AND {_THERE} AND (NOT $8 OR NOT {_READ}) AND {_BEHIND} {_ORDER} LIMIT $9
"""
_COUNTS = f"""
SELECT count(*), count(*) FILTER (WHERE {_READ}) {_FROM} WHERE {_WHICH} AND {_THERE}
"""
_GET = f"SELECT {_METER} {_FROM} WHERE m.company_id = $1 AND m.site_id = $2 AND m.id = $3"
_STATES = f"""
SELECT {_METER}, {HELD.format(since="asked.day", until="'infinity'")} {_FROM}
JOIN unnest($3::uuid[], $4::date[]) AS asked (id, day) ON asked.id = m.id
WHERE m.company_id = $1 AND m.site_id = $2
"""
_LOCK = """
SELECT id FROM billing_meter WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3) ORDER BY id FOR UPDATE
"""
# Only for a unit of the site, where one is named.
_ADD = """
INSERT INTO billing_meter
    (company_id, id, site_id, item_id, unit_id, number, label, digits, multiplier, installed_on, removed_on)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text::numeric, $10, $11
WHERE $5::uuid IS NULL OR EXISTS (SELECT FROM unit WHERE company_id = $1 AND site_id = $3 AND id = $5)
ON CONFLICT (company_id, unit_id, item_id) DO NOTHING RETURNING id,
    coalesce((SELECT label FROM unit WHERE company_id = $1 AND id = $5), '')
"""
_SET_UP = """
INSERT INTO billing_meter (company_id, id, site_id, item_id, unit_id, digits, multiplier, installed_on)
SELECT $1, new.id, $2, $3, new.unit_id, $4, 1, $5 FROM unnest($6::uuid[], $7::uuid[]) AS new (id, unit_id)
ON CONFLICT (company_id, unit_id, item_id) DO NOTHING
"""
_CHANGE = """
UPDATE billing_meter SET number = $4, label = $5, digits = $6, multiplier = $7::text::numeric, removed_on = $8,
    version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $9
"""
_ENTER = """
INSERT INTO billing_reading (company_id, id, site_id, meter_id, day, number, kind, value, old_final, at, by_id, by_name)
SELECT $1, new.id, $2, new.meter_id, new.day, 1 + coalesce((SELECT max(o.number) FROM billing_reading o
    WHERE o.company_id = $1 AND o.meter_id = new.meter_id AND o.day = new.day), 0),
    new.kind, new.value::numeric, new.old_final::numeric, $3, $4, $5
FROM unnest($6::uuid[], $7::uuid[], $8::date[], $9::text[], $10::text[], $11::text[])
    AS new (id, meter_id, day, kind, value, old_final)
"""
_HISTORY = """
SELECT id, day, number, kind, trim_scale(value)::text, trim_scale(old_final)::text, at, by_name,
    kind <> 'withdrawn' AND number = max(number) OVER (PARTITION BY day)
FROM billing_reading WHERE company_id = $1 AND site_id = $2 AND meter_id = $3 ORDER BY day DESC, number DESC LIMIT 200
"""
_UNITS = "SELECT id, building FROM unit WHERE company_id = $1 AND site_id = $2"
# An item with where it is charged, and where a cost of it is entered for a month.
_CHARGED = """
SELECT i.title, i.basis, ARRAY(SELECT c.building FROM billing_cost c
    WHERE c.company_id = $1 AND c.item_id = i.id AND c.month = $4), a.building, a.unit_id, a.since, a.until, a.charged
FROM billing_item i LEFT JOIN billing_assignment a ON a.company_id = i.company_id AND a.item_id = i.id
WHERE i.company_id = $1 AND i.site_id = $2 AND i.id = $3
"""


class Which(msgspec.Struct, frozen=True):
    """Which meters: of an item, with the pattern in their unit, number or place, behind one of them."""

    item_id: UUID | None = None
    pattern: str = ""
    cursor: UUID | None = None


class Charging(msgspec.Struct, frozen=True):
    """An item: where it is charged, and the buildings ('': all) with a cost of the month asked for."""

    title: str
    basis: Basis
    costs: list[str]
    lines: list[Assigned]


async def page(uow: UnitOfWork, site_id: UUID, which: Which, day: date | None, limit: int) -> list[Meter]:
    """Those that are there on the day or later, or all."""
    values = which.item_id, which.pattern, day, limit, which.cursor
    return await uow.fetch(Meter, _PAGE, uow.company_id, site_id, *values)


async def shared(uow: UnitOfWork, site_id: UUID, day: date) -> list[Meter]:
    """Those without a unit that are there on the day or later."""
    return await uow.fetch(Meter, _SHARED, uow.company_id, site_id, day)


async def month(
    uow: UnitOfWork, site_id: UUID, which: Which, first: date, last: date, missing: bool, limit: int
) -> list[State]:
    """Those that are there on some day of the month, or of these those without a reading in it."""
    values = which.item_id, which.pattern, first, last, which.cursor, missing, limit
    return await uow.fetch(_state, _MONTH, uow.company_id, site_id, *values)


async def counts(uow: UnitOfWork, site_id: UUID, which: Which, first: date, last: date) -> tuple[int, int]:
    """How many are there in the month, and how many of them have a reading in it."""
    found = await uow.fetch_one(
        lambda *row: row, _COUNTS, uow.company_id, site_id, which.item_id, which.pattern, first, last
    )
    assert found is not None  # it counts
    return found


async def get(uow: UnitOfWork, site_id: UUID, meter_id: UUID) -> Meter | None:
    return await uow.fetch_one(Meter, _GET, uow.company_id, site_id, meter_id)


async def states(uow: UnitOfWork, site_id: UUID, since: dict[UUID, date], *, lock: bool) -> dict[UUID, State]:
    """Meters with their readings from the last one before the day on; locked, nobody else enters any meanwhile."""
    ids = sorted(since)
    if lock:
        await uow.execute(_LOCK, uow.company_id, site_id, ids)
    found = await uow.fetch(_state, _STATES, uow.company_id, site_id, ids, [since[id] for id in ids])
    return {state.meter.id: state for state in found}


async def add(uow: UnitOfWork, site_id: UUID, new: NewMeter) -> tuple[UUID, str] | None:
    """Its id and the unit's label. None: the unit has one for the item, or the site has no such unit."""
    rest = new.number, new.label, new.digits, new.multiplier, new.installed_on, new.removed_on
    values = new_id(), site_id, new.item_id, new.unit_id, *rest
    return await uow.fetch_one(lambda *row: row, _ADD, uow.company_id, *values)


async def set_up(
    uow: UnitOfWork, site_id: UUID, item_id: UUID, digits: int | None, day: date, units: Sequence[UUID]
) -> int:
    """How many units have a meter now that had none."""
    ids = [new_id() for _ in units]
    return await uow.execute(_SET_UP, uow.company_id, site_id, item_id, digits, day, ids, list(units))


async def change(uow: UnitOfWork, site_id: UUID, meter_id: UUID, entry: MeterChange, expected: int) -> bool:
    """False: somebody else was faster."""
    values = entry.number, entry.label, entry.digits, entry.multiplier, entry.removed_on
    return bool(await uow.execute(_CHANGE, uow.company_id, site_id, meter_id, *values, expected))


async def enter(
    uow: UnitOfWork, site_id: UUID, readings: Sequence[MeterReading], at: datetime, by: tuple[UUID | None, str]
) -> None:
    """The meters' locks are held, so that numbers of a day follow each other."""
    rows = [(new_id(), r.meter_id, r.day, r.kind, r.value, r.old_final) for r in readings]
    await uow.execute(_ENTER, uow.company_id, site_id, at, *by, *zip(*rows, strict=True))


async def history(uow: UnitOfWork, site_id: UUID, meter_id: UUID) -> list[KeptReading]:
    return await uow.fetch(KeptReading, _HISTORY, uow.company_id, site_id, meter_id)


async def units(uow: UnitOfWork, site_id: UUID) -> list[tuple[UUID, str]]:
    """Units of the site with their buildings."""
    return await uow.fetch(lambda *row: row, _UNITS, uow.company_id, site_id)


async def charging(uow: UnitOfWork, site_id: UUID, item_id: UUID, month: date | None = None) -> Charging | None:
    """An item with where it is charged. None: the site has no such item."""
    rows = await uow.fetch(lambda *row: row, _CHARGED, uow.company_id, site_id, item_id, month)
    if not rows:
        return None
    title, basis, costs, *_ = rows[0]
    return Charging(title, basis, costs, [Assigned(*row[3:]) for row in rows if row[3] is not None])


def _state(*row: Any) -> State:
    meter = Meter(*row[:-1])
    dial: Dial = read_dial(meter.digits, meter.multiplier, meter.installed_on, meter.removed_on, row[-1])
    return State(meter, dial)
