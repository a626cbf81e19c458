"""What regular visits and draws come to, as JSON; each statement names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.sdk import UnitOfWork

# Each is one value of JSON: company, site, a day, and the instant at which it ends. What was cancelled is not owed.
_GROUPS = """
SELECT coalesce(jsonb_agg(jsonb_build_object('building', b.building, 'area', coalesce(a.name, ''), 'visits', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'place', v.place, 'due_at', v.due_at,
            'done_at', CASE WHEN v.done_at < $4 THEN v.done_at END,
            'by_name', coalesce(nullif(v.done_by_name, ''), v.visitor_name)) ORDER BY v.period), '[]')
    FROM returnvisits_visit v WHERE v.company_id = $1 AND v.site_id = $2 AND v.rule = 'regular_manager'
        AND v.period >= date_trunc('year', $3::date) AND v.period <= $3 AND v.void_at IS NULL
        AND v.place IN (b.building, b.building || '幢')))
    ORDER BY b.sort, b.building), '[]')::text
FROM (SELECT building, min(sort_key) AS sort FROM unit WHERE company_id = $1 AND site_id = $2 GROUP BY building) b
LEFT JOIN returnvisits_area a ON a.company_id = $1 AND a.site_id = $2 AND b.building = ANY (a.buildings)
"""
_STEWARDS = """
SELECT coalesce(jsonb_agg(jsonb_build_object('title', d.title, 'since', d.since, 'until', d.until, 'percent', d.percent,
    'households', (SELECT count(*) FROM returnvisits_candidate c WHERE c.company_id = $1 AND c.draw_id = d.id),
    'visits', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'place', v.place, 'due_at', v.due_at,
            'done_at', CASE WHEN v.done_at < $4 THEN v.done_at END,
            'by_name', coalesce(nullif(v.done_by_name, ''), v.visitor_name)) ORDER BY v.id), '[]')
        FROM returnvisits_visit v WHERE v.company_id = $1 AND v.site_id = $2 AND v.rule = d.rule AND v.period = d.since
            AND v.void_at IS NULL))
    ORDER BY d.title), '[]')::text
FROM returnvisits_draw d
WHERE d.company_id = $1 AND d.site_id = $2 AND starts_with(d.rule, 'regular_steward') AND d.since <= $3 AND d.until > $3
"""
_DRAWS = """
SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.rule), '[]')::text FROM (
    SELECT d.rule, d.title, d.percent, count(c.id) AS candidates, count(c.id) FILTER (WHERE c.drawn) AS drawn,
        count(c.id) FILTER (WHERE EXISTS (
            SELECT FROM returnvisits_visit v WHERE v.company_id = $1 AND v.rule = d.rule AND v.done_at IS NOT NULL
                AND (v.ticket_id = c.subject_id OR (v.unit_id = c.subject_id AND v.period = d.since)))) AS visited
    FROM returnvisits_draw d
    LEFT JOIN returnvisits_candidate c ON c.company_id = d.company_id AND c.draw_id = d.id
    WHERE d.company_id = $1 AND d.site_id = $2 AND d.since <= $3 AND d.until > $3
    GROUP BY d.id, d.rule, d.title, d.percent) c
"""
_REGULAR = f"SELECT ({_GROUPS}), ({_STEWARDS})"
_MONTH = f"SELECT ({_GROUPS}), ({_STEWARDS}), ({_DRAWS})"


async def regular(uow: UnitOfWork, site_id: UUID, day: date, ended: datetime) -> tuple[str, str]:
    """The manager's visits by group of households, and the stewards' draws that hold the day, both as JSON."""
    found = await uow.fetch_one(lambda *row: (row[0], row[1]), _REGULAR, uow.company_id, site_id, day, ended)
    assert found is not None  # it is one row of two values
    return found


async def month(uow: UnitOfWork, site_id: UUID, day: date, ended: datetime) -> tuple[str, str, str]:
    """The same, and every draw that holds the day, in one round trip."""
    found = await uow.fetch_one(lambda *row: (row[0], row[1], row[2]), _MONTH, uow.company_id, site_id, day, ended)
    assert found is not None  # it is one row of three values
    return found
