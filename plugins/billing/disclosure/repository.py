"""Every statement about expenses and disclosures; each names the company and the site, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.billing.disclosure.model import (
    Draft,
    Edition,
    Expense,
    ItemHeading,
    Line,
    NewDisclosure,
    NewExpense,
    OwnCategory,
    Sums,
)

_EXPENSE: Final = """
SELECT x.id, x.month, x.category, x.category_id, coalesce(c.title, ''), x.amount_fen, x.supplier, x.document, x.remark,
    x.reverses, r.id, x.at, x.by_name
FROM billing_expense x
LEFT JOIN billing_expense_category c ON c.company_id = x.company_id AND c.id = x.category_id
LEFT JOIN billing_expense r ON r.company_id = x.company_id AND r.reverses = x.id
WHERE x.company_id = $1 AND x.site_id = $2
"""
_EXPENSES: Final = f"""
{_EXPENSE} AND ($3::date IS NULL OR x.month = $3) AND ($4::uuid IS NULL OR (x.month, x.id) < (
    SELECT o.month, o.id FROM billing_expense o WHERE o.company_id = $1 AND o.site_id = $2 AND o.id = $4))
ORDER BY x.month DESC, x.id DESC LIMIT $5
"""  # noqa: S608
_GET_EXPENSE: Final = f"{_EXPENSE} AND x.id = $3"
_ENTER: Final = """
INSERT INTO billing_expense (company_id, site_id, at, by_id, by_name, id, month, category, category_id, amount_fen,
    supplier, document, remark)
SELECT $1, $2, $3, $4, $5, * FROM unnest($6::uuid[], $7::date[], $8::text[], $9::uuid[], $10::bigint[], $11::text[],
    $12::text[], $13::text[])
"""
_REVERSE: Final = """
INSERT INTO billing_expense (company_id, id, site_id, month, category, category_id, amount_fen, supplier, document,
    remark, reverses, at, by_id, by_name)
