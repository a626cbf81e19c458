"""The statements about approvals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.approvals.model import Approval, State
from core.db.uow import UnitOfWork

_COLUMNS = """id, kind, subject, permission, payload::text, reason,
    CASE WHEN state = 'asked' AND expires_at <= $3 THEN 'lapsed' ELSE state END,
    asked_by, asked_by_name, asked_at, expires_at, decided_by_name, decided_at, decision"""
# What lapsed makes room for the same being asked again.
_ASK = """
WITH lapsed AS (
    UPDATE approval SET state = 'lapsed', decided_at = $9
    WHERE company_id = $1 AND site_id = $3 AND kind = $4 AND subject = $5 AND state = 'asked' AND expires_at <= $9
    RETURNING id
)
INSERT INTO approval (company_id, id, site_id, kind, subject, payload, permission, reason, asked_at, expires_at,
                      asked_by, asked_by_name, concerns_id)
SELECT $1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13 FROM (SELECT count(*) FROM lapsed) made_room
"""
_OTHERS = """
SELECT id FROM membership
WHERE company_id = $1 AND active AND (all_sites OR $2 = ANY (site_ids))
    AND roles_at(roles, posts, $2, NULL) && $3::text[]
    AND id <> $4 AND id IS DISTINCT FROM $5
ORDER BY staff_no LIMIT 50
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM approval
WHERE company_id = $1 AND site_id = $2 AND (asked_by = $4 OR permission = ANY ($5)) AND ($6::uuid IS NULL OR id < $6)
ORDER BY id DESC LIMIT $7
"""  # noqa: S608
_DECIDABLE = """
SELECT count(*) FROM (
    SELECT FROM approval
    WHERE company_id = $1 AND site_id = $2 AND state = 'asked' AND expires_at > $3 AND asked_by <> $4
        AND permission = ANY ($5) LIMIT $6
) waiting
"""
_ONE = f"""
SELECT {_COLUMNS} FROM approval
WHERE company_id = $1 AND site_id = $2 AND (asked_by = $4 OR permission = ANY ($5)) AND id = $6
"""  # noqa: S608
_STANDING = """
SELECT subject, id FROM approval
WHERE company_id = $1 AND site_id = $2 AND kind = $3 AND subject = ANY ($4) AND state = 'asked' AND expires_at > $5
"""
_DECIDE = """
UPDATE approval SET state = $4, decided_by = $5, decided_by_name = $6, decided_at = $7, decision = $8
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND state = 'asked' AND expires_at > $7
"""
_LAPSE = """
UPDATE approval SET state = 'lapsed', decided_at = $3
WHERE company_id = $1 AND site_id = ANY ($2) AND state = 'asked' AND expires_at <= $3
RETURNING id, site_id, asked_by, kind
"""


class NewApproval(msgspec.Struct, frozen=True):
    """In the order in which the statement takes it, after company, id and site."""

    kind: str
    subject: str
    payload: str
    permission: str
    reason: str
    asked_at: datetime
    expires_at: datetime
    asked_by: UUID
    asked_by_name: str
    concerns_id: UUID | None


class Lapsed(msgspec.Struct, frozen=True):
    id: UUID
    site_id: UUID
    asked_by: UUID
    kind: str


async def ask(uow: UnitOfWork, id: UUID, site_id: UUID, new: NewApproval) -> None:
    """Raises UniqueViolationError where the same is asked already."""
    await uow.execute(_ASK, uow.company_id, id, site_id, *msgspec.structs.astuple(new))


async def others(
    uow: UnitOfWork, site_id: UUID, roles: Collection[str], asker: UUID, concerned: UUID | None
) -> list[UUID]:
    """Members at the site with any of the roles, but for the two."""
    return await uow.fetch(_id, _OTHERS, uow.company_id, site_id, sorted(roles), asker, concerned)


async def decidable(
    uow: UnitOfWork, site_id: UUID, now: datetime, reader: UUID | None, permissions: Sequence[str], most: int
) -> int:
    """How many wait for the reader's decision, `most` at most."""
    return int(await uow.value(_DECIDABLE, uow.company_id, site_id, now, reader, permissions, most))


async def page(
    uow: UnitOfWork,
    site_id: UUID,
    now: datetime,
    reader: UUID | None,
    permissions: Sequence[str],
    cursor: UUID | None,
    limit: int,
) -> list[Approval]:
    """What the reader asked or may decide, the newest first."""
    return await uow.fetch(_read, _PAGE, uow.company_id, site_id, now, reader, permissions, cursor, limit)


async def one(
    uow: UnitOfWork, site_id: UUID, now: datetime, reader: UUID | None, permissions: Sequence[str], id: UUID
) -> Approval | None:
    return await uow.fetch_one(_read, _ONE, uow.company_id, site_id, now, reader, permissions, id)


async def standing(
    uow: UnitOfWork, site_id: UUID, kind: str, subjects: Collection[str], now: datetime
) -> dict[str, UUID]:
    """Which of the subjects are asked for now, and where."""
    found = await uow.fetch(lambda *row: row, _STANDING, uow.company_id, site_id, kind, list(subjects), now)
    return dict(found)


async def decide(
    uow: UnitOfWork, site_id: UUID, id: UUID, state: State, by: tuple[UUID | None, str], now: datetime, text: str
) -> bool:
    """Whether it was still open."""
    return bool(await uow.execute(_DECIDE, uow.company_id, site_id, id, state, *by, now, text))


async def lapse(uow: UnitOfWork, site_ids: Collection[UUID], now: datetime) -> list[Lapsed]:
    return await uow.fetch(Lapsed, _LAPSE, uow.company_id, list(site_ids), now)


def _id(id: UUID) -> UUID:
    return id


def _read(*columns: Any) -> Approval:
    fields = dict(zip(Approval.__struct_fields__, columns, strict=True))
    return Approval(**{**fields, "payload": msgspec.json.decode(fields["payload"])})
