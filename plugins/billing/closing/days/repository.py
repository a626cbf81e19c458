"""Statements about days and weeks that are closed; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.closing.days.figures import Figures, Found, Moved, OfItem, OfUnit, Told
from plugins.billing.closing.days.model import Closing, ClosingDetail, ClosingKind, Seen
from plugins.billing.ledger.entries import Account, Means
from plugins.billing.ledger.model import Kind
from plugins.billing.policies import ClosingRules

_COLUMNS = ", ".join(Closing.__struct_fields__)
_LAST = "SELECT max(first_day) FROM billing_closing WHERE company_id = $1 AND site_id = $2 AND kind = 'day'"
# Money that came or went and no closing has covered: of the day $3, and what came late for the day closed before.
_UNCOVERED = """
SELECT e.id, e.kind, e.posted_on, e.at, p.means, p.amount_fen, p.unit_id
FROM billing_entry e
JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id AND p.account = 'clearing'
WHERE e.company_id = $1 AND e.site_id = $2 AND e.kind <> 'charge'
    AND e.posted_on BETWEEN coalesce((SELECT last FROM closed), $3::date) AND $3::date
    AND NOT EXISTS (SELECT FROM billing_closing_entry x WHERE x.company_id = e.company_id AND x.entry_id = e.id)
"""
_COUNTS = """
SELECT jsonb_agg(jsonb_build_object('means', c.means, 'entries', c.entries, 'ledger_fen', c.ledger_fen,
    'expected_fen', c.expected_fen, 'slips', c.slips, 'counted_fen', c.counted_fen,
    'difference_fen', c.difference_fen))
FROM billing_shift_count c WHERE c.company_id = s.company_id AND c.shift_id = s.id
"""
_LOOK = f"""
WITH closed AS ({_LAST.replace("max(first_day)", "max(first_day) AS last")}),
moved AS ({_UNCOVERED}),
shifts AS (
    SELECT s.* FROM billing_shift s WHERE s.company_id = $1 AND s.site_id = $2 AND s.day <= $3
        AND (s.day = $3 OR s.day > (SELECT last FROM closed))
),
big AS (
    SELECT u.id, u.label, o.fen FROM unit u, LATERAL (SELECT sum(p.amount_fen)::bigint AS fen FROM billing_posting p
        WHERE p.company_id = u.company_id AND p.unit_id = u.id AND p.account = 'receivable') o
    WHERE u.company_id = $1 AND u.site_id = $2 AND o.fen >= $4
)
SELECT (SELECT last FROM closed),
    least((SELECT min(posted_on) FROM moved WHERE posted_on < $3 AND posted_on > (SELECT last FROM closed)),
          (SELECT min(day) FROM shifts WHERE day < $3)),
    coalesce((SELECT jsonb_agg(jsonb_build_array(m.id, m.kind, m.posted_on, m.means, m.amount_fen, m.unit_id,
            coalesce(u.label, ''), x.shift_id) ORDER BY m.at, m.id)
        FROM moved m LEFT JOIN unit u ON u.company_id = $1 AND u.id = m.unit_id
        LEFT JOIN billing_shift_entry x ON x.company_id = $1 AND x.entry_id = m.id), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(i.account, i.item_id, coalesce(t.title, ''), i.fen)
            ORDER BY t.code NULLS LAST, i.account)
        FROM (SELECT p.account, p.item_id, -sum(p.amount_fen)::bigint AS fen
              FROM moved m JOIN billing_posting p ON p.company_id = $1 AND p.entry_id = m.id
                  AND p.account <> 'clearing'
              GROUP BY 1, 2) i
        LEFT JOIN billing_item t ON t.company_id = $1 AND t.id = i.item_id), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(s.id, s.cashier_id, s.day, s.closed_at IS NULL,
            coalesce(({_COUNTS}), '[]')) ORDER BY s.opened_at) FROM shifts s), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(b.unit_id, u.label, b.fen, b.times) ORDER BY u.sort_key)
        FROM (SELECT p.unit_id, -sum(least(p.amount_fen, 0))::bigint AS fen,
                  count(*) FILTER (WHERE p.amount_fen < 0) AS times
              FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
              WHERE p.company_id = $1 AND p.site_id = $2 AND p.account = 'clearing' AND e.posted_on <= $3
                  AND e.posted_on > $3::date - $5::int
                  AND p.unit_id IN (SELECT unit_id FROM moved WHERE amount_fen < 0)
              GROUP BY p.unit_id) b
        JOIN unit u ON u.company_id = $1 AND u.id = b.unit_id), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(d.id, d.label, d.fen, 0) ORDER BY d.fen DESC)
        FROM (SELECT b.id, b.label, sum(p.amount_fen)::bigint AS fen FROM big b
              JOIN billing_posting p ON p.company_id = $1 AND p.unit_id = b.id AND p.account = 'receivable'
              JOIN billing_entry e ON e.company_id = $1 AND e.id = p.entry_id
              LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = p.charge_id
              WHERE coalesce(c.due_on, e.posted_on) < $3
              GROUP BY b.id, b.label HAVING sum(p.amount_fen) >= $4 ORDER BY 3 DESC LIMIT 20) d), '[]')::text,
    (SELECT coalesce(string_agg(m.id::text, ',' ORDER BY m.id), '') FROM membership m WHERE m.company_id = $1
        AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids))
        AND 'manager' = ANY (roles_at(m.roles, m.posts, $2, NULL)))
"""  # noqa: S608
# A week is made of its days: what no day's closing has covered comes first, from the first day ever closed on.
_WEEK = f"""
WITH closed AS (SELECT greatest($4::date, (SELECT min(first_day) FROM billing_closing
    WHERE company_id = $1 AND site_id = $2 AND kind = 'day')) AS last)
