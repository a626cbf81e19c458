"""The rules of visits (REP-2): who can come when, what is agreed, moved and called off. Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from core.sdk import (
    Conflict,
    Event,
    Invalid,
    Note,
    NotFound,
    Platform,
    Site,
    Skill,
    Ticket,
    Work,
    msgid,
    new_id,
    working_hours,
)
from plugins.repairs import events
from plugins.repairs.kinds import item_of
from plugins.repairs.orders import order, state
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Visit
from plugins.repairs.visits import repository
from plugins.repairs.visits.model import DayPlan, NewVisit, Slot, Technician, TradeEntry
from plugins.repairs.visits.policy import VISITS, Trade, VisitRules
from plugins.repairs.visits.rules import offers, pieces

ROLES: Final = ("technician", "engineering")
_OPEN: Final = ("new", "accepted", "arrived", "paused")
_BOOKED = msgid("agreed that {technician} comes: {at}")
_MOVED = msgid("moved the visit of {technician} to {at}")
_CANCELLED = msgid("called off the visit of {technician}: {at}")
_TAKEN: Final = "This time is not free any more, or a visit is agreed already: choose another time."


async def rules(platform: Platform, work: Work, site: Site) -> VisitRules:
    """What the site has set."""
    return await platform.policies.value(work, VISITS, site.id)


async def technicians(work: Work, site: Site) -> list[Technician]:
    """Everybody of the site who repairs, with their trades."""
    _enter(work, site)
    return await repository.technicians(work.uow, site.id, ROLES)


async def learn(platform: Platform, work: Work, site: Site, membership_id: UUID, trades: Sequence[TradeEntry]) -> None:
    """Give a colleague these trades and no others. Raises NotFound, Invalid."""
    _enter(work, site)
    known = {trade.key for trade in (await rules(platform, work, site)).trades}
    if any(entry.trade not in known for entry in trades) or len({t.trade for t in trades}) < len(trades):
        raise Invalid.field("trade", "Choose each of the site's trades once.")
    if not any(c.id == membership_id for c in platform.directory.colleagues(work.ctx.company_id, site)):
        raise NotFound
    await repository.learn(work.uow, site.id, membership_id, trades)
    given = {entry.trade: entry.level for entry in trades}
    work.audit("repairs.trade.set", "membership", membership_id, given, site_id=site.id)
    work.announce("desk", site.id)


async def skills(platform: Platform, work: Work, site: Site, ticket: Ticket) -> list[Skill]:
    """Who knows the trade that an order needs, said as a reason for giving it to them."""
    trade = (await rules(platform, work, site)).trade_for(item_of(ticket))
    if trade is None:
        return []
    title = trade.title(work.ctx.locale)
    return [
        Skill(person.membership_id, title, entry.level)
        for person in await repository.technicians(work.uow, site.id, ROLES)
        for entry in person.trades
        if entry.trade == trade.key
    ]


async def slots(platform: Platform, work: Work, site: Site, ticket: Ticket, since: date | None = None) -> list[Slot]:
    """The times that can be offered for an order from a day on, as far ahead as is offered (a day's if given)."""
    limits = await rules(platform, work, site)
    _, calendar = await platform.policies.calendar(work, site.id)
    zone = ZoneInfo(site.timezone)
    first = work.now if since is None else datetime.combine(since, time.min, zone)
    last = first + (timedelta(days=limits.days_ahead) if since is None else timedelta(days=1))
    trade = limits.trade_for(item_of(ticket))
    people = await repository.technicians(work.uow, site.id, ROLES)
    booked = await repository.booked(work.uow, first, last)
    earliest = work.now + timedelta(minutes=limits.notice_minutes)
    times = pieces(working_hours(calendar, first, last), timedelta(minutes=limits.slot_minutes), max(first, earliest))
    return offers(times, people, trade, booked)


async def book(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewVisit) -> Order:
    """Agree on a visit, in the place of the one that was agreed before, and give the order to who comes.

    Raises NotFound, Invalid, Conflict for a time that is taken.
    """
    _enter(work, site)
    limits = await rules(platform, work, site)
    ends = new.ends_at or new.starts_at + timedelta(minutes=limits.slot_minutes)
    if ends <= max(new.starts_at, work.now):
        raise Invalid.field("starts_at", "Choose a time that lies ahead.")
    name = next(
        (c.name for c in platform.directory.colleagues(work.ctx.company_id, site) if c.id == new.technician_id), None
    )
    if name is None:
        raise Invalid.field("technician_id", "There is no such colleague at this site.")
    # of two who book at once the second counts the first, where only so many visits are made at a time
    limited = any(trade.capacity for trade in limits.trades)
    asked = state.question(f"visits {work.ctx.company_id} {site.id}" if limited else "")
    reason = new.reason.strip()

    async def agreed(ticket: Ticket) -> Note:
        now, _ = await order.held(platform, work, site, ticket, asked)
        if ticket.status not in _OPEN:
            raise Conflict("This order is done: no visit is needed.")
        if now.visit is not None and not reason:
            raise Invalid.field("reason", "Say why the visit is moved.")
        params = {"technician": name, "at": _iso(new.starts_at)}
        return Note(_MOVED if now.visit else _BOOKED, params, reason, "calendar-event")

    ticket = await platform.tickets.note(work, site, ticket_id, agreed, new.technician_id, question=asked)
    now, found = await order.held(platform, work, site, ticket, asked)
    trade = limits.trade_for(now.item)
    visit = Visit(
        id=new_id(),
        ticket_id=ticket_id,
        technician_id=new.technician_id,
        technician_name=name,
        trade=trade.key if trade else "",
        starts_at=new.starts_at,
        ends_at=ends,
        booked_at=work.now,
        booked_by_name=work.ctx.actor.name,
        arrived_at=None,
        cancelled_at=None,
        cancelled_by_name="",
        reason="",
        moved_to=None,
    )
    capacity = trade.capacity if trade else 0
    before = now.visit
    if await repository.book(work.uow, site.id, visit, capacity, before.id if before else None, reason) is None:
        raise Conflict(_TAKEN)
    work.audit("repairs.visit.booked", "ticket", ticket_id, {"visit": str(visit.id)}, site_id=site.id)
    payload = {"number": ticket.number, "visit_id": str(visit.id), "technician_id": str(new.technician_id)}
    work.emit(Event(events.VISIT_BOOKED, site.id, ticket_id, {**payload, "starts_at": _iso(new.starts_at)}))
    by_name = work.ctx.actor.name
    visits = tuple(
        replace(v, cancelled_at=work.now, cancelled_by_name=by_name, reason=reason, moved_to=visit.id)
        if v == before
        else v
        for v in found.visits
    )
    return await order.known(platform, work, site, ticket, replace(found, visits=(visit, *visits)))


async def cancel(platform: Platform, work: Work, site: Site, ticket_id: UUID, visit_id: UUID, reason: str) -> None:
    """Call an order's visit off. Raises NotFound, Invalid without a reason."""
    _enter(work, site)
    if not reason.strip():
        raise Invalid.field("reason", "Say why the visit is called off.")
    asked = state.question()

    async def called_off(ticket: Ticket) -> Note:
        visits = asked.answer.visits if asked.answer is not None else ()
        visit = next((each for each in visits if each.id == visit_id and each.agreed), None)
        if visit is None:
            raise NotFound("This visit is not agreed any more.")
        params = {"technician": visit.technician_name, "at": _iso(visit.starts_at)}
        row = repository.cancelled(visit_id, work.now, work.ctx.actor.name, reason.strip())
        return Note(_CANCELLED, params, reason, "calendar-off", (row,))

    await platform.tickets.note(work, site, ticket_id, called_off, question=asked)
    work.audit("repairs.visit.cancelled", "ticket", ticket_id, {"visit": str(visit_id)}, site_id=site.id)
    work.emit(Event(events.VISIT_CANCELLED, site.id, ticket_id, {"visit_id": str(visit_id)}))


async def plan(work: Work, site: Site, day: date | None = None, technician_id: UUID | None = None) -> DayPlan:
    """Who is where on a day of the site, today's without one."""
    _enter(work, site)
    shown = day or site.today(work.now)
    zone = ZoneInfo(site.timezone)
    try:
        since = datetime.combine(shown, time.min, zone)
        until = datetime.combine(shown + timedelta(days=1), time.min, zone)
    except OverflowError:
        return DayPlan(shown, [])
    return DayPlan(shown, await repository.day(work.uow, site.id, since, until, technician_id))


def trade_of(limits: VisitRules, key: str) -> Trade | None:
    """The site's trade of that key; None for one that it has no more."""
    return next((trade for trade in limits.trades if trade.key == key), None)


def _iso(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
