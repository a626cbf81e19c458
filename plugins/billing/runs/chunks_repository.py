"""Statements of the work behind a run: facts of some units at a time, and what is written for them in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.amounts.charge import Discount, Why
from plugins.billing.amounts.discounts import Granting, Off
from plugins.billing.amounts.meter import Tier
from plugins.billing.amounts.number import read
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.share import SharePart
from plugins.billing.amounts.spans import Days, months_after
from plugins.billing.ledger.entries import Charge
from plugins.billing.line import DEFINITION
from plugins.billing.meters.dial import HELD, read_dial
from plugins.billing.rents.lease import leases_of
from plugins.billing.runs.facts import BilledItem, Held, Owed, Rules, Skipped, UnitFacts
from plugins.billing.runs.scope import without
from plugins.billing.tariffs.scope import Assigned

_LOCK = """
SELECT id, site_id, title, month, item_ids, status, reached, figures, posted, posted_to FROM billing_run
WHERE company_id = $1 AND id = $2 FOR UPDATE
"""
_ITEMS = """
SELECT id, basis, cycle, payer, due_days, ended_on FROM billing_item
WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3)
"""
_VERSIONS = """
SELECT item_id, valid_from, number, price, formula, prorate, rounding_unit, rounding_mode, tiers FROM billing_version
WHERE company_id = $1 AND item_id = ANY ($2)
"""
_AROUND = """
SELECT item_id, building, unit_id, since, until, charged FROM billing_assignment
WHERE company_id = $1 AND item_id = ANY ($2) AND unit_id IS NULL
"""
_OWN = """
SELECT item_id, building, unit_id, since, until, charged FROM billing_assignment
WHERE company_id = $1 AND unit_id = ANY ($2) AND item_id = ANY ($3)
"""
_UNITS = """
SELECT id, building, moved_in_on FROM unit WHERE company_id = $1 AND site_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
_QUANTITIES = """
SELECT unit_id, basis, valid_from, (value * 100)::bigint FROM billing_quantity
WHERE company_id = $1 AND unit_id = ANY ($2)
"""
_HELD = """
SELECT unit_id, party_id, role, starts_on, ends_on FROM occupancy
WHERE company_id = $1 AND unit_id = ANY ($2) AND role IN ('owner', 'tenant') AND (ends_on IS NULL OR ends_on >= $3)
"""
# What a charge comes to by now: corrections of it are posted (BIL-7).
_CORRECTED = """
LEFT JOIN LATERAL (
    SELECT sum(difference_fen)::bigint AS fen FROM billing_correction_line
    WHERE company_id = c.company_id AND charge_id = c.id AND outcome = 'posted'
) k ON true
"""
# What a meter's line may overlap with can have ended before the month: its days go from reading to reading.
_BILLED = f"""
SELECT c.unit_id, c.item_id, c.id, c.first_day, c.last_day, c.amount_fen + coalesce(k.fen, 0)
FROM billing_charge c {_CORRECTED}
WHERE c.company_id = $1 AND c.unit_id = ANY ($2) AND c.item_id = ANY ($3) AND c.run_id IS NOT NULL
    AND c.last_day >= CASE WHEN c.item_id = ANY ($5) THEN $6::date ELSE $4 END
"""  # noqa: S608
# Days of a charge that were found to be somebody else's to pay.
_FREED = """
SELECT charge_id, first_day, last_day FROM billing_freed
WHERE company_id = $1 AND unit_id = ANY ($2) AND last_day >= $3
"""
_LAST = f"""
SELECT c.unit_id, c.item_id, sum(c.amount_fen + coalesce(k.fen, 0))::bigint
FROM billing_charge c JOIN unnest($3::uuid[], $4::date[]) AS asked (item_id, since) ON asked.item_id = c.item_id
{_CORRECTED}
CROSS JOIN LATERAL (SELECT CASE WHEN c.item_id = ANY ($6) THEN c.last_day ELSE c.first_day END) at (day)
WHERE c.company_id = $1 AND c.unit_id = ANY ($2) AND c.run_id IS NOT NULL AND at.day >= asked.since AND at.day < $5
GROUP BY c.unit_id, c.item_id
"""  # noqa: S608
_METERS = f"""
SELECT m.unit_id, m.item_id, m.digits, m.multiplier, m.installed_on, m.removed_on, {HELD.format(since="$4", until="$5")}
FROM billing_meter m WHERE m.company_id = $1 AND m.unit_id = ANY ($2) AND m.item_id = ANY ($3)
"""  # noqa: S608
_CHARGE = """
INSERT INTO billing_charge (company_id, site_id, run_id, definition, id, item_id, unit_id, party_id, first_day,
    last_day, due_on, amount_fen, facts)
SELECT $1, $2, $3, $4, new.* FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::date[], $10::date[],
    $11::date[], $12::bigint[], $13::text[]) new
"""
_SKIP = """
INSERT INTO billing_skip (company_id, site_id, run_id, id, item_id, unit_id, reason, first_day, last_day)
SELECT $1, $2, $3, new.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::date[], $9::date[]) new
"""
_DIFFER = """
INSERT INTO billing_difference (company_id, site_id, run_id, id, item_id, unit_id, amount_fen, last_fen)
SELECT $1, $2, $3, new.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[]) new
"""
_REACHED = """
UPDATE billing_run SET done = done + $3, reached = $4, charges = charges + $5, total_fen = total_fen + $6,
    figures = $7, moved_at = $8, units = greatest(units, done + $3) WHERE company_id = $1 AND id = $2
"""
_COMPUTED = """
UPDATE billing_run SET computed_at = $3, units = done, version = version + 1 WHERE company_id = $1 AND id = $2
"""
# One entry for some lines: what each payer owes against what each item brings in. The entry's key is there once.
_LINES = """
SELECT unit_id, party_id, item_id, id, amount_fen FROM billing_charge
WHERE company_id = $1 AND run_id = $2 AND id > $3 ORDER BY id LIMIT $4
"""
_POSTED = """
UPDATE billing_run SET posted = posted + $3, posted_to = $4, moved_at = $5 WHERE company_id = $1 AND id = $2
"""
_ISSUED = "UPDATE billing_run SET issued_at = $3, version = version + 1 WHERE company_id = $1 AND id = $2"
_STUCK = """
SELECT id, site_id, status FROM billing_run WHERE company_id = $1 AND site_id = ANY ($2)
    AND status IN ('computing', 'issuing') AND moved_at < $3
"""
FIRST: Final = UUID(int=0)
_REMEMBERED: Final = 24  # months back in which a meter's days may have been billed


