"""Statements about runs and what is looked at in them; each names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.billing.runs.model import Difference, ItemTitle, KeptLine, Run, RunLine, RunSkip

_COLUMNS = ", ".join(Run.__struct_fields__)
_LIST = f"""
SELECT {_COLUMNS} FROM billing_run WHERE company_id = $1 AND site_id = $2 ORDER BY created_at DESC, id DESC LIMIT 100
"""  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM billing_run WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
# What is charged once is in no run.
_ITEMS = """
SELECT i.id, i.title, i.cycle, i.ended_on, i.basis, ARRAY(SELECT DISTINCT c.month FROM billing_cost c
    WHERE i.basis = 'shared' AND c.company_id = i.company_id AND c.item_id = i.id)
FROM billing_item i WHERE i.company_id = $1 AND i.site_id = $2 AND i.basis <> 'once' ORDER BY i.code
"""
_ADD = f"""
INSERT INTO billing_run (company_id, id, site_id, title, month, item_ids, units, created_at, moved_at, created_by,
    created_by_name)
SELECT $1, $3, $2, $4, $5, $6, count(*), $7, $7, $8, $9 FROM unit WHERE company_id = $1 AND site_id = $2
RETURNING {_COLUMNS}
"""  # noqa: S608
_APPROVE = f"""
UPDATE billing_run SET approved_at = $5, approved_by = $6, approved_by_name = $7, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND status = 'preview' RETURNING {_COLUMNS}
"""  # noqa: S608
_ISSUE = f"""
UPDATE billing_run SET issuing_at = $5, moved_at = $5, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND status = 'approved' RETURNING {_COLUMNS}
"""  # noqa: S608
_DISCARD = f"""
UPDATE billing_run SET discarded_at = $5, charges = 0, total_fen = 0, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4
    AND status IN ('computing', 'preview', 'approved') RETURNING {_COLUMNS}
"""  # noqa: S608
_FORGET = """
WITH skips AS (DELETE FROM billing_skip WHERE company_id = $1 AND run_id = $2),
differences AS (DELETE FROM billing_difference WHERE company_id = $1 AND run_id = $2)
DELETE FROM billing_charge WHERE company_id = $1 AND run_id = $2
"""
_CLOSED = "SELECT EXISTS (SELECT FROM billing_period WHERE company_id = $1 AND site_id = $2 AND month >= $3)"
_LINE = """
SELECT c.id, c.item_id, i.title, c.unit_id, u.label, c.party_id, p.name, c.first_day, c.last_day, c.due_on,
    c.amount_fen, u.sort_key
FROM billing_charge c
JOIN unit u ON u.company_id = c.company_id AND u.id = c.unit_id
JOIN party p ON p.company_id = c.company_id AND p.id = c.party_id
JOIN billing_item i ON i.company_id = c.company_id AND i.id = c.item_id
"""
_LINES = f"""{_LINE} WHERE c.company_id = $1 AND c.site_id = $2 AND c.run_id = $3
    AND ($4 = '' OR u.label LIKE $4) AND ($5::uuid IS NULL OR c.item_id = $5)
    AND (u.sort_key, c.id) > ($6, $7) ORDER BY u.sort_key, c.id LIMIT $8
"""
_KEPT = f"""
SELECT l.*, r.id, r.title, r.status, c.definition, c.facts FROM ({_LINE}
    WHERE c.company_id = $1 AND c.site_id = $2 AND c.id = $3) l
