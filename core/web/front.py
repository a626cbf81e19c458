"""The outermost layer: gives every request its state, every answer its security headers, and sends pages compressed."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from core.i18n import negotiate
from core.web import compression
from core.web.limits import Body
from core.web.state import KEY, RequestState

if TYPE_CHECKING:
    from core.platform import Platform

_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Front:
    """ASGI. Languages and theme come from cookies; nothing is decided here."""

    def __init__(self, app: ASGIApp, platform: Platform) -> None:
        self._app = app
        self._platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        state = RequestState(self._platform)
        headers = dict(scope["headers"])
        cookies = read_cookies(headers[b"cookie"]) if b"cookie" in headers else {}
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        state.locale = negotiate(accepted, cookies.get("locale"), None)
        state.theme = "dark" if cookies.get("theme") == "dark" else "light"
        scope.setdefault("state", {})[KEY] = state
        body = Body(receive, expected=b"content-length" in headers or b"transfer-encoding" in headers)
        gzip = compression.accepts(headers.get(b"accept-encoding", b"").decode("latin-1"))
        held: HTTPResponseStartEvent | None = None  # a page's head, until its length is known

        async def headed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                await body.finish()
                stated = {name.lower(): value for name, value in message["headers"]}
                extra = [
                    *_FIXED,
                    (b"x-request-id", state.request_id.encode()),
                    *((b"set-cookie", cookie.encode()) for cookie in state.cookies),
                ]
                if b"content-security-policy" not in stated:  # a file that somebody sent in states a stricter one
                    extra.append((b"content-security-policy", _POLICY.format(nonce=state.nonce).encode()))
                if b"cache-control" not in stated:
                    extra.append((b"cache-control", b"no-store"))
                if not self._platform.settings.insecure_cookies:
                    extra.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
                message["headers"] = [*message["headers"], *extra]
                if stated.get(b"content-type", b"").startswith(b"text/html"):
                    held = message
                    return
            if message["type"] == "http.response.body" and held is not None:
                if gzip and len(message["body"]) >= compression.LEAST and not message.get("more_body"):
                    message["body"] = compression.compress(message["body"])
                    kept = [(name, value) for name, value in held["headers"] if name.lower() != b"content-length"]
                    length = (b"content-length", str(len(message["body"])).encode())
                    held["headers"] = [*kept, length, (b"content-encoding", b"gzip")]
                held["headers"] = [*held["headers"], (b"vary", b"accept-encoding")]
                await send(held)
                held = None
            await send(message)

        await self._app(scope, body.receive, headed)


def read_cookies(header: bytes) -> dict[str, str]:
    """Cookies of a request; none from a header that cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header.decode("latin-1"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
