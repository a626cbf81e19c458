"""Statements about shifts; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.closing.counting import Count, Pieces, Tally
from plugins.billing.closing.model import GoesTo, Handover, Shift, ShiftRow

_COLUMNS = ", ".join(f"s.{name}" for name in Shift.__struct_fields__)
# What the shift's cashier took or gave back that no shift has counted: also what was being posted when the last one was
# closed. What a bank line was accepted as has the bank's own evidence.
_UNCOUNTED = """
SELECT e.id, p.means, p.amount_fen FROM billing_entry e
JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id AND p.account = 'clearing'
WHERE e.company_id = s.company_id AND e.site_id = s.site_id AND e.by_id = s.cashier_id AND e.at >= s.counts_from
    AND e.kind <> 'charge' AND NOT starts_with(e.key, 'post bank ')
    AND NOT EXISTS (SELECT FROM billing_shift_entry x WHERE x.company_id = e.company_id AND x.entry_id = e.id)
"""
_OPEN = f"""
INSERT INTO billing_shift AS s
    (company_id, id, site_id, cashier_id, cashier_name, day, float_fen, opened_at, counts_from)
SELECT $1, $3, $2, $4, $5, greatest($6::date, (SELECT max(last_day) + 1 FROM billing_closing
        WHERE company_id = $1 AND site_id = $2 AND kind = 'day')), $7, $8,
    coalesce((SELECT max(opened_at) FROM billing_shift WHERE company_id = $1 AND site_id = $2 AND cashier_id = $4), $8)
ON CONFLICT (company_id, site_id, cashier_id) WHERE closed_at IS NULL DO NOTHING
RETURNING {_COLUMNS}
"""  # noqa: S608
_LOOK = f"""
SELECT {_COLUMNS}, CASE WHEN s.closed_at IS NULL THEN coalesce((SELECT jsonb_agg(jsonb_build_object(
        'means', means, 'entries', entries, 'ledger_fen', fen))
        FROM (SELECT u.means, count(DISTINCT u.id) AS entries, sum(u.amount_fen)::bigint AS fen
              FROM ({_UNCOUNTED}) u GROUP BY u.means) t), '[]')::text ELSE '[]' END,
    (SELECT coalesce(string_agg(m.id::text, ',' ORDER BY m.id), '') FROM membership m WHERE m.company_id = $1
        AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids))
        AND 'manager' = ANY (roles_at(m.roles, m.posts, $2, NULL)))
FROM billing_shift s WHERE s.company_id = $1 AND s.site_id = $2 AND s.id = $3
"""  # noqa: S608
_CLOSE = f"""
WITH closed AS (
    UPDATE billing_shift s SET closed_at = $5, version = s.version + 1
    WHERE s.company_id = $1 AND s.site_id = $2 AND s.id = $3 AND s.version = $4 AND s.closed_at IS NULL
    RETURNING s.*
), evidence AS (
    INSERT INTO billing_shift_closing (company_id, id, site_id, shift_id, pieces, reason, at, by_id, by_name)
    SELECT $1, $6, $2, id, $7, $8, $5, $9, $10 FROM closed
), counts AS (
    INSERT INTO billing_shift_count
        (company_id, site_id, shift_id, means, entries, ledger_fen, expected_fen, slips, counted_fen)
    SELECT $1, $2, closed.id, c.* FROM closed, unnest($11::text[], $12::int[], $13::bigint[], $14::bigint[],
        $15::int[], $16::bigint[]) c
), entries AS (
    INSERT INTO billing_shift_entry (company_id, site_id, shift_id, entry_id)
    SELECT DISTINCT $1::uuid, $2::uuid, s.id, u.id FROM closed s, LATERAL ({_UNCOUNTED}) u
)
SELECT {_COLUMNS} FROM closed s
"""  # noqa: S608
_LIST = f"""
SELECT {_COLUMNS}, c.ledger_fen, c.difference_fen, coalesce(c.differing, 0) FROM billing_shift s
LEFT JOIN LATERAL (SELECT sum(ledger_fen)::bigint AS ledger_fen, sum(difference_fen)::bigint AS difference_fen,
        count(*) FILTER (WHERE difference_fen <> 0) AS differing
    FROM billing_shift_count WHERE company_id = s.company_id AND shift_id = s.id) c ON true
WHERE s.company_id = $1 AND s.site_id = $2 AND ($3::timestamptz IS NULL OR (s.opened_at, s.id) < ($3, $4::uuid))
    AND ($5::date IS NULL OR s.day = $5)
