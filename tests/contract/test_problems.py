"""Refusals of the API: problem details (RFC 9457) in the reader's language, whatever was sent and never a failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from core.tickets.model import Ticket
from tests.contract.conftest import NEW
from tests.support.lodge import House
from tests.support.web import Web, problem

Send = Callable[[httpx.AsyncClient, Ticket], Any]
BIG = b" " * (6 << 20)


def _act(action: str, body: object = None, **headers: str) -> Send:
    return lambda c, t: c.post(f"tickets/{t.id}/actions/{action}", json=body or {}, headers=headers)


REFUSALS: dict[str, tuple[int, str, Send]] = {
    "a body that is no JSON": (400, "malformed", lambda c, t: c.post("tickets", content=b"{")),
    "an unknown field": (400, "malformed", lambda c, t: c.post("tickets", json={**NEW, "company_id": str(t.id)})),
    "a value of the wrong type": (400, "malformed", lambda c, t: c.post("tickets", json={**NEW, "place": 3})),
    "a missing field": (400, "malformed", lambda c, t: c.post("tickets", json={"place": "3"})),
    "an id that is none": (400, "malformed", lambda c, t: c.post("tickets", json={**NEW, "unit_id": "3-1802"})),
    "a query parameter that is none": (400, "malformed", lambda c, t: c.get("tickets", params={"limit": "many"})),
    "no token": (401, "unauthenticated", lambda c, t: c.get("tickets", headers={"authorization": ""})),
    "another scheme": (401, "unauthenticated", lambda c, t: c.get("tickets", headers={"authorization": "Basic eDp5"})),
    "a permission one lacks": (403, "forbidden", lambda c, t: c.get("imports")),
    "no such ticket": (404, "not_found", lambda c, t: c.get("tickets/01a200eb-6d96-70de-bfb3-24b6c132bb4f")),
    "no such path": (404, "not_found", lambda c, t: c.get("nothing")),
    "no id in the path": (404, "not_found", lambda c, t: c.get("tickets/3-1802")),
    "no such method": (405, "method_not_allowed", lambda c, t: c.delete("tickets")),
    "a step that is not possible now": (409, "conflict", _act("close", **{"if-match": '"1"'})),
    "a version that has passed": (412, "stale", _act("accept", **{"if-match": '"7"'})),
    "too large a body": (413, "too_large", lambda c, t: c.post("tickets", content=BIG)),
    "too large a body with a key": (
        413,
        "too_large",
        lambda c, t: c.post("tickets", content=BIG, headers={"idempotency-key": "k"}),
    ),
    "a value that cannot be accepted": (422, "invalid", lambda c, t: c.post("tickets", json={**NEW, "category": "x"})),
    "no version": (428, "if_match_required", _act("accept")),
    "a version that is none": (400, "malformed", _act("accept", **{"if-match": "new"})),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_says_what_is_wrong_in_chinese_or_english(
    clerk: httpx.AsyncClient, ticket: Ticket, name: str
) -> None:
    status, code, send = REFUSALS[name]
    said = {}
    for language in (None, "en"):
        clerk.headers["accept-language"] = language or ""
        response = await send(clerk, ticket)
        found = problem(response)
        assert response.status_code == found["status"] == status
        assert found["type"] == f"urn:lodge:problem:{code}"
        assert found["instance"] == f"urn:lodge:request:{response.headers['x-request-id']}"
        assert set(found) - {"errors"} == {"type", "title", "status", "detail", "instance"}
        said[language] = f"{found['title']} {found['detail']}"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said[None]), said
    assert said["en"].isascii() or "“" in said["en"]


async def test_what_is_wrong_is_named_field_by_field(clerk: httpx.AsyncClient) -> None:
    clerk.headers["accept-language"] = "en"
    found = problem(await clerk.post("tickets", json={**NEW, "category": "x"}))

    assert [error["field"] for error in found["errors"]] == ["category"]  # type: ignore[attr-defined]


async def test_a_refused_method_says_which_are_taken(clerk: httpx.AsyncClient) -> None:
    response = await clerk.delete("tickets")

    assert {method.strip() for method in response.headers["allow"].split(",")} >= {"GET", "POST"}


async def test_a_missing_token_is_told_how_to_come_back(web: Web) -> None:
    response = await (await web.anonymous()).get("/api/v1/me")

    assert response.headers["www-authenticate"] == "Bearer"


NASTY: dict[str, bytes] = {
    "NaN": b'{"description": NaN, "category": "other"}',
    "Infinity": b'{"description": "x", "category": Infinity}',
    "a number without end": b'{"description": "x", "category": 1e400}',
    "NUL": json.dumps({**NEW, "description": "a\0b"}).encode(),
    "NUL in a short text": json.dumps({**NEW, "place": "\0"}).encode(),
    "half a surrogate pair": b'{"description": "\\ud800", "category": "other"}',
    "half a surrogate pair as bytes": b'{"description": "\xed\xa0\x80", "category": "other"}',
    "bytes that are no UTF-8": b'{"description": "\xff", "category": "other"}',
    "a megabyte of text": json.dumps({**NEW, "description": "x" * (1 << 20)}).encode(),
    "deep nesting": b'{"description":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep nesting of objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a list": b"[]",
    "null": b"null",
    "nothing": b"",
    "a name twice": b'{"description": "x", "description": 3, "category": "other"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
}
POSTS = ("tickets", "tickets/01a200eb-6d96-70de-bfb3-24b6c132bb4f/actions/comment")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("key", [{}, {"idempotency-key": "nasty"}], ids=["", "with a key"])
async def test_in_2_nasty_json_is_refused(clerk: httpx.AsyncClient, name: str, key: dict[str, str]) -> None:
    headers = {"content-type": "application/json", "if-match": '"1"', **key}
    for path in POSTS:
        response = await clerk.post(path, content=NASTY[name], headers=headers)
        assert problem(response)["status"] in (400, 404, 422)


async def test_texts_of_any_script_are_kept_as_they_are(clerk: httpx.AsyncClient) -> None:
    text = "\u202e漏水\u200f ' OR 1=1 -- <b>{{x}}</b> 👩‍🔧 %_\\"
    response = await clerk.post("tickets", json={**NEW, "description": text})

    assert response.status_code == 201
    assert response.json()["description"] == text


QUERIES = (
    "limit=5&limit=7",
    "limit=NaN",
    "limit=1e3",
    "limit=-1",
    "limit=0",
    "limit=201",
    "limit=99999999999999999999",
    "limit=%EF%BC%95",
    "status=new&status=closed",
    "status=gone",
    "sort=random",
    "cursor=%00",
    "cursor=%ff",
    "cursor=" + "A" * 5000,
    "q=%00",
    "q=%ed%a0%80",
    "q=%25%25%25__%5C",
    "q=" + "x" * 5000,
    "due_before=yesterday",
    "due_before=9999-12-31T23:59:59Z",
    "due_before=0001-01-01T00:00:00%2B14:00",
    "due_before=2026-11-23T10:00:00",
    "assignee_id=1",
    "category=" + "x" * 200,
    "&&==&",
    "%zz=%zz",
    "x" * 5000 + "=1",
)


@pytest.mark.parametrize("query", QUERIES, ids=[query[:30] for query in QUERIES])
@pytest.mark.parametrize("path", ["tickets", "units", "households", "tickets/promise", "tickets/counts"])
async def test_in_3_nasty_queries_never_fail(web: Web, house: House, path: str, query: str) -> None:
    client = await web.api(house, "admin")
    response = await client.get(f"/api/v1/sites/{house.sites[0].slug}/{path}?{query}")

    assert response.status_code in (200, 400, 422), response.text


@pytest.mark.parametrize("query", QUERIES, ids=[query[:30] for query in QUERIES])
@pytest.mark.parametrize("path", ["s/{site}/tickets", "s/{site}/tickets/rows", "palette", "login"])
async def test_in_3_nasty_queries_never_fail_at_the_console(web: Web, house: House, path: str, query: str) -> None:
    client = await web.console(house, "admin")
    site = house.sites[0].slug
    response = await client.get(f"/{path.format(site=site)}?{query}&site={site}")

    assert response.status_code in (200, 400, 404, 422), response.text
