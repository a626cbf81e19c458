"""Entries on tickets' timelines that change neither state nor clocks: what a ticket carries comes and goes with one."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.tenancy.directory import Site
from core.tickets.model import Status
from core.work import Work


class Held(msgspec.Struct, frozen=True):
    """A ticket that nobody else changes before this work ends."""

    id: UUID
    number: str
    status: Status


class Entry(msgspec.Struct, frozen=True):
    """What happened to a ticket, in the actor's name."""

    ticket_id: UUID
    kind: str
    details: dict[str, str] = {}


# in one order for everybody, so that two who hold the same pair cannot wait for each other
_HOLD = """
SELECT id, number, status FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3::uuid[])
ORDER BY id FOR UPDATE
"""
# A statement of its own: only one that begins after the tickets are held sees the last entry of whoever held them.
_RECORD = """
WITH changed AS (
    UPDATE ticket SET updated_at = $2 WHERE company_id = $1 AND id = ANY ($3::uuid[])
)
INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, details, actor_kind, actor_id, actor_name)
SELECT $1, e.ticket_id,
    (SELECT max(seq) + 1 FROM ticket_event WHERE company_id = $1 AND ticket_id = e.ticket_id),
    $2, e.kind, e.details, $6, $7, $8
FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) AS e (ticket_id, kind, details)
"""


async def hold(work: Work, site: Site, *ticket_ids: UUID) -> list[Held]:
    """Lock these tickets of the site, in the order they are named. Raises NotFound, for others' tickets too."""
    found = await work.uow.fetch(Held, _HOLD, work.ctx.company_id, site.id, list(ticket_ids))
    by_id: Mapping[UUID, Held] = {held.id: held for held in found}
    if any(ticket_id not in by_id for ticket_id in ticket_ids):
        raise NotFound
    return [by_id[ticket_id] for ticket_id in ticket_ids]


async def record(work: Work, site: Site, *entries: Entry) -> None:
    """Put an entry on the timeline of each of these tickets, all of them held."""
    actor = work.ctx.actor
    await work.uow.execute(
        _RECORD,
        work.ctx.company_id,
        work.now,
        [entry.ticket_id for entry in entries],
        [entry.kind for entry in entries],
        [msgspec.json.encode(entry.details).decode() for entry in entries],
        actor.kind,
        actor.id,
        actor.name,
    )
    for entry in entries:
        work.announce("ticket", site.id, entry.ticket_id)
