"""Every statement that keeps a visit; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, UnitOfWork, new_id
from plugins.reception.visitors.model import Step, Visit

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
_DETAIL = f"""
SELECT {_COLUMNS}, (SELECT max(expires_at) FROM reception_visit_ask a
    WHERE a.company_id = $1 AND a.visit_id = v.id AND answered_at IS NULL AND expires_at > $4),
    ARRAY(SELECT badge FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND badge_out)
FROM reception_visit v WHERE company_id = $1 AND site_id = $2 AND id = $3
"""  # noqa: S608
_SAVE = f"""
WITH noted AS (
    {_NOTED} SELECT $1, $2, $3, $18, $19, $20, s.* FROM unnest($21::uuid[], $22::text[], $23::text[]) s
)
UPDATE reception_visit SET arrived_at = $4, host_answer = $5, host_answered_at = $6, admitted_at = $7, left_at = $8,
    turned_away_at = $9, cancelled_at = $10, badge = $11, badge_out = $12, escort = $13, warning = $14,
    answered_by = $15, answered_via = $16, badge_lost_at = $17
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
Clerk = tuple[UUID | None, str]
Noted = Sequence[tuple[str, str]]
"""What is put on record, in that order: kind and text."""


def _visit(*row: Any) -> Visit:
    return Visit(**dict(zip(Visit.__struct_fields__, row, strict=True)))


def _given(steps: Noted) -> tuple[list[UUID], list[str], list[str]]:
    return sorted(new_id() for _ in steps), [kind for kind, _ in steps], [text for _, text in steps]


async def add(uow: UnitOfWork, visit: Visit, steps: Noted) -> Visit | None:
    """Store it, and what happened as whoever registered it says. None: the badge is out."""
    stored = (getattr(visit, name) for name in _STORED)
    return await uow.fetch_one(_visit, _ADD, uow.company_id, *stored, *_given(steps))


class Found(msgspec.Struct, frozen=True):
    """A visit with what there is to know for its next step: until when a message to the household may be answered, and
    which badges of the site are out."""

    visit: Visit
    asked_until: datetime | None
    badges_out: list[str]


async def get(uow: UnitOfWork, site_id: UUID, visit_id: UUID, now: datetime) -> Found | None:
    def read(*row: Any) -> Found:
        return Found(_visit(*row[:-2]), *row[-2:])

    return await uow.fetch_one(read, _DETAIL, uow.company_id, site_id, visit_id, now)


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
            visit.answered_by,
            visit.answered_via,
            visit.badge_lost_at,
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
