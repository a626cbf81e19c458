"""Every statement of merging a roll: what is recorded of its units, and what a plan writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.estate.merge import Change, Key, KnownOwner, KnownUnit, Plan, Values
from core.estate.sealing import Sealer


class Before(msgspec.Struct, frozen=True):
    """A changed unit as it was, in `roll_import_change`; `unidentified` are the parties that had no ID number."""

    area_m2: Decimal | None
    moved_in_on: date | None
    remark: str
    unidentified: tuple[UUID, ...]


_KEYS = "unnest($3::text[], $4::text[], $5::text[]) AS k (building, entrance, room)"
_UNITS = f"""
SELECT u.id, u.building, u.entrance, u.room, u.area_m2, u.moved_in_on, u.remark
FROM {_KEYS} JOIN unit u USING (building, entrance, room) WHERE u.company_id = $1 AND u.site_id = $2
"""  # noqa: S608
_OWNERS = """
SELECT o.unit_id, p.id, p.name, p.id_number_sealed,
    ARRAY(SELECT phone FROM contact c WHERE c.company_id = $1 AND c.party_id = p.id)
FROM occupancy o JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
WHERE o.company_id = $1 AND o.unit_id = ANY ($2) AND o.role = 'owner' ORDER BY o.id
"""

_INSERT_UNITS = """
INSERT INTO unit (company_id, import_id, site_id, id, building, entrance, room, label, area_m2, moved_in_on, remark)
SELECT $1, $2, $3, u.*
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::date[], $11::text[]) u
"""
_INSERT_CHANGES = """
INSERT INTO roll_import_change (company_id, import_id, id, unit_id, before)
SELECT $1, $2, c.* FROM unnest($3::uuid[], $4::uuid[], $5::jsonb[]) c
"""
_UPDATE_UNITS = """
UPDATE unit SET area_m2 = n.area_m2, moved_in_on = n.moved_in_on, remark = n.remark
FROM unnest($2::uuid[], $3::numeric[], $4::date[], $5::text[]) AS n (id, area_m2, moved_in_on, remark)
WHERE unit.company_id = $1 AND unit.id = n.id
"""
_INSERT_PARTIES = """
INSERT INTO party (company_id, import_id, site_id, id, kind, name, id_number_sealed, id_number_tail)
SELECT $1, $2, $3, p.* FROM unnest($4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::text[]) p
"""
_INSERT_OCCUPANCIES = """
INSERT INTO occupancy (company_id, import_id, site_id, role, id, unit_id, party_id)
SELECT $1, $2, $3, 'owner', o.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[]) o
"""
_UPDATE_PARTIES = """
UPDATE party SET id_number_sealed = n.sealed, id_number_tail = n.tail
FROM unnest($2::uuid[], $3::bytea[], $4::text[]) AS n (id, sealed, tail)
WHERE party.company_id = $1 AND party.id = n.id
"""
_INSERT_CONTACTS = """
INSERT INTO contact (company_id, import_id, site_id, id, party_id, phone)
SELECT $1, $2, $3, c.* FROM unnest($4::uuid[], $5::uuid[], $6::text[]) c
"""


async def known_units(uow: UnitOfWork, sealer: Sealer, site_id: UUID, keys: Sequence[Key]) -> dict[Key, KnownUnit]:
    """The units of those keys that are recorded, with their owners."""
    columns = [[key[part] for key in keys] for part in range(3)]
    units = await uow.fetch(lambda *row: row, _UNITS, uow.company_id, site_id, *columns)
    owners: dict[UUID, list[KnownOwner]] = {unit[0]: [] for unit in units}

    def add(unit_id: UUID, party_id: UUID, name: str, sealed: bytes | None, phones: list[str]) -> None:
        number = None if sealed is None else _unseal(uow, sealer, party_id, sealed)
        owners[unit_id].append(KnownOwner(party_id, name, number, frozenset(phones)))

    await uow.fetch(add, _OWNERS, uow.company_id, list(owners))
    return {
        (building, entrance, room): KnownUnit(unit_id, Values(*values), tuple(owners[unit_id]))
        for unit_id, building, entrance, room, *values in units
    }


async def carry_out(uow: UnitOfWork, sealer: Sealer, site_id: UUID, import_id: UUID, plan: Plan) -> None:
    """Write a plan, table by table."""
    head = uow.company_id, import_id, site_id
    values = [unit.values for unit in plan.units]
    await uow.execute(
        _INSERT_UNITS,
        *head,
        [unit.id for unit in plan.units],
        *([unit.key[part] for unit in plan.units] for part in range(3)),
        [unit.label for unit in plan.units],
        *_columns(values),
    )
    await _change(uow, sealer, import_id, plan.changes)
    await uow.execute(
        _INSERT_PARTIES,
        *head,
        [owner.party_id for owner in plan.owners],
        [owner.kind for owner in plan.owners],
        [owner.name for owner in plan.owners],
        [o.id_number and _seal(uow, sealer, o.party_id, o.id_number) for o in plan.owners],
        [(owner.id_number or "")[-4:] for owner in plan.owners],
    )
    await uow.execute(
        _INSERT_OCCUPANCIES,
        *head,
        [new_id() for _ in plan.owners],
        [owner.unit_id for owner in plan.owners],
        [owner.party_id for owner in plan.owners],
    )
    await uow.execute(
        _INSERT_CONTACTS,
        *head,
        [new_id() for _ in plan.contacts],
        [party_id for party_id, _ in plan.contacts],
        [phone for _, phone in plan.contacts],
    )


async def _change(uow: UnitOfWork, sealer: Sealer, import_id: UUID, changes: Sequence[Change]) -> None:
    before = [
        Before(c.before.area_m2, c.before.moved_in_on, c.before.remark, tuple(party for party, _ in c.id_numbers))
        for c in changes
    ]
    unit_ids = [change.unit_id for change in changes]
    await uow.execute(
        _INSERT_CHANGES,
        uow.company_id,
        import_id,
        [new_id() for _ in changes],
        unit_ids,
        [msgspec.json.encode(unit).decode() for unit in before],
    )
    await uow.execute(_UPDATE_UNITS, uow.company_id, unit_ids, *_columns(change.after for change in changes))
    numbers = [pair for change in changes for pair in change.id_numbers]
    await uow.execute(
        _UPDATE_PARTIES,
        uow.company_id,
        [party_id for party_id, _ in numbers],
        [_seal(uow, sealer, party_id, number) for party_id, number in numbers],
        [number[-4:] for _, number in numbers],
    )


def _columns(values: Iterable[Values]) -> tuple[list[Decimal | None], list[date | None], list[str]]:
    rows = list(values)
    return [v.area_m2 for v in rows], [v.moved_in_on for v in rows], [v.remark for v in rows]


def _seal(uow: UnitOfWork, sealer: Sealer, party_id: UUID, number: str) -> bytes:
    return sealer.seal(_company(uow), party_id, number.encode())


def _unseal(uow: UnitOfWork, sealer: Sealer, party_id: UUID, sealed: bytes) -> str:
    return sealer.unseal(_company(uow), party_id, sealed).decode()


def _company(uow: UnitOfWork) -> UUID:
    assert uow.company_id is not None  # a household belongs to a company; the owner's work has none
    return uow.company_id
