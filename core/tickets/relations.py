"""Ties between tickets of a site: duplicate of, caused by, follow-up of, rework of. Each is shown on both of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.question import Row
from core.errors import Conflict, NotFound
from core.tenancy.directory import Site
from core.tickets.carried import RelationKind
from core.tickets.entries import Entry, Held, hold_pair, record
from core.work import Work


class NewRelation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the ticket is of the one that is named: its duplicate, what it caused, its follow-up, its rework."""

    kind: Literal["duplicate_of", "caused_by", "follow_up_of", "rework_of"]
    ticket_id: UUID


class Tied(msgspec.Struct, frozen=True):
    """What a ticket that is taken in is of another one, which the caller has locked."""

    kind: Literal["caused_by", "follow_up_of", "rework_of"]
    ticket_id: UUID
    number: str


class _Beside(msgspec.Struct, frozen=True):
    id: UUID
    site_id: UUID
    to_id: UUID
    to_number: str
    kind: str
    by_kind: str
    by_id: UUID | None
    by_name: str
    at: datetime


class Tie(msgspec.Struct, frozen=True):
    """A relation that was made; of a duplicate also what stands against it."""

    id: UUID | None
    is_a_duplicate: bool
    of_a_duplicate: bool
    has_duplicates: bool


# Duplicates form stars: none is a duplicate of a duplicate. Whoever ties two holds both, so there can be no loop.
_TIE = """
WITH facts AS (
    SELECT coalesce(bool_or(from_id = $4 AND to_id <> $5), false) AS is_a_duplicate,
        coalesce(bool_or(from_id = $5), false) AS of_a_duplicate,
        coalesce(bool_or(to_id = $4), false) AS has_duplicates
    FROM ticket_relation WHERE company_id = $1 AND $6 = 'duplicate_of' AND kind = 'duplicate_of'
        AND (from_id IN ($4, $5) OR to_id = $4)
), made AS (
    INSERT INTO ticket_relation (company_id, id, site_id, from_id, to_id, kind, merged_from, created_by, created_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM facts
    WHERE NOT (is_a_duplicate OR of_a_duplicate OR has_duplicates)
    -- what was tied as a duplicate before is merged now
    ON CONFLICT (company_id, from_id, to_id, kind) DO UPDATE SET merged_from = excluded.merged_from
        WHERE ticket_relation.merged_from IS NULL AND excluded.merged_from IS NOT NULL
    RETURNING id
)
SELECT (SELECT id FROM made), is_a_duplicate, of_a_duplicate, has_duplicates FROM facts
"""
_HOLD_TIED = """
SELECT id, number, status, answered_at IS NOT NULL FROM ticket WHERE company_id = $1 AND site_id = $2 AND id IN (
    SELECT unnest(ARRAY[from_id, to_id]) FROM ticket_relation
    WHERE company_id = $1 AND site_id = $2 AND id = $4 AND (from_id = $3 OR to_id = $3)
) ORDER BY id FOR UPDATE
"""
# Beside the statement that takes a ticket in: `created` holds its number, and the other one is locked.
_TIE_NEW = """
INSERT INTO ticket_relation (company_id, id, site_id, from_id, to_id, kind, created_by, created_at)
SELECT $1, r.id, r.site_id, $2, r.to_id, r.kind, r.by_name, r.at FROM jsonb_to_record({row})
    AS r (id uuid, site_id uuid, to_id uuid, kind text, by_name text, at timestamptz)
"""
_TELL_NEW = """
INSERT INTO ticket_event (company_id, ticket_id, seq, at, kind, details, actor_kind, actor_id, actor_name)
SELECT $1, e.id, e.seq, r.at, 'related', jsonb_build_object('relation', r.kind, 'side', e.side, 'number', e.number),
    r.by_kind, r.by_id, r.by_name
FROM jsonb_to_record({row}) AS r (to_id uuid, to_number text, kind text, by_kind text, by_id uuid, by_name text,
    at timestamptz),
    LATERAL (VALUES
        ($2, 2, 'from', r.to_number),
        (r.to_id, (SELECT max(seq) + 1 FROM ticket_event WHERE company_id = $1 AND ticket_id = r.to_id), 'to',
         (SELECT number FROM created))
    ) AS e (id, seq, side, number)
"""
_UNTIE = """
DELETE FROM ticket_relation WHERE company_id = $1 AND id = $2 AND merged_from IS NULL RETURNING kind, from_id
"""


async def relate(work: Work, site: Site, ticket_id: UUID, new: NewRelation) -> UUID:
    """Tie a ticket to another one. Raises NotFound, Invalid (no such other ticket) or Conflict (tied already)."""
    ticket, other = await hold_pair(work, site, ticket_id, new.ticket_id)
    relation_id = await tie(work, site, ticket, other, new.kind)
    await record(work, site, *entries("related", new.kind, ticket, other))
    work.audit("ticket.related", "ticket", ticket.id, {"kind": new.kind, "to": other.number}, site_id=site.id)
    return relation_id


def beside(work: Work, site: Site, to: Tied) -> tuple[Row, ...]:
    """What is written with a ticket that is taken in: the tie, and what both timelines tell of it."""
    actor = work.ctx.actor
    values = _Beside(new_id(), site.id, to.ticket_id, to.number, to.kind, actor.kind, actor.id, actor.name, work.now)
    return Row(_TIE_NEW, values), Row(_TELL_NEW, values)


async def unrelate(work: Work, site: Site, ticket_id: UUID, relation_id: UUID) -> None:
    """Take a tie off, from either of its tickets. Raises NotFound or Conflict (merged)."""
    tied = await work.uow.fetch(Held, _HOLD_TIED, work.ctx.company_id, site.id, ticket_id, relation_id)
    if not tied:
        raise NotFound
    untied = await work.uow.fetch_one(lambda kind, from_id: (kind, from_id), _UNTIE, work.ctx.company_id, relation_id)
    if untied is None:
        raise Conflict("These tickets are merged. Undo the merge first.")
    kind, from_id = untied
    start, end = sorted(tied, key=lambda ticket: ticket.id != from_id)
    await record(work, site, *entries("unrelated", kind, start, end))
    work.audit("ticket.unrelated", "ticket", start.id, {"kind": kind, "to": end.number}, site_id=site.id)


async def tie(
    work: Work, site: Site, start: Held, end: Held, kind: RelationKind, merged_from: str | None = None
) -> UUID:
    """Insert a relation of two tickets that are held. Raises Conflict if it cannot be, or is there already."""
    made = await work.uow.fetch_one(
        Tie,
        _TIE,
        work.ctx.company_id,
        new_id(),
        site.id,
        start.id,
        end.id,
        kind,
        merged_from,
        work.ctx.actor.name,
        work.now,
    )
    assert made is not None  # facts are always one row
    if made.is_a_duplicate:
        raise Conflict("{number} is a duplicate of another ticket already.", params={"number": start.number})
    if made.of_a_duplicate:
        raise Conflict(
            "{number} is itself a duplicate. Choose the ticket it is a duplicate of.", params={"number": end.number}
        )
    if made.has_duplicates:
        raise Conflict(
            "{number} has duplicates of its own. Make the other one its duplicate.", params={"number": start.number}
        )
    if made.id is None:
        raise Conflict("These tickets are tied so already.")
    return made.id


def entries(what: str, kind: RelationKind, start: Held, end: Held) -> tuple[Entry, Entry]:
    """What both timelines tell of it."""
    return (
        Entry(start.id, what, {"relation": kind, "side": "from", "number": end.number}),
        Entry(end.id, what, {"relation": kind, "side": "to", "number": start.number}),
    )
