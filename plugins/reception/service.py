"""The rules of the front desk: calls reported and taken, and what came of them. Callers commit."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import Conflict, Forbidden, Invalid, NewTicket, NotFound, Platform, Site, Ticket, Work, new_id
from plugins.reception import cards, events, log, reading, repository
from plugins.reception.schemas import Call, Day, Figures, Filter, Link, Noted, Report, Who

_SKEW = timedelta(minutes=1)  # by which an exchange's clock may be ahead
_LATE = timedelta(days=7)  # after which a report is a mistake, not an exchange catching up
_AFTERWARDS = timedelta(minutes=5)  # to write down what a call was about
_SOON = timedelta(minutes=15)
_PHONE = re.compile(r"[0-9+*#() -]{7,30}")


async def report(platform: Platform, work: Work, site: Site, said: Report) -> Call:
    """Take down what the telephone exchange reports of a call (REC-2).

    Reports may be repeated and come in any order. Raises Invalid for an instant in the future or long past.
    """
    _enter(work, site)
    at = said.at or work.now
    if not work.now - _LATE <= at <= work.now + _SKEW:
        raise Invalid.field("at", "Give the instant of the event: of the last 7 days and not in the future.")
    at, phone = min(at, work.now), said.phone.strip()
    if said.event == "ringing":
        who = await cards.by_phone(platform, work, site, phone)
    else:  # others are told of these, so they count once even if they come twice at the same time
        who = Who()
        await repository.wait_for_turn(work.uow, site.id, said.external_id)
    instants = (at, at if said.event == "answered" else None, at if said.event == "ended" else None)
    before, call = await repository.report(work.uow, site.id, new_id(), said.external_id, phone, instants, who)
    if (before.ringing_at, before.answered_at, before.ended_at) != (call.ringing_at, call.answered_at, call.ended_at):
        _changed(work, "reported", call, {"event": said.event})
        if said.event == "answered" and before.answered_at is None:
            work.emit(events.answered(call))
        if said.event == "ended" and before.ended_at is None:
            work.emit(events.ended(call))
    return call


async def take_down(platform: Platform, work: Work, site: Site, text: str, channel: Literal["call", "visit"]) -> Call:
    """Write down a call or a visitor by hand (REC-1): `text` is a phone, a room or a name."""
    _enter(work, site)
    text = text.strip()
    if not 1 <= len(text) <= 60:
        raise Invalid.field("q", "Give a phone, a room or a name of at most {maximum} characters.", maximum=60)
    is_phone, who = await meant(platform, work, site, text)
    phone, note = (text, "") if is_phone else ("", text)
    call = await repository.take_down(work.uow, site.id, new_id(), channel, phone, work.now, _clerk(work), who, note)
    _changed(work, "taken_down", call, {"channel": channel})
    work.emit(events.answered(call))
    return call


async def meant(platform: Platform, work: Work, site: Site, text: str) -> tuple[bool, Who]:
    """Whether it is a phone that was typed, and whose it is, else which unit or whom the words mean."""
    is_phone = _PHONE.fullmatch(text) is not None
    find = cards.by_phone if is_phone else cards.by_words
    return is_phone, await find(platform, work, site, text)


async def get(work: Work, site: Site, call_id: UUID) -> Call:
    """Raises NotFound, also for a call of another site or company."""
    _enter(work, site)
    return _found(await reading.get(work.uow, site.id, call_id))


async def current(work: Work, site: Site) -> Call | None:
    """The call that concerns the clerk: the one in hand, else the newest that rings, else the one just ended."""
    _enter(work, site)
    clerk_id, _ = _clerk(work)
    return await reading.current(work.uow, site.id, clerk_id, work.now - _AFTERWARDS)


async def desk(work: Work, site: Site, call_id: UUID | None) -> tuple[Day, Call | None]:
    """The day so far, and that call, or without an id the one that concerns the clerk. Raises NotFound."""
    _enter(work, site)
    midnight = _midnight(work, site)
    if call_id is not None:
        day, call = await reading.day_and_call(work.uow, site.id, midnight, call_id)
        return day, _found(call)
    clerk_id, _ = _clerk(work)
    return await reading.day_and_current(work.uow, site.id, midnight, clerk_id, work.now - _AFTERWARDS)


async def today(work: Work, site: Site) -> Day:
    """The day so far."""
    _enter(work, site)
    return await reading.day(work.uow, site.id, _midnight(work, site))


async def calls(work: Work, site: Site, wanted: Filter) -> tuple[list[Call], str | None]:
    """A page of the log, latest first, and the next page's cursor."""
    _enter(work, site)
    return await log.page(work.uow, site.id, wanted)


async def whole_log(work: Work, site: Site, wanted: Filter, most: int) -> list[Call]:
    """The log as it was narrowed, for taking along: that somebody did is put on record."""
    _enter(work, site)
    found = await log.whole(work.uow, site.id, wanted, most)
    work.audit("reception.log.exported", "site", site.id, {"calls": len(found)}, site_id=site.id)
    return found


