"""How samples were drawn, over the JSON API and in the console: anybody who may see it can draw again (VIS-5)."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Site, View, Work
from plugins.returnvisits.permissions import DRAW
from plugins.returnvisits.sampling import service
from plugins.returnvisits.sampling.model import Draw, DrawDetail


@get("/draws", permission=DRAW.id)
async def list_draws(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Draw]:
    """The draws of the site, the latest period first; 200 at most."""
    return await service.listed(work, site)


@get("/draws/{returnvisits_draw_id:uuid}", permission=DRAW.id)
async def get_draw(
    work: NamedDependency[Work], site: NamedDependency[Site], returnvisits_draw_id: FromPath[UUID]
) -> DrawDetail:
    """A draw with all that could be drawn, in its order; the seed once its period is over."""
    return await service.detail(work, site, returnvisits_draw_id)


@get("/draws", permission=DRAW.id)
async def draw_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The draws, and how much of each share is drawn."""
    return await view.html("returnvisits/draws.html", draws=await service.listed(work, site))


@get("/draws/{returnvisits_draw_id:uuid}", permission=DRAW.id)
async def draw_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    returnvisits_draw_id: FromPath[UUID],
) -> Response[str]:
    """How a sample was drawn, and what drawing again comes to."""
    detail = await service.detail(work, site, returnvisits_draw_id)
    return await view.html("returnvisits/draw.html", detail=detail, draw=detail.draw)


API: list[HTTPRouteHandler] = [list_draws, get_draw]
PAGES: list[HTTPRouteHandler] = [draw_list, draw_page]
