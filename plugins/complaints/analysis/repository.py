"""The statements of the monthly analysis; each names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.complaints.analysis.model import Figures

# One pass: whether an answer was in time the ticket's goal says, by the promise that was in force for it.
_FIGURES = """
WITH month AS (
    SELECT t.status, t.severity, g.state, coalesce(c.kind, '') AS kind, coalesce(c.cause, '') AS cause,
        coalesce(c.department, '') AS department
    FROM ticket t LEFT JOIN complaints_case c ON c.company_id = t.company_id AND c.ticket_id = t.id
    LEFT JOIN ticket_goal g ON g.company_id = t.company_id AND g.ticket_id = t.id AND g.name = 'answer'
    WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = 'complaints.complaint' AND NOT t.merged
        AND t.created_at >= $3 AND t.created_at < $4
), paid AS (
    SELECT count(*) AS compensated, coalesce(sum(p.amount_fen), 0) AS fen
    FROM complaints_compensation p JOIN ticket t ON t.company_id = p.company_id AND t.id = p.ticket_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.state IN ('approved', 'paid')
        AND p.decided_at >= $3 AND p.decided_at < $4
)
SELECT jsonb_build_object('complaints', (SELECT count(*) FROM month),
    'open', (SELECT count(*) FROM month WHERE status <> 'closed'),
    'general', (SELECT jsonb_build_object('in_time', count(*) FILTER (WHERE state = 'met'),
                    'late', count(*) FILTER (WHERE state = 'breached')) FROM month WHERE severity <> 'critical'),
    'major', (SELECT jsonb_build_object('in_time', count(*) FILTER (WHERE state = 'met'),
                    'late', count(*) FILTER (WHERE state = 'breached')) FROM month WHERE severity = 'critical'),
    'kinds', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', kind, 'complaints', n) ORDER BY n DESC, kind), '[]')
              FROM (SELECT kind, count(*) AS n FROM month GROUP BY kind) k),
    'causes', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', cause, 'complaints', n)
                                         ORDER BY n DESC, cause), '[]')
               FROM (SELECT cause, count(*) AS n FROM month GROUP BY cause) k),
    'departments', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', department, 'complaints', n)
                                              ORDER BY n DESC, department), '[]')
                    FROM (SELECT department, count(*) AS n FROM month GROUP BY department) k),
    'compensated', (SELECT compensated FROM paid), 'compensation_fen', (SELECT fen FROM paid),
    'signed', (SELECT to_jsonb(m) FROM complaints_month m
               WHERE m.company_id = $1 AND m.site_id = $2 AND m.month = $5))::text
"""
_SIGN = """
INSERT INTO complaints_month (company_id, site_id, month, remark, complaints, signed_at, signed_by, signed_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (company_id, site_id, month) DO NOTHING
"""
_figures = msgspec.json.Decoder(Figures).decode


async def figures(uow: UnitOfWork, site_id: UUID, month: date, since: datetime, until: datetime) -> Figures:
    """Complaints taken in from `since` to `until`, which bound the month, and compensation decided on then."""
    return _figures(await uow.value(_FIGURES, uow.company_id, site_id, since, until, month))


async def sign(
    uow: UnitOfWork,
    site_id: UUID,
    month: date,
    remark: str,
    complaints: int,
    at: datetime,
    by: tuple[UUID | None, str],
) -> bool:
    """Whether it was not signed off before."""
    return bool(await uow.execute(_SIGN, uow.company_id, site_id, month, remark, complaints, at, *by))
