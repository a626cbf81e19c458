"""Statements that read tickets without changing them. Each names the company itself, besides row level security."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.uow import NOBODY, UnitOfWork
from core.fields import HIDDEN, sees_amounts
from core.tickets.model import MODULE, Ticket, TimelineEntry
from core.work import Work

_TICKET = ", ".join(Ticket.__struct_fields__)
_GET = f"SELECT {_TICKET} FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
# An entry may name another ticket; not one that is about the reader (CMP-6), which few have to be asked for.
_TIMELINE = """
SELECT seq, at, kind, actor_kind, actor_name, text, details::text FROM ticket_event
WHERE company_id = $1 AND ticket_id = $2 AND (NOT details ? 'number' OR details ->> 'number' NOT IN (
    SELECT about.number FROM tickets_about($3, $4) about))
ORDER BY seq
"""
_TALLY = """(SELECT jsonb_build_object(
    'counts', (SELECT coalesce(jsonb_object_agg(status, tickets), '{}') FROM ticket_counter
               WHERE company_id = $1 AND site_id = $2),
    'hidden', (SELECT coalesce(jsonb_agg(jsonb_build_array(concerns_id, status, tickets)), '[]') FROM (
        SELECT concerns_id, status, count(*) AS tickets FROM tickets_about($2, NULL) GROUP BY 1, 2) about))::text)"""
_COUNTS = f"SELECT {_TALLY}"
_SEEN = "SELECT status, count(*) FROM ticket WHERE company_id = $1 AND site_id = $2 GROUP BY status"
_PRESSING = f"""
SELECT {_TALLY}, count(*) FILTER (WHERE due_at > $3), count(*) FILTER (WHERE due_at <= $3)
FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' AND queue_at <= $4
"""  # noqa: S608


class Tally(msgspec.Struct, frozen=True):
    """Tickets of a site by state, and those among them that a member does not see: whom, state, how many (CMP-6)."""

    counts: dict[str, int]
    hidden: list[tuple[UUID, str, int]]

    def seen_by(self, member_id: UUID | None) -> dict[str, int]:
        """By state, as that member may know; None is the system."""
        left_out = {status: tickets for about, status, tickets in self.hidden if about == member_id}
        return {status: tickets - left_out.get(status, 0) for status, tickets in self.counts.items()}

    def is_about(self, member_id: UUID | None) -> bool:
        """Whether that member sees less than others do."""
        return any(about == member_id for about, _, _ in self.hidden)


_tally = msgspec.json.Decoder(Tally).decode
_strings = msgspec.json.Decoder(dict[str, str])


async def get(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> Ticket | None:
    return await uow.fetch_one(Ticket, _GET, uow.company_id, site_id, ticket_id)


async def timeline_of(work: Work, site_id: UUID, ticket_id: UUID) -> list[TimelineEntry]:
    uow, seen = work.uow, sees_amounts(work.ctx.permissions)

    def entry(*columns: Any) -> TimelineEntry:
        fields = dict(zip(TimelineEntry.__struct_fields__, columns, strict=True))
        details = _strings.decode(fields["details"])
        if fields["kind"] == MODULE and "amount" in details and not seen:
            details["amount"] = HIDDEN
        return TimelineEntry(**{**fields, "details": details})

    return await uow.fetch(entry, _TIMELINE, uow.company_id, ticket_id, site_id, uow.reader or NOBODY)


async def counts(uow: UnitOfWork, site_id: UUID) -> Tally:
    """Tickets of a site by state, from the counters kept with every change."""
    return _tally(await uow.value(_COUNTS, uow.company_id, site_id))


async def seen(uow: UnitOfWork, site_id: UUID) -> dict[str, int]:
    """Tickets of a site by state, counted one by one: for whoever is confined to some buildings."""
    return dict(await uow.fetch(lambda status, tickets: (status, tickets), _SEEN, uow.company_id, site_id))


async def pressing(uow: UnitOfWork, site_id: UUID, now: datetime, soon: datetime) -> tuple[Tally, tuple[int, int]]:
    """The counts by state; open tickets whose deadline lies between the two instants, and whose deadline has passed,
    of those that the reader sees."""

    def read(tally: str, due: int, late: int) -> tuple[Tally, tuple[int, int]]:
        return _tally(tally), (due, late)

    found = await uow.fetch_one(read, _PRESSING, uow.company_id, site_id, now, soon)
    assert found is not None
    return found
