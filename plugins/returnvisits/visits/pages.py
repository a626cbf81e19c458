"""Return visits in the console, below /s/{site_id}/returnvisits."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import NotFound, Site, View, Work
from plugins.returnvisits.permissions import VIEW
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import MOST


@get("/", permission=VIEW.id)
async def visit_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The visits that are owed."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    visits = await repository.open_visits(work.uow, site.id, work.ctx.actor.id, MOST)
    return await view.html("returnvisits/visits.html", visits=visits)


HANDLERS: list[HTTPRouteHandler] = [visit_list]
