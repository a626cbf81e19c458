"""Policies over HTTP: who sees and changes which, at which layer, from when on, and what a refusal says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.core.web.policies import EIGHT_MINUTES, QUICKER, SLA, at, put
from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import Web, problem


async def promised_response(client: httpx.AsyncClient, house: House, n: int = 0) -> datetime:
    """When a response to an urgent matter taken in now would be due."""
    answer = await client.get(f"{at(house, n)}/tickets/promise?category=other&severity=urgent")
    assert answer.status_code == 200, answer.text
    due = next(promise for promise in answer.json()["promises"] if promise["name"] == "response")
    return datetime.fromisoformat(due["due_at"])


# -- seeing ---------------------------------------------------------------------------------------------------------


async def test_a_policy_says_its_value_where_each_part_comes_from_and_its_revision(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    path = f"{at(house)}/policies/{SLA}"
    await put(api, f"/api/v1/policies/{SLA}", {"critical": {"arrival": None}})
    saved = await put(api, path, QUICKER)
    assert (saved.status_code, saved.json(), saved.headers["etag"]) == (200, {"revision": 1}, '"1"')
    seen = await api.get(path)
    body = seen.json()
    assert seen.headers["etag"] == '"1"' and body["revision"] == 1
    assert body["value"]["urgent"]["response"] == EIGHT_MINUTES and body["value"]["critical"]["arrival"] is None
    assert body["overrides"] == QUICKER and body["problems"] == body["planned"] == []
    scopes = {name: source["scope"] for name, source in body["provenance"].items()}
    assert scopes["urgent.response"] == "site" and scopes["critical.arrival"] == "company"
    assert scopes["routine.response"] == "default"
    other = (await api.get(f"{at(house, 1)}/policies/{SLA}")).json()
    assert other["revision"] == 0 and other["value"]["urgent"]["response"]["amount"] == 10
    assert other["value"]["critical"]["arrival"] is None


async def test_the_list_counts_what_a_layer_sets_itself(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    await put(api, f"{at(house)}/policies/{SLA}", {"urgent": {"response": EIGHT_MINUTES, "arrival": None}})
    listed = {p["name"]: p["own_values"] for p in (await api.get(f"{at(house)}/policies")).json()["policies"]}
    assert {name: own for name, own in listed.items() if own} == {SLA: 2}
    assert "core.calendar" in listed
    company = {p["name"]: p["own_values"] for p in (await api.get("/api/v1/policies")).json()["policies"]}
    assert company[SLA] == 0


async def test_a_plugins_policies_are_where_it_is_on(web: Web, lodge: Lodge, desk_house: House) -> None:
    house, api = desk_house, await web.api(desk_house, "admin")
    switch = f"{at(house, 1)}/plugins/reception"
    assert (await api.put(switch, json={"enabled": False})).status_code == 204
    greeting = "policies/reception.greeting"
    assert (await api.get(f"{at(house)}/{greeting}")).status_code == 200
    assert (await api.get(f"{at(house, 1)}/{greeting}")).status_code == 404
    assert (await put(api, f"{at(house, 1)}/{greeting}", {})).status_code == 404
    assert (await api.get(f"/api/v1/{greeting}")).status_code == 200, "it is on at one site"
    assert (await api.put(f"{at(house)}/plugins/reception", json={"enabled": False})).status_code == 204
    assert (await api.get(f"/api/v1/{greeting}")).status_code == 404
    names = [p["name"] for p in (await api.get("/api/v1/policies")).json()["policies"]]
    assert not [name for name in names if name.startswith("reception.")]


# -- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "name", "sees", "changes"),
    [
        ("clerk", SLA, 403, 403),
        ("quality", SLA, 200, 403),
        ("manager", SLA, 200, 403),
        ("manager", "reception.answering", 200, 200),
        ("supervisor", "reception.answering", 200, 403),
        ("admin", "reception.answering", 200, 200),
        ("admin", SLA, 200, 200),
        ("admin", "core.unknown", 404, 404),
    ],
)
async def test_seeing_takes_policy_view_and_changing_the_policys_own_permission(
    web: Web, desk_house: House, role: str, name: str, sees: int, changes: int
) -> None:
    api = await web.api(desk_house, role)
    overrides = {"goal_seconds": 12} if name.startswith("reception") else QUICKER
    for base in ("/api/v1", at(desk_house)):
        assert (await api.get(f"{base}/policies/{name}")).status_code == sees
        assert (await put(api, f"{base}/policies/{name}", overrides)).status_code == changes


async def test_the_policys_own_permission_is_enough_to_change_it(web: Web, desk_house: House) -> None:
    api = await web.token(desk_house, ["reception.greeting.manage"])
    path = f"{at(desk_house)}/policies/reception.answering"
    assert (await api.get(path)).status_code == 403
    assert (await put(api, path, {"goal_seconds": 12})).status_code == 200


async def test_other_companies_and_other_sites_look_like_none(web: Web, lodge: Lodge, house: House) -> None:
    other = await lodge.house()
    stranger, local = await web.api(other, "admin"), await web.api(house, house.local[0])
    for client, slug in ((stranger, house.sites[0].slug), (stranger, house.sites[0].id), (local, house.sites[1].slug)):
        for path in (f"/api/v1/sites/{slug}/policies", f"/api/v1/sites/{slug}/policies/{SLA}"):
            assert (await client.get(path)).status_code == 404
        assert (await put(client, f"/api/v1/sites/{slug}/policies/{SLA}", QUICKER)).status_code == 404
    console = await web.console(house, house.local[0])
    assert (await console.get(f"/s/{house.sites[1].slug}/policies/{SLA}")).status_code == 404
    assert (await stranger.get(f"/api/v1/policies/{SLA}")).json()["revision"] == 0


# -- refusals -------------------------------------------------------------------------------------------------------


async def test_how_people_sign_in_is_set_by_the_company_and_by_no_site(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    at_the_site = f"{at(house)}/policies/core.sign_in"
    assert (await put(api, "/api/v1/policies/core.sign_in", {"attempts": 5})).status_code == 200
    assert (await api.get(at_the_site)).status_code == 404
    assert (await put(api, at_the_site, {"attempts": 10})).status_code == 404
    listed = [(await api.get(f"{base}/policies")).json()["policies"] for base in ("/api/v1", at(house))]
    assert ["core.sign_in" in {policy["name"] for policy in policies} for policies in listed] == [True, False]


async def test_a_change_names_the_revision_it_builds_on(web: Web, house: House) -> None:
    api, path = await web.api(house, "admin"), f"/api/v1/policies/{SLA}"
    assert (await put(api, path, QUICKER, seen=None)).status_code == 428
    assert (await put(api, path, QUICKER, seen=1)).status_code == 412, "there is no revision yet"
    assert (await put(api, path, QUICKER, seen=0)).status_code == 200
    stale = await put(api, path, {}, seen=0)
    assert stale.status_code == 412 and problem(stale)["type"] == "urn:lodge:problem:stale"
    assert (await put(api, path, {}, seen=1)).json() == {"revision": 2}
    answer = await api.put(path, json={"overrides": {}, "reason": "x"}, headers={"if-match": '"two"'})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({"overrides": {}, "reason": "x", "author": "me"}, 400, None),
        ({"overrides": [], "reason": "x"}, 400, None),
        ({"reason": "x"}, 400, None),
        ({"overrides": {}, "reason": "x", "effective_at": "2026-12-01T08:00:00"}, 400, None),
        ({"overrides": {}, "reason": "  "}, 422, ["reason"]),
        ({"overrides": {}, "reason": "x" * 201}, 422, ["reason"]),
        ({"overrides": {}, "reason": "x", "effective_at": "2026-11-23T01:59:59Z"}, 422, ["effective_at"]),
        ({"overrides": {"urgnet": {}}, "reason": "x"}, 422, ["urgnet"]),
        (
            {"overrides": {"urgent": {"response": {"amount": 0, "unit": "minutes"}}}, "reason": "x"},
            422,
            ["urgent.response"],
        ),
        (
            {"overrides": {"urgent": {"response": 5}, "critical": {"arrival": "soon"}}, "reason": ""},
            422,
            ["reason", "urgent.response", "critical.arrival"],
        ),
        (
            {"overrides": {"categories": {"Lift!": {"urgent": {"arrival": None}}}}, "reason": "x"},
            422,
            ["categories.Lift!"],
        ),
    ],
)
async def test_a_refusal_names_every_wrong_leaf_and_changes_nothing(
    web: Web, house: House, body: dict[str, Any], status: int, fields: list[str] | None
) -> None:
    api, path = await web.api(house, "admin"), f"/api/v1/policies/{SLA}"
    answer = await api.put(path, json=body, headers={"if-match": '"0"'})
    assert answer.status_code == status, answer.text
    if fields is not None:
        errors: Any = problem(answer)["errors"]
        assert [error["field"] for error in errors] == fields
    assert (await api.get(path)).json()["revision"] == 0


async def test_json_without_end_is_refused(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    deep = '{"reason": "x", "overrides": ' + '{"a":' * 5000 + "1" + "}" * 5001
    headers = {"if-match": '"0"', "content-type": "application/json"}
    assert (await api.put(f"/api/v1/policies/{SLA}", content=deep, headers=headers)).status_code == 400


# -- effect ---------------------------------------------------------------------------------------------------------


async def test_a_change_counts_for_the_next_promise_and_not_for_tickets_that_are_open(web: Web, house: House) -> None:
    api, clerk = await web.api(house, "admin"), await web.api(house, "clerk")
    new = {"description": "no water", "category": "other", "severity": "urgent", "place": "hall"}
    before = (await clerk.post(f"{at(house)}/tickets", json=new)).json()
    assert await promised_response(clerk, house) == NOW + timedelta(minutes=10)
    await put(api, f"{at(house)}/policies/{SLA}", QUICKER)
    assert await promised_response(clerk, house) == NOW + timedelta(minutes=8)
    assert await promised_response(clerk, house, 1) == NOW + timedelta(minutes=10)
    goals = (await clerk.get(f"{at(house)}/tickets/{before['id']}")).json()["goals"]
    response = next(goal for goal in goals if goal["name"] == "response")
    assert datetime.fromisoformat(response["due_at"]) == NOW + timedelta(minutes=10)


async def test_a_planned_change_counts_from_its_instant_on(web: Web, house: House, clock: SettableClock) -> None:
    api, clerk = await web.api(house, "admin"), await web.api(house, "clerk")
    path = f"{at(house)}/policies/{SLA}"
    soon = NOW + timedelta(minutes=5)
    saved = await put(api, path, QUICKER, effective_at=soon.isoformat())
    assert saved.status_code == 200
    body = (await api.get(path)).json()
    assert body["revision"] == 1 and body["overrides"] == {}
    assert [(p["revision"], p["overrides"]) for p in body["planned"]] == [(1, QUICKER)]
    clock.advance(minutes=5, seconds=-1)
    assert await promised_response(clerk, house) == clock.now + timedelta(minutes=10)
    clock.advance(seconds=1)
    assert await promised_response(clerk, house) == clock.now + timedelta(minutes=8)
    assert (await api.get(path)).json()["planned"] == []


async def test_of_two_changes_planned_for_one_instant_the_later_counts(
    web: Web, house: House, clock: SettableClock
) -> None:
    api, path = await web.api(house, "admin"), f"/api/v1/policies/{SLA}"
    later, last = NOW + timedelta(minutes=5), NOW + timedelta(minutes=9)
    for seen, (overrides, instant) in enumerate(((QUICKER, last), (QUICKER, later), ({}, later))):
        await put(api, path, overrides, seen=seen, effective_at=instant.isoformat())
    planned = (await api.get(path)).json()["planned"]
    assert [(p["revision"], p["overrides"]) for p in planned] == [(3, {}), (1, QUICKER)]
    for minutes, overrides in ((5, {}), (4, QUICKER)):
        clock.advance(minutes=minutes)
        assert (await api.get(path)).json()["overrides"] == overrides


async def test_a_change_is_audited_with_its_leaves(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    await put(api, f"{at(house)}/policies/{SLA}", QUICKER)
    [entry] = (await api.get("/api/v1/audit?action=policy.revised")).json()["entries"]
    assert entry["changes"] == {"number": 1, "urgent.response": [None, EIGHT_MINUTES]}
    assert entry["site_id"] == str(house.sites[0].id) and entry["subject_id"] == SLA
