"""JSON on its way to somebody who may not see amounts (AZ-1): null stands for each, whatever handler answered."""

from __future__ import annotations

import msgspec
from litestar.types import HTTPResponseStartEvent, Message, Send

from core.fields import AMOUNT_KEY, without_amounts


class Withheld:
    """An ASGI `send`. JSON is held back until it is whole; all else passes as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: HTTPResponseStartEvent | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and b"json" in dict(message["headers"]).get(b"content-type", b""):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message["body"]
            if not message["more_body"]:
                await self._whole(self._start)
        else:
            await self._send(message)

    async def _whole(self, start: HTTPResponseStartEvent) -> None:
        body = self._body
        if AMOUNT_KEY in body:  # nothing is taken apart for amounts it does not have
            body = msgspec.json.encode(without_amounts(msgspec.json.decode(body)))
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
