"""Every statement about proofs; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.arrears.proofs.model import Proof

# Nothing is added to a step of another site, or to one that has as many as it may.
_ADD = """
INSERT INTO billing_dunning_proof (company_id, site_id, id, dunning_id, unit_id, party_id, name, kind, size, digest,
    thumbnail, at, by_id, by_name)
SELECT $1, $2, $4, d.id, d.unit_id, d.party_id, $5, $6, $7, $8, $9, $10, $11, $12
FROM billing_dunning d WHERE d.company_id = $1 AND d.site_id = $2 AND d.id = $3
    AND (SELECT count(*) FROM billing_dunning_proof WHERE company_id = $1 AND dunning_id = $3) < $13
"""
_LIST = """
SELECT id, name, kind, size, thumbnail IS NOT NULL, digest IS NOT NULL, at, by_name, struck_at, struck_by_name,
    struck_reason
FROM billing_dunning_proof WHERE company_id = $1 AND site_id = $2 AND dunning_id = $3 ORDER BY id
"""
_FIND = """
SELECT name, kind, digest, thumbnail FROM billing_dunning_proof
WHERE company_id = $1 AND site_id = $2 AND dunning_id = $3 AND id = $4
"""
_STRIKE = """
UPDATE billing_dunning_proof SET struck_at = $5, struck_by = $6, struck_by_name = $7, struck_reason = $8
WHERE company_id = $1 AND site_id = $2 AND dunning_id = $3 AND id = $4 AND struck_at IS NULL
"""


class Stored(msgspec.Struct, frozen=True):
    """Where a proof's content is; None once it was erased."""

    name: str
    kind: str
    digest: str | None
    thumbnail: str | None


async def add(uow: UnitOfWork, site_id: UUID, dunning_id: UUID, values: Sequence[Any], most: int) -> bool:
    """Whether it was: a step that is here, and that has fewer than `most`."""
    return bool(await uow.execute(_ADD, uow.company_id, site_id, dunning_id, *values, most))


async def of_step(uow: UnitOfWork, site_id: UUID, dunning_id: UUID) -> list[Proof]:
    """The proofs of a step, as they were added."""
    return await uow.fetch(Proof, _LIST, uow.company_id, site_id, dunning_id)


async def find(uow: UnitOfWork, site_id: UUID, dunning_id: UUID, proof_id: UUID) -> Stored | None:
    """A proof of that step."""
    return await uow.fetch_one(Stored, _FIND, uow.company_id, site_id, dunning_id, proof_id)


async def strike(uow: UnitOfWork, site_id: UUID, dunning_id: UUID, proof_id: UUID, said: Sequence[Any]) -> bool:
    """Whether it was: once."""
    return bool(await uow.execute(_STRIKE, uow.company_id, site_id, dunning_id, proof_id, *said))
