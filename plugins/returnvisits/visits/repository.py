"""Every statement about visits; each names the company, besides row level security.

A visit to a matter or a household that the reader may not see is not told of either: row level security hides the
ticket (CMP-6) and the unit of another building.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import HeldTicket, UnitOfWork, new_id, part_of, read_mark, write_mark
from plugins.returnvisits.visits.model import Step, Visit, VisitFilter

# `status` is generated.
_STORED = tuple(field for field in Visit.__struct_fields__ if field != "status")
_SET = tuple(f for f in _STORED if f not in ("id", "site_id", "source", "rule", "title", "ticket_id", "created_at"))
_COLUMNS = ", ".join(Visit.__struct_fields__)
_READ = ", ".join(f"v.{field}" for field in Visit.__struct_fields__)
_FROM = """FROM returnvisits_visit v LEFT JOIN ticket t ON t.company_id = v.company_id AND t.id = v.ticket_id
    LEFT JOIN unit u ON u.company_id = v.company_id AND u.id = v.unit_id"""
_SEEN = "(v.ticket_id IS NULL OR t.id IS NOT NULL) AND (v.unit_id IS NULL OR u.id IS NOT NULL)"
_NOTED = "INSERT INTO returnvisits_step (company_id, site_id, visit_id, at, by_id, by_name, id, kind, text)"
_VALUES = ", ".join(f"${n}" for n in range(1, len(_STORED) + 2))
_GIVEN = [f"${n}" for n in range(len(_STORED) + 2, len(_STORED) + 8)]
# What is owed already is not owed twice: the answer is empty.
_ADD = f"""
WITH added AS (
    INSERT INTO returnvisits_visit (company_id, {", ".join(_STORED)}) VALUES ({_VALUES})
    ON CONFLICT DO NOTHING RETURNING company_id, {_COLUMNS}
), noted AS (
    {_NOTED} SELECT v.company_id, v.site_id, v.id, v.created_at, {_GIVEN[0]}, {_GIVEN[1]}, s.*
    FROM added v, unnest({_GIVEN[2]}::uuid[], {_GIVEN[3]}::text[], {_GIVEN[4]}::text[]) s
)
SELECT {_COLUMNS} FROM added
"""  # noqa: S608
_GET = f"SELECT {_READ} {_FROM} WHERE v.company_id = $1 AND v.site_id = $2 AND v.id = $3 AND {_SEEN}"
_LOCK = f"{_GET} FOR UPDATE OF v"
_LOCK_BOTH = f"""
SELECT t.id, t.number, t.status, t.answered_at IS NOT NULL, {_READ}
FROM returnvisits_visit v JOIN ticket t ON t.company_id = v.company_id AND t.id = v.ticket_id
WHERE v.company_id = $1 AND v.site_id = $2 AND v.id = $3 FOR UPDATE
"""  # noqa: S608
_SAVED = ", ".join(f"{field} = ${n}" for n, field in enumerate(_SET, 4) if field != "version")
_SAVE_GIVEN = [f"${n}" for n in range(len(_SET) + 4, len(_SET) + 10)]
_SAVE = f"""
WITH noted AS (
    {_NOTED} SELECT $1, $2, $3, {_SAVE_GIVEN[0]}, {_SAVE_GIVEN[1]}, {_SAVE_GIVEN[2]}, s.*
    FROM unnest({_SAVE_GIVEN[3]}::uuid[], {_SAVE_GIVEN[4]}::text[], {_SAVE_GIVEN[5]}::text[]) s
)
UPDATE returnvisits_visit SET {_SAVED}, version = ${_SET.index("version") + 4} + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 RETURNING {_COLUMNS}
"""  # noqa: S608
_STEPS = """
SELECT at, kind, text, by_name FROM returnvisits_step WHERE company_id = $1 AND visit_id = $2 ORDER BY id
"""
# Bounds that are not asked for are infinite. `$4`: only what is open, of that only what is overdue by `$5`.
_WANTED = f"""v.company_id = $1 AND v.site_id = $2 AND {_SEEN} AND ($3::text IS NULL OR v.rule = $3)
    AND ($4::uuid IS NULL OR v.area_id = $4) AND ($5::uuid IS NULL OR v.visitor_id = $5)
    AND ($6::uuid IS NULL OR v.visitor_id = $6 OR (v.visitor_id IS NULL AND v.visitor_role = 'desk'))
    AND ($7::boolean IS NULL OR v.failed = $7)
    AND ($8::text IS NULL OR v.place ILIKE $8 OR v.ticket_number ILIKE $8 OR v.contact ILIKE $8
        OR 'HF-' || right(v.id::text, 8) ILIKE $8)
    AND v.due_at >= $9::text::timestamptz AND v.due_at < $10::text::timestamptz"""
_OPEN = f"""
SELECT {_READ} {_FROM} WHERE {_WANTED} AND v.done_at IS NULL AND v.void_at IS NULL
    AND (NOT $13 OR (v.held_at IS NULL AND v.due_at <= $14))
    AND (v.due_at, v.id) > ($11::text::timestamptz, $12) ORDER BY v.due_at, v.id LIMIT $15
