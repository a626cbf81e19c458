"""What a month of repairs came to, by item (REP-3, REP-5, REP-6), with its statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import NotFound, Site, Work
from plugins.repairs.kinds import ORDER
from plugins.repairs.visits.policy import VisitRules

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
    """A month of the site, its first day and the next month's, by item, the most frequent first. `trades`: the same
    summed by the key of the site's trades, "" for what none of them repairs; their `item` is ""."""

    since: date
    until: date
    items: list[Figure]
    trades: dict[str, Figure]


async def month(work: Work, site: Site, limits: VisitRules, day: date | None = None) -> Figures:
    """The month in which the day lies, the present one without it. Orders count in the month they were reported in."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    since = (day or site.today(work.now)).replace(day=1)
    until = date(since.year + since.month // 12, since.month % 12 + 1, 1)
    items = await _read(work, site.id, site.timezone, since, until, limits.grace_minutes)
    return Figures(since, until, items, by_trade(items, limits))


def by_trade(items: Iterable[Figure], limits: VisitRules) -> dict[str, Figure]:
    """Sums by trade, in the order of their first item; hours are averaged over the orders that are done. Pure."""
    groups: dict[str, list[Figure]] = {}
    for figure in items:
        trade = limits.trade_for(figure.item)
        groups.setdefault(trade.key if trade else "", []).append(figure)
    return {key: _sum(group) for key, group in groups.items()}


def _sum(group: Sequence[Figure]) -> Figure:
    timed = [(each.hours, each.done) for each in group if each.hours is not None]
    done = sum(count for _, count in timed)
    return Figure(
        item="",
        orders=sum(each.orders for each in group),
        done=sum(each.done for each in group),
        in_time=sum(each.in_time for each in group),
        reworked=sum(each.reworked for each in group),
        hours=sum(hours * count for hours, count in timed) / done if done else None,
        charges_fen=sum(each.charges_fen for each in group),
        visits=sum(each.visits for each in group),
        as_agreed=sum(each.as_agreed for each in group),
    )


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