JOIN billing_charge c ON c.company_id = $1 AND c.id = l.id
LEFT JOIN billing_run r ON r.company_id = $1 AND r.id = c.run_id
"""  # noqa: S608
_SKIPS = """
SELECT s.id, i.title, s.unit_id, u.label, s.reason, s.first_day, s.last_day FROM billing_skip s
JOIN unit u ON u.company_id = s.company_id AND u.id = s.unit_id
JOIN billing_item i ON i.company_id = s.company_id AND i.id = s.item_id
WHERE s.company_id = $1 AND s.site_id = $2 AND s.run_id = $3 AND ($4 = '' OR u.label LIKE $4) AND s.id > $5
ORDER BY s.id LIMIT $6
"""
_DIFFERENCES = """
SELECT d.id, i.title, d.unit_id, u.label, d.amount_fen, d.last_fen FROM billing_difference d
JOIN unit u ON u.company_id = d.company_id AND u.id = d.unit_id
JOIN billing_item i ON i.company_id = d.company_id AND i.id = d.item_id
WHERE d.company_id = $1 AND d.site_id = $2 AND d.run_id = $3 AND ($4 = '' OR u.label LIKE $4) AND d.id > $5
ORDER BY d.id LIMIT $6
"""
FIRST = UUID(int=0)


async def listed(uow: UnitOfWork, site_id: UUID) -> list[Run]:
    return await uow.fetch(Run, _LIST, uow.company_id, site_id)


async def get(uow: UnitOfWork, site_id: UUID, run_id: UUID) -> Run | None:
    return await uow.fetch_one(Run, _GET, uow.company_id, site_id, run_id)


async def items(uow: UnitOfWork, site_id: UUID) -> list[ItemTitle]:
    return await uow.fetch(ItemTitle, _ITEMS, uow.company_id, site_id)


async def add(
    uow: UnitOfWork,
    site_id: UUID,
    run_id: UUID,
    title: str,
    month: date,
    item_ids: list[UUID],
    now: datetime,
    by: tuple[UUID | None, str],
) -> Run:
    run = await uow.fetch_one(Run, _ADD, uow.company_id, site_id, run_id, title, month, item_ids, now, *by)
    assert run is not None  # it counts, so there is one row
    return run


async def approve(
    uow: UnitOfWork, site_id: UUID, run_id: UUID, expected: int, now: datetime, by: tuple[UUID | None, str]
) -> Run | None:
    """None: somebody else was faster."""
    return await uow.fetch_one(Run, _APPROVE, uow.company_id, site_id, run_id, expected, now, *by)


async def issue(uow: UnitOfWork, site_id: UUID, run_id: UUID, expected: int, now: datetime) -> Run | None:
    """None: somebody else was faster."""
    return await uow.fetch_one(Run, _ISSUE, uow.company_id, site_id, run_id, expected, now)


async def discard(uow: UnitOfWork, site_id: UUID, run_id: UUID, expected: int, now: datetime) -> Run | None:
    """The run without its lines. None: somebody else was faster."""
    run = await uow.fetch_one(Run, _DISCARD, uow.company_id, site_id, run_id, expected, now)
    if run is not None:
        await uow.execute(_FORGET, uow.company_id, run_id)
    return run


async def closed(uow: UnitOfWork, site_id: UUID, day: date) -> bool:
    """Whether the month of that day is closed to postings, or one after it."""
    return bool(await uow.value(_CLOSED, uow.company_id, site_id, day.replace(day=1)))


async def lines(
    uow: UnitOfWork,
    site_id: UUID,
    run_id: UUID,
    pattern: str,
    item_id: UUID | None,
    after: tuple[str, UUID],
    limit: int,
) -> list[RunLine]:
    """By unit, behind a row that was seen."""
    values = run_id, pattern, item_id, *after, limit
    return await uow.fetch(RunLine, _LINES, uow.company_id, site_id, *values)


async def line(uow: UnitOfWork, site_id: UUID, charge_id: UUID) -> KeptLine | None:
    def kept(*row: object) -> KeptLine:
        number = len(RunLine.__struct_fields__)
        return KeptLine(RunLine(*row[:number]), *row[number:])  # type: ignore[arg-type]

    return await uow.fetch_one(kept, _KEPT, uow.company_id, site_id, charge_id)


async def skips(uow: UnitOfWork, site_id: UUID, run_id: UUID, pattern: str, after: UUID, limit: int) -> list[RunSkip]:
    return await uow.fetch(RunSkip, _SKIPS, uow.company_id, site_id, run_id, pattern, after, limit)


async def differences(
    uow: UnitOfWork, site_id: UUID, run_id: UUID, pattern: str, after: UUID, limit: int
) -> list[Difference]:
    return await uow.fetch(Difference, _DIFFERENCES, uow.company_id, site_id, run_id, pattern, after, limit)
