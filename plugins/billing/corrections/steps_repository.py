"""Statements of the work behind a correction: some units with their charges, and some lines that are settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.amounts.spans import Days
from plugins.billing.corrections.anew import Anew, Billed
from plugins.billing.runs.chunks_repository import FIRST

_LOCK: Final = """
SELECT id, site_id, reason, since, item_id, unit_id, status, reached, settled, settled_to FROM billing_correction
WHERE company_id = $1 AND id = $2 FOR UPDATE
"""
_UNITS: Final = """
SELECT id, building, moved_in_on FROM unit
WHERE company_id = $1 AND site_id = $2 AND id > $3 AND ($4::uuid IS NULL OR id = $4) ORDER BY id LIMIT $5
"""
# What was issued and not undone. An adjustment counts, what was waived is told apart (MO-1).
_BILLED: Final = """
SELECT c.id, c.unit_id, c.item_id, c.party_id, c.first_day, c.last_day, c.facts, coalesce(b.charged, 0),
    coalesce(b.waived, 0)
FROM billing_charge c
JOIN billing_run r ON r.company_id = c.company_id AND r.id = c.run_id AND r.status = 'issued'
LEFT JOIN LATERAL (
    SELECT -sum(p.amount_fen)::bigint AS charged, bool_or(u.kind = 'charge') AS undone,
        (sum(p.amount_fen) FILTER (WHERE coalesce(u.kind, e.kind) = 'waiver'))::bigint AS waived
    FROM billing_posting p
    JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
    LEFT JOIN billing_entry u ON u.company_id = e.company_id AND u.id = e.reverses
    WHERE p.company_id = c.company_id AND p.charge_id = c.id AND p.account = 'income'
) b ON true
WHERE c.company_id = $1 AND c.site_id = $2 AND c.unit_id = ANY ($3) AND c.last_day >= $4
    AND ($5::uuid IS NULL OR c.item_id = $5) AND b.undone IS NOT TRUE
ORDER BY c.unit_id, c.id
"""
_ADD: Final = """
INSERT INTO billing_correction_line (company_id, site_id, correction_id, id, charge_id, item_id, unit_id, party_id,
    first_day, last_day, was_fen, right_fen, reason, facts, freed)
SELECT $1, $2, $3, new.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::date[],
    $10::date[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[]) new
"""
_REACHED: Final = """
UPDATE billing_correction SET done = done + $3, reached = $4, looked = looked + $5, lines = lines + $6,
    unknown = unknown + $7, credit_fen = credit_fen + $8, debit_fen = debit_fen + $9, moved_at = $10,
    units = greatest(units, done + $3)
WHERE company_id = $1 AND id = $2
"""
_COMPUTED: Final = """
UPDATE billing_correction SET computed_at = $3, units = done, version = version + 1 WHERE company_id = $1 AND id = $2
"""
_TO_SETTLE: Final = """
SELECT id, charge_id, item_id, unit_id, party_id, was_fen, right_fen, freed FROM billing_correction_line
WHERE company_id = $1 AND correction_id = $2 AND id > $3 AND reason = '' ORDER BY id LIMIT $4
"""
_OUTCOMES: Final = """
UPDATE billing_correction_line l SET outcome = o.outcome, entry_id = o.entry_id
FROM unnest($3::uuid[], $4::text[], $5::uuid[]) o (id, outcome, entry_id)
WHERE l.company_id = $1 AND l.correction_id = $2 AND l.id = o.id
"""
_ENTRIES: Final = "SELECT key, id FROM billing_entry WHERE company_id = $1 AND site_id = $2 AND key = ANY ($3)"
_FREE: Final = """
INSERT INTO billing_freed (company_id, site_id, id, line_id, charge_id, unit_id, first_day, last_day)
SELECT $1, $2, new.* FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::date[], $8::date[]) new
"""
_SETTLED: Final = """
UPDATE billing_correction SET settled = settled + $3, settled_to = $4, passed = passed + $5, moved_at = $6
WHERE company_id = $1 AND id = $2
"""
_POSTED: Final = """
UPDATE billing_correction SET posted_at = $3, version = version + 1 WHERE company_id = $1 AND id = $2
RETURNING settled - passed, passed
"""
_STUCK: Final = """
SELECT id, status FROM billing_correction WHERE company_id = $1 AND site_id = ANY ($2)
    AND status IN ('computing', 'approved') AND moved_at < $3
