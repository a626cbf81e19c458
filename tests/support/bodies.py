"""Bodies that the API's own description says a route would take, with any id in it exchanged for another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.routes import Route

Way = tuple[str | int, ...]
TEXTS = ("text", "13800001234", "08:30", "2026-11")  # one of them fits most patterns


class Bodies:
    """Of one OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas: Mapping[str, Any] = document["components"].get("schemas", {})
        self._operations = {
            f"{method.upper()} {path}": operation
            for path, item in document["paths"].items()
            for method, operation in item.items()
        }

    def __contains__(self, route: Route) -> bool:
        """Whether the route takes JSON."""
        return self._schema(route) is not None

    def takes_file(self, route: Route) -> bool:
        """Whether the route takes an upload."""
        return "multipart/form-data" in self._content(route)

    def sample(self, route: Route) -> Any:
        """A body with every field, optional ones too; null where an id may be left out."""
        return self._made(self._schema(route) or {})

    def with_id(self, route: Route, id: str) -> Iterator[tuple[str, Any]]:
        """For each id that the body can hold: the name of its field, and the body with `id` there."""
        schema = self._schema(route) or {}
        for way in self._ids(schema):
            name = next(step for step in reversed(way) if isinstance(step, str))
            yield name, _put(self.sample(route), way, id)

    def query_names(self, route: Route) -> list[str]:
        """The names of the route's query parameters."""
        parameters = self._operations.get(route.key, {}).get("parameters", [])
        return [parameter["name"] for parameter in parameters if parameter["in"] == "query"]

    def required_query(self, route: Route) -> dict[str, str]:
        """Values for the query parameters that the route cannot do without."""
        parameters = self._operations.get(route.key, {}).get("parameters", [])
        needed = [p for p in parameters if p["in"] == "query" and p.get("required")]
        return {p["name"]: str(self._made(p["schema"])) for p in needed}

    def _schema(self, route: Route) -> dict[str, Any] | None:
        schema: dict[str, Any] | None = self._content(route).get("application/json", {}).get("schema")
        return schema

    def _content(self, route: Route) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self._operations.get(route.key, {}).get("requestBody", {}).get("content", {})
        return content

    def _plain(self, schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """The schema without references and alternatives, and whether null will do."""
        nullable = False
        while "$ref" in schema or "oneOf" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self._schemas[schema["$ref"].rpartition("/")[2]]
                continue
            choices = schema.get("oneOf") or schema["anyOf"]
            nullable = nullable or any(choice.get("type") == "null" for choice in choices)
            schema = next(choice for choice in choices if choice.get("type") != "null")
        return schema, nullable

    def _made(self, schema: dict[str, Any]) -> Any:
        plain, nullable = self._plain(schema)
        kinds = plain.get("type", "object")
        kind = next(k for k in kinds if k != "null") if isinstance(kinds, list) else kinds
        if "enum" in plain:
            return next(value for value in plain["enum"] if value is not None)
        match kind:
            case "object":
                return {name: self._made(of) for name, of in plain.get("properties", {}).items()}
            case "array":
                return [self._made(plain.get("items", {}))]
            case "boolean":
                return True
            case "integer" | "number":
                return int(plain.get("minimum", 1))  # the description has 1.0, which is no whole number in JSON
        match plain.get("format"):
            case "uuid":
                return None if nullable else "00000000-0000-0000-0000-00000000dead"
            case "date-time":
                return None if nullable else "2026-11-24T08:00:00+08:00"
            case "date":
                return None if nullable else "2026-11-24"
        pattern = plain.get("pattern", "")
        return next((text for text in TEXTS if re.search(pattern, text)), "text")

    def _ids(self, schema: dict[str, Any], way: Way = ()) -> Iterator[Way]:
        plain, _ = self._plain(schema)
        if plain.get("format") == "uuid":
            yield way
        for name, of in plain.get("properties", {}).items():
            yield from self._ids(of, (*way, name))
        if "items" in plain:
            yield from self._ids(plain["items"], (*way, 0))


def _put(body: Any, way: Way, value: object) -> Any:
    inner = body
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = value
    return body
