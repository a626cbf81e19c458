"""Tickets by the numbers that people say and type. A site counts its own, each month anew; they tell of no other's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.tenancy.directory import Site
from core.work import Work

_FIND = "SELECT id FROM ticket WHERE company_id = $1 AND site_id = $2 AND number = $3"
_FIND_LATEST = """
SELECT id FROM ticket WHERE company_id = $1 AND site_id = $2 AND number LIKE '%-' || $3 ORDER BY id DESC LIMIT 1
"""
_OF = "SELECT id, number FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3::uuid[])"


async def find(work: Work, site: Site, said: str) -> UUID | None:
    """The site's ticket of that number; of its last digits alone, the latest."""
    number = said.strip().upper()
    digits = number.isascii() and number.isdecimal()
    found: UUID | None = await work.uow.value(
        _FIND_LATEST if digits else _FIND, work.ctx.company_id, site.id, number.zfill(4) if digits else number
    )
    return found


async def of(work: Work, site: Site, ticket_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of those tickets that are the site's."""
    found = await work.uow.fetch(lambda id, number: (id, number), _OF, work.ctx.company_id, site.id, list(ticket_ids))
    return dict(found)
