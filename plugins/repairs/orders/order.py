"""An order as rules, API and console see it: its ticket, its state, and what follows from both (REP-1, REP-3)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import NotFound, Platform, Question, Site, Ticket, Work
from plugins.repairs.charges import rules as charges
from plugins.repairs.kinds import ORDER, item_of
from plugins.repairs.orders import state
from plugins.repairs.orders.state import Consent, Earlier, Line, Photo, Rework, Signed, State, Visit
from plugins.repairs.policies import WORK, WorkRules
from plugins.repairs.warranty import service as warranty
from plugins.repairs.warranty.model import Assessment


class Order(msgspec.Struct, frozen=True):
    """A work order besides its ticket. Amounts in fen: `total_fen` of all lines, `due_fen` of it from the resident,
    `estimated_fen` agreed to before the work; `revision` counts the entries that come to it, for who signs. `settled`:
    the agreement to what is due, or its waiver. `repeats`: which order about the same thing it is within a year,
    `too_often` from the site's number on (REP-6). `rework_of`: the order whose work this one does again, `reworks`:
    those in which its own was (REP-5). `missing`: what keeps it from being done, in English."""

    ticket_id: UUID
    number: str
    status: str
    item: str
    spot: str
    warranty: Assessment
    visits: tuple[Visit, ...]
    lines: tuple[Line, ...]
    consents: tuple[Consent, ...]
    photos: tuple[Photo, ...]
    signatures: tuple[Signed, ...]
    total_fen: int
    due_fen: int
    estimated_fen: int
    revision: int
    settled: Consent | None
    earlier: tuple[Earlier, ...]
    repeats: int
    too_often: bool
    rework_of: Rework | None
    reworks: tuple[Rework, ...]
    missing: str | None

    @property
    def visit(self) -> Visit | None:
        """The visit that is agreed."""
        return next((visit for visit in self.visits if visit.agreed), None)


async def get(platform: Platform, work: Work, site: Site, ticket_id: UUID) -> Order:
    """Raises NotFound, also for a ticket that is no order."""
    return await of(platform, work, site, await platform.tickets.get(work, site, ticket_id))


async def of(platform: Platform, work: Work, site: Site, ticket: Ticket) -> Order:
    """What there is about a ticket of the site. Raises NotFound for one that is no order."""
    found = await state.read(work.uow, site.id, ticket.id) if ticket.type == ORDER else None
    if found is None:
        raise NotFound
    return await known(platform, work, site, ticket, found)


async def held(
    platform: Platform, work: Work, site: Site, ticket: Ticket, asked: Question[State | None]
) -> tuple[Order, State]:
    """The order whose ticket has just been locked, and what was read of it then. Raises NotFound for no order."""
    if asked.answer is None:
        raise NotFound
    return await known(platform, work, site, ticket, asked.answer), asked.answer


async def known(platform: Platform, work: Work, site: Site, ticket: Ticket, found: State) -> Order:
    """What follows from what has been read."""
    rules = await platform.policies.value(work, WORK, site.id)
    assessment = await warranty.assessed(platform, work, site, item_of(ticket), ticket.created_at, found)
    return made(ticket, found, assessment, rules)


def made(ticket: Ticket, found: State, assessment: Assessment, rules: WorkRules) -> Order:
    """Put together what follows. Pure."""
    item = item_of(ticket)
    due = charges.due_of(found, assessment.warranty)
    repeats = len(found.earlier) + 1
    return Order(
        ticket_id=ticket.id,
        number=ticket.number,
        status=ticket.status,
        item=item,
        spot=str(ticket.fields.get("spot") or ""),
        warranty=assessment,
        visits=found.visits,
        lines=found.lines,
        consents=found.consents,
        photos=found.photos,
        signatures=found.signatures,
        total_fen=found.total_fen,
        due_fen=due,
        estimated_fen=charges.estimated(found.consents),
        revision=len(found.lines),
        settled=charges.agreed(found.consents, due) if due else None,
        earlier=found.earlier,
        repeats=repeats,
        too_often=repeats >= rules.repeat_times,
        rework_of=found.rework_of,
        reworks=found.reworks,
        missing=charges.before_done(item, found, assessment.warranty, rules),
    )
