"""Statements about corrections and what is looked at in them; each names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.billing.corrections.model import Correction, Credit, Line, NewCorrection

_COLUMNS: Final = """
SELECT k.id, k.reason, k.since, k.item_id, coalesce(i.title, ''), k.unit_id, coalesce(u.label, ''), k.status, k.done,
    k.units, k.looked, k.lines, k.unknown, k.credit_fen, k.debit_fen, k.settled, k.passed, k.created_at, k.created_by,
    k.created_by_name, k.computed_at, k.asked_at, k.approved_at, k.approved_by_name, k.posted_at, k.discarded_at,
    k.version
FROM {} k
LEFT JOIN billing_item i ON i.company_id = k.company_id AND i.id = k.item_id
LEFT JOIN unit u ON u.company_id = k.company_id AND u.id = k.unit_id
"""
_LIST: Final = f"""
{_COLUMNS.format("billing_correction")} WHERE k.company_id = $1 AND k.site_id = $2
    AND ($3::text IS NULL OR (k.created_at, k.id) < ($3::text::timestamptz, $4))
ORDER BY k.created_at DESC, k.id DESC LIMIT $5
"""
_GET: Final = f"""
{_COLUMNS.format("billing_correction")} WHERE k.company_id = $1 AND k.site_id = $2 AND k.id = $3
"""
# Only for an item and a unit of the site, where they are named; how many charges there are to look at, as far as asked.
_ADD: Final = """
INSERT INTO billing_correction (company_id, id, site_id, reason, since, item_id, unit_id, units, created_at, moved_at,
    created_by, created_by_name)
SELECT $1, $3, $2, $4, $5, $6, $7, count(*), $8, $8, $9, $10 FROM unit u
WHERE u.company_id = $1 AND u.site_id = $2 AND ($7::uuid IS NULL OR u.id = $7)
HAVING ($7::uuid IS NULL OR count(*) > 0) AND ($6::uuid IS NULL OR EXISTS (
    SELECT FROM billing_item WHERE company_id = $1 AND site_id = $2 AND id = $6))
RETURNING (SELECT count(*) FROM (
    SELECT FROM billing_charge c WHERE c.company_id = $1 AND c.site_id = $2 AND c.last_day >= $5
        AND ($6::uuid IS NULL OR c.item_id = $6) AND ($7::uuid IS NULL OR c.unit_id = $7) LIMIT $11) found)
"""
_STEP: Final = (
    "WITH k AS (UPDATE billing_correction SET {}, version = version + 1 "  # noqa: S608
    "WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND status = ANY ($5) RETURNING *) "
    + _COLUMNS.format("k")
)
_ASK: Final = _STEP.format("asked_at = $6")
_APPROVE: Final = _STEP.format("approved_at = $6, approved_by = $7, approved_by_name = $8, moved_at = $6")
_DISCARD: Final = _STEP.format("discarded_at = $6")
_CLOSED: Final = "SELECT EXISTS (SELECT FROM billing_period WHERE company_id = $1 AND site_id = $2 AND month >= $3)"
_LINE: Final = """
SELECT l.id, l.correction_id, l.charge_id, l.item_id, i.title, l.unit_id, u.label, l.party_id, p.name, l.first_day,
    l.last_day, l.was_fen, l.right_fen, l.difference_fen, l.reason, l.freed <> '[]', l.outcome, l.entry_id
FROM billing_correction_line l
JOIN unit u ON u.company_id = l.company_id AND u.id = l.unit_id
JOIN party p ON p.company_id = l.company_id AND p.id = l.party_id
JOIN billing_item i ON i.company_id = l.company_id AND i.id = l.item_id
"""
_LINES: Final = f"""{_LINE} WHERE l.company_id = $1 AND l.site_id = $2 AND l.correction_id = $3
    AND ($4 = '' OR u.label LIKE $4) AND l.id > $5 ORDER BY l.id LIMIT $6
"""
# What the charge was computed from the last time that it was right, and is computed from now.
_KEPT: Final = f"""
SELECT one.*, coalesce((SELECT b.facts FROM billing_correction_line b WHERE b.company_id = $1
        AND b.charge_id = one.charge_id AND b.outcome = 'posted' AND b.id < one.id ORDER BY b.id DESC LIMIT 1),
    '[' || c.facts || ']', '[]'), l.facts, l.freed
FROM ({_LINE} WHERE l.company_id = $1 AND l.site_id = $2 AND l.id = $3) one
JOIN billing_correction_line l ON l.company_id = $1 AND l.id = one.id
LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = one.charge_id
"""  # noqa: S608
# A household's credits, each with what it has prepaid by now, what of it can be asked back, and what was agreed to
# since. What is promised to somebody already, by whatever refund, is not there to be asked for.
_CREDITS: Final = """
SELECT credit.unit_id, u.label, credit.party_id, p.name, credit.fen, now.prepaid,
    greatest(least(credit.fen - back.given, now.prepaid - back.promised), 0)::bigint,
    CASE WHEN back.waits THEN 'approved' WHEN back.given > 0 THEN 'paid' ELSE '' END, u.sort_key
