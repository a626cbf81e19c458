"""What lost and found adds to core's pages."""

from collections.abc import Sequence

from core.sdk import Fragment, TicketFacts, Work
from lodge_lostfound import repository
from lodge_lostfound.permissions import VIEW

LOST_PROPERTY = "lost_property"
SHOWN = 5


async def found_lately(work: Work, ticket: TicketFacts) -> Sequence[Fragment]:
    """Beside a ticket about lost property: what was handed in lately at its site."""
    if ticket.category != LOST_PROPERTY:
        return []
    items = await repository.items(work.uow, work.ctx.company_id, ticket.site_id, status="kept", limit=SHOWN)
    return [
        Fragment(
            template="lostfound/ticket_side.html",
            context={"items": items},
            order=500,
            permission=VIEW.id,
        )
    ]
