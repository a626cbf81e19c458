"""The lists of work orders (REP-3). Callers commit."""

from __future__ import annotations

from core.sdk import NotFound, Site, Work
from plugins.repairs.orders import repository
from plugins.repairs.orders.model import Orders, Urgent, Wanted


async def listed(work: Work, site: Site, wanted: Wanted) -> Orders:
    """A page of the site's orders, the latest first; `mine` are those that the actor handles."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    actor = work.ctx.actor
    if wanted.mine and (actor.kind != "person" or actor.id is None):
        return Orders([], None)
    rows = await repository.listed(work.uow, site.id, wanted, actor.id if wanted.mine else None)
    more = len(rows) > repository.PAGE
    rows = rows[: repository.PAGE]
    return Orders(rows, rows[-1].created_at if more else None)


async def urgent(work: Work, site: Site) -> list[Urgent]:
    """What is urgent and not done, the most pressing first (REP-2)."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return await repository.urgent(work.uow, site.id)
