"""How many offers and questions wait for somebody, and callbacks at a site: the numbers in the navigation."""

from __future__ import annotations

from core.tenancy.directory import Site
from core.work import Work

_COUNTS = """
SELECT (SELECT count(*) FROM ticket_offer WHERE company_id = $1 AND site_id = $2 AND to_id = $3)
     + (SELECT count(*) FROM ticket_question
        WHERE company_id = $1 AND site_id = $2 AND to_id = $3 AND answered_at IS NULL),
    (SELECT count(*) FROM ticket_callback WHERE company_id = $1 AND site_id = $2 AND ended_at IS NULL)
"""


async def counts(work: Work, site: Site) -> tuple[int, int]:
    """What waits for the actor, and the callbacks owed."""

    def pair(inbox: int, callbacks: int) -> tuple[int, int]:
        return inbox, callbacks

    found = await work.uow.fetch_one(pair, _COUNTS, work.ctx.company_id, site.id, work.ctx.actor.id)
    assert found is not None
    return found
