"""IN-9: in every list there is, a page has 200 rows at most, and a mark that is not ours opens nothing."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from core.db.ids import new_id
from core.tickets.model import Ticket
from tests.support.bodies import Bodies
from tests.support.lodge import House, Lodge
from tests.support.routes import Caller, Route, ask, client_of, nonsense, openapi_of, routes_of, session_of
from tests.support.web import Web

MOST = 200
TOO_MUCH = ("201", "0", "-1", "1e3", "5.5", "NaN", "1" + "0" * 20, "５", "", "50;", "0x10")
MARKS = {"cursor", "after"}


def mark(text: str) -> str:
    """A mark of the form that ours have."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# None of these was ever handed out; those that are of the right form are places in one's own list and nothing else.
FORGED = (
    "",
    "\0",
    "x",
    "\ufffe",
    "A" * 5000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "00000000-0000-0000-0000-00000000dead",
    str(new_id()),
    mark("nothing"),
    mark("not-an-id 1-1802"),
    mark(f"{new_id()} \0"),
    mark(f"2026-02-30T00:00:00+00:00 {new_id()}"),
    mark(f"infinity {new_id()}"),
    mark(f"9999-12-31T23:59:59-14:00 1 {new_id()}"),
    mark(f"{'9' * 5000} {new_id()}"),
    mark(f"{new_id()} {new_id()} {new_id()}"),
)


class Lists:
    """The lists of the API, as the administrator of a house with every plugin sees them."""

    def __init__(self, web: Web, house: House, caller: Caller, client: httpx.AsyncClient) -> None:
        self._client, self._caller, self._site = client, caller, house.sites[0].slug
        document = openapi_of(web.platform)
        self._bodies, paths = Bodies(document), document["paths"]
        self.parameters: list[tuple[Route, dict[str, Any]]] = []
        for route in routes_of(web.platform):
            if route.api and route.safe:
                given = paths[route.path]["get"].get("parameters", ())
                in_query = {each["name"]: each["schema"] for each in given if each["in"] == "query"}
                self.parameters.append((route, in_query))

    async def ask(self, route: Route, **query: str) -> httpx.Response:
        values, needed = nonsense(route, site_id=self._site), self._bodies.required_query(route)
        return await ask(self._client, route, self._caller, values, query={**needed, **query})


@pytest.fixture
async def lists(web: Web, lodge: Lodge) -> Lists:
    house = await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])
    return Lists(web, house, await session_of(web, house, "admin"), await client_of(web))


async def test_in_9_a_page_has_two_hundred_rows_at_most(lists: Lists) -> None:
    limited = [(route, given["limit"]) for route, given in lists.parameters if "limit" in given]
    assert [route.key for route, limit in limited if limit.get("maximum") != MOST] == []
    assert len(limited) > 5

    taken = [
        f"{route.key} {limit}: {answer.status_code}"
        for route, _ in limited
        for limit in TOO_MUCH
        if (answer := await lists.ask(route, limit=limit)).status_code != 400
    ]
    assert taken == []
    refused = []
    for route, _ in limited:
        expected = 404 if "uuid" in route.parameters.values() else 200  # a list below a row that is not there
        if (await lists.ask(route, limit=str(MOST))).status_code != expected:
            refused.append(route.key)
    assert refused == []


async def test_in_9_a_mark_that_is_not_ours_opens_nothing(lists: Lists) -> None:
    """What is no mark at all is refused; no answer fails, whatever is made up."""
    marked = [(route, name) for route, given in lists.parameters for name in MARKS & given.keys()]
    assert len(marked) > 10
    wrong = []
    for route, name in marked:
        for forged in FORGED:
            answer = await lists.ask(route, **{name: forged})
            if answer.status_code not in (200, 400, 404):
                wrong.append(f"{route.key} {name}={forged[:60]!r}: {answer.status_code}")
    assert wrong == []


async def test_in_9_an_altered_mark_is_refused_or_another_place_in_ones_own_list(
    clerk: httpx.AsyncClient, ticket: Ticket, lodge: Lodge, house: House
) -> None:
    for n in range(2):
        made = {"description": f"门铃坏了 {n}", "category": "other", "place": "3-1802"}
        assert (await clerk.post("tickets", json=made)).status_code == 201
    whole = (await clerk.get("tickets?limit=200")).json()
    ours = {item["id"] for item in whole["items"]}
    handed_out = (await clerk.get("tickets?limit=1")).json()["cursor"]
    for at in range(len(handed_out)):
        altered = handed_out[:at] + ("A" if handed_out[at] != "A" else "B") + handed_out[at + 1 :]
        answer = await clerk.get("tickets", params={"limit": 1, "cursor": altered})
        assert answer.status_code in (200, 400), altered
        assert answer.status_code == 400 or {item["id"] for item in answer.json()["items"]} <= ours
