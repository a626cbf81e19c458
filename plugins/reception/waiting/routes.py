"""The line at the counter over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Site, Work
from plugins.reception.permissions import QUEUE
from plugins.reception.waiting import service
from plugins.reception.waiting.model import Line, NewTurn, Next, Turn


@get("/turns", permission=QUEUE.id)
async def waiting_line(work: NamedDependency[Work], site: NamedDependency[Site]) -> Line:
    """Today's line, in order, with the day's figures."""
    return await service.line(work, site)


@post("/turns", permission=QUEUE.id)
async def take_number(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewTurn]) -> Turn:
    """Give out the day's next number."""
    return await service.take(work, site, data)


@post("/turns/next", permission=QUEUE.id, status_code=200)
async def call_next(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Next]) -> Turn:
    """Call whoever has waited longest."""
    return await service.call(work, site, data)


@post("/turns/{turn_id:uuid}/done", permission=QUEUE.id, status_code=200)
async def turn_done(work: NamedDependency[Work], site: NamedDependency[Site], turn_id: FromPath[UUID]) -> Turn:
    """Served."""
    return await service.end(work, site, turn_id, "done")


@post("/turns/{turn_id:uuid}/leave", permission=QUEUE.id, status_code=200)
async def turn_left(work: NamedDependency[Work], site: NamedDependency[Site], turn_id: FromPath[UUID]) -> Turn:
    """Gone before they were served."""
    return await service.end(work, site, turn_id, "left")


HANDLERS: list[HTTPRouteHandler] = [waiting_line, take_number, call_next, turn_done, turn_left]
