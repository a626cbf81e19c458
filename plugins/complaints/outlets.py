"""What complaints add to core's pages: their panel on the ticket's page."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import Fragment, Platform, Ticket, Work
from plugins.complaints import repository, screens
from plugins.complaints.kind import TYPE
from plugins.complaints.model import STEPS
from plugins.complaints.permissions import VIEW
from plugins.complaints.policies import HANDLING, LIMITS


async def case_of(platform: Platform, work: Work, ticket: Ticket) -> Sequence[Fragment]:
    """The complaint that the ticket is; nothing for other tickets, without a statement."""
    if ticket.type != TYPE or VIEW.id not in work.ctx.permissions:
        return []
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(ticket.site_id)) if company else None
    case = await repository.read(work.uow, ticket.site_id, ticket.id)
    if case is None or site is None:
        return []
    handling = await platform.policies.value(work, HANDLING, site.id)
    limits = await platform.policies.value(work, LIMITS, site.id)
    reader = screens.Reader(work.ctx.permissions, work.ctx.actor.member_id, site.today(work.now))
    shown = screens.panel(case, handling, limits, reader)
    return [
        Fragment(
            template="complaints/ticket_case.html",
            context={"panel": shown, "labels": STEPS},
            order=20,
            permission=VIEW.id,
        )
    ]