"""
_DONE = f"""
SELECT {_READ} {_FROM} WHERE {_WANTED} AND v.done_at IS NOT NULL
    AND (v.done_at, v.id) < ($11::text::timestamptz, $12) ORDER BY v.done_at DESC, v.id DESC LIMIT $13
"""
_VOID = f"""
SELECT {_READ} {_FROM} WHERE {_WANTED} AND v.void_at IS NOT NULL
    AND (v.due_at, v.id) < ($11::text::timestamptz, $12) ORDER BY v.due_at DESC, v.id DESC LIMIT $13
"""
_OF_TICKET = f"SELECT {_READ} FROM returnvisits_visit v WHERE v.company_id = $1 AND v.ticket_id = $2 ORDER BY v.id"  # noqa: S608
_FAILED_INTO = f"""
SELECT {_READ} FROM returnvisits_visit v WHERE v.company_id = $1 AND v.follow_up_id = $2 AND v.failed ORDER BY v.id
"""  # noqa: S608
_HOLD_TICKETS = f"{_OF_TICKET} FOR UPDATE"
_LATE = f"""
UPDATE returnvisits_visit SET overdue_at = $3 WHERE company_id = $1 AND site_id = ANY ($2) AND done_at IS NULL
    AND void_at IS NULL AND held_at IS NULL AND overdue_at IS NULL AND due_at <= $3 RETURNING {_COLUMNS}
"""  # noqa: S608
_WAITING = f"""
SELECT count(*) {_FROM} WHERE v.company_id = $1 AND v.site_id = $2 AND v.done_at IS NULL AND v.void_at IS NULL
    AND v.held_at IS NULL AND {_SEEN} AND coalesce(v.not_before, '-infinity') <= $4
    AND (v.visitor_id = $3 OR (v.visitor_id IS NULL AND v.visitor_role = 'desk'))
"""
_UNSATISFIED = f"""
SELECT {_READ} {_FROM} WHERE v.company_id = $1 AND v.unit_id = $2 AND v.done_at IS NOT NULL
    AND v.failed AND {_SEEN} ORDER BY v.done_at DESC LIMIT 1
"""
_FAILED_BETWEEN = f"""
SELECT {_READ} {_FROM} WHERE v.company_id = $1 AND v.site_id = $2 AND v.done_at >= $3 AND v.done_at < $4 AND v.failed
    AND {_SEEN} ORDER BY v.done_at, v.id LIMIT $5
