"""Every statement about letters and complaint boxes; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import Site, Ticket, UnitOfWork, Work, new_id, part_of, read_mark, write_mark
from plugins.reception.letters.model import (
    Emptying,
    Letter,
    LetterFilter,
    NewAnswer,
    NewEmptying,
    NewLetter,
    Scan,
    Side,
    Slip,
)
from plugins.reception.log import first_line, line_of

# Whether a letter is answered the ticket says, and its goal by when: there is no second clock. Whom a complaint
# concerns does not see it (CMP-6).
_SHOWN = """
SELECT l.ticket_id, l.number, l.sender_name, l.sender_kind, l.reference, l.via, l.subject, l.received_at,
    l.registered_at, l.registered_by_name, l.answer_text, l.answer_reference, l.answer_via, l.answered_by_name,
    t.number, t.status, t.place, t.assignee_name, t.description, t.answered_at, g.due_at,
    coalesce(g.state = 'breached' OR (NOT g.ended AND g.due_at <= $4), false) AS late
FROM reception_letter l JOIN ticket t ON t.company_id = l.company_id AND t.id = l.ticket_id
    LEFT JOIN ticket_goal g ON g.company_id = l.company_id AND g.ticket_id = l.ticket_id AND g.name = 'written_answer'
WHERE l.company_id = $1 AND l.site_id = $2 AND (t.concerns_id IS NULL OR t.concerns_id IS DISTINCT FROM $3)"""
_GET = f"{_SHOWN} AND l.ticket_id = $5"
_PAGE = f"""
SELECT * FROM ({_SHOWN}
    AND l.registered_at >= $5::text::timestamptz AND (l.registered_at, l.ticket_id) < ($6::text::timestamptz, $7)
    AND ($8 = 'all' OR ($8 = 'answered') = (t.answered_at IS NOT NULL))
    AND (NOT $9::boolean OR t.assignee_id = $3)
    AND ($10::text IS NULL OR l.number ILIKE $10 OR l.sender_name ILIKE $10 OR l.subject ILIKE $10
         OR l.reference ILIKE $10 OR l.answer_reference ILIKE $10 OR t.number ILIKE $10)
) letters WHERE $8 <> 'overdue' OR late ORDER BY registered_at DESC, ticket_id DESC LIMIT $11
"""  # noqa: S608
_SCANS = """
SELECT a.id, s.side, a.name, a.kind, a.size, a.thumbnail IS NOT NULL, a.uploaded_by, a.uploaded_at
FROM reception_letter_scan s JOIN ticket_attachment a ON a.company_id = s.company_id AND a.id = s.attachment_id
WHERE s.company_id = $1 AND s.ticket_id = $2 ORDER BY a.id
"""
# One round trip: the running number, the letter, and its line in the work log (REC-1).
_ADD = """
WITH running AS (
    INSERT INTO reception_letter_number AS n (company_id, site_id, year, last) VALUES ($1, $2, $14, 1)
    ON CONFLICT (company_id, site_id, year) DO UPDATE SET last = n.last + 1 RETURNING last
), logged AS (
    INSERT INTO reception_call (company_id, site_id, id, channel, source, phone, ringing_at, answered_at, ended_at,
        answered_by, answered_by_name, unit_id, place, caller_name, ticket_id, ticket_number, note)
    VALUES ($1, $2, $3, 'letter', 'manual', $4, $5, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13)
)
INSERT INTO reception_letter (company_id, site_id, ticket_id, number, sender_name, sender_kind, reference, via, subject,
    received_at, registered_at, registered_by, registered_by_name)
SELECT $1, $2, $11, $14::int || '-' || lpad(last::text, greatest(3, length(last::text)), '0'), $10, $15, $16, $17, $13,
    $18, $5, $6, $7 FROM running RETURNING number
"""
_ANSWER = """
UPDATE reception_letter SET answer_text = $4, answer_reference = $5, answer_via = $6, answered_by = $7,
    answered_by_name = $8