FROM (
    SELECT n.unit_id, n.party_id, -sum(n.amount_fen)::bigint AS fen
    FROM billing_correction_line l JOIN billing_posting n ON n.company_id = l.company_id AND n.entry_id = l.entry_id
    WHERE l.company_id = $1 AND l.site_id = $2 AND l.correction_id = $3 AND n.account = 'prepayment'
    GROUP BY n.unit_id, n.party_id HAVING sum(n.amount_fen) < 0
) credit
JOIN unit u ON u.company_id = $1 AND u.id = credit.unit_id
JOIN party p ON p.company_id = $1 AND p.id = credit.party_id
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(n.amount_fen), 0)::bigint AS prepaid FROM billing_posting n WHERE n.company_id = $1
        AND n.unit_id = credit.unit_id AND n.account = 'prepayment' AND n.party_id = credit.party_id
) now
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.amount_fen) FILTER (WHERE r.approved_at >= k.approved_at), 0)::bigint AS given,
        coalesce(sum(r.amount_fen) FILTER (WHERE r.status = 'approved'), 0)::bigint AS promised,
        coalesce(bool_or(r.status = 'approved') FILTER (WHERE r.approved_at >= k.approved_at), false) AS waits
    FROM billing_correction k LEFT JOIN billing_refund r
        ON r.company_id = $1 AND r.unit_id = credit.unit_id AND r.party_id = credit.party_id
    WHERE k.company_id = $1 AND k.id = $3
) back
WHERE (u.sort_key, credit.party_id) > ($4, $5) AND ($7::uuid IS NULL OR (credit.unit_id, credit.party_id) = ($7, $8))
ORDER BY u.sort_key, credit.party_id LIMIT $6
"""
FIRST: Final = UUID(int=0)


async def listed(uow: UnitOfWork, site_id: UUID, before: tuple[str | None, UUID], limit: int) -> list[Correction]:
    return await uow.fetch(Correction, _LIST, uow.company_id, site_id, *before, limit)


async def get(uow: UnitOfWork, site_id: UUID, correction_id: UUID) -> Correction | None:
    return await uow.fetch_one(Correction, _GET, uow.company_id, site_id, correction_id)


async def add(
    uow: UnitOfWork,
    site_id: UUID,
    id: UUID,
    new: NewCorrection,
    now: datetime,
    by: tuple[UUID | None, str],
    most: int,
) -> int | None:
    """How many charges there are to look at, `most` at most. None: the item or the unit is not the site's."""
    values = id, new.reason, new.since, new.item_id, new.unit_id, now, *by, most
    found: int | None = await uow.value(_ADD, uow.company_id, site_id, *values)
    return found


async def ask(uow: UnitOfWork, site_id: UUID, id: UUID, expected: int, now: datetime) -> Correction | None:
    """None: somebody else was faster."""
    return await uow.fetch_one(Correction, _ASK, uow.company_id, site_id, id, expected, ["preview"], now)


async def approve(
    uow: UnitOfWork, site_id: UUID, id: UUID, expected: int, now: datetime, by: tuple[UUID | None, str]
) -> Correction | None:
    """None: somebody else was faster."""
    return await uow.fetch_one(Correction, _APPROVE, uow.company_id, site_id, id, expected, ["asked"], now, *by)


async def discard(uow: UnitOfWork, site_id: UUID, id: UUID, expected: int, now: datetime) -> Correction | None:
    """None: somebody else was faster."""
    states = ["computing", "preview", "asked"]
    return await uow.fetch_one(Correction, _DISCARD, uow.company_id, site_id, id, expected, states, now)


async def closed(uow: UnitOfWork, site_id: UUID, day: date) -> bool:
    """Whether the month of that day is closed to postings, or one after it."""
    return bool(await uow.value(_CLOSED, uow.company_id, site_id, day.replace(day=1)))


async def lines(
    uow: UnitOfWork, site_id: UUID, correction_id: UUID, pattern: str, after: UUID, limit: int
) -> list[Line]:
    return await uow.fetch(Line, _LINES, uow.company_id, site_id, correction_id, pattern, after, limit)


async def line(uow: UnitOfWork, site_id: UUID, line_id: UUID) -> tuple[Line, str, str, str] | None:
    """A line, with the facts before, those of now, and the days that it frees, as JSON."""

    def kept(*row: object) -> tuple[Line, str, str, str]:
        number = len(Line.__struct_fields__)
        before, now, freed = (str(text) for text in row[number:])
        return Line(*row[:number]), before, now, freed  # type: ignore[arg-type]

    return await uow.fetch_one(kept, _KEPT, uow.company_id, site_id, line_id)


async def credits(
    uow: UnitOfWork,
    site_id: UUID,
    correction_id: UUID,
    after: tuple[str, UUID],
    limit: int,
    whose: tuple[UUID, UUID] | None = None,
) -> list[tuple[Credit, str]]:
    """Credits in the order of the roll, each with its place in it; of that unit and party alone."""
    given = site_id, correction_id, *after, limit, *(whose or (None, None))
    return await uow.fetch(lambda *row: (Credit(*row[:-1]), row[-1]), _CREDITS, uow.company_id, *given)
