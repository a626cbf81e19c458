"""Complaints in the console, below /s/{site_id}/complaints."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import NotFound, Site, View, Work
from plugins.complaints import repository
from plugins.complaints.permissions import VIEW


@get("/", permission=VIEW.id)
async def case_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The complaints of the site."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return await view.html("complaints/cases.html", cases=await repository.listed(work.uow, site.id))


HANDLERS: list[HTTPRouteHandler] = [case_list]
