"""What a month of repairs came to, by item (REP-3, REP-5, REP-6), with its statement."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import NotFound, Site, Work
from plugins.repairs.kinds import ORDER

# Work counts from the report to the last time it was done; charges are what residents confirmed.
_FIGURES = """
SELECT coalesce(t.fields ->> 'item', ''), count(*), count(*) FILTER (WHERE t.status IN ('resolved', 'closed')),
    count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM ticket_goal g WHERE g.company_id = $1 AND g.ticket_id = t.id AND g.breached_at IS NOT NULL
            AND g.name IN ('arrival', 'resolution'))),
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM ticket_relation r WHERE r.company_id = $1 AND r.to_id = t.id AND r.kind = 'rework_of')),
    (avg(extract(epoch FROM done.at - t.created_at)) / 3600)::float8,
    coalesce(sum(charge.fen), 0)::bigint,
    coalesce(sum(seen.visits), 0)::bigint, coalesce(sum(seen.kept), 0)::bigint
FROM ticket t
LEFT JOIN LATERAL (SELECT max(e.at) AS at FROM ticket_event e
                   WHERE e.company_id = $1 AND e.ticket_id = t.id AND e.kind = 'resolve'
                       AND t.status IN ('resolved', 'closed')) done ON true
LEFT JOIN LATERAL (SELECT c.amount_fen AS fen FROM repairs_consent c
                   WHERE c.company_id = $1 AND c.ticket_id = t.id AND c.kind = 'charge'
                   ORDER BY c.id DESC LIMIT 1) charge ON true
LEFT JOIN LATERAL (SELECT count(*) AS visits,
                       count(*) FILTER (WHERE v.arrived_at <= v.starts_at + make_interval(mins => $6)) AS kept
                   FROM repairs_visit v WHERE v.company_id = $1 AND v.ticket_id = t.id AND v.arrived_at IS NOT NULL
                   ) seen ON true
WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = $3 AND t.created_at >= $4 AND t.created_at < $5
GROUP BY 1 ORDER BY 2 DESC, 1
"""


class Figure(msgspec.Struct, frozen=True):
    """An item's month. `in_time`: neither arrival nor resolution was missed. `hours` from report to done, on average.
    `visits` that were agreed and made, `as_agreed` of them in time."""

    item: str
    orders: int
    done: int
    in_time: int
    reworked: int
    hours: float | None
    charges_fen: int
    visits: int
    as_agreed: int


class Figures(msgspec.Struct, frozen=True):
    """A month of the site, its first day and the next month's, by item, the most frequent first."""

    since: date
    until: date
    items: list[Figure]


async def month(work: Work, site: Site, grace_minutes: int, day: date | None = None) -> Figures:
    """The month in which the day lies, the present one without it. Orders count in the month they were reported in."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    since = (day or site.today(work.now)).replace(day=1)
    until = date(since.year + since.month // 12, since.month % 12 + 1, 1)
    return Figures(since, until, await _read(work, site.id, site.timezone, since, until, grace_minutes))


async def _read(work: Work, site_id: UUID, timezone: str, since: date, until: date, grace_minutes: int) -> list[Figure]:
    zone = ZoneInfo(timezone)
    return await work.uow.fetch(
        Figure,
        _FIGURES,
        work.ctx.company_id,
        site_id,
        ORDER,
        datetime.combine(since, time.min, zone),
        datetime.combine(until, time.min, zone),
        grace_minutes,
    )
