"""What handlers ask for by name: `work`, `site`, `principal`, `platform`, `view`, `if_match`. All without I/O."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import Provide

from core.auth.principals import Principal
from core.errors import Malformed, PreconditionRequired
from core.platform import Platform
from core.tenancy.directory import Site
from core.web.state import state_of
from core.web.view import Console, View
from core.work import Work


def provide_work(request: Request[Any, Any, Any]) -> Work:
    return state_of(request.scope).work


def provide_site(request: Request[Any, Any, Any]) -> Site:
    return state_of(request.scope).site


def provide_principal(request: Request[Any, Any, Any]) -> Principal:
    return state_of(request.scope).principal


def provide_platform(request: Request[Any, Any, Any]) -> Platform:
    return state_of(request.scope).platform


def provide_if_match(request: Request[Any, Any, Any]) -> int:
    """The version a client saw, from `If-Match: "3"`. Raises PreconditionRequired or Malformed."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise Malformed('If-Match takes the version from the ETag header, such as "3".')
    return int(text)


def dependencies(console: Console) -> dict[str, Provide]:
    """For the application: every handler may name them."""

    def provide_view(request: Request[Any, Any, Any]) -> View:
        return View(console, request)

    return {
        "work": Provide(provide_work, sync_to_thread=False),
        "site": Provide(provide_site, sync_to_thread=False),
        "principal": Provide(provide_principal, sync_to_thread=False),
        "platform": Provide(provide_platform, sync_to_thread=False),
        "if_match": Provide(provide_if_match, sync_to_thread=False),
        "view": Provide(provide_view, sync_to_thread=False),
    }
