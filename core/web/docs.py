"""The API's description at /schema: the OpenAPI document, and a page to read and try it that needs no other server."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from core.web.view import Console


class SchemaPage(OpenAPIRenderPlugin):
    """Swagger UI from our own assets; Litestar's would come from elsewhere, which our policy forbids."""

    def __init__(self, console: Console) -> None:
        super().__init__(path="/")
        self._console = console

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        context = {"page": self._console.page(request), "document": "/schema/openapi.json"}
        return self._console.renderer.render("api-docs.html", context).encode()


def openapi(console: Console) -> OpenAPIConfig:
    """The document describes no data of anybody, so it is public."""
    return OpenAPIConfig(
        title="Lodge",
        version="1",
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"bearer": []}],
        render_plugins=[SchemaPage(console)],
        openapi_router=Router("/schema", route_handlers=[], opt={"public": True}, include_in_schema=False),
    )
