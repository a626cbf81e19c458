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
# What narrows the list, with the places of its arguments. Only what is asked for goes into the statement: a plan for
# any values cannot use an index where every condition might be absent, and would sort a whole site for one page.
_NARROW = {
    "status": "status = {}",
    "category": "category = {}",
    "assignee_id": "assignee_id = {}",
    "owner_id": "owner_id = {}",
    "unit_id": "unit_id = {}",
    "due_before": "queue_at < {}",
    "text": "(description ILIKE {0} OR place ILIKE {0} OR number ILIKE {0})",
}
_OPEN = "status <> 'closed'"  # as the partial indexes say it
_ORDERS = {"due": "queue_at, id", "newest": "id DESC"}


async def page(uow: UnitOfWork, site_id: UUID, wanted: Filter) -> Page:
    """One page. Raises Malformed for a cursor that is not one of ours."""
    arguments: list[object] = [uow.company_id, site_id]

    def place(value: object) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    conditions = ["company_id = $1", "site_id = $2"]
    for name, condition in _NARROW.items():
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(condition.format(place(f"%{_escape(value)}%" if name == "text" else value)))
    if wanted.sort == "due" and wanted.status is None:
        conditions.append(_OPEN)
    if wanted.cursor:
        due, after = _read(wanted.cursor)
        conditions.append(
            f"(queue_at, id) > ({place(due)}::text::timestamptz, {place(after)})"
            if wanted.sort == "due"
            else f"id < {place(after)}"
        )
    statement = (
        f"SELECT {_ROW} FROM ticket WHERE {' AND '.join(conditions)} "  # noqa: S608
        f"ORDER BY {_ORDERS[wanted.sort]} LIMIT {place(wanted.limit + 1)}"
    )
    rows = await uow.fetch(TicketRow, statement, *arguments)
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
