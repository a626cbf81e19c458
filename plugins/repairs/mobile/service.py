"""What a technician does with orders of their own from a phone (REP-3). Callers commit.

Every change names the order's version that the phone had seen, so that what was queued without a connection cannot
overwrite what somebody else did meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import NewSignature, NotFound, Platform, Site, TicketStep, TimelineEntry, View, Work, words
from plugins.repairs import kinds
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import Pause, PhotoMark
from plugins.repairs.mobile import repository
from plugins.repairs.mobile.model import Happened, MobileOrder, NewAct, NewPause, Orders, Priced
from plugins.repairs.mobile.repository import Row
from plugins.repairs.orders.state import Moment
from plugins.repairs.policies import WORK
from plugins.repairs.prices import service as prices

_STAGES = {stage.name: stage for stage in kinds.TYPE.stages}


async def mine(platform: Platform, work: Work, site: Site, view: View) -> Orders:
    """Everything a phone keeps, in the reader's language."""
    me = _me(work, site)
    found = await repository.orders(work.uow, site.id, me, work.now) if me is not None else []
    rules = await platform.policies.value(work, WORK, site.id)
    priced = await prices.in_force(work, site)
    return Orders(
        person=me,
        at=work.now,
        orders=tuple(_shown(view, site, row) for row in found),
        prices=tuple(Priced(p.code, p.name, p.unit, p.price_fen) for p in priced if not p.retired),
        pauses=rules.pause_reasons,
    )


async def one(work: Work, site: Site, view: View, ticket_id: UUID) -> MobileOrder | None:
    """An order of one's own as it stands now; None once it is not."""
    me = _me(work, site)
    found = await repository.orders(work.uow, site.id, me, work.now, ticket_id) if me is not None else []
    return _shown(view, site, found[0]) if found else None


async def act(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewAct) -> None:
    """Raises NotFound, Invalid, Conflict, PreconditionFailed where somebody has changed the order since."""
    await platform.tickets.act(work, site, ticket_id, said.act, TicketStep(text=said.text), said.version)


async def pause(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewPause) -> None:
    """Raises NotFound, Invalid, Conflict, PreconditionFailed."""
    await charges.pause(platform, work, site, ticket_id, Pause(said.reason, said.note), said.version)


async def photo(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, name: str, data: bytes, moment: Moment
) -> None:
    """Keep a photo, and whether it shows the place before or after the work. Raises NotFound, Invalid, Conflict."""
    kept = await platform.files.add(work, site, ticket_id, name, data)
    await charges.mark(work, site, ticket_id, PhotoMark(kept.id, moment))


async def sign(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewSignature) -> None:
    """Keep the resident's signature. Raises NotFound, Invalid, Conflict."""
    await platform.files.sign(work, site, ticket_id, new)


async def phone(work: Work, site: Site, ticket_id: UUID) -> str:
    """The resident's full number; that it was asked for goes on record (ARC-4). Raises NotFound."""
    me = _me(work, site)
    found = await repository.phone(work.uow, site.id, me, ticket_id) if me is not None else None
    if not found:
        raise NotFound
    work.audit("ticket.phone_revealed", "ticket", ticket_id, {"reason": "repair"}, site_id=site.id)
    return found


def _me(work: Work, site: Site) -> UUID | None:
    """Whoever asks; nobody, for a token: orders are people's own."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None


def _shown(view: View, site: Site, row: Row) -> MobileOrder:
    stage = _STAGES.get(row.stage)
    state = stage.title if stage is not None and stage.status == row.status else words.STATES[row.status].label
    return MobileOrder(
        id=row.id,
        number=row.number,
        version=row.version,
        status=row.status,
        stage=row.stage,
        state=view.say(state),
        severity=row.severity,
        place=row.place,
        spot=row.spot,
        matter=row.matter,
        reporter=row.reporter,
        has_phone=row.has_phone,
        convenient=row.convenient,
        due_at=row.due_at,
        visit_at=row.visit_at,
        priced=row.type == kinds.ORDER,
        pictures=row.pictures,
        used=row.used,
        signed_by=row.signed_by,
        history=tuple(_told(view, site, entry) for entry in row.history),
    )


def _told(view: View, site: Site, entry: TimelineEntry) -> Happened:
    told = words.happened(entry, view.say)
    zone = ZoneInfo(site.timezone)
    params = {
        name: value.astimezone(zone).strftime("%m-%d %H:%M") if isinstance(value, datetime) else value
        for name, value in told.params.items()
    }
    return Happened(told.at, told.who, view.say(told.what, **params), told.text)
