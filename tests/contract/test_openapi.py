"""The API's description: every route of the API is in it and nothing else, and each part of it can be relied on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.platform import Platform
from tests.support.operator import realm_routes
from tests.support.routes import Route, routes_of
from tests.support.web import Web

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
KINDS = {"string", "number", "integer", "boolean", "object", "array", "null"}


@pytest.fixture(scope="module", params=["/schema", "/operator/schema"])
def place(request: pytest.FixtureRequest) -> str:
    """Where the description of an application is read: that of the companies, that of the operator's realm."""
    return str(request.param)


@pytest.fixture
def routes(platform: Platform, place: str) -> list[Route]:
    return realm_routes(platform) if place.startswith("/operator") else routes_of(platform)


@pytest.fixture(scope="module")
async def document(serving: Web, place: str) -> dict[str, Any]:
    """As anybody gets it."""
    async with serving.visit() as web:
        response = await (await web.anonymous()).get(f"{place}/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(("application/json", "application/vnd.oai.openapi+json"))
    found: dict[str, Any] = response.json()
    return found


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method, path, operation


def test_every_route_of_the_api_is_described_and_no_page_is(routes: list[Route], document: dict[str, Any]) -> None:
    served = {(route.method.lower(), route.path) for route in routes if route.api}

    assert {(method, path) for method, path, _ in operations(document)} == served


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert set(document["info"]) >= {"title", "version"}
    assert set(document) <= {"openapi", "info", "servers", "paths", "components", "security", "tags"}
    for part in walk(document):
        if isinstance(reference := part.get("$ref"), str):
            found: Any = document
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
    for schema in walk(document["components"]["schemas"]):
        kind = schema.get("type", [])
        if isinstance(kind, str | list):
            assert set([kind] if isinstance(kind, str) else kind) <= KINDS
        assert "nullable" not in schema  # of 3.0
    for scheme in (name for need in document["security"] for name in need):
        assert scheme in document["components"]["securitySchemes"]


def test_every_operation_can_be_called_from_its_description(document: dict[str, Any]) -> None:
    ids = []
    for method, path, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation["description"], path
        assert operation["tags"] in [[part] for part in path.split("/")], path
        parameters = operation.get("parameters", [])
        named = [(p["in"], p["name"]) for p in parameters]
        assert len(named) == len(set(named)), path
        assert {name for place, name in named if place == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(p["required"] is True for p in parameters if p["in"] == "path")
        assert all("schema" in p for p in parameters)
        body = operation.get("requestBody")
        assert body is None or (method in ("post", "put", "patch") and body["content"])
        assert any(code.startswith("2") for code in operation["responses"])
        for code, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", code)
            assert response["description"]
    assert len(ids) == len(set(ids))


def test_a_file_is_described_as_one(document: dict[str, Any]) -> None:
    files = [
        (path, operation["responses"][status]["content"])
        for _, path, operation in operations(document)
        if path.endswith(("/export", "/paper"))
        for status in operation["responses"].keys() & {"200"}
    ]

    assert [path for path, content in files if content.keys() & {"application/json"}] == []


def test_a_time_of_day_is_no_duration(document: dict[str, Any]) -> None:
    assert [schema for schema in walk(document["components"]) if schema.get("format") == "duration"] == []


def test_every_operation_says_how_it_refuses(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for code, response in operation["responses"].items():
            if not code.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], (path, code)
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (path, code)
        assert "default" in operation["responses"], path


def test_routes_for_everybody_say_that_they_need_no_token(routes: list[Route], document: dict[str, Any]) -> None:
    public = {(r.method.lower(), r.path) for r in routes if r.api and r.access == "public"}

    assert {(m, p) for m, p, operation in operations(document) if operation.get("security") == []} == public


async def test_the_page_that_shows_it_needs_no_other_server(web: Web, place: str) -> None:
    response: httpx.Response = await (await web.anonymous()).get(place)

    assert response.status_code == 200 and f'data-document="{place}/openapi.json"' in response.text
    assert re.findall(r"(?:src|href)=\"(https?:)?//", response.text) == []
