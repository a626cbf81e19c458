"""Revisions of policies as they are stored, append-only: every statement about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.policies.layers import Overrides

LayerKey = tuple[str, UUID | None]
"""A policy's name and whose layer it is: a site's, or the company's (None)."""


class Revision(msgspec.Struct, frozen=True):
    """One state of a layer, complete: `overrides` replaces the one before. `site_id` None is the company's layer.

    `open_tickets`: tickets taken in before it are held to it as well. `withdraws` is the revision that this one takes
    back before it came into force; neither of them ever is.
    """

    id: UUID
    policy: str
    site_id: UUID | None
    number: int
    overrides: Overrides
    author_name: str
    reason: str
    effective_at: datetime
    created_at: datetime
    open_tickets: bool = False
    withdraws: UUID | None = None


class Origin(msgspec.Struct, frozen=True):
    """A revision as those are told of it whose goals it made; `site_id` None is the company's layer."""

    id: UUID
    policy: str
    site_id: UUID | None
    number: int
    author_name: str
    reason: str
    effective_at: datetime


_COLUMNS = ", ".join(f"r.{column}" for column in Revision.__struct_fields__)
_STANDS = """r.withdraws IS NULL AND NOT EXISTS (
    SELECT FROM policy_revision w WHERE w.company_id = $1 AND w.withdraws = r.id)"""
# The newest effective revision of each layer, and the instant at which the next one takes its place.
_IN_FORCE = f"""
SELECT DISTINCT ON (r.policy, r.site_id) {_COLUMNS} FROM policy_revision r
WHERE r.company_id = $1 AND r.effective_at <= $2 AND {_STANDS}
ORDER BY r.policy, r.site_id, r.effective_at DESC, r.number DESC
"""  # noqa: S608
_NEXT = "SELECT min(effective_at) FROM policy_revision WHERE company_id = $1 AND effective_at > $2"
_PAST = f"""
SELECT {_COLUMNS} FROM policy_revision r
WHERE r.company_id = $1 AND r.policy = $2 AND r.effective_at <= $3 AND {_STANDS} ORDER BY r.effective_at, r.number
"""  # noqa: S608
_HISTORY = f"""
SELECT {_COLUMNS} FROM policy_revision r
WHERE r.company_id = $1 AND r.policy = $2 AND r.site_id IS NOT DISTINCT FROM $3 ORDER BY r.number DESC LIMIT 100
"""  # noqa: S608
_ORIGINS = """
SELECT id, policy, site_id, number, author_name, reason, effective_at FROM policy_revision
WHERE company_id = $1 AND id = ANY ($2::uuid[])
"""
_REACHED = "SELECT max(renewed_at) FROM ticket WHERE company_id = $1 AND status <> 'closed'"
_INSERT = """
INSERT INTO policy_revision (company_id, id, policy, site_id, number, overrides, author_id, author_name, reason,
                             effective_at, created_at, open_tickets, withdraws)
SELECT $1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13
WHERE $5 = 1 + coalesce((SELECT max(number) FROM policy_revision
                         WHERE company_id = $1 AND policy = $3 AND site_id IS NOT DISTINCT FROM $4), 0)
ON CONFLICT DO NOTHING
"""


async def in_force(uow: UnitOfWork, now: datetime) -> dict[LayerKey, Revision]:
    """The revision in force of every layer of the company that has one."""
    found = await uow.fetch(_revision, _IN_FORCE, uow.company_id, now)
    return {(revision.policy, revision.site_id): revision for revision in found}


async def next_instant(uow: UnitOfWork, now: datetime) -> datetime | None:
    """When the next revision of the company takes effect, at the earliest."""
    following: datetime | None = await uow.value(_NEXT, uow.company_id, now)
    return following


async def reached(uow: UnitOfWork) -> datetime | None:
    """When the latest took effect that open tickets have been brought up to; None: none has been."""
    instant: datetime | None = await uow.value(_REACHED, uow.company_id)
    return instant


async def past(uow: UnitOfWork, policy: str, now: datetime) -> list[Revision]:
    """All that have ever been in force of the policy's layers, in the order in which they took effect."""
    return await uow.fetch(_revision, _PAST, uow.company_id, policy, now)


async def history(uow: UnitOfWork, policy: str, site_id: UUID | None) -> list[Revision]:
    """Revisions of a layer, the newest first, 100 at most."""
    return await uow.fetch(_revision, _HISTORY, uow.company_id, policy, site_id)


async def origins(uow: UnitOfWork, ids: Collection[UUID]) -> list[Origin]:
    """What is told of these revisions."""
    return await uow.fetch(Origin, _ORIGINS, uow.company_id, list(ids)) if ids else []


async def insert(uow: UnitOfWork, revision: Revision, author_id: UUID | None) -> bool:
    """Append it; whether its number was the next one."""
    inserted = await uow.execute(
        _INSERT,
        uow.company_id,
        revision.id,
        revision.policy,
        revision.site_id,
        revision.number,
        msgspec.json.encode(revision.overrides).decode(),
        author_id,
        revision.author_name,
        revision.reason,
        revision.effective_at,
        revision.created_at,
        revision.open_tickets,
        revision.withdraws,
    )
    return bool(inserted)


def _revision(*columns: Any) -> Revision:
    fields = dict(zip(Revision.__struct_fields__, columns, strict=True))
    return Revision(**{**fields, "overrides": msgspec.json.decode(fields["overrides"])})
