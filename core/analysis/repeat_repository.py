"""Every statement about repeated matters. A matter's spot is its unit or, where none was given, its place in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.analysis.model import Countermeasure, Month, RepeatGroup
from core.analysis.policies import RepeatRules
from core.db.uow import UnitOfWork
from core.tickets.model import AlikeTicket

MOST_GROUPS = 200  # repeated matters of a month that are listed
_MOST_TICKETS = 20  # tickets named of each

_ALIKE = "id, number, status, created_at, left(description, 80)"
_OF_UNIT = f"""
SELECT {_ALIKE} FROM ticket
WHERE company_id = $1 AND site_id = $2 AND unit_id = $4 AND category = $3 AND created_at > $5
    AND NOT merged
ORDER BY created_at DESC LIMIT 100
"""  # noqa: S608
_OF_PLACE = f"""
SELECT {_ALIKE} FROM ticket
WHERE company_id = $1 AND site_id = $2 AND unit_id IS NULL AND place = $4 AND category = $3 AND created_at > $5
    AND NOT merged
ORDER BY created_at DESC LIMIT 100
"""  # noqa: S608

# $3 and $4 bound the month, $5 is the window, $6 to $8 the thresholds of complaints ($12), repairs ($13), others. How
# often a matter had come is counted at each ticket, over the window before it, so that a month's list stays as it was.
# An index alone tells which came often enough at all; what a ticket says is looked up for those that are listed.
_GROUPS = """
WITH matter AS (
    SELECT id, type, category, created_at, coalesce(unit_id::text, '=' || place) AS spot
    FROM ticket WHERE company_id = $1 AND site_id = $2 AND created_at > $3::timestamptz - $5::interval
                  AND created_at < $4 AND NOT merged AND (unit_id IS NOT NULL OR place <> '')
), often AS (
    SELECT category, spot FROM matter GROUP BY category, spot
    HAVING count(*) >= least($6::int, $7::int, $8::int) AND max(created_at) >= $3
), counted AS (
    SELECT m.*, count(*) OVER (PARTITION BY category, spot ORDER BY created_at
                               RANGE BETWEEN $5::interval PRECEDING AND CURRENT ROW) AS times
    FROM matter m JOIN often USING (category, spot)
), repeated AS (
    SELECT category, spot, (max(times) FILTER (WHERE created_at >= $3))::int AS times, max(created_at) AS last_at,
           array_agg(id ORDER BY created_at DESC) AS ids, (array_agg(type ORDER BY created_at DESC))[1] AS type
    FROM counted GROUP BY category, spot
    HAVING bool_or(created_at >= $3
                   AND times >= CASE WHEN type = ANY ($12::text[]) THEN $6
                                     WHEN type = ANY ($13::text[]) THEN $7 ELSE $8 END)
    ORDER BY 3 DESC, 4 DESC LIMIT $10
), listed AS (
    SELECT category, spot, times, last_at, type, CASE WHEN spot NOT LIKE '=%' THEN spot::uuid END AS unit_id,
           CASE WHEN spot LIKE '=%' THEN substr(spot, 2) ELSE '' END AS place,
           (SELECT jsonb_agg(jsonb_build_array(t.id, t.number, t.status, t.created_at, left(t.description, 80))
                             ORDER BY t.created_at DESC)
            FROM unnest(ids[:$9::int]) o (id) JOIN ticket t ON t.company_id = $1 AND t.id = o.id
            WHERE t.created_at > last_at - $5::interval) AS tickets
    FROM repeated
), known AS (
    SELECT *, coalesce(unit_id::text, '=' || place) AS spot FROM repeat_case
    WHERE company_id = $1 AND site_id = $2 AND month = $11
)
SELECT $11::date, coalesce(l.category, k.category), coalesce(l.type, ''), coalesce(l.unit_id, k.unit_id),
       coalesce(u.label, l.place, k.place), coalesce(l.times, 0), coalesce(l.tickets, '[]')::text,
       coalesce(k.cause, ''), coalesce(k.countermeasure, ''), k.responsible_id, coalesce(k.responsible_name, ''),
       k.due_on, coalesce(k.outcome, ''), coalesce(k.version, 0)
FROM listed l FULL JOIN known k ON k.category = l.category AND k.spot = l.spot
LEFT JOIN unit u ON u.company_id = $1 AND u.id = coalesce(l.unit_id, k.unit_id)
ORDER BY 6 DESC, l.last_at DESC, 5
"""

# $14 is the version that was seen; 0: there was none.
_RECORD = """
INSERT INTO repeat_case AS c (company_id, id, site_id, month, category, unit_id, place, cause, countermeasure,
                              responsible_id, responsible_name, due_on, outcome, created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $15, $15
WHERE $14 = 0 OR EXISTS (SELECT FROM repeat_case WHERE company_id = $1 AND id = $2)
ON CONFLICT (company_id, id) DO UPDATE SET cause = excluded.cause, countermeasure = excluded.countermeasure,
    responsible_id = excluded.responsible_id, responsible_name = excluded.responsible_name, due_on = excluded.due_on,
    outcome = excluded.outcome, updated_at = excluded.updated_at, version = c.version + 1
WHERE c.version = $14
RETURNING version
"""


async def alike(
    uow: UnitOfWork, site_id: UUID, category: str, unit_id: UUID | None, place: str, since: datetime
) -> list[AlikeTicket]:
    """Tickets of the category at the unit, or else the place, taken in after `since`, the newest first."""
    statement, spot = (_OF_UNIT, unit_id) if unit_id is not None else (_OF_PLACE, place)
    return await uow.fetch(AlikeTicket, statement, uow.company_id, site_id, category, spot, since)


async def groups(
    uow: UnitOfWork,
    site_id: UUID,
    month: Month,
    rules: RepeatRules,
    complaints: Sequence[str],
    repairs: Sequence[str],
) -> list[RepeatGroup]:
    """The repeated matters of the month, the most frequent first, with what is recorded about them; `complaints` and
    `repairs` are the types that count as such."""
    return await uow.fetch(
        _group,
        _GROUPS,
        uow.company_id,
        site_id,
        month.starts,
        month.ends,
        timedelta(days=rules.window_days),
        rules.complaint,
        rules.repair,
        rules.other,
        _MOST_TICKETS,
        MOST_GROUPS,
        month.first,
        list(complaints),
        list(repairs),
    )


async def record(
    uow: UnitOfWork,
    case_id: UUID,
    site_id: UUID,
    entry: Countermeasure,
    responsible_name: str,
    seen: int,
    now: datetime,
) -> int | None:
    """Write what is recorded about a matter; the new version, None where `seen` is not the last one."""
    version: int | None = await uow.value(
        _RECORD,
        uow.company_id,
        case_id,
        site_id,
        entry.month,
        entry.category,
        entry.unit_id,
        entry.place,
        entry.cause,
        entry.countermeasure,
        entry.responsible_id,
        responsible_name,
        entry.due_on,
        entry.outcome,
        seen,
        now,
    )
    return version


def _group(*columns: Any) -> RepeatGroup:
    fields = dict(zip(RepeatGroup.__struct_fields__, columns, strict=True))
    rows: Sequence[Sequence[Any]] = msgspec.json.decode(fields["tickets"])
    found = [msgspec.convert(dict(zip(AlikeTicket.__struct_fields__, row, strict=True)), AlikeTicket) for row in rows]
    return RepeatGroup(**{**fields, "tickets": found})
