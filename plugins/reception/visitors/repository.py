"""Every statement about visits and the blacklist; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from core.sdk import Conflict, UnitOfWork, new_id
from plugins.reception.marks import part_of, read_mark, write_mark
from plugins.reception.visitors.model import Barred, Day, NewBarred, Step, Visit, VisitFilter

# `status` and `at` are generated.
_STORED = tuple(field for field in Visit.__struct_fields__ if field not in ("status", "at"))
_COLUMNS = ", ".join(Visit.__struct_fields__)
_VALUES = ", ".join(f"${n}" for n in range(1, len(_STORED) + 2))
_NOTED = "INSERT INTO reception_visit_step (company_id, site_id, visit_id, at, by_id, by_name, id, kind, text)"
_STEPS_GIVEN = [f"${n}" for n in range(len(_STORED) + 2, len(_STORED) + 5)]
# Of two visits with one badge the second is not stored: the answer is empty.
_ADD = f"""
WITH added AS (
    INSERT INTO reception_visit (company_id, {", ".join(_STORED)}) VALUES ({_VALUES})
    ON CONFLICT (company_id, site_id, badge) WHERE badge_out DO NOTHING RETURNING company_id, {_COLUMNS}
), noted AS (
    {_NOTED} SELECT v.company_id, v.site_id, v.id, v.created_at, v.registered_by, v.registered_by_name, s.*
    FROM added v, unnest({_STEPS_GIVEN[0]}::uuid[], {_STEPS_GIVEN[1]}::text[], {_STEPS_GIVEN[2]}::text[]) s
)
SELECT {_COLUMNS} FROM added
"""  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_LOCK = f"{_GET} FOR UPDATE"
_SAVE = f"""
WITH noted AS (
    {_NOTED} SELECT $1, $2, $3, $15, $16, $17, s.* FROM unnest($18::uuid[], $19::text[], $20::text[]) s
)
UPDATE reception_visit SET arrived_at = $4, host_answer = $5, host_answered_at = $6, admitted_at = $7, left_at = $8,
    turned_away_at = $9, cancelled_at = $10, badge = $11, badge_out = $12, escort = $13, warning = $14
WHERE company_id = $1 AND site_id = $2 AND id = $3 RETURNING {_COLUMNS}
"""  # noqa: S608
_STEPS = """
SELECT at, kind, text, by_name FROM reception_visit_step WHERE company_id = $1 AND visit_id = $2 ORDER BY id
"""
_HERE = f"""
SELECT {_COLUMNS} FROM reception_visit WHERE company_id = $1 AND site_id = $2
    AND (badge_out OR (left_at IS NULL AND turned_away_at IS NULL AND cancelled_at IS NULL)) AND at < $3
ORDER BY at LIMIT 500
"""  # noqa: S608
# Bounds that are not asked for are infinite. A phone is found only in full: part by part it could be guessed.
_PAGE = f"""
SELECT {_COLUMNS} FROM reception_visit WHERE company_id = $1 AND site_id = $2
    AND at >= $3::text::timestamptz AND (at, id) < ($4::text::timestamptz, $5) AND ($6::text IS NULL OR status = $6)
    AND ($7::text IS NULL OR phone = $7 OR name ILIKE $8 OR place ILIKE $8 OR badge ILIKE $8)
ORDER BY at DESC, id DESC LIMIT $9
"""  # noqa: S608
_DAYS = """
SELECT (arrived_at AT TIME ZONE $3)::date, sum(people)::int, coalesce(sum(people) FILTER (WHERE found), 0)::int,
    coalesce(sum(people) FILTER (WHERE turned_away_at IS NOT NULL), 0)::int
FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND at >= $4 AND at < $5 AND arrived_at IS NOT NULL
GROUP BY 1 ORDER BY 1 DESC
"""
_BARRED = ", ".join(Barred.__struct_fields__)
_IN_FORCE = """company_id = $1 AND site_id = $2 AND lifted_at IS NULL AND (until IS NULL OR until >= $3)"""
# The same name with another document is another person.
_MATCHING = f"""
SELECT reason FROM reception_barred WHERE {_IN_FORCE}
    AND (($5 <> '' AND phone = $5) OR (name = $4 AND ($6 = '' OR id_number IN ('', $6)))) ORDER BY id
