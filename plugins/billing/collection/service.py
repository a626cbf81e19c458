"""The rules of visits by appointment (BIL-3): agreed, done, called off. Callers commit."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

from core.sdk import Conflict, Invalid, NotFound, Platform, PreconditionFailed, Site, Work, msgid, new_id
from plugins.billing import marks
from plugins.billing.access import enter
from plugins.billing.collection import repository
from plugins.billing.collection.books import colleague, who
from plugins.billing.collection.model import (
    ROWS,
    ChangedVisit,
    HomeVisit,
    HomeVisitPage,
    NewHomeVisit,
    VisitOutcome,
    VisitStatus,
)

OVER: Final = msgid("The visit is over: paid, not paid or called off. Agree another one.")
_AHEAD: Final = timedelta(days=366)


async def agree(platform: Platform, work: Work, site: Site, new: NewHomeVisit) -> HomeVisit:
    """Note a visit that a household agrees to. Raises Invalid, and NotFound for people, units and steps of dunning that
    do not belong together."""
    enter(work, site)
    _time(work, site, new.day, new.starts, new.ends)
    name = colleague(platform, work, site, new.collector_id, "collector_id")
    id = new_id()
    if not await repository.add(work.uow, site.id, id, new, name, work.now, who(work)):
        raise NotFound(msgid("This person has nothing to do with one of the units."))
    work.audit("billing.visit.agreed", "billing_visit", id, {"day": str(new.day)}, site_id=site.id)
    return await get(work, site, id)


async def change(
    platform: Platform, work: Work, site: Site, visit_id: UUID, new: ChangedVisit, expected: int
) -> HomeVisit:
    """Another time, or somebody else who goes. Raises NotFound, Invalid, Conflict where it is over, and
    PreconditionFailed."""
    enter(work, site)
    _time(work, site, new.day, new.starts, new.ends)
    name = colleague(platform, work, site, new.collector_id, "collector_id")
    if not await repository.change(work.uow, site.id, visit_id, expected, new, name):
        raise await _why_not(work, site, visit_id, expected)
    work.audit("billing.visit.changed", "billing_visit", visit_id, {"day": str(new.day)}, site_id=site.id)
    return await get(work, site, visit_id)


async def not_paid(work: Work, site: Site, visit_id: UUID, told: VisitOutcome, expected: int) -> HomeVisit:
    """Somebody went, and nothing was paid. Raises NotFound, Invalid, Conflict where it is over, and
    PreconditionFailed."""
    return await _settle(work, site, visit_id, "unpaid", told, expected)


async def call_off(work: Work, site: Site, visit_id: UUID, told: VisitOutcome, expected: int) -> HomeVisit:
    """Nobody goes. Raises NotFound, Invalid, Conflict where it is over, and PreconditionFailed."""
    return await _settle(work, site, visit_id, "called_off", told, expected)


async def get(work: Work, site: Site, visit_id: UUID) -> HomeVisit:
    """A visit with what the unit owes today. Raises NotFound."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, site.today(work.now), visit_id)
    if found is None:
        raise NotFound
    return found


async def listed(
    work: Work,
    site: Site,
    day: date | None = None,
    collector_id: UUID | None = None,
    status: VisitStatus | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> HomeVisitPage:
    """Visits of a day, today's without one, along the way by building and unit; 200 at most (IN-9). Raises Malformed
    for a cursor that is not one of ours."""
    enter(work, site)
    today, most = site.today(work.now), min(limit, ROWS)
    after = marks.read_place(cursor)
    found = await repository.page(
        work.uow, site.id, today, day or today, collector_id, status, after, most + 1
    )  # fmt: skip
    more = marks.place(found[most - 1][1], found[most - 1][0].id) if len(found) > most else None
    return HomeVisitPage([visit for visit, _ in found[:most]], more)


async def collectors(work: Work, site: Site, day: date) -> list[tuple[UUID, str]]:
    """Who goes on that day."""
    enter(work, site)
    return await repository.collectors(work.uow, site.id, day)


async def _settle(
    work: Work, site: Site, visit_id: UUID, outcome: VisitStatus, told: VisitOutcome, expected: int
) -> HomeVisit:
    enter(work, site)
    reason = told.reason.strip()
    if not reason:
        raise Invalid.field("reason", msgid("Say why."))
    by = who(work)
    if not await repository.settle(work.uow, site.id, visit_id, expected, outcome, reason, work.now, by):
        raise await _why_not(work, site, visit_id, expected)
    work.audit(f"billing.visit.{outcome}", "billing_visit", visit_id, site_id=site.id)
    return await get(work, site, visit_id)


async def _why_not(work: Work, site: Site, visit_id: UUID, expected: int) -> Conflict | PreconditionFailed:
    """Why a visit did not change. Raises NotFound."""
    found = await get(work, site, visit_id)
    return PreconditionFailed() if found.version != expected else Conflict(OVER)


def _time(work: Work, site: Site, day: date, starts: time, ends: time) -> None:
    """Raises Invalid for a time that nobody can agree on."""
    today = site.today(work.now)
    if not today <= day <= today + _AHEAD:
        raise Invalid.field("day", msgid("Choose today or a day of the coming year."))
    if starts.tzinfo or ends.tzinfo:
        raise Invalid.field("starts", msgid("Give wall time of the site, without an offset."))
    if ends <= starts:
        raise Invalid.field("ends", msgid("The end comes behind the beginning."))
