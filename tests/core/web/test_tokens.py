"""API tokens over HTTP: never stronger than who issues them, shown once, worth nothing once revoked (AZ-4)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import JSON, Web, problem

NOBODYS_SITE = "01a20000-0000-7000-8000-000000000000"


async def issue(api: httpx.AsyncClient, house: House, **changes: Any) -> httpx.Response:
    body = {"name": "meter", "permissions": ["ticket.view"], "site_ids": [str(house.sites[0].id)], **changes}
    return await api.post("/api/v1/tokens", json=body)


async def bearer(web: Web, token: str) -> httpx.AsyncClient:
    return await web.anonymous(**JSON, authorization=f"Bearer {token}")


async def test_a_token_does_what_it_was_issued_for_where_it_was(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    issued = await issue(api, house)
    assert issued.status_code == 201 and issued.headers["cache-control"] == "no-store"
    client = await bearer(web, issued.json()["token"])
    me = (await client.get("/api/v1/me")).json()
    assert (me["kind"], me["permissions"], [site["slug"] for site in me["sites"]]) == (
        "token",
        ["ticket.view"],
        [house.sites[0].slug],
    )
    assert (await client.get(f"/api/v1/sites/{house.sites[0].slug}/tickets")).status_code == 200
    assert (await client.get(f"/api/v1/sites/{house.sites[1].slug}/tickets")).status_code == 404
    assert (await client.get(f"/api/v1/sites/{house.sites[0].slug}/policies")).status_code == 403
    listed = await api.get("/api/v1/tokens")
    assert issued.json()["token"] not in listed.text
    [token] = listed.json()["tokens"]
    assert (token["name"], token["created_by"], token["revoked_at"]) == ("meter", house.staff["admin"].name, None)


async def test_a_revoked_token_is_worth_nothing_at_once(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    issued = (await issue(api, house)).json()
    client = await bearer(web, issued["token"])
    assert (await client.get("/api/v1/me")).status_code == 200
    assert (await api.delete(f"/api/v1/tokens/{issued['id']}")).status_code == 204
    assert (await client.get("/api/v1/me")).status_code == 401
    assert (await api.delete(f"/api/v1/tokens/{issued['id']}")).status_code == 404
    [token] = (await api.get("/api/v1/tokens")).json()["tokens"]
    assert token["revoked_at"] is not None
    actions = [entry["action"] for entry in (await api.get("/api/v1/audit?action=token")).json()["entries"]]
    assert actions == ["token.revoked", "token.issued"]


async def test_a_token_ends_when_it_says(web: Web, house: House, clock: SettableClock) -> None:
    api = await web.api(house, "admin")
    issued = (await issue(api, house, expires_at=(NOW + timedelta(hours=1)).isoformat())).json()
    client = await bearer(web, issued["token"])
    clock.advance(minutes=59)
    assert (await client.get("/api/v1/me")).status_code == 200
    clock.advance(minutes=1)
    assert (await client.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": " "}, 422, "name"),
        ({"name": "x" * 81}, 422, "name"),
        ({"permissions": []}, 422, "permissions"),
        ({"permissions": ["reception.call.unknown"]}, 422, "permissions"),
        ({"site_ids": []}, 422, "site_ids"),
        ({"site_ids": [NOBODYS_SITE]}, 422, "site_ids"),
        ({"expires_at": NOW.isoformat()}, 422, "expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, 400, None),
        ({"all_sites": True}, 400, None),
        ({"site_ids": ["cuihu"]}, 400, None),
    ],
)
async def test_what_a_token_may_be(
    web: Web, house: House, changes: dict[str, Any], status: int, field: str | None
) -> None:
    api = await web.api(house, "admin")
    refused = await issue(api, house, **changes)
    assert refused.status_code == status, refused.text
    if field is not None:
        errors: Any = problem(refused)["errors"]
        assert [error["field"] for error in errors] == [field]
    assert (await api.get("/api/v1/tokens")).json() == {"tokens": []}


async def test_nobody_grants_sees_or_revokes_what_reaches_further_than_oneself(
    web: Web, lodge: Lodge, house: House
) -> None:
    admin, local = await web.api(house, "admin"), await web.api(house, house.local[0])
    here, there = (str(site.id) for site in house.sites)
    wide = (await issue(admin, house, site_ids=[here, there])).json()
    assert (await issue(local, house, site_ids=[here, there])).status_code == 422
    assert (await issue(local, house, name="own")).status_code == 201
    assert [token["name"] for token in (await local.get("/api/v1/tokens")).json()["tokens"]] == ["own"]
    assert (await local.delete(f"/api/v1/tokens/{wide['id']}")).status_code == 404
    stranger = await web.api(await lodge.house(), "admin")
    assert (await stranger.delete(f"/api/v1/tokens/{wide['id']}")).status_code == 404
    assert (await stranger.get("/api/v1/tokens")).json() == {"tokens": []}
    assert (await (await bearer(web, wide["token"])).get("/api/v1/me")).status_code == 200


async def test_a_token_issues_no_tokens(web: Web, house: House) -> None:
    client = await web.token(house, ["token.manage", "ticket.view"])
    assert (await client.get("/api/v1/tokens")).status_code == 200
    assert (await issue(client, house)).status_code == 403


async def test_the_text_of_a_token_is_kept_nowhere(web: Web, lodge: Lodge, house: House) -> None:
    api = await web.api(house, "admin")
    body = {"name": "meter", "permissions": ["ticket.view"], "site_ids": [str(house.sites[0].id)]}
    refused = await api.post("/api/v1/tokens", json=body, headers={"idempotency-key": "once"})
    assert refused.status_code == 400
    assert (await api.get("/api/v1/tokens")).json() == {"tokens": []}


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("manager", 403), ("clerk", 403)])
async def test_tokens_take_their_permission(web: Web, house: House, role: str, status: int) -> None:
    api, console = await web.api(house, role), await web.console(house, role)
    assert (await api.get("/api/v1/tokens")).status_code == status
    assert (await issue(api, house)).status_code == (201 if status == 200 else 403)
    assert (await console.get("/admin/tokens")).status_code == status


async def test_the_page_shows_a_new_token_once_and_revokes_it(web: Web, house: House) -> None:
    console = await web.console(house, "admin")
    form = {"name": "gate", "expires_on": "2026-11-23", "scopes": ["ticket.view"], "sites": [str(house.sites[0].id)]}
    issued = await console.post("/admin/tokens", data=form)
    assert issued.status_code == 200 and "Copy the token now" in issued.text
    found = re.search(r"<code>(lodge_[^<]+)</code>", issued.text)
    assert found is not None
    client = await bearer(web, found[1])
    assert (await client.get("/api/v1/me")).json()["permissions"] == ["ticket.view"]
    page = await console.get("/admin/tokens")
    assert found[1] not in page.text and "gate" in page.text and "2026-11-23" in page.text
    revoke = re.search(r'action="(/admin/tokens/[^"]+/revoke)"', page.text)
    assert revoke is not None
    assert (await console.post(revoke[1])).status_code == 303
    assert (await client.get("/api/v1/me")).status_code == 401
    assert "revoked" in (await console.get("/admin/tokens")).text


async def test_a_refused_token_form_comes_back_as_it_was_filled_in(web: Web, house: House) -> None:
    console = await web.console(house, "admin")
    site = str(house.sites[0].id)
    refused = await console.post("/admin/tokens", data={"name": "gate", "scopes": [], "sites": [site]})
    assert refused.status_code == 422
    assert 'id="error-scopes"' in refused.text and 'value="gate"' in refused.text
    assert re.search(rf'name="sites" value="{site}" checked', refused.text)
    past = {"name": "gate", "scopes": ["ticket.view"], "sites": [site], "expires_on": "2026-11-22"}
    refused = await console.post("/admin/tokens", data=past)
    assert refused.status_code == 422 and 'id="error-expires_on"' in refused.text
    assert (await console.post("/admin/tokens", data={**past, "expires_on": "soon"})).status_code == 400
