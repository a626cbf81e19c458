"""The rules of the visitor register (REC-7, REC-8, REC-9): who comes, whom was asked, who is let in. Callers commit."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Conflict, Event, Invalid, NotFound, Platform, Site, Work, masked, new_id
from plugins.reception import events
from plugins.reception.visitors import repository
from plugins.reception.visitors.model import (
    Day,
    NewStep,
    NewVisit,
    Status,
    Visit,
    VisitDetail,
    VisitFilter,
    masked_id,
)
from plugins.reception.visitors.policy import VISITORS, VisitorRules

_AHEAD = timedelta(days=90)  # the furthest appointment
_FIRST, _LAST, _SPAN = date(2000, 1, 1), date(2099, 12, 31), timedelta(days=366)  # that days can be asked of
_SPACES = re.compile(r"[ ()-]")
# Where each step may be taken from.
_FROM: dict[str, frozenset[Status]] = {
    "arrive": frozenset({"expected"}),
    "ask": frozenset({"waiting"}),
    "accept": frozenset({"waiting"}),
    "refuse": frozenset({"expected", "waiting"}),
    "admit": frozenset({"waiting"}),
    "leave": frozenset({"inside"}),
    "badge_back": frozenset({"left"}),
    "security": frozenset({"waiting", "inside", "left", "turned_away"}),
    "turn_away": frozenset({"expected", "waiting"}),
    "police": frozenset({"waiting", "inside", "left", "turned_away"}),
    "cancel": frozenset({"expected"}),
}
_SAID = {
    "security": "Say who of security was told what.",
    "turn_away": "Say why the visitor is refused.",
    "police": "Say what was reported to the police.",
}


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
        steps = [("book", visit.host_name)]
    else:
        warned = await repository.warnings(work.uow, site.id, site.today(work.now), visit)
        visit = msgspec.structs.replace(visit, arrived_at=work.now, warning="；".join(warned))
        steps = [("found" if new.found else "arrive", ""), *(("warn", reason) for reason in warned)]
        if new.accepted:
            visit = msgspec.structs.replace(visit, host_answer="accepted", host_answered_at=work.now)
            steps.append(("accept", visit.host_name))
        if new.admit and not warned:
            visit = _admitted(visit, limits, work.now, new.badge.strip(), new.escort.strip(), "")
            steps.append(("admit", visit.badge))
    stored = await repository.add(work.uow, visit, steps)
    if stored is None:
        raise Invalid.field("badge", "Badge {badge} is out already: choose another.", badge=visit.badge)
    _changed(work, "registered", stored)
    return stored


async def step(platform: Platform, work: Work, site: Site, visit_id: UUID, said: NewStep) -> Visit:
    """Take the next step in a visit. Raises NotFound, Invalid for what has to be said, Conflict where it does not
    follow from how the visit stands."""
    _enter(work, site)
    visit = await repository.lock(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    if visit.status not in _FROM[said.kind] or (said.kind == "badge_back" and not visit.badge_out):
        raise Conflict("The visit has moved on: load it again.")
    text = said.text.strip()
    if said.kind in _SAID and not text:
        raise Invalid.field("text", _SAID[said.kind])
    limits = await rules(platform, work, site)
    steps: list[tuple[str, str]] = [(said.kind, text or _detail(said))]
    now, replace = work.now, msgspec.structs.replace
    match said.kind:
        case "arrive":
            warned = await repository.warnings(work.uow, site.id, site.today(now), visit)
            visit = replace(visit, arrived_at=now, warning="；".join(warned))
            steps += [("warn", reason) for reason in warned]
        case "accept":
            visit = replace(visit, host_answer="accepted", host_answered_at=now)
        case "refuse":
            visit = replace(visit, host_answer="refused", host_answered_at=now, turned_away_at=now)
        case "admit":
            visit = _admitted(visit, limits, now, said.badge.strip(), said.escort.strip(), text)
        case "leave":
            visit = replace(visit, left_at=now, badge_out=visit.badge_out and not said.badge_back)
        case "badge_back":
            visit = replace(visit, badge_out=False)
        case "turn_away":
            visit = replace(visit, turned_away_at=now)
        case "cancel":
            visit = replace(visit, cancelled_at=now)
    visit = await repository.save(work.uow, visit, now, _clerk(work), steps)
    if said.kind == "refuse" and said.at is not None:
        await _book_again(work, visit, said.at)
    _changed(work, said.kind, visit)
    return visit


async def detail(work: Work, site: Site, visit_id: UUID) -> VisitDetail:
    """A visit with all that happened in it. Raises NotFound, also for one of another site or company."""
    _enter(work, site)
    visit = await repository.get(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    return VisitDetail(visit, await repository.steps(work.uow, visit_id))


async def here(work: Work, site: Site) -> list[Visit]:
    """Who is in the house or waits, whose badge is still out, and who is expected today; the earliest first."""
    _enter(work, site)
    return await repository.here(work.uow, site.id, _midnight(site, site.today(work.now) + timedelta(1)))


async def page(work: Work, site: Site, wanted: VisitFilter) -> tuple[list[Visit], str | None]:
    """A page of the register, the latest first, and the mark of the next."""
    _enter(work, site)
    return await repository.page(work.uow, site.id, wanted, wanted.limit)


async def whole(work: Work, site: Site, wanted: VisitFilter, most: int) -> list[Visit]:
    """All that a filter fits, for a workbook. Raises Invalid for more than `most`."""
    _enter(work, site)
    found, more = await repository.page(work.uow, site.id, wanted, most)
    if more:
        raise Invalid.field("since", "These are more than {most} visits: choose a shorter time.", most=most)
    work.audit("reception.visit.exported", "reception_visit", site.id, {"rows": len(found)}, site_id=site.id)
    return found


async def days(work: Work, site: Site, since: date, until: date) -> list[Day]:
    """What each day saw, the latest first: how many came, and how many of them were registered (REC-7)."""
    _enter(work, site)
    if not (since >= _FIRST and until <= _LAST and until - since <= _SPAN):
        raise Invalid.field("since", "Ask for a year at most, of this century.")
    first, last = _midnight(site, since), _midnight(site, until + timedelta(1))
    return await repository.days(work.uow, site.id, site.timezone, first, last)


def overdue(visit: Visit, limits: VisitorRules, now: datetime) -> bool:
    """Whether somebody has stayed longer than visitors do, or has left with the badge."""
    if visit.status == "left":
        return visit.badge_out
    return (
        visit.admitted_at is not None
        and visit.left_at is None
        and now - visit.admitted_at > timedelta(hours=limits.stay_hours)
    )


def free_badges(limits: VisitorRules, visits: list[Visit], most: int = 8) -> list[str]:
    """The lowest badges that are not out; none where the site hands out none."""
    out = {visit.badge for visit in visits if visit.badge_out}
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
    if new.expected_at is not None and not work.now < new.expected_at <= work.now + _AHEAD:
        raise Invalid.field("expected_at", "An appointment lies ahead, 90 days at most.")
    clerk_id, clerk = _clerk(work)
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
    )


def _admitted(visit: Visit, limits: VisitorRules, now: datetime, badge: str, escort: str, reason: str) -> Visit:
    """Let in. Raises Invalid for what is missing."""
    if visit.warning and not reason:
        raise Invalid.field("text", "The visitor may be barred: say why they are let in.")
    if limits.ask and visit.unit_id is not None and visit.host_answer != "accepted":
        raise Invalid.field("accepted", "Ask the household first, and record its answer.")
    if limits.badges and not badge:
        raise Invalid.field("badge", "Hand out a badge, and write down its number.")
    return msgspec.structs.replace(
        visit, admitted_at=now, badge=badge, badge_out=bool(badge), escort=escort or visit.escort
    )


async def _book_again(work: Work, refused: Visit, at: datetime) -> None:
    """The other time that a refused visitor agreed to (REC-8)."""
    if not work.now < at <= work.now + _AHEAD:
        raise Invalid.field("at", "An appointment lies ahead, 90 days at most.")
    clerk_id, clerk = _clerk(work)
    again = msgspec.structs.replace(
        refused,
        id=new_id(),
        badge="",
        badge_out=False,
        found=False,
        warning="",
        expected_at=at,
        arrived_at=None,
        host_answer="accepted",
        host_answered_at=work.now,
        turned_away_at=None,
        registered_by=clerk_id,
        registered_by_name=clerk,
        created_at=work.now,
        follows_id=refused.id,
    )
    await repository.add(work.uow, again, [("book", refused.host_name)])


def _detail(said: NewStep) -> str:
    """What is put on record where nothing was written."""
    if said.kind == "admit":
        return said.badge.strip()
    return "" if said.kind != "leave" or said.badge_back else "-"


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _clerk(work: Work) -> tuple[UUID | None, str]:
    """Who writes it down; a token is no member of staff."""
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def _midnight(site: Site, day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(site.timezone))


def _changed(work: Work, action: str, visit: Visit) -> None:
    work.audit(
        f"reception.visit.{action}", "reception_visit", visit.id, {"status": visit.status}, site_id=visit.site_id
    )
    work.announce("desk", visit.site_id, visit.id)
    if action in events.VISIT_EVENTS:
        work.emit(Event(events.VISIT_EVENTS[action], visit.site_id, visit.id, {"status": visit.status}))
