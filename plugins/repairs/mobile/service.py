"""What a technician does with orders of their own from a phone (REP-3). Callers commit.

Every change names the order's version that the phone had seen, so that what was queued without a connection cannot
overwrite what somebody else did meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.sdk import Conflict, NotFound, Platform, Site, TicketStep, TimelineEntry, View, Work, words
from plugins.repairs import kinds
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import Pause, Signing
from plugins.repairs.charges.rules import FREE, agreed, due_of, estimated
from plugins.repairs.mobile import repository
from plugins.repairs.mobile.model import (
    Happened,
    MobileOrder,
    NewAct,
    NewPause,
    Orders,
    PhoneSigning,
    Priced,
    Used,
)
from plugins.repairs.mobile.repository import Row
from plugins.repairs.orders import state
from plugins.repairs.orders.state import Moment, State
from plugins.repairs.policies import WORK
from plugins.repairs.prices import service as prices
from plugins.repairs.warranty import service as warranty

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
        orders=tuple([await _shown(platform, work, site, view, row) for row in found]),
        prices=tuple(Priced(p.code, p.name, p.unit, p.price_fen) for p in priced if not p.retired),
        pauses=rules.pause_reasons,
        estimate_above_fen=rules.estimate_above_yuan * 100,
    )


async def one(platform: Platform, work: Work, site: Site, view: View, ticket_id: UUID) -> MobileOrder | None:
    """An order of one's own as it stands now; None once it is not."""
    me = _me(work, site)
    found = await repository.orders(work.uow, site.id, me, work.now, ticket_id) if me is not None else []
    return await _shown(platform, work, site, view, found[0]) if found else None


async def act(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewAct) -> None:
    """Raises NotFound, Invalid, Conflict, PreconditionFailed where somebody has changed the order since."""
    step, asked = TicketStep(text=said.text), state.question()
    await platform.tickets.act(work, site, ticket_id, said.act, step, said.version, question=asked)


async def pause(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewPause) -> None:
    """Raises NotFound, Invalid, Conflict, PreconditionFailed."""
    await charges.pause(platform, work, site, ticket_id, Pause(said.reason, said.note), said.version)


async def photo(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, name: str, data: bytes, moment: Moment
) -> None:
    """Keep a photo, and whether it shows the place before or after the work. Raises NotFound, Invalid, Conflict."""
    await charges.photo(platform, work, site, ticket_id, name, data, moment)


async def sign(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: PhoneSigning) -> None:
    """Keep the resident's signature; under an order, with what they agree to. Raises NotFound, Invalid, Conflict."""
    if new.shown is not None:
        await charges.sign(platform, work, site, ticket_id, Signing(new.shown, new.signature))
    elif (await platform.tickets.get(work, site, ticket_id)).type == kinds.ORDER:
        raise Conflict("Show the resident what is to be paid, and have it signed again.")
    else:
        await platform.files.sign(work, site, ticket_id, new.signature)


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


async def _shown(platform: Platform, work: Work, site: Site, view: View, row: Row) -> MobileOrder:
    found, due, free = row.state, 0, False
    if found is not None:
        liable = (await warranty.assessed(platform, work, site, row.item, row.created_at, found)).warranty
        due, free = due_of(found, liable), liable in FREE
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
        priced=found is not None,
        due_fen=due,
        free=free,
        revision=len(found.lines) if found is not None else 0,
        agreed=_agreed(found, due) if found is not None else "",
        pictures=row.pictures,
        used=tuple(Used(line.name, line.unit, line.quantity, line.amount_fen) for line in found.lines) if found else (),
        signed_by=row.signed_by,
        history=tuple(_told(view, site, entry) for entry in row.history),
    )


def _agreed(found: State, due: int) -> str:
    if not due:
        return ""
    settled = agreed(found.consents, due)
    if settled is not None:
        return settled.kind
    return "estimate" if estimated(found.consents) >= due else ""


def _told(view: View, site: Site, entry: TimelineEntry) -> Happened:
    told = words.happened(entry, view.say)
    zone = ZoneInfo(site.timezone)
    params = {
        name: value.astimezone(zone).strftime("%m-%d %H:%M") if isinstance(value, datetime) else value
        for name, value in told.params.items()
    }
    return Happened(told.at, told.who, view.say(told.what, **params), told.text)
