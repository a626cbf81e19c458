"""What became of a number of tickets: how many of each category and state there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.tenancy.directory import Site
from core.tickets.model import Status
from core.work import Work

_TALLY: Final = """
SELECT category, status, count(*) FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3)
GROUP BY 1, 2 ORDER BY 1, 2
"""


class Tally(msgspec.Struct, frozen=True):
    """So many tickets of a category are in a state."""

    category: str
    status: Status
    count: int


async def tally(work: Work, site: Site, ticket_ids: Sequence[UUID]) -> list[Tally]:
    """Those of the tickets that are the site's, counted. Raises NotFound for a site the actor may not touch."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return await work.uow.fetch(Tally, _TALLY, work.ctx.company_id, site.id, list(ticket_ids))
