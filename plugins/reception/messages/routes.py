"""Messages over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Platform, Site, Work
from plugins.reception.messages import service
from plugins.reception.messages.model import Done, Message, NewMessage, Which
from plugins.reception.permissions import MESSAGE, MESSAGE_VIEW


@get("/messages", permission=MESSAGE_VIEW.id)
async def list_messages(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "open",
    mine: FromQuery[bool] = False,
) -> list[Message]:
    """The messages for whoever asks or, for the desk and not `mine`, for everybody; 200 at most."""
    return [service.shown(work, message) for message in await service.listed(work, site, which, mine=mine)]


@post("/messages", permission=MESSAGE.id)
async def take_message(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewMessage],
) -> Message:
    """Take a message for a colleague who is away."""
    return service.shown(work, await service.take(platform, work, site, data))


@get("/messages/{message_id:uuid}", permission=MESSAGE_VIEW.id)
async def get_message(work: NamedDependency[Work], site: NamedDependency[Site], message_id: FromPath[UUID]) -> Message:
    """A message, one's own or, for the desk, anybody's."""
    return service.shown(work, await service.get(work, site, message_id))


@post("/messages/{message_id:uuid}/done", permission=MESSAGE_VIEW.id, status_code=200)
async def finish_message(
    work: NamedDependency[Work], site: NamedDependency[Site], message_id: FromPath[UUID], data: JSONBody[Done]
) -> Message:
    """Say that the caller was called back, and what came of it."""
    return service.shown(work, await service.finish(work, site, message_id, data))


HANDLERS: list[HTTPRouteHandler] = [list_messages, take_message, get_message, finish_message]
