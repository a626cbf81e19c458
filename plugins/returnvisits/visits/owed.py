"""What tickets lead to: visits owed once a matter is dealt with, put off while it is worked on again (VIS-1, VIS-2).

Hears of tickets in order, at least once: what is owed already is not owed twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import Duration, Event, NotFound, Platform, Site, Ticket, Work, deadline, new_id
from plugins.returnvisits import events
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.areas.repository import Around
from plugins.returnvisits.policies import HANDLING, RULES, DueUnit, Rule
from plugins.returnvisits.sampling import repository as draws
from plugins.returnvisits.sampling import service as sampling
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import Source, Visit
from plugins.returnvisits.visits.rules import is_reached, rule_for

DEALT_WITH: Final = frozenset({"resolved", "closed"})
_REACHES: Final = frozenset({"ticket.resolved.v1", "ticket.closed.v1", "ticket.stage_reached.v1"})
_AGAIN: Final = frozenset({"ticket.reopened.v1", "ticket.unmerged.v1"})
_ABOUT = 200  # characters of a matter's description that the visitor reads
SYSTEM: Final = (None, "")


async def hear(work: Work, platform: Platform, event: Event) -> None:
    """Take in what happened to a ticket."""
    if event.type in _REACHES and event.payload.get("status") in DEALT_WITH:
        ticket, site = await _find(work, platform, event)
        if ticket is not None and ticket.status in DEALT_WITH:  # else it was taken up again: that is told next
            await _dealt_with(work, platform, site, ticket)
    elif event.type in _AGAIN:
        await _put_off(work, event.aggregate_id)
    elif event.type == "ticket.merged.v1":
        await _not_owed(work, event.aggregate_id, str(event.payload.get("into") or ""))


async def _dealt_with(work: Work, platform: Platform, site: Site, ticket: Ticket) -> None:
    since = min(ticket.updated_at, work.now)
    around = await areas.around(work.uow, site.id, ticket.unit_id, ticket.place)
    known = await repository.hold_of_ticket(work.uow, ticket.id)
    for visit in known:
        if visit.status == "held":
            await _goes_on(work, platform, site, visit, since)
    if await _check_again(work, platform, site, ticket, around, since):
        return
    rules = (await platform.policies.value(work, RULES, site.id)).rules
    rule = rule_for(rules, ticket)
    if rule is None or not is_reached(rule, ticket.status) or await draws.is_known(work.uow, site.id, ticket.id):
        return
    period = sampling.month_of(site.today(since))
    subject = (ticket.id, ticket.number)
    [drawn] = await sampling.enter(work, site, rule.key, rule.title, rule.percent, period, [subject])
    if drawn:
        due_at = await due(work, platform, site, rule.due_amount, rule.due_unit, since)
        visit = of_ticket(ticket, around, "drawn", rule, due_at, work.now)
        if rule.earliest_days:
            visit = msgspec.structs.replace(visit, not_before=since + timedelta(days=rule.earliest_days))
        await owe(work, visit)


async def _check_again(
    work: Work, platform: Platform, site: Site, ticket: Ticket, around: Around, since: datetime
) -> bool:
    """What was done again after a visit that failed is visited again, all of it (REP-5); whether that is so."""
    failed = await repository.failed_into(work.uow, ticket.id)
    if not failed:
        return False
    handling = await platform.policies.value(work, HANDLING, site.id)
    due_at = await due(work, platform, site, handling.recheck_days, "days", since)
    for before in failed:
        again = of_ticket(ticket, around, "recheck", before, due_at, work.now)
        await owe(work, msgspec.structs.replace(again, previous_id=before.id, visitor_role=before.visitor_role))
    return True


async def _goes_on(work: Work, platform: Platform, site: Site, visit: Visit, since: datetime) -> None:
    """As much time as there was at first, from when the matter was dealt with again."""
    rules = (await platform.policies.value(work, RULES, site.id)).rules
    rule = next((each for each in rules if each.key == visit.rule), None)
    handling = await platform.policies.value(work, HANDLING, site.id)
    amount, unit = (rule.due_amount, rule.due_unit) if rule else (handling.recheck_days, "days")
    due_at = await due(work, platform, site, amount, unit, since)
    visit = msgspec.structs.replace(visit, held_at=None, overdue_at=None, due_at=due_at)
    await repository.save(work.uow, visit, work.now, SYSTEM, [("resume", "")])
    work.announce("desk", visit.site_id, visit.id)


async def _put_off(work: Work, ticket_id: UUID) -> None:
    for visit in await repository.hold_of_ticket(work.uow, ticket_id):
        if visit.status == "open":
            held = msgspec.structs.replace(visit, held_at=work.now)
            await repository.save(work.uow, held, work.now, SYSTEM, [("hold", "")])
            work.announce("desk", visit.site_id, visit.id)


async def _not_owed(work: Work, ticket_id: UUID, into: str) -> None:
    for visit in await repository.hold_of_ticket(work.uow, ticket_id):
        if visit.status in ("open", "held"):
            void = msgspec.structs.replace(visit, void_at=work.now, void_reason=into)
            await repository.save(work.uow, void, work.now, SYSTEM, [("merged", into)])
            work.announce("desk", visit.site_id, visit.id)


async def owe(work: Work, visit: Visit, by: repository.Clerk = SYSTEM) -> Visit | None:
    """Store a visit that is owed from now on; None where it is owed already."""
    added = await repository.add(work.uow, visit, by, [(visit.source, visit.visitor_name)])
    if added is not None:
        payload = {"rule": added.rule, "source": added.source, "members": str(added.visitor_id or "")}
        work.emit(Event(events.VISIT_DUE, added.site_id, added.id, payload))
        changes = {"rule": added.rule, "source": added.source, "ticket": added.ticket_number}
        work.audit("returnvisits.visit.owed", "returnvisits_visit", added.id, changes, site_id=added.site_id)
        work.announce("desk", added.site_id, added.id)
    return added


async def due(work: Work, platform: Platform, site: Site, amount: int, unit: DueUnit, since: datetime) -> datetime:
    """That long after `since`, by the site's calendar."""
    return await deadline(platform.policies, work, site.id, Duration(amount, unit), since)


