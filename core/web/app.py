"""The application factory: routes of core and of the plugins, each with its access stated, behind one edge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from litestar import HttpMethod, Litestar, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp

from core.auth.permissions import PermissionRegistry
from core.web import limits
from core.web.api import HANDLERS as API
from core.web.body import StrictRequest
from core.web.console import HANDLERS as CONSOLE
from core.web.docs import openapi
from core.web.edge import INSTANTS, Edge
from core.web.front import Front
from core.web.health import HANDLERS as HEALTH
from core.web.problems import handlers
from core.web.provide import dependencies
from core.web.static_files import static_files
from core.web.view import Console

if TYPE_CHECKING:
    from core.platform import Platform


class AccessUnstated(RuntimeError):
    """A route says neither who may use it nor that everybody may; nothing is served until it does."""


def create_app(platform: Platform) -> ASGIApp:
    """The ASGI application for a started platform. Raises AccessUnstated."""
    from core.web.operator.app import Realms, create_operator  # which needs this module

    return Front(Realms(create_litestar(platform), create_operator(platform)), platform)


def create_litestar(platform: Platform) -> Litestar:
    """The routed application, for its routes and its OpenAPI document."""
    console = Console(platform)

    def edge(app: ASGIApp) -> ASGIApp:
        return Edge(app, platform)

    # One level of routers: Litestar copies all that is below one, as often as it is within another.
    api = partial(router, middleware=[edge])
    pages = partial(router, middleware=[edge], include_in_schema=False)
    routers = [api(f"/api/v1{path}", group) for path, group in API]
    routers += [pages(path, group) for path, group in [*CONSOLE, ("/", [*HEALTH, static_files()])]]
    for plugin in platform.host.plugins:
        of, home = {"plugin": plugin.id}, "{site_id:str}/" + plugin.id
        routers.append(api(f"/api/v1/sites/{home}", plugin.routes, opt=of, tags=[plugin.id]))
        routers.append(pages(f"/s/{home}", plugin.pages, opt=of))
    app = Litestar(
        route_handlers=routers,
        request_class=StrictRequest,
        dependencies=dependencies(console),
        exception_handlers=handlers(console),
        openapi_config=openapi(console),
        request_max_body_size=limits.BODY,
        debug=False,
        logging_config=None,
    )
    check_access(app, platform.permissions)
    _find_instants(app)
    _provide_in_turn(app)
    return app


def router(path: str, group: Sequence[HTTPRouteHandler | Router], **more: Any) -> Router:
    """A router of these handlers, with one for OPTIONS: Litestar would make one for each path, which took 9 MiB, and
    the edge answers none of them."""
    paths = sorted({path for handler in group if isinstance(handler, HTTPRouteHandler) for path in handler.paths})
    options = HTTPRouteHandler(paths, http_method=HttpMethod.OPTIONS, include_in_schema=False)(_no_options)
    return Router(path, route_handlers=[options, *group], **more)


async def _no_options() -> None:
    """Nobody gets here."""


def _provide_in_turn(app: Litestar) -> None:
    """Let Litestar call our providers one after the other.

    It starts a task for each of those that do not depend on each other, so that they may wait at once. Ours never wait,
    and the tasks took a fifth of the time of a small request.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [{each} for batch in model.dependency_batches for each in batch]


def _find_instants(app: Litestar) -> None:
    """Tell the edge which parameters of a query are points in time."""
    for path, handler in http_handlers(app):
        named = {
            getattr(field.kwarg_definition, "name", None) or name
            for name, field in handler.parsed_fn_signature.parameters.items()
            if name not in path and (field.is_subclass_of(datetime) or field.has_inner_subclass_of(datetime))
        }
        if named:
            handler.opt[INSTANTS] = named


def check_access(app: Litestar, permissions: PermissionRegistry) -> None:
    """Every route states a permission there is, that one must be signed in, or that it is public."""
    for path, handler in http_handlers(app):
        if (permission := handler.opt.get("permission")) is not None and permission not in permissions:
            raise AccessUnstated(f"{path} ({handler}) asks for {permission!r}, which nobody declares")
        if not (handler.opt.get("public") or handler.opt.get("signed_in") or handler.opt.get("permission")):
            raise AccessUnstated(f"{path} ({handler}) states neither permission=…, signed_in=True nor public=True")


def http_handlers(app: Litestar) -> list[tuple[str, BaseRouteHandler]]:
    """Every path with each of its handlers; those for OPTIONS, which the edge refuses, left out."""
    found: list[tuple[str, BaseRouteHandler]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found += [(route.path, handler) for handler in route.route_handlers if handler.http_methods != {"OPTIONS"}]
        else:
            found.append((route.path, route.route_handler))
    return found
