"""What the front desk adds to core's pages."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import Fragment, Ticket, Work
from plugins.reception import cards, log
from plugins.reception.permissions import VIEW


async def call_of(work: Work, ticket: Ticket) -> Sequence[Fragment]:
    """Beside a ticket: the call it came from."""
    call = await log.of_ticket(work.uow, ticket.site_id, ticket.id)
    if call is None:
        return []
    context = {"call": cards.logged(call)}
    return [Fragment(template="reception/ticket_side.html", context=context, order=200, permission=VIEW.id)]
