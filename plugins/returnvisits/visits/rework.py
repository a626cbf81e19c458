"""What follows from a visit that failed: the matter goes back to work, or a new one refers to it (REP-5, VIS-6)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import (
    AgendaItem,
    Conflict,
    Event,
    LodgeError,
    NewRelation,
    NewTicket,
    NotFound,
    Platform,
    Site,
    Ticket,
    TicketStep,
    Work,
    relate_tickets,
)
from plugins.returnvisits import events
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.policies import HANDLING, RULES
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import Visit
from plugins.returnvisits.visits.owed import SYSTEM
from plugins.returnvisits.visits.service import joined

_RIGHTS: Final = frozenset({"ticket.close", "ticket.create", "ticket.relate"})
MAJOR: Final = "critical"  # the severity whose failed visits come on the meeting's agenda (TKT-6)


async def hear(work: Work, platform: Platform, event: Event) -> None:
    """Take in that a visit failed; a second time changes nothing."""
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(event.site_id)) if company else None
    visit = await repository.lock(work.uow, site.id, event.aggregate_id) if site else None
    if site is None or visit is None or visit.follow_up:
        return
    if visit.ticket_id is None:
        await _tell(work, site, visit, None)
        return
    work.ctx = msgspec.structs.replace(work.ctx, permissions=_RIGHTS)
    try:
        ticket = await platform.tickets.get(work, site, visit.ticket_id)
    except NotFound:
        return
    after, kind = await _taken_up(work, platform, site, visit, ticket)
    visit = msgspec.structs.replace(visit, follow_up=kind, follow_up_id=after.id, follow_up_number=after.number)
    await repository.save(work.uow, visit, work.now, SYSTEM, [(kind, after.number)])
    work.announce("desk", site.id, visit.id)
    await _tell(work, site, visit, ticket.concerns_id)
    if ticket.severity == MAJOR:
        with suppress(Conflict):  # it is on the agenda
            async with work.savepoint():
                await platform.meetings.raise_item(work, site, AgendaItem(_said(visit)[:200], after.id))


async def _tell(work: Work, site: Site, visit: Visit, concerned: UUID | None) -> None:
    """Managers hear of it, but not one whom the complaint concerns (CMP-6)."""
    around = await areas.around(work.uow, site.id, None)
    members = [id for id in around.of_role("manager") if id != concerned]
    work.emit(Event(events.VISIT_ANSWERED, site.id, visit.id, {"rule": visit.rule, "members": joined(members)}))


async def _taken_up(work: Work, platform: Platform, site: Site, visit: Visit, ticket: Ticket) -> tuple[Ticket, str]:
    """The ticket in which work goes on, and how: the matter's own while that is recent, else a new one."""
    rules = (await platform.policies.value(work, RULES, site.id)).rules
    handling = await platform.policies.value(work, HANDLING, site.id)
    follow_up = any(rule.key == visit.rule and rule.fails == "follow_up" for rule in rules)
    if not follow_up and work.now - visit.created_at <= timedelta(days=handling.reopen_days):
        if ticket.status not in ("resolved", "closed"):
            return ticket, "reopened"  # somebody was faster
        with suppress(LodgeError):  # a kind that knows no way back
            async with work.savepoint():
                step = TicketStep(text=_said(visit))
                return await platform.tickets.act(work, site, ticket.id, "reopen", step, None), "reopened"
    new = NewTicket(
        description=_said(visit),
        category=ticket.category,
        severity=ticket.severity,
        channel="call" if visit.done_way == "phone" else "visit",
        unit_id=ticket.unit_id,
        party_id=ticket.party_id,
        place=ticket.place,
        reporter_name=ticket.reporter_name,
        reporter_phone=ticket.reporter_phone,
        convenient_time=ticket.convenient_time,
        concerns_id=ticket.concerns_id,
        fields=ticket.fields,
    )
    made = await platform.tickets.create(work, site, new)
    kind = "follow_up" if follow_up else "rework"
    relation = NewRelation("follow_up_of" if follow_up else "rework_of", ticket.id)
    await relate_tickets(work, site, made.id, relation)
    return made, kind


def _said(visit: Visit) -> str:
    """What the household said, as the ticket has it; in the language of residents."""
    return f"回访不满意（{visit.done_by_name}）：{visit.shortcomings}"
