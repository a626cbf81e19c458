"""Statements that read tickets without changing them. Each names the company itself, besides row level security."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.tickets.model import Ticket, TimelineEntry

_TICKET = ", ".join(Ticket.__struct_fields__)
_GET = f"SELECT {_TICKET} FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_TIMELINE = """
SELECT seq, at, kind, actor_kind, actor_name, text, details::text FROM ticket_event
WHERE company_id = $1 AND ticket_id = $2 ORDER BY seq
"""
_COUNTS = "SELECT status, tickets FROM ticket_counter WHERE company_id = $1 AND site_id = $2"
_PRESSING = """
SELECT (SELECT coalesce(jsonb_object_agg(status, tickets), '{}')::text FROM ticket_counter
        WHERE company_id = $1 AND site_id = $2),
    count(*) FILTER (WHERE due_at > $3), count(*) FILTER (WHERE due_at <= $3)
FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' AND queue_at <= $4
"""

_numbers = msgspec.json.Decoder(dict[str, int])
_strings = msgspec.json.Decoder(dict[str, str])


async def get(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> Ticket | None:
    return await uow.fetch_one(Ticket, _GET, uow.company_id, site_id, ticket_id)


async def timeline_of(uow: UnitOfWork, ticket_id: UUID) -> list[TimelineEntry]:
    def entry(*columns: Any) -> TimelineEntry:
        fields = dict(zip(TimelineEntry.__struct_fields__, columns, strict=True))
        return TimelineEntry(**{**fields, "details": _strings.decode(fields["details"])})

    return await uow.fetch(entry, _TIMELINE, uow.company_id, ticket_id)


async def counts(uow: UnitOfWork, site_id: UUID) -> dict[str, int]:
    """Tickets of a site by state, from the counters kept with every change."""
    return dict(await uow.fetch(lambda status, tickets: (status, tickets), _COUNTS, uow.company_id, site_id))


async def pressing(
    uow: UnitOfWork, site_id: UUID, now: datetime, soon: datetime
) -> tuple[dict[str, int], tuple[int, int]]:
    """The counts by state; open tickets whose deadline lies between the two instants, and whose deadline has passed."""

    def read(by_state: str, due: int, late: int) -> tuple[dict[str, int], tuple[int, int]]:
        return _numbers.decode(by_state), (due, late)

    found = await uow.fetch_one(read, _PRESSING, uow.company_id, site_id, now, soon)
    assert found is not None
    return found
