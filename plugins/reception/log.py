"""The work log (REC-1): every statement that looks back on it, and lines for what did not come over the desk's card."""

from __future__ import annotations

from uuid import UUID

from core.sdk import Site, Ticket, UnitOfWork, Work, new_id, part_of, read_mark, write_mark
from plugins.reception.schemas import Call, Filter

_COLUMNS = ", ".join(Call.__struct_fields__)
# Bounds that are not asked for are infinite, so that any plan walks along the index. A phone is found only in full:
# part by part it could be guessed.
_WHICH = """company_id = $1 AND site_id = $2
    AND ringing_at >= $3::text::timestamptz AND (ringing_at, id) < ($4::text::timestamptz, $5)
    AND ($6::text IS NULL OR status = $6) AND ($7::text IS NULL OR channel = $7)
    -- a call about the reader goes with its ticket (CMP-6)
    AND (ticket_id IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = ticket_id))
    AND ($8::text IS NULL OR phone = $8 OR caller_name ILIKE $9 OR place ILIKE $9 OR ticket_number ILIKE $9)"""
_PAGE = f"SELECT {_COLUMNS} FROM reception_call WHERE {_WHICH} ORDER BY ringing_at DESC, id DESC LIMIT $10"  # noqa: S608
_COUNT = f"SELECT count(*) FROM (SELECT FROM reception_call WHERE {_WHICH} LIMIT $10) n"  # noqa: S608
_OF_TICKET = f"""
SELECT {_COLUMNS} FROM reception_call WHERE company_id = $1 AND site_id = $2
    AND (ticket_id = $3 OR id = (SELECT call_id FROM reception_intake WHERE company_id = $1 AND ticket_id = $3))
ORDER BY ringing_at LIMIT 1
"""  # noqa: S608
_HEARD = """
INSERT INTO reception_call (company_id, site_id, id, channel, source, phone, ringing_at, answered_at, ended_at,
    answered_by, answered_by_name, unit_id, place, caller_name, ticket_id, ticket_number, note)
VALUES ($1, $2, $3, 'staff_opinion', 'manual', $4, $5, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""


async def heard(work: Work, site: Site, ticket: Ticket) -> None:
    """Log what somebody heard from an owner (REC-13)."""
    await work.uow.execute(_HEARD, work.ctx.company_id, *line_of(work, site, ticket, first_line(ticket.description)))


def line_of(work: Work, site: Site, ticket: Ticket, note: str) -> tuple[object, ...]:
    """What the log says of a matter that came in writing or by word of mouth, from the site's id on ($2 to $13)."""
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    said = ticket.reporter_phone, work.now, *by, ticket.unit_id, ticket.place, ticket.reporter_name
    return site.id, new_id(), *said, ticket.id, ticket.number, note


def first_line(text: str) -> str:
    """What a matter is about, short enough for a line."""
    return text.strip().partition("\n")[0][:200]


async def page(uow: UnitOfWork, site_id: UUID, wanted: Filter) -> tuple[list[Call], str | None]:
    """One page of the log and the cursor of the next. Raises Malformed for a cursor that is not one of ours."""
    mark = read_mark(wanted.cursor) if wanted.cursor else _first(wanted)
    rows = await uow.fetch(Call, _PAGE, *_narrowed(uow, site_id, wanted, mark), wanted.limit + 1)
    items = rows[: wanted.limit]
    return items, write_mark(items[-1].ringing_at, items[-1].id) if len(rows) > wanted.limit else None


async def whole(uow: UnitOfWork, site_id: UUID, wanted: Filter, most: int) -> list[Call]:
    """The log from the first page on, up to `most`."""
    return await uow.fetch(Call, _PAGE, *_narrowed(uow, site_id, wanted, _first(wanted)), most)


async def count(uow: UnitOfWork, site_id: UUID, wanted: Filter, most: int) -> int:
    """How many calls there are on all pages, counted up to `most`."""
    return int(await uow.value(_COUNT, *_narrowed(uow, site_id, wanted, _first(wanted)), most))


async def of_ticket(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> Call | None:
    """The call a ticket came from."""
    return await uow.fetch_one(Call, _OF_TICKET, uow.company_id, site_id, ticket_id)


def _narrowed(uow: UnitOfWork, site_id: UUID, wanted: Filter, mark: tuple[str, UUID]) -> tuple[object, ...]:
    since = wanted.since.isoformat() if wanted.since else "-infinity"
    text = wanted.text or None
    part = part_of(text) if text else None
    return uow.company_id, site_id, since, *mark, wanted.status, wanted.channel, text, part


def _first(wanted: Filter) -> tuple[str, UUID]:
    """Where the first page begins: before everything from `until` on."""
    return (wanted.until.isoformat(), UUID(int=0)) if wanted.until else ("infinity", UUID(int=0))
