"""Events of lost and found, and what it does on those of others."""

from core.sdk import Event, Work
from lodge_lostfound import repository

ITEM_HANDED_IN = "lostfound.item_handed_in.v1"


async def count_ticket(work: Work, event: Event) -> None:
    """Count a created ticket for its site; a second delivery of the same ticket changes nothing."""
    if event.site_id is not None:
        await repository.note_ticket(work.uow, work.ctx.company_id, event.site_id, event.aggregate_id)
