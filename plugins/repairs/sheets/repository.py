"""Every statement about contact sheets and contractors; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.sdk import HeldTicket, UnitOfWork, new_id
from plugins.repairs.sheets.model import Contractor, Entry, NewContractor, NewSheet, NewStep, Sheet, Wanted, Which

PAGE = 100
_STATUSES: dict[Which, list[str]] = {
    "due": ["open", "done"],
    "overdue": ["open"],
    "open": ["open"],
    "done": ["done"],
    "closed": ["accepted", "withdrawn"],
    "all": ["open", "done", "accepted", "withdrawn"],
}
_COLUMNS = ", ".join(Sheet.__struct_fields__)
_SHEET = ", ".join(f"s.{name}" for name in Sheet.__struct_fields__)
_BUILDER = ", ".join(Contractor.__struct_fields__)
# A sheet is seen by whoever may see the ticket it is about (CMP-6).
_SEEN = "EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = s.ticket_id)"
_ENTRY = ", ".join(Entry.__struct_fields__)
_CONTRACTORS = f"""
SELECT {_BUILDER} FROM repairs_contractor WHERE company_id = $1 AND site_id = $2 ORDER BY active DESC, name
"""  # noqa: S608
_ADD_CONTRACTOR = f"""
INSERT INTO repairs_contractor (company_id, id, site_id, name, scope, contact, phone, active)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (company_id, site_id, name) DO NOTHING RETURNING {_BUILDER}
"""  # noqa: S608
_REPLACE_CONTRACTOR = f"""
UPDATE repairs_contractor r SET name = $4, scope = $5, contact = $6, phone = $7, active = $8, version = version + 1
WHERE company_id = $1 AND id = $2 AND site_id = $3 AND version = $9 AND NOT EXISTS (
    SELECT FROM repairs_contractor o WHERE o.company_id = $1 AND o.site_id = $3 AND o.name = $4 AND o.id <> $2)
RETURNING {_BUILDER}
"""  # noqa: S608
_CONTRACTOR = f"SELECT {_BUILDER} FROM repairs_contractor WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_ISSUE = f"""
WITH builder AS (
    SELECT id, name, contact, phone FROM repairs_contractor
    WHERE company_id = $1 AND site_id = $2 AND id = $6 AND active
), numbered AS (
    INSERT INTO repairs_sheet_year (company_id, id, site_id, year, last) SELECT $1, $3, $2, $11, 1 FROM builder
    ON CONFLICT (company_id, site_id, year) DO UPDATE SET last = repairs_sheet_year.last + 1 RETURNING last
), issued AS (
    INSERT INTO repairs_sheet (company_id, site_id, id, number, ticket_id, ticket_number, contractor_id, contractor,
        contact, phone, place, matter, promised_on, chase_on, issued_at, issued_by, issued_by_name)
    SELECT $1, $2, $3, 'LX' || $11::smallint || '-' || lpad(n.last::text, 4, '0'), $4, $5, b.id, b.name, b.contact,
        b.phone, $7, $8, $9, $10, $12, $13, $14 FROM builder b, numbered n RETURNING *
), entry AS (
    INSERT INTO repairs_sheet_entry (company_id, site_id, id, sheet_id, at, kind, promised_on, next_on, by_id, by_name)
    SELECT $1, $2, $15, id, $12, 'issue', promised_on, chase_on, $13, $14 FROM issued
)
SELECT {_COLUMNS} FROM issued
"""  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM repairs_sheet s WHERE company_id = $1 AND site_id = $2 AND id = $3 AND {_SEEN}"  # noqa: S608
# With its ticket, which is locked too: what is signed becomes a file of it.
_LOCK = f"""
SELECT t.id, t.number, t.status, t.answered_at IS NOT NULL, {_SHEET}
FROM repairs_sheet s JOIN ticket t ON t.company_id = $1 AND t.id = s.ticket_id
WHERE s.company_id = $1 AND s.site_id = $2 AND s.id = $3 FOR UPDATE
"""  # noqa: S608
_PRINT = f"""
WITH printed AS (
    UPDATE repairs_sheet s SET prints = prints + 1 WHERE company_id = $1 AND site_id = $2 AND id = $3 AND {_SEEN}
    RETURNING *
), entry AS (
    INSERT INTO repairs_sheet_entry (company_id, site_id, id, sheet_id, at, kind, print_no, by_id, by_name)
    SELECT $1, $2, $4, id, $5, 'print', prints, $6, $7 FROM printed
)
SELECT {_COLUMNS} FROM printed
"""  # noqa: S608
_HISTORY = f"""
SELECT {_ENTRY} FROM repairs_sheet_entry WHERE company_id = $1 AND site_id = $2 AND sheet_id = $3 ORDER BY at, id
"""  # noqa: S608
_OF_TICKET = f"""
SELECT {_COLUMNS} FROM repairs_sheet s
WHERE company_id = $1 AND site_id = $2 AND ticket_id = $3 AND {_SEEN} ORDER BY issued_at
"""  # noqa: S608
_SAVE = f"""
WITH saved AS (
    UPDATE repairs_sheet SET status = $4, round = $5, promised_on = $6, chase_on = $7, done_at = $8, closed_at = $9,
        accepted_by = $10, signature_id = $11, overdue_at = $12
    WHERE company_id = $1 AND site_id = $2 AND id = $3 RETURNING *
), entry AS (
    INSERT INTO repairs_sheet_entry (company_id, site_id, id, sheet_id, at, kind, text, spoke_with, via, promised_on,
        next_on, by_id, by_name)
    SELECT $1, $2, $13, id, $14, $15, $16, $17, $18, $19, $20, $21, $22 FROM saved
)
SELECT {_COLUMNS} FROM saved
"""  # noqa: S608
_LIST = f"""
SELECT {_COLUMNS} FROM repairs_sheet s WHERE company_id = $1 AND site_id = $2 AND status = ANY ($3) AND {_SEEN}
    AND ($4::uuid IS NULL OR contractor_id = $4)
    AND ($5 = '' OR position($5 IN lower(concat_ws(' ', number, ticket_number, contractor, place, matter))) > 0)
    AND (NOT $6 OR chase_on <= $8 OR (status = 'open' AND promised_on < $8))
    AND (NOT $7 OR promised_on < $8) AND ($9::timestamptz IS NULL OR issued_at < $9)
