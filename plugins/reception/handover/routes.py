"""Handed-over shifts over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Platform, Site, Work
from plugins.reception.handover import service
from plugins.reception.handover.model import Accept, Handover, NewHandover, Sheet
from plugins.reception.permissions import HANDOVER


@get("/handovers", permission=HANDOVER.id)
async def list_handovers(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Handover]:
    """The last 30 shifts that were handed over, the latest first."""
    return await service.latest(work, site)


@get("/handovers/sheet", permission=HANDOVER.id)
async def handover_sheet(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Sheet:
    """What the next shift would take over now."""
    return await service.sheet(platform, work, site)


@post("/handovers", permission=HANDOVER.id)
async def hand_over(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewHandover],
) -> Handover:
    """Hand the shift over, with the sheet as it is now."""
    return await service.hand(platform, work, site, data)


@get("/handovers/{handover_id:uuid}", permission=HANDOVER.id)
async def get_handover(
    work: NamedDependency[Work], site: NamedDependency[Site], handover_id: FromPath[UUID]
) -> Handover:
    """A shift as it was handed over."""
    return await service.get(work, site, handover_id)


@post("/handovers/{handover_id:uuid}/accept", permission=HANDOVER.id, status_code=200)
async def accept_handover(
    work: NamedDependency[Work], site: NamedDependency[Site], handover_id: FromPath[UUID], data: JSONBody[Accept]
) -> Handover:
    """Take the shift over."""
    return await service.accept(work, site, handover_id, data)


HANDLERS: list[HTTPRouteHandler] = [list_handovers, handover_sheet, hand_over, get_handover, accept_handover]
