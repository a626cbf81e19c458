"""Every statement about attachments. Each names the company itself, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from core.db.question import Row
from core.db.uow import UnitOfWork
from core.files.model import Attachment

# One number a company: whoever puts contents shares the lock, whoever removes contents has it alone.
_KEEP_OUT = "SELECT pg_advisory_xact_lock(hashtextextended('files of ' || $1::uuid, 0))"
_ADD = """
WITH shared AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(hashtextextended('files of ' || $1::uuid, 0))
)
INSERT INTO ticket_attachment (company_id, site_id, id, ticket_id, name, kind, size, digest, thumbnail,
                               uploaded_by_id, uploaded_by, uploaded_at, signed_by)
SELECT $1, ({row} ->> 'site_id')::uuid, f.id, f.ticket_id, f.name, f.kind, f.size, {row} ->> 'digest',
    {row} ->> 'thumbnail', f.uploaded_by_id, f.uploaded_by, f.uploaded_at, f.signed_by
FROM shared, jsonb_to_record({row} -> 'attachment') AS f (id uuid, ticket_id uuid, name text, kind text, size int,
    uploaded_by_id uuid, uploaded_by text, uploaded_at timestamptz, signed_by text)
WHERE (SELECT count(*) FROM ticket_attachment WHERE company_id = $1 AND ticket_id = f.ticket_id)
    < ({row} ->> 'most')::int
RETURNING 1
"""
# A ticket shows the files of the duplicates that were merged into it as its own.
_FIND = """
SELECT a.id, a.ticket_id, a.name, a.kind, a.size, a.thumbnail IS NOT NULL, a.uploaded_by_id, a.uploaded_by,
    a.uploaded_at, a.signed_by, a.emptied_at, a.digest, a.thumbnail
FROM ticket_attachment a WHERE a.company_id = $1 AND a.site_id = $2 AND a.id = $4 AND (
    a.ticket_id = $3 OR a.ticket_id IN (SELECT from_id FROM ticket_relation
                                        WHERE company_id = $1 AND to_id = $3 AND merged_from IS NOT NULL))
"""
_PICTURES = """
SELECT a.id, a.ticket_id, a.name, a.kind, a.size, true, a.uploaded_by_id, a.uploaded_by, a.uploaded_at, a.signed_by,
    a.emptied_at, a.digest, a.thumbnail
FROM ticket_attachment a WHERE a.company_id = $1 AND a.site_id = $2 AND a.ticket_id = $3 AND a.thumbnail IS NOT NULL
ORDER BY a.id DESC LIMIT $4
"""
_REMOVE = """
DELETE FROM ticket_attachment WHERE company_id = $1 AND ticket_id = $2 AND id = $3
RETURNING name, uploaded_by_id, signed_by IS NOT NULL
"""
_SHARE = "SELECT pg_advisory_xact_lock_shared(hashtextextended('files of ' || $1::uuid, 0))"
_CONTENTS = "SELECT id, kind, digest FROM ticket_attachment WHERE company_id = $1 AND ticket_id = ANY ($2::uuid[])"
_EMPTY = """
UPDATE ticket_attachment SET name = $3, kind = $4, digest = $5, size = $6, thumbnail = NULL, emptied_at = $7
WHERE company_id = $1 AND ticket_id = ANY ($2::uuid[]) AND emptied_at IS NULL
"""
# What a ticket, or the one that it was merged into, still needs: it is open, somebody is asked about it, or it is under
# accounts. Signatures stay.
_OLD = """
ticket_attachment a JOIN ticket t ON t.company_id = $1 AND t.id = a.ticket_id
WHERE a.company_id = $1 AND a.site_id = keep.site_id AND a.uploaded_at < keep.before AND a.emptied_at IS NULL
    AND a.signed_by IS NULL AND t.status = 'closed' AND t.updated_at < keep.before AND NOT {accounts}
    AND NOT EXISTS (SELECT FROM ticket_relation r JOIN ticket m ON m.company_id = $1 AND m.id = r.to_id
        WHERE r.company_id = $1 AND r.from_id = t.id AND r.merged_from IS NOT NULL
            AND (m.status <> 'closed' OR m.updated_at >= keep.before))
    AND NOT EXISTS (SELECT FROM approval p WHERE p.company_id = $1 AND p.site_id = t.site_id AND p.state = 'asked'
        AND (p.subject = t.id::text OR p.payload @> jsonb_build_object('ticket_id', t.id)))