"""
_NUMBERED = """
SELECT id, number, severity, assignee_id, unit_id, place, left(description, 200), reporter_name FROM ticket
WHERE company_id = $1 AND site_id = $2 AND number = $3
"""
Clerk = tuple[UUID | None, str]
Noted = Sequence[tuple[str, str]]
"""What is put on record, in that order: kind and text."""


class Visited(msgspec.Struct, frozen=True):
    """The ticket that a visit is about."""

    id: UUID
    number: str
    severity: str
    assignee_id: UUID | None
    unit_id: UUID | None
    place: str
    about: str
    contact: str


def read(*row: Any) -> Visit:
    return Visit(**dict(zip(Visit.__struct_fields__, row, strict=True)))


def _with_ticket(*row: Any) -> tuple[Visit, HeldTicket]:
    return read(*row[4:]), HeldTicket(*row[:4])


def _noted(steps: Noted) -> tuple[list[UUID], list[str], list[str]]:
    return [new_id() for _ in steps], [kind for kind, _ in steps], [text for _, text in steps]


async def add(uow: UnitOfWork, visit: Visit, by: Clerk, steps: Noted) -> Visit | None:
    """Store a visit and how it came to be; None where it is owed already."""
    values = [getattr(visit, field) for field in _STORED]
    return await uow.fetch_one(read, _ADD, uow.company_id, *values, *by, *_noted(steps))


async def get(uow: UnitOfWork, site_id: UUID, visit_id: UUID) -> Visit | None:
    return await uow.fetch_one(read, _GET, uow.company_id, site_id, visit_id)


async def lock(uow: UnitOfWork, site_id: UUID, visit_id: UUID) -> Visit | None:
    """For a change: others wait."""
    return await uow.fetch_one(read, _LOCK, uow.company_id, site_id, visit_id)


async def lock_with_ticket(uow: UnitOfWork, site_id: UUID, visit_id: UUID) -> tuple[Visit | None, HeldTicket | None]:
    """The same, and the ticket that it is about."""
    found = await uow.fetch_one(_with_ticket, _LOCK_BOTH, uow.company_id, site_id, visit_id)
    return found or (await lock(uow, site_id, visit_id), None)


async def save(uow: UnitOfWork, visit: Visit, now: datetime, by: Clerk, steps: Noted) -> Visit:
    """Store how a locked visit stands, under the next version, and what happened."""
    values = [getattr(visit, field) for field in _SET]
    saved = await uow.fetch_one(read, _SAVE, uow.company_id, visit.site_id, visit.id, *values, now, *by, *_noted(steps))
    assert saved is not None  # it is locked
    return saved


async def steps(uow: UnitOfWork, visit_id: UUID) -> list[Step]:
    return await uow.fetch(Step, _STEPS, uow.company_id, visit_id)


async def page(
    uow: UnitOfWork, site_id: UUID, wanted: VisitFilter, me: UUID | None, now: datetime, most: int
) -> tuple[list[Visit], str | None]:
    """A page, and the mark of the next. `me`: whose visits alone, None for everybody's."""
    forwards = wanted.which in ("open", "overdue")
    begin = ("-infinity" if forwards else "infinity", UUID(int=0))
    bounds = (
        wanted.since.isoformat() if wanted.since else "-infinity",
        wanted.until.isoformat() if wanted.until else "infinity",
    )
    args: list[Any] = [
        wanted.rule,
        wanted.area_id,
        wanted.visitor_id,
        me,
        wanted.failed,
        part_of(wanted.text) if wanted.text else None,
        *bounds,
        *(read_mark(wanted.cursor) if wanted.cursor else begin),
    ]
    if forwards:
        args += [wanted.which == "overdue", now]
    sql = _OPEN if forwards else _DONE if wanted.which == "done" else _VOID
    found = await uow.fetch(read, sql, uow.company_id, site_id, *args, most + 1)
    shown = found[:most]
    if len(found) <= most:
        return shown, None
    last = shown[-1]
    return shown, write_mark((last.done_at if wanted.which == "done" else None) or last.due_at, last.id)


async def of_ticket(uow: UnitOfWork, ticket_id: UUID) -> list[Visit]:
    """Every visit to that matter, in the order in which they came to be owed."""
    return await uow.fetch(read, _OF_TICKET, uow.company_id, ticket_id)


async def hold_of_ticket(uow: UnitOfWork, ticket_id: UUID) -> list[Visit]:
    """The same, for a change."""
    return await uow.fetch(read, _HOLD_TICKETS, uow.company_id, ticket_id)


async def failed_into(uow: UnitOfWork, ticket_id: UUID) -> list[Visit]:
    """The visits whose failure is worked on in that ticket."""
    return await uow.fetch(read, _FAILED_INTO, uow.company_id, ticket_id)


async def late(uow: UnitOfWork, site_ids: Iterable[UUID], now: datetime) -> list[Visit]:
    """Note which visits were not made in time, each once."""
    return await uow.fetch(read, _LATE, uow.company_id, list(site_ids), now)


async def waiting(uow: UnitOfWork, site_id: UUID, me: UUID, now: datetime) -> int:
    """How many that colleague could make now."""
    return int(await uow.value(_WAITING, uow.company_id, site_id, me, now))


async def unsatisfied(uow: UnitOfWork, unit_id: UUID) -> Visit | None:
    """The latest visit of the household that failed."""
    return await uow.fetch_one(read, _UNSATISFIED, uow.company_id, unit_id)


async def ticket_of_number(uow: UnitOfWork, site_id: UUID, number: str) -> Visited | None:
    return await uow.fetch_one(Visited, _NUMBERED, uow.company_id, site_id, number)


async def failed_between(uow: UnitOfWork, site_id: UUID, since: datetime, until: datetime, most: int) -> list[Visit]:
    """Visits made in that time that failed, the earliest first."""
    return await uow.fetch(read, _FAILED_BETWEEN, uow.company_id, site_id, since, until, most)
