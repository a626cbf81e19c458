"""What is sent is read as what it says it is: nothing is taken for something of another kind (IN-3)."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from core.platform import Platform
from core.web.app import create_litestar, http_handlers
from core.web.edge import INSTANTS
from tests.support.lodge import House, Lodge
from tests.support.routes import client_of, nonsense, openapi_of, routes_of, session_of
from tests.support.web import Web


@pytest.mark.parametrize("instant", ["0.5", "1e3", "1767225600", "NaN", "inf", "-1"])
async def test_in_3_no_number_is_taken_for_a_point_in_time(web: Web, house: House, instant: str) -> None:
    admin = await web.api(house, "admin")
    answer = await admin.get("/api/v1/audit", params={"from": instant})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["from"]


async def test_every_query_parameter_that_is_a_point_in_time_is_looked_at(platform: Platform) -> None:
    described = {
        (method.upper(), path, parameter["name"])
        for path, item in openapi_of(platform)["paths"].items()
        for method, operation in item.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and "date-time" in str(parameter["schema"])
    }
    looked_at = {
        (method, re.sub(r":\w+}", "}", path), name)
        for path, handler in http_handlers(create_litestar(platform))
        if isinstance(handler, HTTPRouteHandler) and path.startswith("/api/")
        for method in handler.http_methods
        for name in handler.opt.get(INSTANTS, ())
    }
    assert looked_at == described
    assert len(described) > 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"description": "厨房漏水了", "category": "other", "convenient_time": 5}', "convenient_time"),
        ('{"description": "厨房漏水了", "category": "other", "unit_id": 1e3}', "unit_id"),
        ('{"description": 10e20, "category": "other"}', "description"),
        ('{"description": "厨房漏水了", "category": "other", "fields": []}', "fields"),
        ('{"description": "厨房漏水了", "category": "other", "status": "closed"}', "data"),
        ('{"description": "厨房漏水了", "category": "other", "description": "门铃坏了"}', "description"),
        ('{"description": "厨房漏水了", "category": "other", "fields": {"a": "1", "a": "2"}}', "a"),
    ],
)
async def test_in_3_a_value_of_another_kind_is_refused_by_name(clerk: httpx.AsyncClient, body: str, field: str) -> None:
    answer = await clerk.post("tickets", content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("enabled", ["0", "1", '"true"', '"yes"', "null", "[]"])
async def test_in_3_only_true_and_false_are_answers_to_yes_or_no(web: Web, house: House, enabled: str) -> None:
    admin = await web.api(house, "admin")
    path = f"/api/v1/sites/{house.sites[0].slug}/plugins/reception"
    answer = await admin.put(path, content=f'{{"enabled": {enabled}}}', headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["enabled"]


async def test_in_3_nothing_is_given_twice_in_a_query(web: Web, lodge: Lodge) -> None:
    house = await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    client, caller = await client_of(web), await session_of(web, house, "admin")
    taking = []
    for route in routes_of(web.platform):
        if route.api and route.safe and route.access != "public":
            path = route.at(**nonsense(route, site_id=house.sites[0].slug))
            answer = await client.get(f"{path}?%6eame=1&other=&name=2", headers=caller.headers(route))
            if answer.status_code != 400 or [e["field"] for e in answer.json()["errors"]] != ["name"]:
                taking.append(f"{route.key} {answer.status_code}")
    assert taking == []
