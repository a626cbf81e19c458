"""Tickets counted for modules: what became of some of them, and how a site stands now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.tenancy.directory import Site
from core.tickets import reading
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


class Standing(msgspec.Struct, frozen=True):
    """The tickets of a site that are not closed, those due within a time, and those overdue."""

    open: int
    due: int
    overdue: int


async def tally(work: Work, site: Site, ticket_ids: Sequence[UUID]) -> list[Tally]:
    """Those of the tickets that are the site's, counted. Raises NotFound for a site the actor may not touch."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return await work.uow.fetch(Tally, _TALLY, work.ctx.company_id, site.id, list(ticket_ids))


async def standing(work: Work, site: Site, within: timedelta) -> Standing:
    """How the site stands at this very moment, in one statement. Raises NotFound like `tally`."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    found, (due, overdue) = await reading.pressing(work.uow, site.id, work.now, work.now + within)
    counts = found.seen_by(work.uow.reader)
    return Standing(sum(n for status, n in counts.items() if status != "closed"), due, overdue)
