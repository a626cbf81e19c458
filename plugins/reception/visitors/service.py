"""The rules of the visitor register (REC-7, REC-8, REC-9): who comes, whom was asked, who is let in. Callers commit."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, Platform, Site, Work, masked, midnight, new_id
from plugins.reception.visitors import barred, changes, repository
from plugins.reception.visitors.model import NewVisit, Visit, VisitDetail, masked_id
from plugins.reception.visitors.policy import VISITORS, VisitorRules

_SPACES = re.compile(r"[ ()-]")


async def rules(platform: Platform, work: Work, site: Site) -> VisitorRules:
    """What the site has chosen."""
    return await platform.policies.value(work, VISITORS, site.id)


async def register(platform: Platform, work: Work, site: Site, new: NewVisit) -> Visit:
    """Take down a visitor who stands at the desk, or an appointment that the household announces (REC-7, REC-8).

    Somebody who may be on the blacklist is not let in at once: the visit says why, and waits (REC-9).
    Raises Invalid naming the fields, Conflict where the badge is out.
    """
    _enter(work, site)
    limits = await rules(platform, work, site)
    visit = await _described(platform, work, site, new)
    if visit.expected_at is not None:
        noted = [("book", visit.host_name)]
    else:
        warned = await barred.warnings(work, site, visit)
        visit = msgspec.structs.replace(visit, arrived_at=work.now, warning="；".join(warned))
        noted = [("found" if new.found else "arrive", ""), *(("warn", reason) for reason in warned)]
        if new.accepted:
            visit = changes.answered(visit, work.now, accepts=True, by=new.answered_by.strip(), via="phone")
            noted.append(("accept", visit.answered_by))
        if new.admit and not warned:
            visit = changes.admitted(visit, limits, work.now, new.badge.strip(), new.escort.strip(), "")
            noted.append(("admit", visit.badge))
    stored = await repository.add(work.uow, visit, noted)
    if stored is None:
        raise Invalid.field("badge", "Badge {badge} is out already: choose another.", badge=visit.badge)
    changes.changed(work, "registered", stored)
    return stored


async def detail(work: Work, site: Site, visit_id: UUID) -> VisitDetail:
    """A visit with all that happened in it. Raises NotFound, also for one of another site or company."""
    _enter(work, site)
    found = await repository.get(work.uow, site.id, visit_id, work.now)
    if found is None:
        raise NotFound
    happened = await repository.steps(work.uow, visit_id)
    return VisitDetail(found.visit, happened, found.asked_until, found.badges_out)


async def here(work: Work, site: Site) -> list[Visit]:
    """Who is in the house or waits, whose badge is still out, and who is expected today; the earliest first."""
    _enter(work, site)
    return await repository.here(work.uow, site.id, midnight(site, site.today(work.now), 1))


async def badges(platform: Platform, work: Work, site: Site) -> list[str]:
    """Badges that can be handed out now, the lowest first."""
    out = {visit.badge for visit in await here(work, site) if visit.badge_out}
    return free_badges(await rules(platform, work, site), out, 50)


def overdue(visit: Visit, limits: VisitorRules, now: datetime) -> bool:
    """Whether somebody has stayed longer than visitors do, or has left with the badge; a lost one is late no more."""
    if visit.status == "left":
        return visit.badge_out and visit.badge_lost_at is None
    return (
        visit.admitted_at is not None
        and visit.left_at is None
        and now - visit.admitted_at > timedelta(hours=limits.stay_hours)
    )


def free_badges(limits: VisitorRules, out: Collection[str], most: int = 8) -> list[str]:
    """The lowest badges that are neither out nor lost; none where the site hands out none."""
    numbers = (str(n).zfill(len(str(limits.badges))) for n in range(1, limits.badges + 1))
    return [number for number in numbers if number not in out][:most]


def shown(visit: Visit) -> Visit:
    """The visit as it is told: the phone masked (ARC-4)."""
    return msgspec.structs.replace(visit, phone=masked(visit.phone))


async def _described(platform: Platform, work: Work, site: Site, new: NewVisit) -> Visit:
    place, host = new.place.strip(), new.host_name.strip()
    name, purpose = new.name.strip(), new.purpose.strip()
    if not name:
        raise Invalid.field("name", "Write down the visitor's name.")
    if not purpose:
        raise Invalid.field("purpose", "Say what the visit is for.")
    if new.unit_id is not None:
        try:
            household = await platform.estate.household(work, site, new.unit_id)
        except NotFound:
            raise Invalid.field("unit_id", "There is no such unit at this site.") from None
        place = household.label
        host = host or next((occupant.name for occupant in household.occupants), "")
    elif not place:
        raise Invalid.field("unit_id", "Choose the unit, or say where the visitor goes.")
    if new.expected_at is not None and not work.now < new.expected_at <= work.now + changes.AHEAD:
        raise Invalid.field("expected_at", "An appointment lies ahead, 90 days at most.")
    clerk_id, clerk = changes.clerk(work)
    announced = new.expected_at is not None
    return Visit(
        id=new_id(),
        site_id=site.id,
        status="expected",  # the database says what it is
        at=work.now,
        name=name,
        phone=_SPACES.sub("", new.phone),
        people=new.people,
        purpose=purpose,
        unit_id=new.unit_id,
        place=place,
        host_name=host,
        id_kind=new.id_kind,
        id_number=masked_id(new.id_number),
        badge="",
        badge_out=False,
        escort=new.escort.strip(),
        plate=_SPACES.sub("", new.plate).upper(),
        found=new.found and not announced,
        warning="",
        expected_at=new.expected_at,
        arrived_at=None,
        host_answer="accepted" if announced else "",
        host_answered_at=work.now if announced else None,
        admitted_at=None,
        left_at=None,
        turned_away_at=None,
        cancelled_at=None,
        registered_by=clerk_id,
        registered_by_name=clerk,
        created_at=work.now,
        follows_id=None,
        answered_by=host if announced else "",
        answered_via="notice" if announced else "",
        badge_lost_at=None,
        erased_at=None,
    )


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