ORDER BY issued_at DESC LIMIT $10
"""  # noqa: S608
_COUNT = f"""
SELECT count(*) FROM repairs_sheet s WHERE company_id = $1 AND site_id = $2 AND {_SEEN}
    AND chase_on IS NOT NULL AND (chase_on <= $3 OR (status = 'open' AND promised_on < $3))
"""  # noqa: S608
_MISS = f"""
WITH missed AS (
    UPDATE repairs_sheet SET overdue_at = $4 WHERE company_id = $1 AND site_id = $2 AND status = 'open'
        AND promised_on < $3 AND overdue_at IS NULL RETURNING *
), entries AS (
    INSERT INTO repairs_sheet_entry (company_id, site_id, id, sheet_id, at, kind, promised_on, by_name)
    SELECT $1, $2, gen_random_uuid(), id, $4, 'overdue', promised_on, '' FROM missed
)
SELECT {_COLUMNS} FROM missed
"""  # noqa: S608
_SUPERVISORS = """
SELECT id FROM membership WHERE company_id = $1 AND active AND 'supervisor' = ANY (roles_at(roles, posts, $2, NULL))
    AND (all_sites OR $2 = ANY (site_ids))
"""


async def contractors(uow: UnitOfWork, site_id: UUID) -> list[Contractor]:
    return await uow.fetch(Contractor, _CONTRACTORS, uow.company_id, site_id)


async def contractor(uow: UnitOfWork, site_id: UUID, contractor_id: UUID) -> Contractor | None:
    return await uow.fetch_one(Contractor, _CONTRACTOR, uow.company_id, site_id, contractor_id)


async def add_contractor(uow: UnitOfWork, site_id: UUID, new: NewContractor) -> Contractor | None:
    """None: the site has one of that name."""
    values = (new.name, new.scope, new.contact, new.phone, new.active)
    return await uow.fetch_one(Contractor, _ADD_CONTRACTOR, uow.company_id, new_id(), site_id, *values)


async def replace_contractor(
    uow: UnitOfWork, site_id: UUID, contractor_id: UUID, new: NewContractor, version: int
) -> Contractor | None:
    """None: it has changed since, or another one has that name."""
    values = (new.name, new.scope, new.contact, new.phone, new.active, version)
    return await uow.fetch_one(Contractor, _REPLACE_CONTRACTOR, uow.company_id, contractor_id, site_id, *values)


async def issue(
    uow: UnitOfWork, site_id: UUID, new: NewSheet, ticket_number: str, chase_on: date, year: int,
    now: datetime, by: tuple[UUID | None, str],
) -> Sheet | None:  # fmt: skip
    """With the next number of the year; None: no such contractor works at the site."""
    return await uow.fetch_one(
        Sheet,
        _ISSUE,
        uow.company_id,
        site_id,
        new_id(),
        new.ticket_id,
        ticket_number,
        new.contractor_id,
        new.place,
        new.matter,
        new.promised_on,
        chase_on,
        year,
        now,
        *by,
        new_id(),
    )


async def get(uow: UnitOfWork, site_id: UUID, sheet_id: UUID) -> Sheet | None:
    return await uow.fetch_one(Sheet, _GET, uow.company_id, site_id, sheet_id)


async def lock(uow: UnitOfWork, site_id: UUID, sheet_id: UUID) -> tuple[Sheet, HeldTicket] | None:
    """The sheet, and its ticket."""

    def read(*columns: Any) -> tuple[Sheet, HeldTicket]:
        return Sheet(*columns[4:]), HeldTicket(*columns[:4])

    return await uow.fetch_one(read, _LOCK, uow.company_id, site_id, sheet_id)


async def print_again(
    uow: UnitOfWork, site_id: UUID, sheet_id: UUID, now: datetime, by: tuple[UUID | None, str]
) -> Sheet | None:
    """Count a print, and put it on record."""
    return await uow.fetch_one(Sheet, _PRINT, uow.company_id, site_id, sheet_id, new_id(), now, *by)


async def history(uow: UnitOfWork, site_id: UUID, sheet_id: UUID) -> list[Entry]:
    """From the first to the last."""
    return await uow.fetch(Entry, _HISTORY, uow.company_id, site_id, sheet_id)


async def of_ticket(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> list[Sheet]:
    return await uow.fetch(Sheet, _OF_TICKET, uow.company_id, site_id, ticket_id)


async def save(
    uow: UnitOfWork, site_id: UUID, sheet: Sheet, now: datetime, by: tuple[UUID | None, str], said: NewStep
) -> Sheet:
    """Store where the sheet stands now, and what led to it."""
    found = await uow.fetch_one(
        Sheet,
        _SAVE,
        uow.company_id,
        site_id,
        sheet.id,
        sheet.status,
        sheet.round,
        sheet.promised_on,
        sheet.chase_on,
        sheet.done_at,
        sheet.closed_at,
        sheet.accepted_by,
        sheet.signature_id,
        sheet.overdue_at,
        new_id(),
        now,
        said.kind,
        said.text,
        said.spoke_with,
        said.via,
        said.promised_on,
        sheet.chase_on,
        *by,
    )
    assert found is not None
    return found


async def page(uow: UnitOfWork, site_id: UUID, wanted: Wanted, today: date, most: int) -> list[Sheet]:
    """The latest first; one more than `most` if there are more."""
    return await uow.fetch(
        Sheet,
        _LIST,
        uow.company_id,
        site_id,
        _STATUSES[wanted.which],
        wanted.contractor_id,
        wanted.q.strip().lower(),
        wanted.which == "due",
        wanted.which == "overdue",
        today,
        wanted.before,
        most + 1,
    )


async def count_due(uow: UnitOfWork, site_id: UUID, today: date) -> int:
    return int(await uow.value(_COUNT, uow.company_id, site_id, today))


async def miss(uow: UnitOfWork, site_id: UUID, today: date, now: datetime) -> list[Sheet]:
    """Note which promises have been missed, each once."""
    return await uow.fetch(Sheet, _MISS, uow.company_id, site_id, today, now)


async def supervisors(uow: UnitOfWork, site_id: UUID) -> Iterable[UUID]:
    return await uow.fetch(lambda each: each, _SUPERVISORS, uow.company_id, site_id)
