"""Entries on tickets' timelines that change neither state nor clocks: what a ticket carries comes and goes with one."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.db.question import Row
from core.errors import Invalid, NotFound
from core.tenancy.directory import Site
from core.tickets.model import Status
from core.work import Work


class Held(msgspec.Struct, frozen=True):
    """A ticket that nobody else changes before this work ends."""

    id: UUID
    number: str
    status: Status
    answered: bool


class Entry(msgspec.Struct, frozen=True):
    """What happened to a ticket, in the actor's name."""

    ticket_id: UUID
    kind: str
    details: dict[str, str] = {}


# in one order for everybody, so that two who hold the same pair cannot wait for each other
_HOLD = """
SELECT id, number, status, answered_at IS NOT NULL FROM ticket
WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3::uuid[]) ORDER BY id FOR UPDATE
"""
# A statement of its own: only one that begins after the tickets are held sees the last entry of whoever held them.
_RECORD = """
WITH provided AS (/* provided */)/* beside */, changed AS (
    UPDATE ticket SET updated_at = $2 WHERE company_id = $1 AND id = ANY ($3::uuid[]) AND EXISTS (SELECT FROM provided)
)
INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, details, actor_kind, actor_id, actor_name)
SELECT $1, e.ticket_id,
    (SELECT max(seq) + 1 FROM ticket_event WHERE company_id = $1 AND ticket_id = e.ticket_id),
    $2, e.kind, e.details, $6, $7, $8
FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) AS e (ticket_id, kind, details) WHERE EXISTS (SELECT FROM provided)
"""


async def held(work: Work, site: Site, *ticket_ids: UUID) -> dict[UUID, Held]:
    """Lock these tickets, as far as they are the site's."""
    found = await work.uow.fetch(Held, _HOLD, work.ctx.company_id, site.id, list(ticket_ids))
    return {ticket.id: ticket for ticket in found}


async def hold(work: Work, site: Site, ticket_id: UUID) -> Held:
    """Lock a ticket of the site. Raises NotFound, for another site's or company's too."""
    ticket = (await held(work, site, ticket_id)).get(ticket_id)
    if ticket is None:
        raise NotFound
    return ticket


async def hold_pair(work: Work, site: Site, ticket_id: UUID, other_id: UUID) -> tuple[Held, Held]:
    """Lock a ticket and another that is named with it. Raises NotFound for the first, Invalid for the second."""
    found = await held(work, site, ticket_id, other_id)
    if ticket_id not in found:
        raise NotFound
    if other_id not in found or other_id == ticket_id:
        raise Invalid.field("ticket_id", "Choose another ticket of this site.")
    return found[ticket_id], found[other_id]


async def record(
    work: Work, site: Site, *entries: Entry, provided: Row | None = None, beside: Row | None = None
) -> bool:
    """Put an entry on the timeline of each of these tickets, all of them held; whether they are there.

    `provided` is written with them, and shares the company as $1: where it returns no row there are no entries either.
    `beside` is written too, and may ask whether there is a row in `provided`.
    """
    actor = work.ctx.actor
    sql, given = ("SELECT 1", []) if provided is None else provided.at(9)
    also, values = ("", []) if beside is None else beside.at(9 + len(given))
    written = await work.uow.execute(
        _RECORD.replace("/* provided */", sql).replace("/* beside */", f", beside AS ({also})" if also else ""),
        work.ctx.company_id,
        work.now,
        [entry.ticket_id for entry in entries],
        [entry.kind for entry in entries],
        [msgspec.json.encode(entry.details).decode() for entry in entries],
        actor.kind,
        actor.id,
        actor.name,
        *given,
        *values,
    )
    for entry in entries if written else ():
        work.announce("ticket", site.id, entry.ticket_id)
    return bool(written)
