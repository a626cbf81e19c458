"""The line at the counter over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Platform, Site, View, Work, document
from plugins.reception.permissions import QUEUE
from plugins.reception.waiting import service
from plugins.reception.waiting.model import WAITING, Line, NewTurn, Next, Turn


@get("/turns", permission=QUEUE.id)
async def waiting_line(work: NamedDependency[Work], site: NamedDependency[Site]) -> Line:
    """Today's line, in order, with the day's figures."""
    return await service.line(work, site)


@post("/turns", permission=QUEUE.id)
async def take_number(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewTurn]) -> Turn:
    """Give out the day's next number."""
    return await service.take(work, site, data)


@post("/turns/next", permission=QUEUE.id, status_code=200)
async def call_next(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform], data: JSONBody[Next]
) -> Turn:
    """Call whoever has waited longest, of those whom the counter is for."""
    rules = await platform.policies.value(work, WAITING, site.id)
    return await service.call(work, site, data, rules.purposes_of(data.counter))


@post("/turns/{turn_id:uuid}/done", permission=QUEUE.id, status_code=200)
async def turn_done(work: NamedDependency[Work], site: NamedDependency[Site], turn_id: FromPath[UUID]) -> Turn:
    """Served."""
    return await service.end(work, site, turn_id, "done")


@post("/turns/{turn_id:uuid}/leave", permission=QUEUE.id, status_code=200)
async def turn_left(work: NamedDependency[Work], site: NamedDependency[Site], turn_id: FromPath[UUID]) -> Turn:
    """Gone before they were served."""
    return await service.end(work, site, turn_id, "left")


@post("/turns/{turn_id:uuid}/requeue", permission=QUEUE.id, status_code=200)
async def turn_requeued(work: NamedDependency[Work], site: NamedDependency[Site], turn_id: FromPath[UUID]) -> Turn:
    """Did not come when called, and has come after all."""
    return await service.requeue(work, site, turn_id)


@get("/turns/{turn_id:uuid}/slip", permission=QUEUE.id, media_type="application/pdf")
async def turn_slip(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], turn_id: FromPath[UUID]
) -> Response[bytes]:
    """The number as a PDF for paper of 80 mm."""
    shown = await service.slip(work, site, turn_id)
    return await document(view, "reception/slip.typ", str(shown.number), shown, save=True)


HANDLERS: list[HTTPRouteHandler] = [
    waiting_line,
    take_number,
    call_next,
    turn_done,
    turn_left,
    turn_requeued,
    turn_slip,
]