def of_ticket(
    ticket: Ticket, around: Around, source: Source, rule: Rule | Visit, due_at: datetime, now: datetime
) -> Visit:
    """A visit to that matter under a rule, or again under that of an earlier visit.

    Whoever did the work, and whom a complaint concerns, does not make it (VIS-5, CMP-6).
    """
    wanted = rule.visitor if isinstance(rule, Rule) else rule.visitor_role
    role, visitor_id, name = visitor(around, wanted, {ticket.assignee_id, ticket.concerns_id})
    return Visit(
        id=new_id(),
        site_id=ticket.site_id,
        source=source,
        rule=rule.key if isinstance(rule, Rule) else rule.rule,
        title=rule.title,
        ticket_id=ticket.id,
        ticket_number=ticket.number,
        severity=ticket.severity,
        handled_by=ticket.assignee_id,
        about=ticket.description[:_ABOUT],
        unit_id=ticket.unit_id,
        place=ticket.place or around.label,
        contact=ticket.reporter_name,
        area_id=around.area_id,
        area_name=around.area_name,
        visitor_role=role,
        visitor_id=visitor_id,
        visitor_name=name,
        way=rule.way,
        due_at=due_at,
        created_at=now,
    )


def visitor(around: Around, wanted: str, not_these: set[UUID | None]) -> tuple[str, UUID | None, str]:
    """Who makes a visit: role, member and name; nobody in particular where the front desk does."""
    if wanted == "steward" and around.steward_id is not None and around.steward_id not in not_these:
        return "steward", around.steward_id, around.steward_name
    if wanted in ("manager", "supervisor"):
        for id, name, roles in around.leads:
            if wanted in roles and id not in not_these:
                return wanted, id, name
    return "desk", None, ""


async def _find(work: Work, platform: Platform, event: Event) -> tuple[Ticket | None, Site]:
    """The ticket as it is now; None where it is gone."""
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(event.site_id)) if company else None
    if site is None:
        raise NotFound
    try:
        return await platform.tickets.get(work, site, event.aggregate_id), site
    except NotFound:
        return None, site
