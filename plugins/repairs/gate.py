"""What keeps a work order from the next step (REP-3), and what follows from the steps it has taken."""

from __future__ import annotations

from uuid import UUID

from core.sdk import Conflict, Event, NotFound, Platform, Site, Skill, Ticket, Work
from plugins.repairs.charges import rules as charges
from plugins.repairs.kinds import ORDER, item_of
from plugins.repairs.orders import state
from plugins.repairs.orders.state import State
from plugins.repairs.policies import WORK
from plugins.repairs.visits import repository as visits
from plugins.repairs.visits import service as trades
from plugins.repairs.warranty import service as warranty

_DECIDED_AFTER = ("ticket.created.v1", "ticket.amended.v1")


async def check(work: Work, platform: Platform, ticket: Ticket, action: str, answer: object) -> None:
    """Raise Conflict saying what comes first; actions that neither begin nor end the work are of no concern. `answer`
    is the order's state, if that was asked with the lock."""
    if ticket.type != ORDER or action not in ("start_work", "resolve"):
        return
    site = _site(platform, work, ticket.site_id)
    found = answer if isinstance(answer, State) else await state.read(work.uow, ticket.site_id, ticket.id)
    if site is None or found is None:
        return
    rules = await platform.policies.value(work, WORK, ticket.site_id)
    item = item_of(ticket)
    liable = (await warranty.assessed(platform, work, site, item, ticket.created_at, found)).warranty
    missing = (
        charges.before_work(found, liable, rules)
        if action == "start_work"
        else charges.before_done(item, found, liable, rules)
    )
    if missing:
        raise Conflict(missing)


async def skills(work: Work, platform: Platform, ticket: Ticket) -> list[Skill]:
    """Who knows the trade that an order needs; nothing for other tickets (REP-2)."""
    site = _site(platform, work, ticket.site_id) if ticket.type == ORDER else None
    return await trades.skills(platform, work, site, ticket) if site is not None else []


async def follow(work: Work, platform: Platform, event: Event) -> None:
    """Decide on the warranty of what was taken in or changed; note arrivals with the visit; a done order needs none."""
    site = None if event.site_id is None else _site(platform, work, event.site_id)
    if site is None:
        return
    if event.type in _DECIDED_AFTER:
        try:
            ticket = await platform.tickets.get(work, site, event.aggregate_id)
        except NotFound:
            return
        if ticket.type == ORDER:
            await warranty.note(platform, work, site, ticket)
    elif event.type == "ticket.arrived.v1":
        await visits.arrive(work.uow, site.id, event.aggregate_id)
    elif event.type in ("ticket.resolved.v1", "ticket.closed.v1"):
        await visits.end(work.uow, site.id, event.aggregate_id, work.now)


def _site(platform: Platform, work: Work, site_id: UUID) -> Site | None:
    company = platform.directory.known(work.ctx.company_id)
    return None if company is None else company.site(str(site_id))
