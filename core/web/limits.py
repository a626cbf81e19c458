"""How much a request may carry, how one that carries more still gets its answer, and how many may be connected."""

from __future__ import annotations

from typing import Final

from litestar.handlers import HTTPRouteHandler
from litestar.types import HTTPDisconnectEvent, HTTPRequestEvent, Receive, Scope

from core.errors import TooLarge

BODY: Final = 5 << 20  # bytes: a workbook of 4 MB and the form around it
UPLOAD: Final = 21 << 20  # bytes, where files are attached: the largest that a site may allow, and the form around it
# Connections at once, streams and idle ones too: each open screen holds one, and further ones wait to be accepted.
CONNECTIONS: Final = 8192
_DROPPED: Final = 64 << 20  # bytes that are read only to be dropped


def of(scope: Scope) -> int:
    """What a request to the route may carry, in bytes."""
    handler: HTTPRouteHandler = scope["route_handler"]  # type: ignore[assignment]
    return handler.resolve_request_max_body_size() or BODY


def too_large(most: int = BODY) -> TooLarge:
    """The answer to more than that."""
    return TooLarge(
        "More than {megabytes} MB cannot be taken in at once. Split the file.", params={"megabytes": most >> 20}
    )


class Body:
    """A request's body. Who is answered while still sending sees a broken connection instead of the answer, so what
    nobody has read is read to its end first."""

    def __init__(self, receive: Receive, *, expected: bool) -> None:
        self._receive = receive
        self._more = expected

    async def receive(self) -> HTTPRequestEvent | HTTPDisconnectEvent:
        message = await self._receive()
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message  # type: ignore[return-value]

    async def finish(self) -> None:
        """Read and drop what is left, up to a limit."""
        dropped = 0
        while self._more and dropped < _DROPPED:
            message = await self.receive()
            dropped += len(message["body"]) if message["type"] == "http.request" else 0
