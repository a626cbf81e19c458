"""Who watches a ticket: told what happens to it without owning or handling it."""

from __future__ import annotations

from uuid import UUID

from core.errors import Conflict, NotFound
from core.tenancy.directory import Site
from core.work import Work

# Whoever came along with a merged duplicate, and now watches by choice, stays when the merge is undone.
_WATCH = """
INSERT INTO ticket_watcher (company_id, ticket_id, member_id, since)
SELECT company_id, id, $4, $5 FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3
ON CONFLICT (company_id, ticket_id, member_id) DO UPDATE SET via_id = NULL
"""
_UNWATCH = """
WITH gone AS (
    DELETE FROM ticket_watcher WHERE company_id = $1 AND ticket_id = $3 AND member_id = $4
)
SELECT FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3
"""


async def watch(work: Work, site: Site, ticket_id: UUID) -> None:
    """Watch a ticket from now on. Again changes nothing. Raises NotFound or Conflict (no person)."""
    if not await work.uow.execute(_WATCH, work.ctx.company_id, site.id, ticket_id, _reader(work), work.now):
        raise NotFound
    _note(work, site, ticket_id, "ticket.watched")


async def unwatch(work: Work, site: Site, ticket_id: UUID) -> None:
    """Watch it no longer. Raises NotFound for a ticket of another site or company."""
    if not await work.uow.execute(_UNWATCH, work.ctx.company_id, site.id, ticket_id, _reader(work)):
        raise NotFound
    _note(work, site, ticket_id, "ticket.unwatched")


def _reader(work: Work) -> UUID:
    if work.ctx.actor.kind != "person" or work.ctx.actor.id is None:
        raise Conflict("Only people watch tickets.")
    return work.ctx.actor.id


def _note(work: Work, site: Site, ticket_id: UUID, action: str) -> None:
    work.audit(action, "ticket", ticket_id, site_id=site.id)
    work.announce("ticket", site.id, ticket_id)