_SHARES = """
SELECT s.unit_id, c.item_id, c.total_fen, s.weight, c.weights, s.over_fen
FROM billing_share s JOIN billing_cost c ON c.company_id = s.company_id AND c.id = s.cost_id
WHERE s.company_id = $1 AND s.unit_id = ANY ($2) AND c.item_id = ANY ($3) AND c.month = $4
"""


# Those of the whole site, and those of units.
_GRANTED = """
SELECT item_id, since, until, factor, kind, off_fen FROM billing_discount
WHERE company_id = $1 AND item_id = ANY ($2) AND unit_id IS NULL
"""
_OWN_GRANTED = """
SELECT unit_id, item_id, since, until, factor, kind, off_fen FROM billing_discount
WHERE company_id = $1 AND unit_id = ANY ($2) AND item_id = ANY ($3)
"""


class Standing(msgspec.Struct, frozen=True):
    """How far a run is, as whoever holds its lock knows it."""

    id: UUID
    site_id: UUID
    title: str
    month: date
    item_ids: list[UUID]
    status: str
    reached: UUID | None
    figures: str
    posted: int
    posted_to: UUID | None


async def lock(uow: UnitOfWork, run_id: UUID) -> Standing | None:
    """The run, and nobody else changes it until the end of the transaction."""
    return await uow.fetch_one(Standing, _LOCK, uow.company_id, run_id)


async def items(uow: UnitOfWork, site_id: UUID, ids: Sequence[UUID]) -> list[BilledItem]:
    """The items with their versions, where they are charged and discounts, units' own rows apart; in the order of
    `ids`."""
    rows = await uow.fetch(lambda *row: row, _ITEMS, uow.company_id, site_id, ids)
    versions: dict[UUID, list[Rules]] = {id: [] for id in ids}
    assigned: dict[UUID, list[Assigned]] = {id: [] for id in ids}
    discounts: dict[UUID, list[Granting]] = {id: [] for id in ids}
    for item_id, first, number, price, formula, prorate, unit, mode, tiers in await uow.fetch(
        lambda *row: row, _VERSIONS, uow.company_id, ids
    ):
        exact = None if price is None else Fraction(price)
        stepped = read(msgspec.json.decode(tiers), tuple[Tier, ...]) if tiers else ()
        versions[item_id].append(Rules(first, number, exact, formula, prorate, Rounding(unit, mode), stepped))
    for item_id, *row in await uow.fetch(lambda *row: row, _AROUND, uow.company_id, ids):
        assigned[item_id].append(Assigned(*row))
    for item_id, *granted in await uow.fetch(lambda *row: row, _GRANTED, uow.company_id, ids):
        discounts[item_id].append(granting(*granted))
    found = {row[0]: _item(row, versions[row[0]], assigned[row[0]], discounts[row[0]]) for row in rows}
    return [found[id] for id in ids if id in found]


