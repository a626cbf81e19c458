"""The analysis at the end of a month (CMP-7), and signing it off. Callers commit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.sdk import Conflict, Event, NotFound, Platform, Site, Work, new_id
from plugins.complaints import events
from plugins.complaints.analysis import repository
from plugins.complaints.analysis.model import Analysis, Repeated, Signature
from plugins.complaints.service import clerk


async def analysis(platform: Platform, work: Work, site: Site, day: date | None) -> Analysis:
    """The month that the day lies in, the present one unless said: kinds, causes, departments, shares, repetitions."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    today = site.today(work.now)
    first = (day or today).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    figures = await repository.figures(work.uow, site.id, first, _midnight(site, first), _midnight(site, following))
    groups = await platform.repeats.month(work, site, first)
    complaints = platform.tickets.types.counting_as("complaint")
    repeated = [
        Repeated(
            group.place,
            group.category,
            group.times,
            group.cause,
            group.countermeasure,
            group.responsible_name,
            group.due_on,
            [ticket.id for ticket in group.tickets],
        )
        for group in groups
        if group.type in complaints
    ]
    return Analysis(first, following - timedelta(days=1), following <= today, figures, repeated)


async def sign(platform: Platform, work: Work, site: Site, signed: Signature) -> Analysis:
    """Sign a month off. Raises Conflict before its end, twice, or while a repeated complaint lacks its
    countermeasure with a named person (TKT-7)."""
    found = await analysis(platform, work, site, signed.month)
    if not found.over:
        raise Conflict("The month is not over yet.")
    if any(not (each.countermeasure and each.responsible_name) for each in found.repeated):
        raise Conflict("Every repeated complaint needs a countermeasure and who sees to it first.")
    month, count = found.first, found.figures.complaints
    if not await repository.sign(work.uow, site.id, month, signed.remark.strip(), count, work.now, clerk(work)):
        raise Conflict("This month is signed off already.")
    changes = {"month": month.isoformat(), "complaints": count}
    work.audit("complaints.month_signed_off", "complaints_month", month.isoformat(), changes, site_id=site.id)
    work.emit(Event(events.MONTH_SIGNED, site.id, new_id(), {"month": month.isoformat()}))
    return await analysis(platform, work, site, month)


def _midnight(site: Site, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(site.timezone))
