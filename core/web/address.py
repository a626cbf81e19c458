"""The address a request comes from."""

from __future__ import annotations

from litestar.types import Scope

from core.settings import Settings


def client_address(scope: Scope, settings: Settings) -> str:
    """The peer's address, or what a trusted proxy says it is; a forged X-Forwarded-For counts for nothing."""
    client = scope.get("client")
    peer = client[0] if client else "unknown"
    if peer not in settings.trusted_proxies:
        return peer
    forwarded = dict(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1")
    return forwarded.rpartition(",")[2].strip() or peer
