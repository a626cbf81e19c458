"""Every statement about complaints; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork

_LIST = """
SELECT t.id, t.number, t.status, t.place, t.description, c.kind, t.created_at
FROM ticket t LEFT JOIN complaints_case c ON c.company_id = t.company_id AND c.ticket_id = t.id
WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = 'complaints.complaint'
ORDER BY t.id DESC LIMIT 200
"""


class CaseRow(msgspec.Struct, frozen=True):
    """A complaint in the list."""

    id: UUID
    number: str
    status: str
    place: str
    description: str
    kind: str | None
    created_at: datetime


async def listed(uow: UnitOfWork, site_id: UUID) -> list[CaseRow]:
    """The newest first; 200 at most."""
    return await uow.fetch(CaseRow, _LIST, uow.company_id, site_id)
