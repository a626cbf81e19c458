"""What the dashboard asks of the ledger and of what waits; each statement names the company and the site."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork

# The days $3 to $4, today. What undoes an entry counts as what it undoes; money counts as it came and went.
_MOVED: Final = """
WITH moved AS (
    SELECT e.posted_on AS day, coalesce(undone.kind, e.kind) AS kind, p.account, p.means, p.amount_fen AS fen
    FROM billing_entry e
    JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id
        AND p.account IN ('receivable', 'clearing')
    LEFT JOIN billing_entry undone ON undone.company_id = e.company_id AND undone.site_id = e.site_id
        AND undone.id = e.reverses
    WHERE e.company_id = $1 AND e.site_id = $2 AND e.posted_on BETWEEN $3 AND $4
)
SELECT 'charged', day, '', sum(fen)::bigint, 0 FROM moved
WHERE account = 'receivable' AND kind IN ('charge', 'adjustment', 'waiver') GROUP BY day
UNION ALL
SELECT 'received', day, '', -sum(fen)::bigint, 0 FROM moved
WHERE account = 'receivable' AND kind IN ('payment', 'allocation') GROUP BY day
UNION ALL
SELECT 'taken', day, means, sum(greatest(fen, 0))::bigint, -sum(least(fen, 0))::bigint FROM moved
WHERE account = 'clearing' AND day = $4 GROUP BY day, means
ORDER BY 1, 2, 3
"""
# What is $3's own waits for somebody else. Days: of the last month, with money that no closing has covered.
_WAITING: Final = """
SELECT
    (SELECT count(*) FROM billing_run WHERE company_id = $1 AND site_id = $2 AND status = 'preview'
        AND created_by IS DISTINCT FROM $3),
    (SELECT count(*) FROM billing_run WHERE company_id = $1 AND site_id = $2 AND status = 'approved'),
    (SELECT count(*) FROM billing_difference d JOIN billing_run r ON r.company_id = d.company_id AND r.id = d.run_id
        WHERE d.company_id = $1 AND r.site_id = $2 AND r.status = 'preview'),
    (SELECT count(*) FROM billing_correction WHERE company_id = $1 AND site_id = $2 AND status = 'asked'
        AND created_by IS DISTINCT FROM $3),
    (SELECT count(*) FROM approval WHERE company_id = $1 AND site_id = $2 AND state = 'asked' AND expires_at > $4
        AND kind LIKE 'billing.%' AND permission = ANY ($5) AND asked_by IS DISTINCT FROM $3
        AND concerns_id IS DISTINCT FROM $3),
    (SELECT count(DISTINCT e.posted_on) FROM billing_entry e
        WHERE e.company_id = $1 AND e.site_id = $2 AND e.posted_on BETWEEN $6::date - 31 AND $6::date - 1
        AND EXISTS (SELECT FROM billing_posting p
            WHERE p.company_id = $1 AND p.entry_id = e.id AND p.account = 'clearing')
        AND NOT EXISTS (SELECT FROM billing_closing_entry x WHERE x.company_id = $1 AND x.entry_id = e.id)),
    (SELECT count(*) FROM billing_bank_line WHERE company_id = $1 AND site_id = $2 AND settled_at IS NULL)
"""


class Sum(msgspec.Struct, frozen=True):
    """A day's sum of one sort, by means for money; `out_fen` is money that went."""

    sort: str
    day: date
    means: str
    fen: int
    out_fen: int


class Waits(msgspec.Struct, frozen=True):
    """How many of each."""

    runs_approve: int
    runs_issue: int
    standing_out: int
    corrections: int
    approvals: int
    days: int
    bank: int


async def moved(uow: UnitOfWork, site_id: UUID, since: date, today: date) -> list[Sum]:
    """What was charged and received day by day, and today's money by means."""
    return await uow.fetch(Sum, _MOVED, uow.company_id, site_id, since, today)


async def waiting(
    uow: UnitOfWork, site_id: UUID, reader: UUID | None, now: datetime, held: Collection[str], today: date
) -> Waits:
    """What waits at the site for somebody with these permissions."""
    found = await uow.fetch_one(Waits, _WAITING, uow.company_id, site_id, reader, now, sorted(held), today)
    assert found is not None  # it asks of one row
    return found