SELECT EXISTS (SELECT FROM billing_closing WHERE company_id = $1 AND site_id = $2 AND kind = 'week' AND first_day = $4),
    least((SELECT min(posted_on) FROM ({_UNCOVERED}) m),
          (SELECT min(s.day) FROM billing_shift s WHERE s.company_id = $1 AND s.site_id = $2 AND s.day <= $3
              AND s.day >= (SELECT last FROM closed)
              AND NOT EXISTS (SELECT FROM billing_closing c WHERE c.company_id = $1 AND c.site_id = $2
                  AND c.kind = 'day' AND c.first_day = s.day))),
    coalesce((SELECT jsonb_agg(jsonb_build_array(figures, found) ORDER BY first_day) FROM billing_closing
        WHERE company_id = $1 AND site_id = $2 AND kind = 'day' AND first_day BETWEEN $4 AND $3), '[]')::text
"""  # noqa: S608
_WRITE = """
WITH made AS (
    INSERT INTO billing_closing (company_id, site_id, id, kind, first_day, last_day, entries, ledger_fen,
        difference_fen, anomalies, note, at, by_name, by_id, figures, found)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id
)
INSERT INTO billing_closing_entry (company_id, site_id, closing_id, entry_id)
SELECT $1, $2, made.id, e FROM made, unnest($17::uuid[]) e
"""
_LIST = f"""
SELECT {_COLUMNS} FROM billing_closing WHERE company_id = $1 AND site_id = $2
    AND ($3::date IS NULL OR (last_day, id) < ($3, $4::uuid)) AND ($5::text IS NULL OR kind = $5)
ORDER BY last_day DESC, id DESC LIMIT $6
"""  # noqa: S608
_GET = f"""
SELECT {_COLUMNS}, figures, found FROM billing_closing WHERE company_id = $1 AND site_id = $2 AND id = $3
"""  # noqa: S608
_moved = msgspec.json.Decoder(list[tuple[UUID, Kind, date, Means, int, UUID | None, str, UUID | None]]).decode
_items = msgspec.json.Decoder(list[tuple[Account, UUID | None, str, int]]).decode
_shifts = msgspec.json.Decoder(list[tuple[UUID, UUID, date, bool, Any]]).decode
_units = msgspec.json.Decoder(list[tuple[UUID, str, int, int]]).decode
_days = msgspec.json.Decoder(list[tuple[str, str]]).decode
_figures = msgspec.json.Decoder(Figures).decode
_found = msgspec.json.Decoder(list[Found]).decode


async def look(uow: UnitOfWork, site_id: UUID, day: date, rules: ClosingRules) -> Seen:
    """What a day comes to that no closing has covered, and what may be out of the ordinary."""

    def read(
        last: date, earlier: date, moved: str, items: str, shifts: str, back: str, arrears: str, managers: str
    ) -> Seen:
        told = [msgspec.convert(dict(zip(Told.__struct_fields__, row, strict=True)), Told) for row in _shifts(shifts)]
        return Seen(
            last, earlier,
            [Moved(*row) for row in _moved(moved)],
            [OfItem(*row) for row in _items(items)],
            told,
            [OfUnit(*row) for row in _units(back)],
            [OfUnit(*row) for row in _units(arrears)],
            managers,
        )  # fmt: skip

    values = day, rules.arrears_yuan * 100, rules.back_days
    seen = await uow.fetch_one(read, _LOOK, uow.company_id, site_id, *values)
    assert seen is not None  # it asks of one row
    return seen


async def last(uow: UnitOfWork, site_id: UUID) -> date | None:
    """The last day that is closed."""
    found: date | None = await uow.value(_LAST, uow.company_id, site_id)
    return found


async def week(
    uow: UnitOfWork, site_id: UUID, monday: date, sunday: date
) -> tuple[bool, date | None, list[tuple[Figures, list[Found]]]]:
    """Whether the week is closed, its first day that has to be closed before, and its days' closings."""

    def read(closed: bool, first: date | None, days: str) -> Any:
        return closed, first, [(_figures(figures), _found(found)) for figures, found in _days(days)]

    seen = await uow.fetch_one(read, _WEEK, uow.company_id, site_id, sunday, monday)
    assert seen is not None  # it asks of one row
    answer: tuple[bool, date | None, list[tuple[Figures, list[Found]]]] = seen
    return answer


async def write(
    uow: UnitOfWork, site_id: UUID, closing: Closing, by_id: UUID | None, figures: Figures, found: Sequence[Found],
    entries: Sequence[UUID],
) -> None:  # fmt: skip
    """A closing with what it covers."""
    told = [msgspec.json.encode(each).decode() for each in (figures, found)]
    await uow.execute(
        _WRITE, uow.company_id, site_id, *msgspec.structs.astuple(closing), by_id, *told, list(entries)
    )  # fmt: skip


async def listed(
    uow: UnitOfWork, site_id: UUID, after: tuple[date | None, UUID | None], kind: ClosingKind | None, limit: int
) -> list[Closing]:
    return await uow.fetch(Closing, _LIST, uow.company_id, site_id, *after, kind, limit)


async def get(uow: UnitOfWork, site_id: UUID, closing_id: UUID) -> ClosingDetail | None:
    def read(*row: Any) -> ClosingDetail:
        return ClosingDetail(Closing(*row[:-2]), _figures(row[-2]), _found(row[-1]))

    return await uow.fetch_one(read, _GET, uow.company_id, site_id, closing_id)
