"""What a household roll changes in the estate that is known: compared unit by unit. Pure but for the ids it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.estate.model import Effect
from core.exchange.owners import Kind, Owner
from core.exchange.roll import RollRow

Key = tuple[str, str, str]
"""Building, entrance ('' for none) and room: what makes a unit the same one in two rolls."""


class Values(msgspec.Struct, frozen=True):
    """What a roll says about a unit itself; area in m²."""

    area_m2: Decimal | None
    moved_in_on: date | None
    remark: str


class KnownOwner(msgspec.Struct, frozen=True):
    party_id: UUID
    name: str
    id_number: str | None
    phones: frozenset[str]


class KnownUnit(msgspec.Struct, frozen=True):
    """A unit as recorded, with everybody who owns or has owned it."""

    id: UUID
    values: Values
    owners: tuple[KnownOwner, ...]


class NewUnit(msgspec.Struct, frozen=True):
    id: UUID
    key: Key
    label: str
    values: Values


class NewOwner(msgspec.Struct, frozen=True):
    party_id: UUID
    unit_id: UUID
    kind: Kind
    name: str
    id_number: str | None


class Change(msgspec.Struct, frozen=True):
    """A known unit that changes; `id_numbers` are those found for owners recorded without one."""

    unit_id: UUID
    before: Values
    after: Values
    id_numbers: tuple[tuple[UUID, str], ...]


class Plan(msgspec.Struct, frozen=True):
    """Everything to be written; `contacts` are pairs of party and phone."""

    units: tuple[NewUnit, ...]
    owners: tuple[NewOwner, ...]
    contacts: tuple[tuple[UUID, str], ...]
    changes: tuple[Change, ...]
    effect: Effect


def key_of(row: RollRow) -> Key:
    return row.building, row.entrance or "", row.room


def plan(rows: Iterable[RollRow], known: Mapping[Key, KnownUnit]) -> Plan:
    """What is new and what differs.

    A party is the same as an owner of the unit with the same name and, where both have one, the same ID number.
    What the roll leaves empty is kept, for an empty cell cannot be told from a column that the roll does not have;
    so are owners and phones it does not name.
    """
    units: list[NewUnit] = []
    owners: list[NewOwner] = []
    contacts: list[tuple[UUID, str]] = []
    changes: list[Change] = []
    touched = unchanged = 0
    for row in rows:
        unit = known.get(key_of(row))
        unit_id = new_id() if unit is None else unit.id
        id_numbers: list[tuple[UUID, str]] = []
        people = len(owners), len(contacts)
        for owner, match in _matched(row.owners, () if unit is None else unit.owners):
            party_id = new_id() if match is None else match.party_id
            if match is None:
                owners.append(NewOwner(party_id, unit_id, owner.kind, owner.name, owner.id_number))
            elif owner.id_number is not None and match.id_number is None:
                id_numbers.append((party_id, owner.id_number))
            recorded = frozenset() if match is None else match.phones
            contacts.extend((party_id, phone) for phone in dict.fromkeys(owner.phones) if phone not in recorded)
        if unit is None:
            units.append(NewUnit(unit_id, key_of(row), row.label, Values(row.area, row.move_in, row.remark)))
            continue
        after = _over(unit.values, row)
        if after != unit.values or id_numbers:
            changes.append(Change(unit_id, unit.values, after, tuple(id_numbers)))
            touched += 1
        elif people != (len(owners), len(contacts)):
            touched += 1
        else:
            unchanged += 1
    effect = Effect(
        units_new=len(units),
        units_changed=touched,
        units_unchanged=unchanged,
        parties_new=len(owners),
        contacts_new=len(contacts),
        id_numbers_added=sum(len(change.id_numbers) for change in changes),
    )
    return Plan(tuple(units), tuple(owners), tuple(contacts), tuple(changes), effect)


def _over(values: Values, row: RollRow) -> Values:
    return Values(
        area_m2=values.area_m2 if row.area is None else row.area,
        moved_in_on=row.move_in or values.moved_in_on,
        remark=row.remark or values.remark,
    )


def _matched(owners: Sequence[Owner], known: Sequence[KnownOwner]) -> list[tuple[Owner, KnownOwner | None]]:
    """Each owner of the roll with the one recorded, who is matched once: by ID number first, then by name alone."""
    free = list(known)
    found: list[KnownOwner | None] = [None] * len(owners)
    for by_id_number in (True, False):
        for place, owner in enumerate(owners):
            if found[place] is None:
                match = next((k for k in free if _is(owner, k, by_id_number=by_id_number)), None)
                if match is not None:
                    found[place] = match
                    free.remove(match)
    return list(zip(owners, found, strict=True))


def _is(owner: Owner, known: KnownOwner, *, by_id_number: bool) -> bool:
    if owner.name != known.name:
        return False
    if by_id_number:
        return owner.id_number is not None and owner.id_number == known.id_number
    return owner.id_number is None or known.id_number is None
