"""The complaint box (REC-1): who emptied it when, and each slip in it a ticket of its own. Callers commit."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.sdk import Conflict, Invalid, NewTicket, NotFound, Platform, Site, Work
from plugins.reception.letters import repository
from plugins.reception.letters.model import Emptying, NewEmptying, NewSlip, Slip
from plugins.reception.letters.service import clerk, enter, renamed, rules

_FIELDS: Final = {"description": "text", "reporter_name": "writer", "reporter_phone": "phone"}


async def empty(platform: Platform, work: Work, site: Site, new: NewEmptying) -> Emptying:
    """Record that a box was emptied. Raises Invalid."""
    enter(work, site)
    if new.box not in (await rules(platform, work, site)).boxes:
        raise Invalid.field("box", "Choose one of the site's boxes.")
    at = new.emptied_at or work.now
    if at > work.now:
        raise Invalid.field("emptied_at", "Give the time at which it was emptied, not one to come.")
    made = await repository.empty(work.uow, site.id, new, at, clerk(work))
    work.audit("reception.box.emptied", "reception_box", made.id, {"slips": new.slips}, site_id=site.id)
    work.announce("desk", site.id, made.id)
    return made


async def emptied(work: Work, site: Site) -> list[Emptying]:
    """The last hundred emptyings, the latest first."""
    enter(work, site)
    return await repository.emptied(work.uow, site.id)


async def get(work: Work, site: Site, box_id: UUID) -> Emptying:
    """Raises NotFound."""
    enter(work, site)
    found = await repository.emptied(work.uow, site.id, box_id)
    if not found:
        raise NotFound
    return found[0]


async def enter_slip(platform: Platform, work: Work, site: Site, box_id: UUID, new: NewSlip) -> Slip:
    """Make a ticket of a slip. Raises NotFound, Invalid naming the fields, Conflict where all have been entered."""
    enter(work, site)
    try:
        ticket = await platform.tickets.create(
            work,
            site,
            NewTicket(
                description=new.text,
                category=new.category,
                channel="complaint_box",
                unit_id=new.unit_id,
                place=new.place,
                reporter_name=new.writer,
                reporter_phone=new.phone,
                concerns_id=new.concerns_id,
                fields=new.fields,
            ),
        )
    except Invalid as refused:
        raise Invalid(fields=renamed(refused.fields, _FIELDS)) from None
    slip = await repository.add_slip(work, site, box_id, ticket)
    if slip is None:
        await get(work, site, box_id)
        raise Conflict("All slips of this box have been entered.")
    work.announce("desk", site.id, box_id)
    return slip