"""


class Standing(msgspec.Struct, frozen=True):
    """How far a correction is, as whoever holds its lock knows it."""

    id: UUID
    site_id: UUID
    reason: str
    since: date
    item_id: UUID | None
    unit_id: UUID | None
    status: str
    reached: UUID | None
    settled: int
    settled_to: UUID | None


class Figures(msgspec.Struct, frozen=True):
    """What some units come to."""

    looked: int
    lines: int
    unknown: int
    credit_fen: int
    debit_fen: int


class ToSettle(msgspec.Struct, frozen=True):
    """A line whose turn it is."""

    id: UUID
    charge_id: UUID
    item_id: UUID
    unit_id: UUID
    party_id: UUID
    was_fen: int
    right_fen: int
    freed: str


class Settled(msgspec.Struct, frozen=True):
    """What became of a line; `freed` only where it was posted."""

    line: ToSettle
    outcome: str
    entry_id: UUID | None = None
    freed: Sequence[Days] = ()


async def lock(uow: UnitOfWork, correction_id: UUID) -> Standing | None:
    """The correction, and nobody else changes it until the end of the transaction."""
    return await uow.fetch_one(Standing, _LOCK, uow.company_id, correction_id)


async def units(uow: UnitOfWork, correction: Standing, limit: int) -> list[tuple[UUID, str, date | None]]:
    """The next units in the order of their ids, each with its building and the day of the handover."""
    after = correction.reached or FIRST
    values = correction.site_id, after, correction.unit_id, limit
    return await uow.fetch(lambda *row: row, _UNITS, uow.company_id, *values)


async def billed(uow: UnitOfWork, correction: Standing, unit_ids: Sequence[UUID]) -> list[Billed]:
    """Charges of these units whose days reach the correction's, as they are by now."""
    values = correction.site_id, unit_ids, correction.since, correction.item_id
    return await uow.fetch(Billed, _BILLED, uow.company_id, *values)


async def add(uow: UnitOfWork, correction: Standing, found: Sequence[Anew]) -> None:
    rows = [
        (
            new_id(),
            *(b.id, b.item_id, b.unit_id, b.party_id, b.first_day, b.last_day, b.charged_fen),
            *(each.right_fen, each.reason or "", each.facts, msgspec.json.encode(each.freed).decode()),
        )
        for each in found
        for b in (each.billed,)
    ]
    await _many(uow, _ADD, (correction.site_id, correction.id), rows)


async def reached(uow: UnitOfWork, id: UUID, count: int, last: UUID, figures: Figures, now: datetime) -> None:
    values = msgspec.structs.astuple(figures)
    await uow.execute(_REACHED, uow.company_id, id, count, last, *values, now)


async def computed(uow: UnitOfWork, id: UUID, now: datetime) -> None:
    await uow.execute(_COMPUTED, uow.company_id, id, now)


async def to_settle(uow: UnitOfWork, correction: Standing, limit: int) -> list[ToSettle]:
    """The next lines in the order of their ids, which is that of their units' ids."""
    after = correction.settled_to or FIRST
    return await uow.fetch(ToSettle, _TO_SETTLE, uow.company_id, correction.id, after, limit)


async def entries(uow: UnitOfWork, site_id: UUID, keys: Sequence[str]) -> dict[str, UUID]:
    """Ids of the entries that have these keys."""
    return dict(await uow.fetch(lambda key, id: (key, id), _ENTRIES, uow.company_id, site_id, keys))


async def settle(uow: UnitOfWork, correction: Standing, done: Sequence[Settled], now: datetime) -> None:
    """What became of these lines, and how far the correction is."""
    if not done:
        return
    outcomes = [(each.line.id, each.outcome, each.entry_id) for each in done]
    await _many(uow, _OUTCOMES, (correction.id,), outcomes)
    free = [
        (new_id(), each.line.id, each.line.charge_id, each.line.unit_id, days.first, days.last)
        for each in done
        for days in each.freed
    ]
    await _many(uow, _FREE, (correction.site_id,), free)
    passed = sum(each.outcome == "passed" for each in done)
    await uow.execute(_SETTLED, uow.company_id, correction.id, len(done), done[-1].line.id, passed, now)


async def posted(uow: UnitOfWork, id: UUID, now: datetime) -> tuple[int, int]:
    """How many lines were posted, and how many passed over."""
    found = await uow.fetch_one(lambda *row: row, _POSTED, uow.company_id, id, now)
    assert found is not None  # whoever asks has locked it
    return found[0], found[1]


async def stuck(uow: UnitOfWork, sites: Sequence[UUID], before: datetime) -> list[tuple[UUID, str]]:
    """Corrections under way that have not moved since."""
    return await uow.fetch(lambda *row: row, _STUCK, uow.company_id, sites, before)


async def _many(uow: UnitOfWork, sql: str, shared: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> None:
    if rows:
        await uow.execute(sql, uow.company_id, *shared, *zip(*rows, strict=True))
