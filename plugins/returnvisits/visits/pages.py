"""Return visits in the console, below /s/{site_id}/returnvisits."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Site, View, Work
from plugins.returnvisits.permissions import VIEW
from plugins.returnvisits.visits import service
from plugins.returnvisits.visits.model import MOST, VisitFilter


@get("/", permission=VIEW.id)
async def visit_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The visits that are owed."""
    visits, _ = await service.page(work, site, VisitFilter(limit=MOST))
    return await view.html("returnvisits/visits.html", visits=visits)


HANDLERS: list[HTTPRouteHandler] = [visit_list]
