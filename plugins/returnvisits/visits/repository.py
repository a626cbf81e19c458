"""Every statement about visits; each names the company, besides row level security.

A visit to a matter is not shown to whom that matter concerns (CMP-6): `$n` of `_NOT_CONCERNED` is who looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.returnvisits.visits.model import Visit

# `status` is generated.
_STORED = tuple(field for field in Visit.__struct_fields__ if field != "status")
_COLUMNS = ", ".join(Visit.__struct_fields__)
_READ = ", ".join(f"v.{field}" for field in Visit.__struct_fields__)
_FROM = "FROM returnvisits_visit v LEFT JOIN ticket t ON t.company_id = v.company_id AND t.id = v.ticket_id"
_OPEN = f"""
SELECT {_READ} {_FROM}
WHERE v.company_id = $1 AND v.site_id = $2 AND v.done_at IS NULL AND v.void_at IS NULL
    AND t.concerns_id IS DISTINCT FROM $3
ORDER BY v.due_at, v.id LIMIT $4
"""  # noqa: S608
Clerk = tuple[UUID | None, str]
Noted = Sequence[tuple[str, str]]
"""What is put on record, in that order: kind and text."""


def read(*row: Any) -> Visit:
    return Visit(**dict(zip(Visit.__struct_fields__, row, strict=True)))


async def open_visits(uow: UnitOfWork, site_id: UUID, reader: UUID | None, most: int) -> list[Visit]:
    """What is owed, the earliest deadline first."""
    return await uow.fetch(read, _OPEN, uow.company_id, site_id, reader, most)
