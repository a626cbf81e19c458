"""Reading the audit log: append-only, the newest first, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.uow import NOBODY
from core.fields import sees_amounts, without_amounts
from core.work import Work

MOST = 200
MOST_EXPORTED = 50_000
_PORTION = 500


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what to which subject. `changes` maps a field to its new value, or to [old, new]."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    site_id: UUID | None
    action: str
    subject_type: str
    subject_id: str
    changes: dict[str, Any]
    request_id: str


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to show. `action` is one (`policy.revised`) or all of a noun (`policy`); `since` counts, `until` does not.

    `text` is part of the actor's name, or how the subject's id begins.
    """

    action: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    actor_id: UUID | None = None
    site_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    cursor: UUID | None = None
    limit: int = 50


class AuditPage(msgspec.Struct, frozen=True):
    """Entries, the newest first; `next_cursor` leads to older ones."""

    entries: list[AuditEntry]
    next_cursor: UUID | None


# Ids are version 7 and so in the order of time.
_PAGE = """
SELECT id, at, actor_kind, actor_id, actor_name, site_id, action, subject_type, subject_id, changes, request_id
FROM audit_entry
WHERE company_id = $1
  AND (site_id = ANY($2) OR site_id IS NULL AND (actor_id = $13 OR NOT EXISTS (
       SELECT FROM site s WHERE s.company_id = $1 AND s.id <> ALL($2))))
  AND ($3::text IS NULL OR action = $3 OR starts_with(action, $3 || '.'))
  AND ($4::text IS NULL OR subject_type = $4)
  AND ($5::text IS NULL OR subject_id = $5)
  AND ($6::uuid IS NULL OR actor_id = $6)
  AND ($7::uuid IS NULL OR site_id = $7)
  AND ($8::timestamptz IS NULL OR at >= $8)
  AND ($9::timestamptz IS NULL OR at < $9)
  AND ($10::text IS NULL OR strpos(lower(actor_name), lower($10)) > 0 OR starts_with(subject_id, $10))
  AND ($11::uuid IS NULL OR id < $11)
  AND subject_id <> ALL (ARRAY(
      SELECT about.ticket_id::text FROM unnest($2::uuid[]) s (id), tickets_about(s.id, $14) about))
ORDER BY id DESC LIMIT $12
"""


async def page(work: Work, wanted: AuditFilter) -> AuditPage:
    """Entries of the sites the actor may enter; those of no site are for who may enter every one, or did it.

    Nobody is told of what was done about a complaint against them (CMP-6).
    """
    found = await work.uow.fetch(_reader(work), _PAGE, *_arguments(work, wanted, wanted.limit + 1))
    entries = found[: wanted.limit]
    return AuditPage(entries, entries[-1].id if len(found) > wanted.limit else None)


async def stream(work: Work, wanted: AuditFilter) -> AsyncIterator[list[AuditEntry]]:
    """The same entries in portions, `MOST_EXPORTED` at most and one more where there are more."""
    connection = await work.uow.open()
    entry = _reader(work)
    cursor = await connection.cursor(_PAGE, *_arguments(work, wanted, MOST_EXPORTED + 1))
    while records := await cursor.fetch(_PORTION):
        yield [entry(*record) for record in records]


def _arguments(work: Work, wanted: AuditFilter, limit: int) -> tuple[Any, ...]:
    return (
        work.ctx.company_id,
        list(work.ctx.site_ids),
        wanted.action,
        wanted.subject_type,
        wanted.subject_id,
        wanted.actor_id,
        wanted.site_id,
        wanted.since,
        wanted.until,
        wanted.text,
        wanted.cursor,
        limit,
        work.ctx.actor.id,
        work.uow.reader or NOBODY,
    )


def _reader(work: Work) -> Callable[..., AuditEntry]:
    """Rows as entries, without the amounts in them for whoever may not see those."""
    seen = sees_amounts(work.ctx.permissions)

    def entry(*columns: Any) -> AuditEntry:
        fields = dict(zip(AuditEntry.__struct_fields__, columns, strict=True))
        changes = msgspec.json.decode(fields["changes"])
        return AuditEntry(**{**fields, "changes": changes if seen else without_amounts(changes)})

    return entry
