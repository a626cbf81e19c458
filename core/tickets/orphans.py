"""Matters whose owner has left: offered to who answers for the site, so that nothing is without somebody (TKT-2)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from core.hooks.types import JobSpec
from core.tenancy.context import TenantContext
from core.tickets import ownership
from core.tickets.changes import Changes, iso
from core.tickets.references import ANSWERABLE
from core.work import Work

BATCH = 100  # tickets of a company in one run
_EVERY = 300  # seconds
# Whom a ticket was offered to least goes first: nobody is asked again before the others were.
_LEFT = """
SELECT t.id, c.id, c.name
FROM ticket t
JOIN membership o ON o.company_id = t.company_id AND o.id = t.owner_id
CROSS JOIN LATERAL (
    SELECT m.id, m.name FROM membership m
    WHERE m.company_id = t.company_id AND m.active AND (m.all_sites OR t.site_id = ANY (m.site_ids))
        AND roles_at(m.roles, m.posts, t.site_id, t.building) && $2::text[] AND m.id IS DISTINCT FROM t.concerns_id
    ORDER BY (SELECT count(*) FROM ticket_event e
              WHERE e.company_id = t.company_id AND e.ticket_id = t.id AND e.kind = 'offered_on'
                  AND e.details->>'to_id' = m.id::text),
        (SELECT min(array_position($2::text[], r)) FROM unnest(roles_at(m.roles, m.posts, t.site_id, t.building)) r),
        m.all_sites, m.staff_no
    LIMIT 1
) c
WHERE t.company_id = $1 AND t.status <> 'closed' AND NOT (o.active AND (o.all_sites OR t.site_id = ANY (o.site_ids)))
    AND NOT EXISTS (SELECT FROM ticket_offer f WHERE f.company_id = t.company_id AND f.ticket_id = t.id)
ORDER BY t.id LIMIT $3
"""


class Orphans:
    """Looks for such matters from time to time."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    @property
    def jobs(self) -> tuple[JobSpec, ...]:
        return (JobSpec("core.orphans", self.offer_on, every=_EVERY),)

    async def offer_on(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Offer what members who have left still own; what is refused or not answered is offered to the next."""

        def found(ticket_id: UUID, to_id: UUID, to_name: str) -> tuple[UUID, UUID, str]:
            return ticket_id, to_id, to_name

        for ticket_id, to_id, name in await work.uow.fetch(found, _LEFT, ctx.company_id, list(ANSWERABLE), BATCH):
            change = await self._changes.load(work, ticket_id, None)
            if change.owed.offer is not None or change.before.status == "closed":
                continue  # somebody was quicker
            lapses_at = await ownership.make(change, to_id, name, "")
            details = {"owner": change.before.owner_name, "to": name, "to_id": str(to_id), "lapses_at": iso(lapses_at)}
            change.record("offered_on", details=details, system=True)
            await self._changes.store(change)
            change.audit("ticket.offered_on", {"to_id": str(to_id)})
            change.tell("ticket.offer_made.v1", {"to_id": str(to_id)})
