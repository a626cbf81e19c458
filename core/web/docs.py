"""The API's description: the OpenAPI document, and a page to read and try it that needs no other server. That of the
companies is at /schema, that of the operator's realm at /operator/schema."""

from __future__ import annotations

from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.routes import HTTPRoute

from core.fields import is_amount
from core.web.view import Console


class SchemaPage(OpenAPIRenderPlugin):
    """Swagger UI from our own assets; Litestar's would come from elsewhere, which our policy forbids."""

    def __init__(self, console: Console, path: str) -> None:
        super().__init__(path="/")
        self._console, self._document = console, f"{path}/openapi.json"

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        context = {"page": self._console.page(request), "document": self._document}
        return self._console.renderer.render("api-docs.html", context).encode()


class SchemaDocument(JsonRenderPlugin):
    """The document itself, made when it is first asked for: it takes longer than all the rest of a start."""

    def __init__(self) -> None:
        super().__init__()
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            complete(request.app)
            self._made = super().render(request, request.app.openapi_schema.to_schema())
        return self._made


def openapi(console: Console, path: str = "/schema") -> OpenAPIConfig:
    """The document describes no data of anybody, so it is public. Below `path` it is read."""
    return OpenAPIConfig(
        title="Lodge",
        version="1",
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
        render_plugins=[SchemaPage(console, path), SchemaDocument()],
        openapi_router=Router(path, route_handlers=[], opt={"public": True}, include_in_schema=False),
    )


_TEXT: Final = Schema(type=OpenAPIType.STRING)
_PROBLEM: Final = Schema(
    title="Problem",
    description="RFC 9457. `type` is stable, `title` and `detail` are for people, `errors` names each wrong field.",
    type=OpenAPIType.OBJECT,
    properties={
        **dict.fromkeys(("type", "title", "detail", "instance"), _TEXT),
        "status": Schema(type=OpenAPIType.INTEGER),
        "errors": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(
                type=OpenAPIType.OBJECT,
                properties={"field": _TEXT, "message": _TEXT},
                required=["field", "message"],
            ),
        ),
    },
    required=["type", "title", "status", "detail", "instance"],
)
_REFUSAL: Final = OpenAPIResponse(
    description="Refused, and why.",
    content={"application/problem+json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
)
_IF_MATCH: Final = Parameter(
    name="If-Match",
    param_in="header",
    required=True,
    schema=Schema(type=OpenAPIType.STRING, pattern=r'^\s*(W/)?"?[0-9]{1,9}"?\s*$'),
    description="The version that was seen, from the ETag header.",
)
_KEY: Final = Parameter(
    name="Idempotency-Key",
    param_in="header",
    required=False,
    schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=200),
    description="The same request sent again with the same key has one effect and gets the first answer.",
)


def complete(app: Litestar) -> None:
    """Add to the document what holds for every handler: refusals, versions, keys, who needs no token, and that a body
    has no fields but those named (AZ-2)."""
    document = app.openapi_schema
    document.components.schemas["Problem"] = _PROBLEM
    schemas: dict[str, Schema] = document.components.schemas
    for schema in schemas.values():
        _mend_sequences(schema)
        _mend_numbers(schema)
        _mend_times(schema)
    for route in app.routes:
        item = (document.paths or {}).get(route.path_format)
        if item is None or not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            operation: Operation | None = getattr(item, method.lower(), None)
            if operation is not None:
                _complete(operation, method, handler)
                if isinstance(operation.request_body, RequestBody):
                    _close([media.schema for media in operation.request_body.content.values()], schemas)
                operation.tags = [_noun(route.path_format)]
    for schema in schemas.values():
        _mend_amounts(schema)


def _mend_sequences(schema: Schema) -> None:
    """Litestar says of the items of a `tuple[X, ...]` within a struct that they are X or anything."""
    for field in (schema.properties or {}).values():
        items = field.items if isinstance(field, Schema) else None
        if isinstance(field, Schema) and isinstance(items, Schema) and items.one_of and items.one_of[-1] == Schema():
            field.items = items.one_of[0] if len(items.one_of) == 2 else Schema(one_of=items.one_of[:-1])


def _mend_numbers(schema: Schema) -> None:
    """Litestar says of `int | float` that it is exactly one of the two, and a whole number is both."""
    for field in (schema.properties or {}).values():
        for each in (field, field.additional_properties, field.items) if isinstance(field, Schema) else ():
            if isinstance(each, Schema) and any(_is(choice, OpenAPIType.NUMBER) for choice in each.one_of or ()):
                each.one_of = [choice for choice in each.one_of or () if not _is(choice, OpenAPIType.INTEGER)]


def _mend_times(schema: Schema) -> None:
    """Litestar says of a time of day that it is a duration; that of JSON Schema has an offset, ours has none."""
    for field in (schema.properties or {}).values():
        for each in [field, *(field.one_of or ())] if isinstance(field, Schema) else ():
            if isinstance(each, Schema) and each.format == OpenAPIFormat.DURATION:
                each.format, each.pattern = None, "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"


def _mend_amounts(schema: Schema) -> None:
    """What answers hold of amounts is null for whoever may not see them; what is sent is never."""
    if schema.properties and schema.additional_properties is not False:
        for name, field in schema.properties.items():
            if is_amount(name):
                said = "Fen; null without the permission amount.view."
                choices = field.one_of if isinstance(field, Schema) and field.one_of else [field]
                known = [choice for choice in choices if not _is(choice, OpenAPIType.NULL)]
                schema.properties[name] = Schema(one_of=[Schema(type=OpenAPIType.NULL), *known], description=said)


def _is(schema: Schema | Reference, kind: OpenAPIType) -> bool:
    return isinstance(schema, Schema) and schema.type == kind


def _close(found: list[Schema | Reference | None], schemas: dict[str, Schema]) -> None:
    """Say of these objects, and of those in them, that they have no other fields."""
    while found:
        schema = found.pop()
        if isinstance(schema, Reference):
            schema = schemas[schema.value]
            if schema.additional_properties is False:
                continue
        if isinstance(schema, Schema):
            if schema.properties:
                schema.additional_properties = False
            within = [schema.items, *(schema.properties or {}).values(), *(schema.one_of or ()), *(schema.any_of or ())]
            found += [each for each in within if isinstance(each, Schema | Reference)]


def _noun(path: str) -> str:
    """What a path is about, to group by: `/api/v1/sites/{site_id}/tickets/{ticket_id}` is about tickets."""
    words = [word for word in path.removeprefix("/api/v1").split("/") if word and not word.startswith("{")]
    return words[1] if words[0] in ("sites", "operator") and len(words) > 1 else words[0]


def _complete(operation: Operation, method: str, handler: HTTPRouteHandler) -> None:
    answers = {code: answer for code, answer in (operation.responses or {}).items() if code.startswith("2")}
    if "also" in handler.opt:  # another kind of content that the answer may have
        for answer in answers.values():
            if isinstance(answer, OpenAPIResponse):
                answer.content = {**(answer.content or {}), handler.opt["also"]: OpenAPIMediaType(schema=_TEXT)}
    operation.responses = {**answers, "default": _REFUSAL}
    headers = [_IF_MATCH] if "if_match" in handler.parsed_fn_signature.parameters else []
    if handler.opt.get("public"):
        operation.security = []
    elif method == "POST" and not handler.opt.get("personal"):
        headers.append(_KEY)
    operation.parameters = [*(operation.parameters or []), *headers] or None
