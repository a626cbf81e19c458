"""Every statement about requests for people's data. Each names the company itself, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.privacy.erasing import Kept
from core.privacy.people import SubjectKind

Kind = Literal["export", "erasure"]
State = Literal["waiting", "done", "refused", "expired"]


class Result(msgspec.Struct, frozen=True):
    """What came of a request: rows by table, files, and why it was refused."""

    rows: dict[str, int] = {}
    files: int = 0
    messages: int = 0
    kept: tuple[Kept, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """A request for somebody's data. `name` is what they are called now, '' where nothing is known of them any more;
    `size` in bytes of the file, which can be fetched until `expires_at`."""

    id: UUID
    kind: Kind
    subject: SubjectKind
    subject_id: UUID | None
    name: str
    reason: str
    state: State
    result: Result
    size: int | None
    asked_by: UUID | None
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


class Taken(msgspec.Struct, frozen=True):
    """A request that is to be carried out, locked."""

    id: UUID
    kind: Kind
    subject: SubjectKind
    subject_id: UUID | None
    phone_sealed: bytes | None


_ADD = """
INSERT INTO privacy_request (company_id, id, kind, subject, subject_id, phone_sealed, reason, state, result, asked_by,
                             asked_by_name, asked_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13)
"""
_REQUESTS = """
SELECT r.id, r.kind, r.subject, r.subject_id,
    coalesce(CASE r.subject WHEN 'resident' THEN (SELECT name FROM party WHERE company_id = $1 AND id = r.subject_id)
        WHEN 'member' THEN (SELECT name FROM membership WHERE company_id = $1 AND id = r.subject_id) END, ''),
    r.reason, r.state, r.result::text, CASE WHEN r.digest IS NOT NULL THEN r.size END, r.asked_by, r.asked_by_name,
    r.asked_at, r.finished_at, r.expires_at
FROM privacy_request r WHERE r.company_id = $1
"""
_LIST = f"{_REQUESTS} ORDER BY r.asked_at DESC, r.id DESC LIMIT 100"
_ONE = f"{_REQUESTS} AND r.id = $2"
_TAKE = """
SELECT id, kind, subject, subject_id, phone_sealed FROM privacy_request
WHERE company_id = $1 AND id = $2 AND state = 'waiting' FOR UPDATE
"""
_FINISH = """
UPDATE privacy_request SET state = $3, result = $4::jsonb, digest = $5, size = $6, finished_at = $7, expires_at = $8
WHERE company_id = $1 AND id = $2
"""
_DIGEST = "SELECT digest FROM privacy_request WHERE company_id = $1 AND id = $2 AND state = 'done' AND expires_at > $3"
_KNOWN = "SELECT id, phone_sealed FROM privacy_request WHERE company_id = $1 AND phone_sealed IS NOT NULL"
_FORGET = """
UPDATE privacy_request SET phone_sealed = NULL, digest = NULL, reason = CASE WHEN id = $4 THEN reason ELSE '***' END,
    state = CASE WHEN kind = 'export' THEN 'expired' ELSE state END
WHERE company_id = $1 AND (subject_id = ANY ($2::uuid[]) OR id = ANY ($3::uuid[]))
"""
_result = msgspec.json.Decoder(Result).decode


async def add(uow: UnitOfWork, request: Request, phone_sealed: bytes | None) -> None:
    r = request
    result = msgspec.json.encode(r.result).decode()
    await uow.execute(
        _ADD, uow.company_id, r.id, r.kind, r.subject, r.subject_id, phone_sealed, r.reason, r.state, result,
        r.asked_by, r.asked_by_name, r.asked_at, r.finished_at,
    )  # fmt: skip


async def requests(uow: UnitOfWork) -> list[Request]:
    """The latest hundred, the newest first."""
    return await uow.fetch(_request, _LIST, uow.company_id)


async def request(uow: UnitOfWork, request_id: UUID) -> Request | None:
    return await uow.fetch_one(_request, _ONE, uow.company_id, request_id)


async def take(uow: UnitOfWork, request_id: UUID) -> Taken | None:
    """Lock a request that waits; None where there is none."""
    return await uow.fetch_one(Taken, _TAKE, uow.company_id, request_id)


async def finish(
    uow: UnitOfWork,
    request_id: UUID,
    state: State,
    result: Result,
    now: datetime,
    *,
    file: tuple[str, int] | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Say what came of it; `file` is the digest and the size of what can be fetched."""
    told = msgspec.json.encode(result).decode()
    await uow.execute(_FINISH, uow.company_id, request_id, state, told, *(file or (None, None)), now, expires_at)


async def digest(uow: UnitOfWork, request_id: UUID, now: datetime) -> str | None:
    """The content of the export, while it can be fetched."""
    found: str | None = await uow.value(_DIGEST, uow.company_id, request_id, now)
    return found


async def phones(uow: UnitOfWork) -> list[tuple[UUID, bytes]]:
    """Requests that still know a telephone number, with the sealed number."""
    return await uow.fetch(lambda *row: row, _KNOWN, uow.company_id)


async def forget(uow: UnitOfWork, subjects: Sequence[UUID], request_ids: Sequence[UUID], but: UUID) -> None:
    """Forget earlier requests about somebody, by whom they were about or by id: their files, numbers and reasons.
    `but` is the request that this is done for, whose reason stays."""
    await uow.execute(_FORGET, uow.company_id, subjects, request_ids, but)


def _request(*columns: Any) -> Request:
    values = [*columns]
    values[7] = _result(values[7])
    return Request(*values)
