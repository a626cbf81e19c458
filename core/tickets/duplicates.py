"""The answer to a ticket is the answer to its merged duplicates too (TKT-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from core.tickets.changes import Change

_HOLD = "SELECT FROM ticket WHERE company_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE"
_ANSWER = """
WITH answered AS (
    UPDATE ticket SET answered_at = $3, updated_at = $3
    WHERE company_id = $1 AND id = ANY ($2::uuid[]) AND answered_at IS NULL RETURNING id
)
INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, text, details, actor_kind, actor_id, actor_name)
SELECT $1, id, (SELECT max(seq) + 1 FROM ticket_event WHERE company_id = $1 AND ticket_id = answered.id),
    $3, 'answer', $4, $5::jsonb, $6, $7, $8
FROM answered
"""


async def answer(change: Change) -> None:
    """Give the answer that the change records to the reporters of the duplicates that wait for it."""
    work, waiting = change.work, list(change.recorded.unanswered)
    given, actor = change.entries[-1], work.ctx.actor
    details = msgspec.json.encode({**given.details, "number": change.after.number}).decode()
    await work.uow.execute(_HOLD, work.ctx.company_id, waiting)
    await work.uow.execute(
        _ANSWER, work.ctx.company_id, waiting, work.now, given.text, details, actor.kind, actor.id, actor.name
    )
    for ticket_id in waiting:
        told = {"with": change.after.number}
        work.audit("ticket.answer", "ticket", ticket_id, told, site_id=change.after.site_id)
        work.announce("ticket", change.after.site_id, ticket_id)
