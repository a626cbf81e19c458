"""The register looked back on: page by page, whole for a workbook, and day by day against the gate's own count (REC-7).
Callers commit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.sdk import Invalid, NotFound, Site, UnitOfWork, Work, midnight, new_id, part_of, read_mark, write_mark
from plugins.reception.visitors.model import Day, GateCount, Visit, VisitFilter

_FIRST, _LAST, _SPAN = date(2000, 1, 1), date(2099, 12, 31), timedelta(days=366)  # that days can be asked of
_LATE = timedelta(days=31)  # how long after a day its count may be given
_COLUMNS = ", ".join(Visit.__struct_fields__)
# Bounds that are not asked for are infinite. A phone is found only in full: part by part it could be guessed.
_PAGE = f"""
SELECT {_COLUMNS} FROM reception_visit WHERE company_id = $1 AND site_id = $2
    AND at >= $3::text::timestamptz AND (at, id) < ($4::text::timestamptz, $5) AND ($6::text IS NULL OR status = $6)
    AND ($7::text IS NULL OR phone = $7 OR name ILIKE $8 OR place ILIKE $8 OR badge ILIKE $8 OR plate ILIKE $8)
ORDER BY at DESC, id DESC LIMIT $9
"""  # noqa: S608
_DAYS = """
SELECT coalesce(v.day, c.day), coalesce(came, 0), coalesce(registered, 0), coalesce(found, 0), coalesce(turned_away, 0),
    c.people
FROM (
    SELECT (arrived_at AT TIME ZONE $3)::date AS day, sum(people)::int AS came,
        (sum(people) FILTER (WHERE admitted_at IS NOT NULL AND NOT found))::int AS registered,
        (sum(people) FILTER (WHERE found))::int AS found,
        (sum(people) FILTER (WHERE turned_away_at IS NOT NULL))::int AS turned_away
    FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND at >= $4 AND at < $5 AND arrived_at IS NOT NULL
    GROUP BY 1
) v FULL JOIN (
    SELECT day, people FROM reception_gate_count WHERE company_id = $1 AND site_id = $2 AND day >= $6 AND day <= $7
) c ON c.day = v.day
ORDER BY 1 DESC
"""
_COUNT = """
INSERT INTO reception_gate_count (company_id, site_id, id, day, people, counted_at, counted_by, counted_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (company_id, site_id, day) DO UPDATE SET people = excluded.people, counted_at = excluded.counted_at,
    counted_by = excluded.counted_by, counted_by_name = excluded.counted_by_name
RETURNING id
"""


async def page(work: Work, site: Site, wanted: VisitFilter) -> tuple[list[Visit], str | None]:
    """A page of the register, the latest first, and the mark of the next. Raises Malformed for a mark not of ours."""
    _enter(work, site)
    return await _page(work.uow, site.id, wanted, wanted.limit)


async def whole(work: Work, site: Site, wanted: VisitFilter, most: int) -> list[Visit]:
    """All that a filter fits, for a workbook. Raises Invalid for more than `most`."""
    _enter(work, site)
    found, more = await _page(work.uow, site.id, wanted, most)
    if more:
        raise Invalid.field("since", "These are more than {most} visits: choose a shorter time.", most=most)
    work.audit("reception.visit.exported", "reception_visit", site.id, {"rows": len(found)}, site_id=site.id)
    return found


async def days(work: Work, site: Site, since: date, until: date) -> list[Day]:
    """What each day saw, the latest first, both dates included: how many came, were registered, and were counted at the
    gate (REC-7). Raises Invalid for more than a year."""
    _enter(work, site)
    if not (since >= _FIRST and until <= _LAST and until - since <= _SPAN):
        raise Invalid.field("since", "Ask for a year at most, of this century.")
    span = midnight(site, since), midnight(site, until, 1)
    return await work.uow.fetch(Day, _DAYS, work.ctx.company_id, site.id, site.timezone, *span, since, until)


async def count(work: Work, site: Site, said: GateCount) -> None:
    """Take down how many outsiders went through the gate that day. Raises Invalid for a day to come or long past."""
    _enter(work, site)
    today = site.today(work.now)
    if not today - _LATE <= said.day <= today:
        raise Invalid.field("day", "Give the count of a day of the last month.")
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    count_id = await work.uow.value(
        _COUNT, work.ctx.company_id, site.id, new_id(), said.day, said.people, work.now, *by
    )
    changes = {"day": str(said.day), "people": said.people}
    work.audit("reception.gate.counted", "reception_gate_count", count_id, changes, site_id=site.id)
    work.announce("desk", site.id)


async def _page(uow: UnitOfWork, site_id: UUID, wanted: VisitFilter, limit: int) -> tuple[list[Visit], str | None]:
    first = wanted.until.isoformat() if wanted.until else "infinity"
    mark = read_mark(wanted.cursor) if wanted.cursor else (first, UUID(int=0))
    since = wanted.since.isoformat() if wanted.since else "-infinity"
    text = wanted.text or None
    part = part_of(text) if text else None
    rows = await uow.fetch(_visit, _PAGE, uow.company_id, site_id, since, *mark, wanted.status, text, part, limit + 1)
    items = rows[:limit]
    return items, write_mark(items[-1].at, items[-1].id) if len(rows) > limit else None


def _visit(*row: Any) -> Visit:
    return Visit(**dict(zip(Visit.__struct_fields__, row, strict=True)))


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