class Facts(msgspec.Struct, frozen=True):
    """Some units, what they came to the period before and come to in this one so far, in fen by unit and item."""

    units: list[UnitFacts]
    last: dict[tuple[UUID, UUID], int]
    now: dict[tuple[UUID, UUID], int]


async def facts(
    uow: UnitOfWork,
    site_id: UUID,
    month: date,
    since: dict[UUID, date],
    after: UUID | None,
    limit: int,
    metered: Mapping[UUID, date] = MappingProxyType({}),
    shared: Sequence[UUID] = (),
    rented: Sequence[UUID] = (),
) -> Facts:
    """The next units in order of id; `since` says by item when the period before began, `metered` by item that meters
    are read for when the period ends, `shared` are items whose cost is shared, `rented` those that contracts charge."""
    units = await uow.fetch(lambda *row: row, _UNITS, uow.company_id, site_id, after or FIRST, limit)
    ids = [row[0] for row in units]
    found = await facts_of(uow, units, list(since), month)
    await rent(uow, site_id, found, rented, month)
    connection = await uow.open()
    counted, long_ago = list(metered), months_after(month, -_REMEMBERED)
    gone = await freed(uow, ids, long_ago if metered else month)
    now: dict[tuple[UUID, UUID], int] = {}
    billed = await connection.fetch(_BILLED, uow.company_id, ids, list(since), month, counted, long_ago)
    for unit_id, item_id, id, first, last, fen in billed:
        left = without([Days(first, last)], gone.get(id, ()))
        found[unit_id].billed.setdefault(item_id, []).extend(left)
        if (last if item_id in metered else first) >= month:
            now[unit_id, item_id] = now.get((unit_id, item_id), 0) + fen
    before = await connection.fetch(_LAST, uow.company_id, ids, list(since), list(since.values()), month, counted)
    if metered:
        until = max(metered.values())
        for unit_id, item_id, *dial in await connection.fetch(_METERS, uow.company_id, ids, counted, month, until):
            found[unit_id].meters[item_id] = read_dial(*dial)
    if shared:
        for unit_id, item_id, total, weight, weights, over in await connection.fetch(
            _SHARES, uow.company_id, ids, list(shared), month
        ):
            found[unit_id].shares[item_id] = SharePart(total, Fraction(weight), Fraction(weights), over)
    return Facts(list(found.values()), {(unit_id, item_id): fen for unit_id, item_id, fen in before}, now)


async def facts_of(
    uow: UnitOfWork, units: Sequence[tuple[UUID, str, date | None]], items: Sequence[UUID], since: date
) -> dict[UUID, UnitFacts]:
    """Facts of these units (id, building, day of the handover), who lives there from that day on; nothing is billed,
    nothing read from meters."""
    ids = [row[0] for row in units]
    found = {
        id: UnitFacts(id, building, moved_in_on, {}, (), {}, {}, {}, {}, {}, {}) for id, building, moved_in_on in units
    }
    connection = await uow.open()
    for unit_id, basis, first, value in await connection.fetch(_QUANTITIES, uow.company_id, ids):
        found[unit_id].quantities.setdefault(basis, []).append((first, value))
    held: dict[UUID, list[Held]] = {}
    for unit_id, *row in await connection.fetch(_HELD, uow.company_id, ids, since):
        held.setdefault(unit_id, []).append(Held(*row))
    for item_id, *row in await connection.fetch(_OWN, uow.company_id, ids, items):
        own = Assigned(*row)
        assert own.unit_id is not None  # asked for by it
        found[own.unit_id].assigned.setdefault(item_id, []).append(own)
    for unit_id, item_id, *granted in await connection.fetch(_OWN_GRANTED, uow.company_id, ids, items):
        found[unit_id].discounts.setdefault(item_id, []).append(granting(*granted))
    replace = msgspec.structs.replace
    return {id: replace(unit, held=tuple(held[id])) if id in held else unit for id, unit in found.items()}