"""
COUNT_OLD = f"SELECT count(*) FROM {_OLD}"  # noqa: S608
_EMPTY_OLD = f"""
WITH old AS (
    SELECT a.id FROM (SELECT $2::uuid AS site_id, $3::timestamptz AS before) keep, {_OLD}
    ORDER BY a.uploaded_at LIMIT $4 FOR UPDATE OF a
)
UPDATE ticket_attachment f SET name = $5, kind = $6, digest = $7, size = $8, thumbnail = NULL, emptied_at = $9
FROM old WHERE f.company_id = $1 AND f.id = old.id
"""  # noqa: S608
_UNKNOWN = """
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r'
    AND c.relnamespace = 'lodge'::regnamespace AND a.attname = 'company_id' AND c.relname <> ALL ($1::text[]))
"""
_NAMED = "SELECT digest FROM privacy_request WHERE company_id = $1 AND digest = ANY ($2::text[])"
_NAMED_TOO = " UNION SELECT {column} FROM {table} WHERE company_id = $1 AND {column} = ANY ($2::text[])"


class Stored(msgspec.Struct, frozen=True):
    """An attachment and the contents that belong to it."""

    attachment: Attachment
    digest: str
    thumbnail: str | None


class Blank(msgspec.Struct, frozen=True):
    """What a file names in the place of a content that is gone."""

    name: str
    kind: str
    digest: str
    size: int


class _Added(msgspec.Struct, frozen=True):
    """An attachment to insert, unless its ticket has as many as it may."""

    site_id: UUID
    attachment: Attachment
    digest: str
    thumbnail: str | None
    most: int


async def keep_out(uow: UnitOfWork) -> None:
    """Until this transaction ends, nobody puts contents of the company; waits for those who do."""
    await uow.execute(_KEEP_OUT, uow.company_id)


def added(site_id: UUID, stored: Stored, most: int) -> Row:
    """An attachment of a ticket that is held, as a row to write; none is written where it has as many as it may.

    From then until the transaction ends, nobody removes contents of the company.
    """
    return Row(_ADD, _Added(site_id, stored.attachment, stored.digest, stored.thumbnail, most))


async def find(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, attachment_id: UUID) -> Stored | None:
    """An attachment of the ticket or of a duplicate that was merged into it."""
    return await uow.fetch_one(_stored, _FIND, uow.company_id, site_id, ticket_id, attachment_id)


async def pictures(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, most: int) -> list[Stored]:
    """The ticket's pictures, the latest first."""
    return await uow.fetch(_stored, _PICTURES, uow.company_id, site_id, ticket_id, most)


def _stored(*columns: object) -> Stored:
    *fields, digest, thumbnail = columns
    return Stored(Attachment(*fields), digest, thumbnail)  # type: ignore[arg-type]


async def remove(uow: UnitOfWork, ticket_id: UUID, attachment_id: UUID) -> tuple[str, UUID | None, bool] | None:
    """Delete the row; its name, who had put it there, whether it is a signature. None: there is no such attachment."""
    return await uow.fetch_one(lambda *row: row, _REMOVE, uow.company_id, ticket_id, attachment_id)


async def share(uow: UnitOfWork) -> None:
    """Until this transaction ends, nobody removes contents of the company."""
    await uow.execute(_SHARE, uow.company_id)


async def contents(uow: UnitOfWork, ticket_ids: Sequence[UUID]) -> list[tuple[UUID, str, str]]:
    """The files of these tickets: id, kind, digest."""
    return await uow.fetch(lambda *row: row, _CONTENTS, uow.company_id, ticket_ids)


async def empty(uow: UnitOfWork, ticket_ids: Sequence[UUID], blank: Blank, now: datetime) -> int:
    """Let all files of these tickets name that content instead of theirs; how many had one."""
    return await uow.execute(_EMPTY, uow.company_id, ticket_ids, *msgspec.structs.astuple(blank), now)


async def empty_old(
    uow: UnitOfWork, site_id: UUID, before: datetime, accounts: str, most: int, blank: Blank, now: datetime
) -> int:
    """The same for files that nothing needs any more, the oldest first; how many. `accounts` is what COUNT_OLD takes:
    the condition that a ticket `t` is under accounts (core.db.rows.under_accounts)."""
    sql = _EMPTY_OLD.format(accounts=accounts)
    return await uow.execute(sql, uow.company_id, site_id, before, most, *msgspec.structs.astuple(blank), now)


async def has_others(uow: UnitOfWork, tables: Sequence[str]) -> bool:
    """Whether there are companies' tables besides these."""
    return bool(await uow.value(_UNKNOWN, list(tables)))


async def named(uow: UnitOfWork, columns: Iterable[tuple[str, str]], digests: Sequence[str]) -> set[str]:
    """Those of the contents that a row of the company names in these columns of tables, or an export of somebody's
    data."""
    sql = _NAMED + "".join(_NAMED_TOO.format(table=table, column=column) for table, column in columns)
    return set(await uow.fetch(lambda digest: str(digest), sql, uow.company_id, list(digests)))
