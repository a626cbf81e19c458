"""The realm's own application, beside that of the companies: routes, what handlers ask for, errors, navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from core.errors import Unauthenticated
from core.i18n import msgid
from core.operator.realm import NAME
from core.operator.sign_in import SignedOperator
from core.web import limits
from core.web.app import AccessUnstated, http_handlers, router
from core.web.body import StrictRequest
from core.web.docs import openapi
from core.web.operator import api, door, own_pages, pages
from core.web.operator.edge import API, PAGES, OperatorEdge
from core.web.problems import handlers
from core.web.provide import dependencies
from core.web.state import state_of
from core.web.view import AnyRequest, Console
from core.web.views import NavItem, Page, Person

if TYPE_CHECKING:
    from core.platform import Platform

_NAV = (
    NavItem(msgid("Companies"), "building", f"{PAGES}/companies", "g c"),
    NavItem(msgid("Access to companies"), "door-enter", f"{PAGES}/access", "g e"),
    NavItem(msgid("Audit log"), "history", f"{PAGES}/audit", "g a"),
    NavItem(msgid("Account and security"), "shield-lock", f"{PAGES}/account", "g s"),
)


class OperatorConsole(Console):
    """Renders the realm's pages with the renderer of the companies' console."""

    def __init__(self, console: Console) -> None:
        self.catalogs, self.renderer, self.platform = console.catalogs, console.renderer, console.platform

    def page(self, request: AnyRequest) -> Page:
        """The shell around a template, for the operator who asks."""
        state = state_of(request.scope)
        path, operator = request.scope["path"], state.operator
        return Page(
            locale=state.locale,
            csrf_token=self.platform.operator.signer.csrf(operator.session_id) if operator else "",
            nonce=state.nonce,
            now=self.platform.clock(),
            theme=state.theme,  # type: ignore[arg-type]
            path=path,
            brand=NAME,
            person=Person(operator.name, operator.login) if operator else None,
            nav=tuple(_current(item, path) for item in _NAV) if operator else (),
            realm=PAGES,
        )

    def to_sign_in(self, request: AnyRequest) -> Response[Any]:
        """Where somebody unknown is sent, to come back afterwards."""
        here = request.scope["path"] if request.method == "GET" else f"{PAGES}/"
        return Redirect(f"{PAGES}/login?next={quote(here)}", status_code=303)


_ROOTS = (API, PAGES)
_BELOW = tuple(f"{root}/" for root in _ROOTS)


class Realms:
    """ASGI. What lies below the realm's paths is answered by its application, all else by that of the companies."""

    def __init__(self, companies: ASGIApp, operator: ASGIApp) -> None:
        self._companies, self._operator = companies, operator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == ScopeType.HTTP else ""
        own = path in _ROOTS or path.startswith(_BELOW)
        await (self._operator if own else self._companies)(scope, receive, send)


def create_operator(platform: Platform, console: Console | None = None) -> Litestar:
    """The realm's application. Raises AccessUnstated."""
    own = OperatorConsole(console or Console(platform))

    def edge(app: ASGIApp) -> ASGIApp:
        return OperatorEdge(app, platform)

    app = Litestar(
        route_handlers=[
            router(API, api.HANDLERS, middleware=[edge]),
            router(
                PAGES,
                [*door.HANDLERS, *pages.HANDLERS, *own_pages.HANDLERS],
                middleware=[edge],
                include_in_schema=False,
            ),
        ],
        request_class=StrictRequest,
        dependencies={**dependencies(own), "operator": Provide(provide_operator, sync_to_thread=False)},
        exception_handlers=handlers(own),
        openapi_config=openapi(own, f"{PAGES}/schema"),
        request_max_body_size=limits.BODY,
        debug=False,
        logging_config=None,
    )
    for path, handler in http_handlers(app):
        if not (handler.opt.get("public") or handler.opt.get("operator")):
            raise AccessUnstated(f"{path} ({handler}) states neither operator=True nor public=True")
    return app


def provide_operator(request: Request[Any, Any, Any]) -> SignedOperator:
    operator = state_of(request.scope).operator
    if operator is None:
        raise Unauthenticated
    return operator


def _current(item: NavItem, path: str) -> NavItem:
    here = path == item.href or path.startswith(f"{item.href}/")
    return NavItem(item.label, item.icon, item.href, item.hotkey, current=here)