async def answer(work: Work, site: Site, call_id: UUID) -> Call:
    """Take a call that rings, or that the exchange says somebody has taken. Raises NotFound or Conflict."""
    taken = await repository.answer(work.uow, site.id, call_id, work.now, _clerk(work))
    if taken is None:
        over = not (await get(work, site, call_id)).open
        raise Conflict("This call is over.") if over else Conflict("Somebody else has taken this call.")
    fresh, call = taken
    _changed(work, "answered", call)
    if fresh:
        work.emit(events.answered(call))
    return call


async def end(work: Work, site: Site, call_id: UUID, *, abandoned: bool) -> Call:
    """End a call; one that is over stays so. `abandoned`: the caller hung up before an answer. Raises NotFound."""
    call = await repository.end(work.uow, site.id, call_id, work.now, hung_up=abandoned)
    if call is None:
        return await get(work, site, call_id)
    _changed(work, "ended", call, {"status": call.status})
    work.emit(events.ended(call))
    return call


async def link(platform: Platform, work: Work, site: Site, call_id: UUID, to: Link) -> Call:
    """Say who called and which ticket it was about. Raises NotFound, or Invalid for what is not at the site."""
    who, number = Who(), ""
    if to.unit_id is not None:
        who = await _who(platform, work, site, to.unit_id, to.party_id)
    elif to.party_id is not None:
        raise Invalid.field("unit_id", "Say which unit the caller belongs to.")
    if to.ticket_id is not None:
        try:
            number = (await platform.tickets.get(work, site, to.ticket_id)).number
        except NotFound:
            raise Invalid.field("ticket_id", "There is no such ticket at this site.") from None
    call = _found(await repository.link(work.uow, site.id, call_id, who, to.ticket_id, number))
    _changed(work, "linked", call, {"ticket": number} if number else {"unit": str(to.unit_id)})
    return call


async def note(work: Work, site: Site, call_id: UUID, said: Noted) -> Call:
    """Write down what a call was about and what the caller was told, where that was all (REC-1). Raises NotFound."""
    _enter(work, site)
    if not said.matter.strip():
        raise Invalid.field("matter", "Write down what it is about.")
    found = await repository.note(work.uow, site.id, call_id, said.matter.strip(), said.answer.strip())
    call = _found(found)
    _changed(work, "noted", call)
    return call


async def call_back(work: Work, site: Site, call_id: UUID) -> Call:
    """Say that a call nobody answered was called back (REC-2). Raises NotFound, Conflict."""
    _enter(work, site)
    call = await repository.call_back(work.uow, site.id, call_id, work.now, work.ctx.actor.name)
    if call is None:
        known = _found(await reading.get(work.uow, site.id, call_id))
        already = known.called_back_at is not None
        raise Conflict("This call was called back already." if already else "This call was not lost.")
    _changed(work, "called_back", call)
    return call


async def take_in(
    platform: Platform, work: Work, site: Site, form_id: UUID, call_id: UUID | None, new: NewTicket
) -> Ticket:
    """Make the ticket a saved form describes, and note it at its call (REC-1).

    Raises Forbidden, NotFound for the call, Invalid for the ticket, Conflict if the form was saved before.
    """
    _enter(work, site)
    if "ticket.create" not in work.ctx.permissions:
        raise Forbidden
    ticket = await platform.tickets.create(work, site, new)
    taken = await repository.take_in(
        work.uow,
        site.id,
        call_id,
        form_id,
        (ticket.id, ticket.number),
        work.now,
        _clerk(work),
        Who(ticket.unit_id, ticket.place, ticket.party_id, ticket.reporter_name),
        log.first_line(ticket.description),
    )
    if not taken.fresh:
        raise Conflict("This form has become a ticket already.")
    if call_id is not None:
        call = _found(taken.call)
        _changed(work, "linked", call, {"ticket": ticket.number})
        if taken.answered:
            work.emit(events.answered(call))
    return ticket


async def figures(platform: Platform, work: Work, site: Site, day: Day) -> Figures:
    """The day at the desk with what waits there (REC-12)."""
    soon, overdue = await platform.tickets.pressing(work, site, _SOON)
    waiting = (await platform.tickets.counts(work, site)).get("new", 0)
    return Figures(day.calls, day.average_wait, waiting, soon, overdue)


def _midnight(work: Work, site: Site) -> datetime:
    return datetime.combine(site.today(work.now), time.min, ZoneInfo(site.timezone))


async def _who(platform: Platform, work: Work, site: Site, unit_id: UUID, party_id: UUID | None) -> Who:
    try:
        household = await platform.estate.household(work, site, unit_id)
    except NotFound:
        raise Invalid.field("unit_id", "There is no such unit at this site.") from None
    names = {occupant.party_id: occupant.name for occupant in household.occupants}
    if party_id is not None and party_id not in names:
        raise Invalid.field("party_id", "Nobody of that id lives there.")
    return Who(unit_id, household.label, party_id, names.get(party_id, "") if party_id else "")


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _clerk(work: Work) -> tuple[UUID | None, str]:
    """Who takes the call; a token is no member of staff."""
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def _found(call: Call | None) -> Call:
    if call is None:
        raise NotFound
    return call


def _changed(work: Work, action: str, call: Call, changes: dict[str, str] | None = None) -> None:
    work.audit(f"reception.call.{action}", "reception_call", call.id, changes, site_id=call.site_id)
    work.announce("call", call.site_id, call.id)