WHERE company_id = $1 AND site_id = $2 AND ticket_id = $3 RETURNING number
"""
_ADD_SCAN = """
INSERT INTO reception_letter_scan (company_id, attachment_id, site_id, ticket_id, side)
SELECT company_id, $4, site_id, ticket_id, $5 FROM reception_letter
WHERE company_id = $1 AND site_id = $2 AND ticket_id = $3
"""
_BOX = "b.id, b.box, b.slips, b.witness, b.emptied_at, b.emptied_by_name"
_EMPTY = """
INSERT INTO reception_box (company_id, id, site_id, box, slips, witness, emptied_at, emptied_by, emptied_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_EMPTIED = f"""
SELECT {_BOX}, coalesce((SELECT jsonb_agg(jsonb_build_object('number', s.number, 'ticket_id', s.ticket_id,
        'ticket_number', s.ticket_number) ORDER BY s.number)
    FROM reception_slip s JOIN ticket t ON t.company_id = s.company_id AND t.id = s.ticket_id
    WHERE s.company_id = $1 AND s.box_id = b.id), '[]')::text
FROM reception_box b WHERE b.company_id = $1 AND b.site_id = $2 AND ($3::uuid IS NULL OR b.id = $3)
ORDER BY b.emptied_at DESC, b.id DESC LIMIT 100
"""  # noqa: S608
# The next slip of its emptying, with its line in the work log; nothing where all are entered.
_ADD_SLIP = """
WITH counted AS (
    UPDATE reception_box SET entered = entered + 1 WHERE company_id = $1 AND site_id = $2 AND id = $14
        AND entered < slips RETURNING entered
), logged AS (
    INSERT INTO reception_call (company_id, site_id, id, channel, source, phone, ringing_at, answered_at, ended_at,
        answered_by, answered_by_name, unit_id, place, caller_name, ticket_id, ticket_number, note)
    SELECT $1, $2, $3, 'complaint_box', 'manual', $4, $5, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM counted
)
INSERT INTO reception_slip (company_id, site_id, ticket_id, box_id, number, ticket_number)
SELECT $1, $2, $11, $14, entered, $12 FROM counted RETURNING number
"""
_slips = msgspec.json.Decoder(list[Slip]).decode
Clerk = tuple[UUID | None, str]


async def add(work: Work, site: Site, new: NewLetter, ticket: Ticket) -> str:
    """Store a letter that has become a ticket; its running number in the year at the site, such as 2026-012."""
    year = site.today(work.now).year
    more = (year, new.sender_kind, new.reference, new.via, new.received_at)
    number: str = await work.uow.value(_ADD, work.ctx.company_id, *line_of(work, site, ticket, new.subject), *more)
    return number


async def get(work: Work, site: Site, ticket_id: UUID) -> Letter | None:
    return await work.uow.fetch_one(Letter, _GET, work.ctx.company_id, site.id, work.ctx.actor.id, work.now, ticket_id)


async def page(work: Work, site: Site, wanted: LetterFilter, limit: int) -> tuple[list[Letter], str | None]:
    """The register, latest first, and the mark of the next page. Raises Malformed for a mark that is not ours."""
    first = wanted.until.isoformat() if wanted.until else "infinity"
    mark = read_mark(wanted.cursor) if wanted.cursor else (first, UUID(int=0))
    since = wanted.since.isoformat() if wanted.since else "-infinity"
    text = part_of(wanted.text) if wanted.text else None
    rows = await work.uow.fetch(
        Letter,
        _PAGE,
        work.ctx.company_id,
        site.id,
        work.ctx.actor.id,
        work.now,
        since,
        *mark,
        wanted.which,
        wanted.mine,
        text,
        limit + 1,
    )
    items = rows[:limit]
    return items, write_mark(items[-1].registered_at, items[-1].ticket_id) if len(rows) > limit else None


async def answer(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, said: NewAnswer, by: Clerk) -> str | None:
    """Its number; None where there is no such letter."""
    number: str | None = await uow.value(
        _ANSWER, uow.company_id, site_id, ticket_id, said.text, said.reference, said.via, *by
    )
    return number


async def scans(uow: UnitOfWork, ticket_id: UUID) -> list[Scan]:
    return await uow.fetch(Scan, _SCANS, uow.company_id, ticket_id)


async def add_scan(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, attachment_id: UUID, side: Side) -> bool:
    """Whether the ticket is a letter of the site."""
    return bool(await uow.execute(_ADD_SCAN, uow.company_id, site_id, ticket_id, attachment_id, side))


async def empty(uow: UnitOfWork, site_id: UUID, new: NewEmptying, at: datetime, by: Clerk) -> Emptying:
    made = Emptying(new_id(), new.box, new.slips, new.witness, at, by[1])
    await uow.execute(_EMPTY, uow.company_id, made.id, site_id, new.box, new.slips, new.witness, at, *by)
    return made


async def emptied(uow: UnitOfWork, site_id: UUID, box_id: UUID | None = None) -> list[Emptying]:
    """The last emptyings, or that one, with the slips that have been entered."""

    def row(id: UUID, box: str, slips: int, witness: str, at: datetime, by: str, entered: str) -> Emptying:
        return Emptying(id, box, slips, witness, at, by, _slips(entered))

    return await uow.fetch(row, _EMPTIED, uow.company_id, site_id, box_id)


async def add_slip(work: Work, site: Site, box_id: UUID, ticket: Ticket) -> Slip | None:
    """Note the ticket that a slip became; None: there is no such emptying, or all of its slips are entered."""
    line = line_of(work, site, ticket, first_line(ticket.description))
    number = await work.uow.value(_ADD_SLIP, work.ctx.company_id, *line, box_id)
    return None if number is None else Slip(number, ticket.id, ticket.number)
