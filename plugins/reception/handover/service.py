"""The rules of handing a shift over: what is open goes on record, and somebody else accepts it. Callers commit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.sdk import Conflict, Event, Forbidden, NotFound, Platform, Site, Work, ticket_standing
from plugins.reception import events
from plugins.reception.handover import repository
from plugins.reception.handover.model import Accept, Handover, Line, NewHandover, Sheet

_SOON = timedelta(hours=8)  # a shift
_LISTED = 30


async def sheet(platform: Platform, work: Work, site: Site) -> Sheet:
    """What the next shift would take over now."""
    return await repository.sheet(work, site, await _core(platform, work, site))


async def hand(platform: Platform, work: Work, site: Site, new: NewHandover) -> Handover:
    """Hand the shift over: the sheet of this moment is stored."""
    known = await _core(platform, work, site)
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    handed = await repository.hand(work, site, known, by, new)
    _changed(work, "handed", handed)
    work.emit(Event(events.SHIFT_HANDED, site.id, handed.id))
    return handed


async def accept(work: Work, site: Site, handover_id: UUID, said: Accept) -> Handover:
    """Take the shift over. Raises NotFound, Forbidden for whoever hands it over, Conflict where somebody has it."""
    handed = await get(work, site, handover_id)
    me = work.ctx.actor
    if me.kind != "person" or me.id is None or me.id == handed.handed_by:
        raise Forbidden("Somebody else accepts the shift that you hand over.")
    accepted = await repository.accept(work.uow, site.id, handover_id, work.now, (me.id, me.name), said.note.strip())
    if accepted is None:
        raise Conflict("This shift has been accepted already.")
    _changed(work, "accepted", accepted)
    work.emit(Event(events.SHIFT_ACCEPTED, site.id, handover_id))
    return accepted


async def get(work: Work, site: Site, handover_id: UUID) -> Handover:
    """Raises NotFound, also for one of another site or company."""
    _enter(work, site)
    found = await repository.get(work.uow, site.id, handover_id)
    if found is None:
        raise NotFound
    return found


async def latest(work: Work, site: Site) -> list[Handover]:
    """The last shifts, the latest first."""
    _enter(work, site)
    return await repository.latest(work.uow, site.id, _LISTED)


async def _core(platform: Platform, work: Work, site: Site) -> Sheet:
    """What tickets leave open: their number, and the callbacks that were promised (TKT-4)."""
    _enter(work, site)
    standing = await ticket_standing(work, site, _SOON)
    owed = await platform.tickets.callbacks(work, site)
    return Sheet(
        open_tickets=standing.open,
        due_soon=standing.due,
        overdue=standing.overdue,
        callbacks=tuple(
            Line(row.number, " · ".join(filter(None, (row.place, row.reporter_name, row.note))), row.promised_at,
                 row.promised_at <= work.now, row.ticket_id)
            for row in owed
        ),
    )  # fmt: skip


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _changed(work: Work, action: str, handed: Handover) -> None:
    work.audit(f"reception.handover.{action}", "reception_handover", handed.id, site_id=handed.site_id)
    work.announce("desk", handed.site_id, handed.id)
