"""Idempotency keys: the same POST sent again, also at the same time, gets the first answer and has one effect.

The answer is stored in the transaction of its effect. Of two at once the second waits at the key's unique index, fails,
and then answers with what the first one stored; so it does if it is refused for what the first one has done.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from litestar import Request
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Send,
)
from litestar.utils.scope.state import ScopeState

from core.db.uow import UnitOfWork
from core.errors import Conflict, Malformed
from core.tenancy.context import TenantContext
from core.web import limits
from core.work import Answer

if TYPE_CHECKING:
    from core.platform import Platform

_LONGEST = 200
_FIND = """
SELECT key, fingerprint, status, content_type, etag, body FROM idempotency_key
WHERE company_id = $1 AND actor_id = $2 AND key = $3
"""


class Buffered:
    """One request whose answer is held back until it is committed."""

    def __init__(self, scope: HTTPScope, key: str) -> None:
        if not 1 <= len(key) <= _LONGEST or not key.isprintable():
            raise Malformed("An Idempotency-Key has 1 to 200 printable characters.")
        self.key = key
        self._scope = scope
        self._body = b""
        self.fingerprint = b""
        self.start: HTTPResponseStartEvent | None = None
        self.content = b""

    async def read(self, receive: Receive) -> None:
        """Read the whole request, to know it again."""
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break
            self._body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(self._body) > limits.of(self._scope):
                raise limits.too_large(limits.of(self._scope))
        known = b"\0".join((self._scope["path"].encode(), self._scope["query_string"], self._without_boundary()))
        self.fingerprint = hashlib.sha256(known).digest()

    def _without_boundary(self) -> bytes:
        """The body, but for what separates the parts of a form: clients make that up anew each time."""
        boundary = Request[Any, Any, Any](self._scope).content_type[1].get("boundary", "")
        return self._body.replace(boundary.encode("latin-1"), b"") if boundary else self._body

    async def run(self, app: ASGIApp) -> None:
        """Let the application answer into the buffer."""
        sent = False

        async def receive() -> HTTPReceiveMessage:
            nonlocal sent
            body, sent = (b"" if sent else self._body), True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.start = message
            elif message["type"] == "http.response.body":
                self.content += message.get("body", b"")

        await app(self._scope, receive, send)
        # So far the answer is in the buffer only: if it cannot be kept, there must be another
        ScopeState.from_scope(self._scope).response_started = False

    @property
    def status(self) -> int:
        """Of the answer; 500 where the application gave none."""
        return 500 if self.start is None else self.start["status"]

    def answer(self) -> Answer:
        """What the application answered, as it is stored."""
        assert self.start is not None
        headers = {name.lower(): value for name, value in self.start["headers"]}
        return Answer(
            key=self.key,
            fingerprint=self.fingerprint,
            status=self.start["status"],
            content_type=headers.get(b"content-type", b"").decode("latin-1"),
            etag=headers[b"etag"].decode("latin-1") if b"etag" in headers else None,
            body=self.content,
        )

    async def earlier(self, uow: UnitOfWork, ctx: TenantContext) -> Answer | None:
        """The stored answer to this key. Raises Conflict if the key came with another request."""
        found = await uow.fetch_one(Answer, _FIND, ctx.company_id, ctx.actor.id, self.key)
        if found is not None and found.fingerprint != self.fingerprint:
            raise Conflict("This Idempotency-Key was used for another request. Use a new one.")
        return found


async def send_answer(answer: Answer, send: Send) -> None:
    """Send a stored answer, marked as such."""
    headers = [(b"content-type", answer.content_type.encode("latin-1")), (b"idempotency-replayed", b"true")]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.etag is not None:
        headers.append((b"etag", answer.etag.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def stored(platform: Platform, ctx: TenantContext, buffered: Buffered) -> Answer | None:
    """What the same request has answered that was carried out in the meantime."""
    async with platform.db.begin(ctx.company_id, read_only=True) as uow:
        return await buffered.earlier(uow, ctx)