SELECT company_id, $4, site_id, month, category, category_id, -amount_fen, supplier, document, $5, id, $6, $7, $8
FROM billing_expense WHERE company_id = $1 AND site_id = $2 AND id = $3
"""
_CATEGORIES: Final = "SELECT id, title FROM billing_expense_category WHERE company_id = $1 ORDER BY title, id LIMIT 200"
_ADD_CATEGORY: Final = """
INSERT INTO billing_expense_category (company_id, id, title, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
_HEADING: Final = "coalesce(h.heading, CASE WHEN i.collected_for = '' THEN 'service' ELSE 'collected' END)"
_HEADINGS: Final = f"""
SELECT i.id, i.title, i.collected_for, {_HEADING}, coalesce(h.version, 0)
FROM billing_item i LEFT JOIN billing_heading h ON h.company_id = i.company_id AND h.item_id = i.id
WHERE i.company_id = $1 AND i.site_id = $2 AND ($3::uuid IS NULL OR i.id = $3) ORDER BY i.code
"""  # noqa: S608
_SET_HEADING: Final = """
INSERT INTO billing_heading AS h (company_id, id, site_id, item_id, heading)
SELECT $1, $2, $3, i.id, $5 FROM billing_item i WHERE i.company_id = $1 AND i.site_id = $3 AND i.id = $4
    AND ($6 = 0 OR EXISTS (SELECT FROM billing_heading o WHERE o.company_id = $1 AND o.item_id = $4))
ON CONFLICT (company_id, item_id) DO UPDATE SET heading = EXCLUDED.heading, version = h.version + 1
    WHERE h.version = $6
"""
# What moved in the period and what came in and went out before it. What undoes an entry counts as what it undoes.
_FIGURES: Final = f"""
SELECT 'income', {_HEADING}, i.title, m.before, m.charged, m.received, 0
FROM (
    SELECT item_id,
        coalesce(-sum(fen) FILTER (WHERE NOT within AND kind IN ('payment', 'allocation')), 0)::bigint AS before,
        coalesce(sum(fen) FILTER (WHERE within AND kind IN ('charge', 'adjustment', 'waiver')), 0)::bigint AS charged,
        coalesce(-sum(fen) FILTER (WHERE within AND kind IN ('payment', 'allocation')), 0)::bigint AS received
    FROM (
        SELECT p.item_id, p.amount_fen AS fen, e.posted_on >= $3 AS within, coalesce(undone.kind, e.kind) AS kind
        FROM billing_posting p
        JOIN billing_entry e ON e.company_id = p.company_id AND e.site_id = p.site_id AND e.id = p.entry_id
        LEFT JOIN billing_entry undone ON undone.company_id = e.company_id AND undone.site_id = e.site_id
        AND undone.id = e.reverses
        WHERE p.company_id = $1 AND p.site_id = $2 AND p.account = 'receivable' AND e.posted_on <= $4
    ) moved GROUP BY item_id
) m
JOIN billing_item i ON i.company_id = $1 AND i.site_id = $2 AND i.id = m.item_id
LEFT JOIN billing_heading h ON h.company_id = $1 AND h.item_id = i.id
UNION ALL
SELECT 'expense', x.category, coalesce(c.title, ''), coalesce(sum(x.amount_fen) FILTER (WHERE x.month < $3), 0)::bigint,
    0, 0, coalesce(sum(x.amount_fen) FILTER (WHERE x.month >= $3), 0)::bigint
FROM billing_expense x LEFT JOIN billing_expense_category c ON c.company_id = x.company_id AND c.id = x.category_id
WHERE x.company_id = $1 AND x.site_id = $2 AND x.month <= $4 GROUP BY 1, 2, 3
"""  # noqa: S608
_STATE: Final = """
SELECT (SELECT count(*) FROM billing_period p WHERE p.company_id = $1 AND p.site_id = $2 AND p.month BETWEEN $4 AND $5),
    d.id, coalesce(d.edition, 0)
FROM (SELECT 1) one LEFT JOIN LATERAL (
    SELECT id, edition FROM billing_disclosure WHERE company_id = $1 AND site_id = $2 AND kind = $3 AND first_day = $4
    ORDER BY edition DESC LIMIT 1
) d ON true
"""
_PUBLISH: Final = """
WITH made AS (
    INSERT INTO billing_disclosure (company_id, id, site_id, kind, first_day, last_day, edition, replaces, reason, note,
        opening_fen, charged_fen, received_fen, spent_fen, at, by_id, by_name)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id
)
INSERT INTO billing_disclosure_line (company_id, site_id, disclosure_id, id, line, part, heading, title, charged_fen,
    received_fen, spent_fen)
SELECT $1, $3, made.id, l.* FROM made, unnest($18::uuid[], $19::int[], $20::text[], $21::text[], $22::text[],
    $23::bigint[], $24::bigint[], $25::bigint[]) AS l
"""
_EDITION: Final = """
SELECT d.id, d.kind, d.first_day, d.last_day, d.edition, d.replaces, r.id, d.reason, d.note, d.opening_fen,
    d.charged_fen, d.received_fen, d.spent_fen, d.at, d.by_name
FROM billing_disclosure d LEFT JOIN billing_disclosure r ON r.company_id = d.company_id AND r.replaces = d.id
WHERE d.company_id = $1 AND d.site_id = $2
"""
_EDITIONS: Final = f"""
{_EDITION} AND ($3::uuid IS NULL OR d.id < $3) AND (NOT $4 OR r.id IS NULL) ORDER BY d.id DESC LIMIT $5
"""
_GET_EDITION: Final = f"{_EDITION} AND d.id = $3"
_LINES: Final = """
SELECT part, heading, title, charged_fen, received_fen, spent_fen FROM billing_disclosure_line
WHERE company_id = $1 AND site_id = $2 AND disclosure_id = $3 ORDER BY line
"""


class Figure(msgspec.Struct, frozen=True):
    """An item's or a category's sums; `before` is what came in, or was spent, before the period."""

    part: Any
    heading: str
    title: str
    before_fen: int
    charged_fen: int
    received_fen: int
    spent_fen: int


async def expenses(
    uow: UnitOfWork, site_id: UUID, month: date | None, cursor: UUID | None, limit: int
) -> list[Expense]:
    """The latest month first, behind that one."""
    return await uow.fetch(Expense, _EXPENSES, uow.company_id, site_id, month, cursor, limit)


async def expense(uow: UnitOfWork, site_id: UUID, id: UUID) -> Expense | None:
    return await uow.fetch_one(Expense, _GET_EXPENSE, uow.company_id, site_id, id)


async def enter(
    uow: UnitOfWork, site_id: UUID, new: Sequence[tuple[UUID, NewExpense]], at: datetime, by: tuple[UUID | None, str]
) -> None:
    """Many at once."""
    rows = [
        (id, e.month, e.category, e.category_id, e.amount_fen, e.supplier, e.document, e.remark) for id, e in new
    ]  # fmt: skip
    await uow.execute(_ENTER, uow.company_id, site_id, at, *by, *zip(*rows, strict=True))


async def reverse(
    uow: UnitOfWork, site_id: UUID, id: UUID, reason: str, at: datetime, by: tuple[UUID | None, str]
) -> UUID:
    """An entry of the other sign; asyncpg.UniqueViolationError where there is one."""
    made = new_id()
    await uow.execute(_REVERSE, uow.company_id, site_id, id, made, reason, at, *by)
    return made


async def categories(uow: UnitOfWork) -> list[OwnCategory]:
    """The company's own, by their names."""
    return await uow.fetch(OwnCategory, _CATEGORIES, uow.company_id)


async def add_category(uow: UnitOfWork, title: str, at: datetime, by: tuple[UUID | None, str]) -> UUID | None:
    """None where there is one of that name."""
    id = new_id()
    return id if await uow.execute(_ADD_CATEGORY, uow.company_id, id, title, at, *by) else None


async def headings(uow: UnitOfWork, site_id: UUID, item_id: UUID | None = None) -> list[ItemHeading]:
    """The site's items with their headings; or that one."""
    return await uow.fetch(ItemHeading, _HEADINGS, uow.company_id, site_id, item_id)


async def set_heading(uow: UnitOfWork, site_id: UUID, item_id: UUID, heading: str, expected: int) -> bool:
    """False where it is of another version."""
    return bool(await uow.execute(_SET_HEADING, uow.company_id, new_id(), site_id, item_id, heading, expected))


async def figures(uow: UnitOfWork, site_id: UUID, first: date, last: date) -> list[Figure]:
    """What the ledger and the expenses say of these days, and of all before them."""
    return await uow.fetch(Figure, _FIGURES, uow.company_id, site_id, first, last)


async def state(uow: UnitOfWork, site_id: UUID, kind: str, first: date, last: date) -> tuple[int, UUID | None, int]:
    """How many of these months are closed, and the latest edition: its id and number, 0 for none."""
    row = await uow.fetch_one(lambda *row: row, _STATE, uow.company_id, site_id, kind, first, last)
    assert row is not None  # it asks of one row
    return row[0], row[1], row[2]


async def publish(
    uow: UnitOfWork,
    site_id: UUID,
    draft: Draft,
    new: NewDisclosure,
    replaces: UUID | None,
    at: datetime,
    by: tuple[UUID | None, str],
) -> UUID:
    """The edition and all its lines in one statement."""
    id, sums = new_id(), draft.sums
    lines = [
        (new_id(), n, line.part, line.heading, line.title, line.charged_fen, line.received_fen, line.spent_fen)
        for n, line in enumerate(draft.lines, 1)
    ]
    await uow.execute(
        _PUBLISH, uow.company_id, id, site_id, draft.kind, draft.first_day, draft.last_day, draft.edition, replaces,
        new.reason, new.note, sums.opening_fen, sums.charged_fen, sums.received_fen, sums.spent_fen, at, *by,
        *(zip(*lines, strict=True) if lines else [[]] * 8),
    )  # fmt: skip
    return id


async def editions(
    uow: UnitOfWork, site_id: UUID, cursor: UUID | None, limit: int, *, standing: bool = False
) -> list[Edition]:
    """The latest published first; `standing`: without those that others have replaced."""
    return await uow.fetch(_edition, _EDITIONS, uow.company_id, site_id, cursor, standing, limit)


async def edition(uow: UnitOfWork, site_id: UUID, id: UUID) -> Edition | None:
    return await uow.fetch_one(_edition, _GET_EDITION, uow.company_id, site_id, id)


async def lines(uow: UnitOfWork, site_id: UUID, id: UUID) -> list[Line]:
    """Of an edition, as it was published."""
    return await uow.fetch(Line, _LINES, uow.company_id, site_id, id)


def _edition(*row: Any) -> Edition:
    what, (opening, charged, received, spent), by = row[:9], row[9:13], row[13:]
    sums = Sums(opening, charged, received, spent, opening + received - spent)
    return Edition(*(*what, sums, *by))
