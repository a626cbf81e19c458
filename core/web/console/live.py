"""The live stream of an open screen: that something changed. What it is, the screen asks for with its own rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from core.auth.principals import Principal
from core.errors import LodgeError, NotFound
from core.operator.access import INSIDE
from core.platform import Platform
from core.web import cookies
from core.web.front import read_cookies
from core.work import LiveMessage

_PING = 15.0  # seconds; also how long a revoked session may still hear that something changed, at most
_PACE = 0.5  # seconds between two tellings: else each of a thousand screens is woken by each of many changes (LO-4)
_TOPICS = frozenset({"ticket", "call", "desk", "estate", "policy"})


@get("/live", signed_in=True)
async def live(
    request: Request[Any, Any, Any],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    site_key: Annotated[str, QueryParameter(name="site")],
) -> Stream:
    """Server-sent events for one site: `{"type": "ticket.changed", "id": …}`, `resync`, `ping`."""
    here = principal.site(site_key)
    if here is None:
        raise NotFound
    jar = read_cookies(request.headers.get("cookie", "").encode("latin-1"))
    entered = jar.get(cookies.inside_name(platform.settings), "") if principal.visit else ""
    token = entered or jar.get(cookies.names(platform.settings)[0], "")

    def told(message: LiveMessage | None) -> bytes | None:
        """What this screen is told of it."""
        if message is None:
            return _event({"type": "resync"})
        if message.topic == "notification":  # nobody else hears that there was any
            return _event({"type": "notification.changed"}) if message.id == principal.actor.id else None
        if message.hidden_from is not None and message.hidden_from == principal.actor.member_id:
            return None
        if message.topic in _TOPICS and message.site_id in (None, here.id):
            return _event({"type": f"{message.topic}.changed", "id": str(message.id) if message.id else ""})
        return None

    async def events() -> AsyncIterator[bytes]:
        async with platform.live.subscribe(principal.company.id) as news:
            yield _event({"type": "ping"})
            closing = asyncio.create_task(platform.live.closing.wait())
            waiting = asyncio.create_task(news.get())
            try:
                while not platform.live.closing.is_set():
                    await asyncio.wait({waiting, closing}, timeout=_PING, return_when=asyncio.FIRST_COMPLETED)
                    if not waiting.done():
                        if closing.done() or not await _still_valid(platform, token):
                            return
                        yield _event({"type": "ping"})
                        continue
                    messages = [waiting.result()]
                    while not news.empty():
                        messages.append(news.get_nowait())
                    waiting = asyncio.create_task(news.get())
                    access = any(message is not None and message.topic == "access" for message in messages)
                    if access and not await _still_valid(platform, token):
                        return
                    if said := dict.fromkeys(filter(None, map(told, messages))):
                        yield b"".join(said)
                        await asyncio.wait({closing}, timeout=_PACE)
            finally:
                closing.cancel()
                waiting.cancel()

    return Stream(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _still_valid(platform: Platform, token: str) -> bool:
    """Whether the session that opened the stream still stands. A token that merely ran out ends the stream too:
    the browser opens it again with a new one."""
    try:
        if token.startswith(f"{INSIDE}_"):
            await platform.operator.inside.principal(token)
        else:
            await platform.principals.of_access_token(token)
    except LodgeError:
        return False
    return True


def _event(message: dict[str, str]) -> bytes:
    return b"data: " + msgspec.json.encode(message) + b"\n\n"


HANDLERS = [live]