async def rent(
    uow: UnitOfWork, site_id: UUID, found: Mapping[UUID, UnitFacts], items: Sequence[UUID], since: date
) -> None:
    """Give these units their contracts that reach that day; without such items nothing is read."""
    if items:
        for unit_id, item_id, lease in await leases_of(uow, site_id, list(found), items, since):
            found[unit_id].leases.setdefault(item_id, []).append(lease)


async def freed(uow: UnitOfWork, units: Sequence[UUID], since: date) -> dict[UUID, list[Days]]:
    """Days that charges of these units no longer have, by charge."""
    found: dict[UUID, list[Days]] = {}
    for id, *days in await uow.fetch(lambda *row: row, _FREED, uow.company_id, units, since):
        found.setdefault(id, []).append(Days(*days))
    return found


async def charge(uow: UnitOfWork, run: Standing, lines: Sequence[Owed]) -> None:
    """Write the lines. Raises UniqueViolationError for one that is there already: whoever sees the days that are
    billed, behind the turn of the site, asks for none."""
    rows = [
        (new_id(), o.item_id, o.unit_id, o.party_id, o.first_day, o.last_day, o.due_on, o.amount_fen, o.facts)
        for o in lines
    ]
    await _many(uow, _CHARGE, (run.site_id, run.id, DEFINITION), rows)


async def skip(uow: UnitOfWork, run: Standing, skips: Sequence[Skipped]) -> None:
    rows = [(new_id(), s.item_id, s.unit_id, s.reason, s.first_day, s.last_day) for s in skips]
    await _many(uow, _SKIP, (run.site_id, run.id), rows)


async def differ(uow: UnitOfWork, run: Standing, found: Sequence[tuple[UUID, UUID, int, int]]) -> None:
    """Rows of item, unit, amount and that of the period before."""
    await _many(uow, _DIFFER, (run.site_id, run.id), [(new_id(), *row) for row in found])


async def reached(
    uow: UnitOfWork, run_id: UUID, units: int, last: UUID, charges: int, total_fen: int, figures: str, now: datetime
) -> None:
    await uow.execute(_REACHED, uow.company_id, run_id, units, last, charges, total_fen, figures, now)


async def computed(uow: UnitOfWork, run_id: UUID, now: datetime) -> None:
    await uow.execute(_COMPUTED, uow.company_id, run_id, now)


async def lines_to_post(uow: UnitOfWork, run: Standing, limit: int) -> list[Charge]:
    """The next lines in the order of their ids, those that come to nothing too."""
    return await uow.fetch(Charge, _LINES, uow.company_id, run.id, run.posted_to or FIRST, limit)


async def posted(uow: UnitOfWork, run_id: UUID, count: int, last: UUID, now: datetime) -> None:
    await uow.execute(_POSTED, uow.company_id, run_id, count, last, now)


async def issued(uow: UnitOfWork, run_id: UUID, now: datetime) -> None:
    await uow.execute(_ISSUED, uow.company_id, run_id, now)


async def stuck(uow: UnitOfWork, sites: Sequence[UUID], before: datetime) -> list[tuple[UUID, UUID, str]]:
    """Runs under way that have not moved since."""
    return await uow.fetch(lambda *row: row, _STUCK, uow.company_id, sites, before)


def granting(since: date, until: date | None, factor: Decimal | str | None, why: Why, off_fen: int | None) -> Granting:
    """A row of the table of discounts."""
    if factor is not None:
        return Discount(since, until, Fraction(factor), why)
    assert off_fen is not None  # the table asks for one of them
    return Off(since, until, off_fen)


def _item(
    row: tuple[Any, ...], versions: list[Rules], assigned: list[Assigned], discounts: list[Granting]
) -> BilledItem:
    id, basis, cycle, payer, due_days, ended_on = row
    return BilledItem(id, basis, cycle, payer, due_days, ended_on, tuple(versions), tuple(assigned), tuple(discounts))


async def _many(uow: UnitOfWork, sql: str, shared: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> None:
    if rows:
        await uow.execute(sql, uow.company_id, *shared, *zip(*rows, strict=True))
