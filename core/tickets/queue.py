"""Lists of tickets: by deadline or newest first, filtered, page by page with a cursor instead of an offset."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.errors import Malformed
from core.tickets.model import Page, Status, TicketRow

MOST = 200  # rows a page may have (IN-9)


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to list. `status` None: all that are not closed; `due_before`: deadline earlier than that instant."""

    status: Status | None = None
    sort: Literal["due", "newest"] = "due"
    category: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    assignee_id: UUID | None = None
    owner_id: UUID | None = None
    unit_id: UUID | None = None
    due_before: datetime | None = None
    text: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50


_ROW = """id, number, status, severity, category, place, description, assignee_name, due_at, due_goal, due_seconds,
    created_at, version"""
_NARROW = """
    AND ($4::text IS NULL OR category = $4) AND ($5::uuid IS NULL OR assignee_id = $5)
    AND ($6::uuid IS NULL OR owner_id = $6) AND ($7::uuid IS NULL OR unit_id = $7)
    AND ($8::timestamptz IS NULL OR due_at < $8)
    AND ($9::text IS NULL OR description ILIKE $9 OR place ILIKE $9 OR number ILIKE $9)
"""
_AFTER_DUE = """
    AND (coalesce(due_at, 'infinity'), id) > ($10::text::timestamptz, $11)
ORDER BY coalesce(due_at, 'infinity'), id LIMIT $12
"""
# Literal conditions, so that the planner sees the partial indexes.
_OPEN_BY_DUE = f"""
SELECT {_ROW} FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' AND $3::text IS NULL
{_NARROW}{_AFTER_DUE}"""  # noqa: S608
_STATE_BY_DUE = f"""
SELECT {_ROW} FROM ticket WHERE company_id = $1 AND site_id = $2 AND status = $3
{_NARROW}{_AFTER_DUE}"""  # noqa: S608
_NEWEST = f"""
SELECT {_ROW} FROM ticket
WHERE company_id = $1 AND site_id = $2 AND ($3::text IS NULL OR status = $3) AND $10::text IS NOT NULL
{_NARROW} AND id < $11 ORDER BY id DESC LIMIT $12"""  # noqa: S608

_FIRST = ("-infinity", UUID(int=0))
_LAST = UUID(int=2**128 - 1)


async def page(uow: UnitOfWork, site_id: UUID, wanted: Filter) -> Page:
    """One page. Raises Malformed for a cursor that is not one of ours."""
    newest = wanted.sort == "newest"
    due, after = _read(wanted.cursor) if wanted.cursor else (_FIRST[0], _LAST if newest else _FIRST[1])
    statement = _NEWEST if newest else _STATE_BY_DUE if wanted.status else _OPEN_BY_DUE
    rows = await uow.fetch(
        TicketRow,
        statement,
        uow.company_id,
        site_id,
        wanted.status,
        wanted.category,
        wanted.assignee_id,
        wanted.owner_id,
        wanted.unit_id,
        wanted.due_before,
        f"%{_escape(wanted.text)}%" if wanted.text else None,
        due,
        after,
        wanted.limit + 1,
    )
    more = len(rows) > wanted.limit
    items = rows[: wanted.limit]
    return Page(items, _write(items[-1]) if more else None)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _write(row: TicketRow) -> str:
    due = row.due_at.isoformat() if row.due_at else "infinity"
    return base64.urlsafe_b64encode(f"{due} {row.id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, UUID]:
    try:
        due, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        if due != "infinity":
            due = datetime.fromisoformat(due).isoformat()  # Python reads forms that PostgreSQL does not
        return due, UUID(row_id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