ORDER BY s.opened_at DESC, s.id DESC LIMIT $6
"""  # noqa: S608
_OWN = f"""
SELECT {_COLUMNS} FROM billing_shift s
WHERE s.company_id = $1 AND s.site_id = $2 AND s.cashier_id = $3 AND s.closed_at IS NULL
"""  # noqa: S608
_EVIDENCE = """
SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('means', means, 'entries', entries, 'ledger_fen', ledger_fen,
        'expected_fen', expected_fen, 'slips', slips, 'counted_fen', counted_fen, 'difference_fen', difference_fen)
        ORDER BY array_position(ARRAY['cash', 'card', 'transfer', 'qr'], means))
    FROM billing_shift_count WHERE company_id = $1 AND shift_id = $3), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'goes_to', goes_to, 'amount_fen', amount_fen,
        'slip_no', slip_no, 'at', at, 'by_name', by_name) ORDER BY at, id)
    FROM billing_handover WHERE company_id = $1 AND shift_id = $3), '[]')::text,
    coalesce(c.pieces, '[]'), coalesce(c.reason, ''), coalesce(c.by_name, '')
FROM (SELECT) one LEFT JOIN billing_shift_closing c ON c.company_id = $1 AND c.site_id = $2 AND c.shift_id = $3
"""
_HAND_OVER = """
INSERT INTO billing_handover (company_id, id, site_id, shift_id, goes_to, amount_fen, slip_no, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_tallies = msgspec.json.Decoder(list[Tally]).decode
_counts = msgspec.json.Decoder(list[Count]).decode
_handovers = msgspec.json.Decoder(list[Handover]).decode
_pieces = msgspec.json.Decoder(list[Pieces]).decode
Evidence = tuple[list[Count], list[Handover], list[Pieces], str, str]
By = tuple[UUID | None, str]


async def open_shift(
    uow: UnitOfWork, site_id: UUID, id: UUID, cashier: tuple[UUID, str], today: date, float_fen: int, now: datetime
) -> Shift | None:
    """None: the cashier has one open already."""
    return await uow.fetch_one(Shift, _OPEN, uow.company_id, site_id, id, *cashier, today, float_fen, now)


async def look(uow: UnitOfWork, site_id: UUID, shift_id: UUID) -> tuple[Shift, list[Tally], str] | None:
    """A shift, what no shift has counted yet of what its cashier took, and the site's managers."""

    def read(*row: object) -> tuple[Shift, list[Tally], str]:
        return Shift(*row[:-2]), _tallies(str(row[-2])), str(row[-1])  # type: ignore[arg-type]

    return await uow.fetch_one(read, _LOOK, uow.company_id, site_id, shift_id)


async def close(
    uow: UnitOfWork,
    shift: Shift,
    site_id: UUID,
    id: UUID,
    counts: Sequence[Count],
    pieces: Sequence[Pieces],
    reason: str,
    now: datetime,
    by: By,
) -> Shift | None:
    """The closed shift, with its count and its entries on record. None: somebody was faster."""
    names = "means", "entries", "ledger_fen", "expected_fen", "slips", "counted_fen"
    columns = [[getattr(count, name) for count in counts] for name in names]
    told = msgspec.json.encode(pieces).decode()
    values = shift.id, shift.version, now, id, told, reason, *by, *columns
    return await uow.fetch_one(Shift, _CLOSE, uow.company_id, site_id, *values)


async def listed(
    uow: UnitOfWork, site_id: UUID, after: tuple[datetime | None, UUID | None], day: date | None, limit: int
) -> list[ShiftRow]:
    return await uow.fetch(ShiftRow, _LIST, uow.company_id, site_id, *after, day, limit)


async def own(uow: UnitOfWork, site_id: UUID, cashier_id: UUID | None) -> Shift | None:
    """The shift that somebody has open."""
    return await uow.fetch_one(Shift, _OWN, uow.company_id, site_id, cashier_id)


async def evidence(uow: UnitOfWork, site_id: UUID, shift_id: UUID) -> Evidence:
    """What was counted in a shift, handed over, in which notes and coins, why it differs, and who closed it."""

    def read(counts: str, handovers: str, pieces: str, reason: str, by_name: str) -> Evidence:
        return _counts(counts), _handovers(handovers), _pieces(pieces), reason, by_name

    found = await uow.fetch_one(read, _EVIDENCE, uow.company_id, site_id, shift_id)
    assert found is not None  # it asks of one row
    return found


async def hand_over(
    uow: UnitOfWork, site_id: UUID, shift_id: UUID, id: UUID, to: GoesTo, fen: int, slip: str, now: datetime, by: By
) -> None:
    await uow.execute(_HAND_OVER, uow.company_id, id, site_id, shift_id, to, fen, slip, now, *by)
