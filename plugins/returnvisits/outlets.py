"""What return visits add to core's pages: a ticket's visits, and the last one of a household that failed."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import Fragment, HouseholdCard, Ticket, Work
from plugins.returnvisits.permissions import VIEW
from plugins.returnvisits.visits import repository, screens


async def of_ticket(work: Work, ticket: Ticket) -> Sequence[Fragment]:
    """Beside a ticket: its visits, the latest first."""
    if VIEW.id not in work.ctx.permissions:  # whose work is checked does not learn of it (VIS-5)
        return []
    visits = await repository.of_ticket(work.uow, ticket.id)
    if not visits:
        return []
    rows = tuple((visit, screens.STATES[visit.status], screens.SATISFACTION.get(visit.satisfaction))
                 for visit in reversed(visits))  # fmt: skip
    return [Fragment(template="returnvisits/ticket_side.html", context={"rows": rows}, order=150, permission=VIEW.id)]


async def of_household(work: Work, card: HouseholdCard) -> Sequence[Fragment]:
    """On a household's card: the latest visit that failed, so that whoever talks to them knows."""
    if VIEW.id not in work.ctx.permissions:
        return []
    visit = await repository.unsatisfied(work.uow, card.unit_id)
    if visit is None:
        return []
    return [Fragment(template="returnvisits/household.html", context={"visit": visit}, order=150, permission=VIEW.id)]
