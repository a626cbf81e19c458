"""Reports are read from the ledger alone, so they agree with it (MO-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import Invalid, Principal, Site, Work, msgid, sees_amounts
from plugins.billing.access import enter
from plugins.billing.permissions import REPORT_VIEW
from plugins.billing.reports.model import CompanyReport, Moved, Report, Row, SiteRow, Taken

LONGEST: Final = 5 * 366  # days of a report
# One reading of the postings for all three divisions; what undoes an entry counts as what it undoes.
_MOVED = """
WITH moved AS (
    SELECT p.item_id, coalesce(u.building, '') AS building, p.amount_fen,
        CASE WHEN e.posted_on >= $3 THEN date_trunc('month', e.posted_on)::date END AS month,
        CASE WHEN e.posted_on >= $3 THEN coalesce(undone.kind, e.kind) ELSE 'before' END AS kind
    FROM billing_posting p
    JOIN billing_entry e ON e.company_id = p.company_id AND e.site_id = p.site_id AND e.id = p.entry_id
    LEFT JOIN billing_entry undone ON undone.company_id = e.company_id AND undone.site_id = e.site_id
        AND undone.id = e.reverses
    LEFT JOIN unit u ON u.company_id = p.company_id AND u.id = p.unit_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.account = 'receivable' AND e.posted_on <= $4
), sums AS (
    SELECT grouping(item_id, building, month) AS by, item_id, building, month,
        coalesce(sum(amount_fen) FILTER (WHERE kind = 'before'), 0)::bigint AS opening,
        coalesce(sum(amount_fen) FILTER (WHERE kind = 'charge'), 0)::bigint AS charged,
        coalesce(sum(amount_fen) FILTER (WHERE kind = 'adjustment'), 0)::bigint AS adjusted,
        coalesce(-sum(amount_fen) FILTER (WHERE kind = 'waiver'), 0)::bigint AS waived,
        coalesce(-sum(amount_fen) FILTER (WHERE kind IN ('payment', 'allocation')), 0)::bigint AS received
    FROM moved GROUP BY GROUPING SETS ((item_id), (building), (month))
)
SELECT s.by, s.item_id, coalesce(i.title, s.building, ''), s.month,
    s.opening, s.charged, s.adjusted, s.waived, s.received
FROM sums s LEFT JOIN billing_item i ON i.company_id = $1 AND i.id = s.item_id
ORDER BY i.code, length(s.building), s.building, s.month NULLS FIRST
"""
_TAKEN = """
SELECT e.by_name, p.means, sum(greatest(p.amount_fen, 0))::bigint, -sum(least(p.amount_fen, 0))::bigint
FROM billing_entry e JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id
WHERE e.company_id = $1 AND e.site_id = $2 AND e.posted_on BETWEEN $3 AND $4 AND p.account = 'clearing'
GROUP BY e.by_id, e.by_name, p.means ORDER BY e.by_name, e.by_id, p.means
"""
# The same sums for whole sites.
_BY_SITE = """
SELECT m.site_id,
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'before'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'charge'), 0)::bigint,
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'adjustment'), 0)::bigint,
    coalesce(-sum(amount_fen) FILTER (WHERE kind = 'waiver'), 0)::bigint,
    coalesce(-sum(amount_fen) FILTER (WHERE kind IN ('payment', 'allocation')), 0)::bigint
FROM (
    SELECT p.site_id, p.amount_fen,
        CASE WHEN e.posted_on >= $3 THEN coalesce(undone.kind, e.kind) ELSE 'before' END AS kind
    FROM billing_posting p
    JOIN billing_entry e ON e.company_id = p.company_id AND e.site_id = p.site_id AND e.id = p.entry_id
    LEFT JOIN billing_entry undone ON undone.company_id = e.company_id AND undone.site_id = e.site_id
        AND undone.id = e.reverses
    WHERE p.company_id = $1 AND p.site_id = ANY ($2) AND p.account = 'receivable' AND e.posted_on <= $4
) m GROUP BY m.site_id
"""
_ITEM, _BUILDING, _MONTH = 0b011, 0b101, 0b110  # what is grouped by has no bit


class _Sum(msgspec.Struct):
    by: int
    item_id: UUID | None
    name: str
    month: date | None
    moved: Moved


async def report(work: Work, site: Site, since: date | None = None, until: date | None = None) -> Report:
    """What moved on the site's ledger on these days, both included; this year so far where none are named. Raises
    NotFound, and Invalid for days that are none or more than five years."""
    enter(work, site)
    since, until = _days(work, site, since, until)
    of = work.uow.company_id, site.id, since, until
    sums = await work.uow.fetch(_sum, _MOVED, *of)
    taken = await work.uow.fetch(Taken, _TAKEN, *of)
    items, buildings = (
        [Row.of(each.name, each.moved) for each in sums if each.by == by and each.moved != Moved()]
        for by in (_ITEM, _BUILDING)
    )
    by_month = {each.month: each.moved for each in sums if each.by == _MONTH}
    total = sum(by_month.values(), start=Moved())
    return Report(since, until, items, buildings, _months(by_month), Row.of("", total), taken)


async def of_company(
    work: Work, site: Site, sites: Sequence[Site], since: date | None = None, until: date | None = None
) -> CompanyReport:
    """What moved at each of these sites, which the reader may enter; days as above, by the calendar of `site`. Raises
    NotFound, Invalid."""
    for each in (site, *sites):
        enter(work, each)
    since, until = _days(work, site, since, until)
    rows = await work.uow.fetch(
        lambda id, *sums: (id, Moved(*sums)),
        _BY_SITE,
        work.uow.company_id,
        [each.id for each in sites],
        since,
        until,
    )
    moved = dict(rows)
    lines = [SiteRow(each.slug, Row.of(each.name, moved.get(each.id, Moved()))) for each in sites]
    return CompanyReport(since, until, lines, Row.of("", sum(moved.values(), start=Moved())))


def visible(work: Work, principal: Principal, now: datetime) -> list[Site]:
    """The sites with billing at which the reader may see reports, and amounts where they see any here."""
    sees = sees_amounts(work.ctx.permissions)

    def seen(site: Site) -> bool:
        held = principal.permissions_at(site)
        return REPORT_VIEW.id in held and (sees_amounts(held) or not sees) and site.id in work.ctx.site_ids

    return [each for each in principal.sites if seen(each) and principal.company.is_on("billing", each, now)]


def _days(work: Work, site: Site, since: date | None, until: date | None) -> tuple[date, date]:
    until = until or site.today(work.now)
    since = since or until.replace(month=1, day=1)
    if since > until:
        raise Invalid(msgid("The last day comes before the first."))
    if (until - since).days > LONGEST:
        raise Invalid(msgid("A report covers five years at most."))
    return since, until


def _months(moved: dict[date | None, Moved]) -> list[Row]:
    """Each month begins with what the one before left open."""
    before = moved.get(None, Moved()).opening_fen
    named = [(f"{month:%Y-%m}", each) for month, each in moved.items() if month is not None]
    ends: Iterable[int] = accumulate((each.closing_fen for _, each in named), initial=before)
    return [
        Row.of(name, msgspec.structs.replace(each, opening_fen=opening))
        for (name, each), opening in zip(named, ends, strict=False)
    ]


def _sum(by: int, item_id: UUID | None, name: str, month: date | None, *moved: int) -> _Sum:
    return _Sum(by, item_id, name, month, Moved(*moved))
