"""Areas over the JSON API, below /api/v1/sites/{site_id}/returnvisits."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Platform, Site, Work
from plugins.returnvisits.areas import service
from plugins.returnvisits.areas.model import Area, AreaEntry
from plugins.returnvisits.permissions import AREA, VIEW


@get("/areas", permission=VIEW.id)
async def list_areas(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Area]:
    """Which steward looks after which buildings."""
    return await service.listed(work, site)


@post("/areas", permission=AREA.id)
async def add_area(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[AreaEntry],
) -> Response[Area]:
    """A new area; a building belongs to one."""
    return _answer(await service.add(platform, work, site, data), 201)


@get("/areas/{area_id:uuid}", permission=VIEW.id)
async def get_area(work: NamedDependency[Work], site: NamedDependency[Site], area_id: FromPath[UUID]) -> Response[Area]:
    """An area."""
    return _answer(await service.get(work, site, area_id))


@put("/areas/{area_id:uuid}", permission=AREA.id)
async def change_area(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    area_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[AreaEntry],
) -> Response[Area]:
    """Other buildings, another steward. Needs If-Match."""
    return _answer(await service.change(platform, work, site, area_id, data, if_match))


@delete("/areas/{area_id:uuid}", permission=AREA.id)
async def remove_area(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    area_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> None:
    """Take an area away. Needs If-Match."""
    await service.remove(work, site, area_id, if_match)


def _answer(area: Area, status: int = 200) -> Response[Area]:
    return Response(area, status_code=status, headers={"ETag": f'"{area.version}"'})


HANDLERS: list[HTTPRouteHandler] = [list_areas, add_area, get_area, change_area, remove_area]