"""  # noqa: S608
_LIST_BARRED = f"SELECT {_BARRED} FROM reception_barred WHERE {_IN_FORCE} ORDER BY name, id LIMIT 500"  # noqa: S608
_BAR = f"""
INSERT INTO reception_barred (company_id, id, site_id, name, phone, id_number, reason, until, barred_at, barred_by,
    barred_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING {_BARRED}
"""  # noqa: S608
_LIFT = """
UPDATE reception_barred SET lifted_at = $4, lifted_by_name = $5, lifted_reason = $6
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND lifted_at IS NULL RETURNING id
"""
_ENTERED = "SELECT id FROM reception_barred WHERE company_id = $1 AND site_id = $2 AND id = $3"
Clerk = tuple[UUID | None, str]
Noted = Sequence[tuple[str, str]]
"""What is put on record, in that order: kind and text."""


def _visit(*row: Any) -> Visit:
    return Visit(**dict(zip(Visit.__struct_fields__, row, strict=True)))


def _bar(*row: Any) -> Barred:
    return Barred(**dict(zip(Barred.__struct_fields__, row, strict=True)))


def _given(steps: Noted) -> tuple[list[UUID], list[str], list[str]]:
    return sorted(new_id() for _ in steps), [kind for kind, _ in steps], [text for _, text in steps]


async def add(uow: UnitOfWork, visit: Visit, steps: Noted) -> Visit | None:
    """Store it, and what happened as whoever registered it says. None: the badge is out."""
    stored = (getattr(visit, name) for name in _STORED)
    return await uow.fetch_one(_visit, _ADD, uow.company_id, *stored, *_given(steps))


async def get(uow: UnitOfWork, site_id: UUID, visit_id: UUID) -> Visit | None:
    return await uow.fetch_one(_visit, _GET, uow.company_id, site_id, visit_id)


async def lock(uow: UnitOfWork, site_id: UUID, visit_id: UUID) -> Visit | None:
    """The visit, which nobody else changes until the end of the work."""
    return await uow.fetch_one(_visit, _LOCK, uow.company_id, site_id, visit_id)


async def save(uow: UnitOfWork, visit: Visit, now: datetime, by: Clerk, steps: Noted) -> Visit:
    """The visit as it stands now, and what happened. Raises Conflict where its badge was given out meanwhile."""
    try:
        saved = await uow.fetch_one(
            _visit,
            _SAVE,
            uow.company_id,
            visit.site_id,
            visit.id,
            visit.arrived_at,
            visit.host_answer,
            visit.host_answered_at,
            visit.admitted_at,
            visit.left_at,
            visit.turned_away_at,
            visit.cancelled_at,
            visit.badge,
            visit.badge_out,
            visit.escort,
            visit.warning,
            now,
            *by,
            *_given(steps),
        )
    except asyncpg.UniqueViolationError:
        raise Conflict("Badge {badge} is out already: choose another.", params={"badge": visit.badge}) from None
    assert saved is not None  # it is locked
    return saved


async def steps(uow: UnitOfWork, visit_id: UUID) -> list[Step]:
    return await uow.fetch(Step, _STEPS, uow.company_id, visit_id)


async def here(uow: UnitOfWork, site_id: UUID, before: datetime) -> list[Visit]:
    """Who is in the house or at the desk, whose badge is still out, and who is expected `before` that instant."""
    return await uow.fetch(_visit, _HERE, uow.company_id, site_id, before)


async def page(uow: UnitOfWork, site_id: UUID, wanted: VisitFilter, limit: int) -> tuple[list[Visit], str | None]:
    """The register, latest first, and the mark of the next page. Raises Malformed for a mark that is not ours."""
    first = wanted.until.isoformat() if wanted.until else "infinity"
    mark = read_mark(wanted.cursor) if wanted.cursor else (first, UUID(int=0))
    since = wanted.since.isoformat() if wanted.since else "-infinity"
    text = wanted.text or None
    part = part_of(text) if text else None
    rows = await uow.fetch(_visit, _PAGE, uow.company_id, site_id, since, *mark, wanted.status, text, part, limit + 1)
    items = rows[:limit]
    return items, write_mark(items[-1].at, items[-1].id) if len(rows) > limit else None


async def days(uow: UnitOfWork, site_id: UUID, timezone: str, since: datetime, until: datetime) -> list[Day]:
    """What each day of the span saw, latest first."""
    return await uow.fetch(Day, _DAYS, uow.company_id, site_id, timezone, since, until)


async def warnings(uow: UnitOfWork, site_id: UUID, today: date, visit: Visit) -> list[str]:
    """Why somebody who may be this visitor is barred."""
    found: list[str] = await uow.fetch(
        str, _MATCHING, uow.company_id, site_id, today, visit.name, visit.phone, visit.id_number
    )
    return found


async def barred(uow: UnitOfWork, site_id: UUID, today: date) -> list[Barred]:
    """Whom not to let in, by name."""
    return await uow.fetch(_bar, _LIST_BARRED, uow.company_id, site_id, today)


async def bar(uow: UnitOfWork, site_id: UUID, new: NewBarred, now: datetime, by: Clerk) -> Barred:
    found = await uow.fetch_one(
        _bar,
        _BAR,
        uow.company_id,
        new_id(),
        site_id,
        new.name,
        new.phone,
        new.id_number,
        new.reason,
        new.until,
        now,
        *by,
    )
    assert found is not None
    return found


async def lift(uow: UnitOfWork, site_id: UUID, barred_id: UUID, now: datetime, name: str, reason: str) -> bool:
    """Whether there was such an entry in force."""
    lifted = await uow.value(_LIFT, uow.company_id, site_id, barred_id, now, name, reason)
    return lifted is not None


async def entered(uow: UnitOfWork, site_id: UUID, barred_id: UUID) -> bool:
    """Whether there is such an entry, lifted or not."""
    return await uow.value(_ENTERED, uow.company_id, site_id, barred_id) is not None
