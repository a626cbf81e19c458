"""Visits that somebody wants besides those that are drawn: allowed, and counted for no share (VIS-5)."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from core.sdk import Conflict, Invalid, NotFound, Platform, Site, Work, new_id
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import NewVisit, Visit
from plugins.returnvisits.visits.owed import owe

RULE = "added"


async def add(platform: Platform, work: Work, site: Site, new: NewVisit) -> Visit:
    """Have a household visited, about a ticket or not. Raises Invalid naming the fields, NotFound."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    today = site.today(work.now)
    if new.due_on < today:
        raise Invalid.field("due_on", "Choose today or a later day.")
    names = {c.id: c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}
    if new.visitor_id is not None and new.visitor_id not in names:
        raise Invalid.field("visitor_id", "Choose a colleague of this site.")
    ticket = None
    if new.ticket_number.strip():
        ticket = await repository.ticket_of_number(work.uow, site.id, new.ticket_number.strip())
        if ticket is None:
            raise Invalid.field("ticket_number", "There is no such ticket at this site.")
        if ticket.assignee_id is not None and ticket.assignee_id == new.visitor_id:
            raise Invalid.field("visitor_id", "Nobody checks their own work: choose somebody else.")
    elif new.unit_id is None:
        raise Invalid.field("ticket_number", "Say which ticket, or which unit, the visit is about.")
    elif not new.about.strip():
        raise Invalid.field("about", "Say what the visit is about.")
    unit_id = ticket.unit_id if ticket else new.unit_id
    around = await areas.around(work.uow, site.id, unit_id, ticket.place if ticket else "")
    if ticket is None and around.unit_id is None:
        raise Invalid.field("unit_id", "There is no such unit at this site.")
    actor = work.ctx.actor
    visit = Visit(
        id=new_id(),
        site_id=site.id,
        source="added",
        rule=RULE,
        title="人工安排",
        ticket_id=ticket.id if ticket else None,
        ticket_number=ticket.number if ticket else "",
        severity=ticket.severity if ticket else "routine",
        handled_by=ticket.assignee_id if ticket else None,
        about=new.about.strip() or (ticket.about if ticket else ""),
        unit_id=unit_id,
        place=(ticket.place if ticket else "") or around.label,
        contact=ticket.contact if ticket else "",
        area_id=around.area_id,
        area_name=around.area_name,
        visitor_id=new.visitor_id,
        visitor_name=names[new.visitor_id] if new.visitor_id else "",
        due_at=datetime.combine(new.due_on, time.max.replace(microsecond=0), ZoneInfo(site.timezone)),
        created_at=work.now,
    )
    stored = await owe(work, visit, (actor.id if actor.kind == "person" else None, actor.name))
    if stored is None:
        raise Conflict("This visit is there already.")
    return stored
