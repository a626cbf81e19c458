"""The address a request comes from."""

from __future__ import annotations

from litestar.types import Scope

from core.settings import Settings


def client_address(scope: Scope, settings: Settings) -> str:
    """The peer's address, or what trusted proxies say it is (AU-5).

    Each proxy adds to the end of X-Forwarded-For whom it was asked by, so it is read from the end, past the proxies
    that are ours; what stands before that anybody may have written. `Forwarded` is read from nobody.
    """
    client = scope.get("client")
    asked_by = client[0] if client else "unknown"
    said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    while asked_by in settings.trusted_proxies and hops:
        asked_by = hops.pop()
    return asked_by
