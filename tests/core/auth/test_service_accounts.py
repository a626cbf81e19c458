"""Service accounts: programs in their own name, whose tokens outlive their issuer; renewal, and use of tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from core.auth.token_use import network_of
from tests.support.lodge import House, Lodge, SettableClock
from tests.support.web import JSON, Web


async def bearer(web: Web, token: str) -> httpx.AsyncClient:
    return await web.anonymous(**JSON, authorization=f"Bearer {token}")


async def make(api: httpx.AsyncClient, house: House, **changes: Any) -> dict[str, Any]:
    body = {"name": "电话交换机", "permissions": ["ticket.view"], "site_ids": [str(house.sites[0].id)], **changes}
    made = await api.post("/api/v1/service-accounts", json=body)
    assert made.status_code == 201, made.text
    account: dict[str, Any] = made.json()
    return account


async def issue(api: httpx.AsyncClient, account: dict[str, Any]) -> dict[str, Any]:
    issued = await api.post(f"/api/v1/service-accounts/{account['id']}/tokens", json={"name": "main"})
    assert issued.status_code == 201, issued.text
    token: dict[str, Any] = issued.json()
    return token


async def set_member(lodge: Lodge, house: House, who: str, change: str) -> None:
    async with lodge.owner.begin(house.company_id) as uow:
        sql = f"UPDATE membership SET {change} WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, house.company_id, house.staff[who].membership_id)
    lodge.forget()


async def test_a_token_ends_with_its_issuer_but_for_one_of_a_service_account(
    web: Web, lodge: Lodge, house: House
) -> None:
    admin = await web.api(house, "admin")
    own = {"name": "own", "permissions": ["ticket.view", "estate.view"], "site_ids": [str(house.sites[0].id)]}
    personal = await bearer(web, (await admin.post("/api/v1/tokens", json=own)).json()["token"])
    program = await bearer(web, (await issue(admin, await make(admin, house)))["token"])

    async def rights() -> list[list[str]]:
        return [(await client.get("/api/v1/me")).json()["permissions"] for client in (personal, program)]

    assert await rights() == [["estate.view", "ticket.view"], ["ticket.view"]]
    await set_member(lodge, house, "admin", "roles = '{cashier}'")
    assert await rights() == [["estate.view"], ["ticket.view"]]  # AZ-4 holds later on, too
    await set_member(lodge, house, "admin", f"all_sites = false, site_ids = '{{{house.sites[1].id}}}'")
    assert (await personal.get("/api/v1/me")).json()["sites"] == []
    await set_member(lodge, house, "admin", "active = false")
    assert (await personal.get("/api/v1/me")).status_code == 401
    assert (await program.get("/api/v1/me")).status_code == 200


async def test_what_an_account_does_stands_under_its_name(web: Web, house: House) -> None:
    admin = await web.api(house, "admin")
    account = await make(admin, house, permissions=["ticket.view", "ticket.create"])
    program = await bearer(web, (await issue(admin, account))["token"])
    new = {"description": "电梯停运", "category": "plumbing_electric", "place": "3幢"}
    assert (await program.post(f"/api/v1/sites/{house.sites[0].slug}/tickets", json=new)).status_code == 201
    [entry] = (await admin.get("/api/v1/audit?action=ticket.created")).json()["entries"]
    assert (entry["actor_name"], entry["actor_id"], entry["actor_kind"]) == ("电话交换机", account["id"], "token")


async def test_changing_or_switching_off_an_account_counts_for_its_tokens_at_once(web: Web, house: House) -> None:
    admin = await web.api(house, "admin")
    account = await make(admin, house)
    program = await bearer(web, (await issue(admin, account))["token"])
    assert (await program.get("/api/v1/me")).json()["permissions"] == ["ticket.view"]
    path, entry = f"/api/v1/service-accounts/{account['id']}", {k: account[k] for k in ("name", "site_ids", "purpose")}
    for version, changes, status, rights in (
        (1, {"permissions": ["estate.view"]}, 200, ["estate.view"]),
        (1, {"permissions": ["audit.view"]}, 412, ["estate.view"]),
        (2, {"permissions": ["estate.view"], "active": False}, 200, None),
    ):
        changed = await admin.put(path, json={**entry, **changes}, headers={"if-match": f'"{version}"'})
        assert changed.status_code == status, changed.text
        assert (await program.get("/api/v1/me")).json().get("permissions") == rights
    assert (await admin.post(f"{path}/tokens", json={"name": "next"})).status_code == 409


async def test_a_renewed_token_and_the_former_one_are_good_for_the_overlap(
    web: Web, house: House, clock: SettableClock
) -> None:
    admin = await web.api(house, "admin")
    first = await issue(admin, await make(admin, house))
    renewed = await admin.post(f"/api/v1/tokens/{first['id']}/rotate", json={"overlap_hours": 2})
    assert renewed.status_code == 201
    former, successor = await bearer(web, first["token"]), await bearer(web, renewed.json()["token"])
    for hours, statuses in ((1, [200, 200]), (1, [401, 200])):
        clock.advance(hours=hours)
        assert [(await client.get("/api/v1/me")).status_code for client in (former, successor)] == statuses
    admin = await web.api(house, "admin")
    assert (await admin.post(f"/api/v1/tokens/{first['id']}/rotate", json={})).status_code == 404
    at_once = await admin.post(f"/api/v1/tokens/{renewed.json()['id']}/rotate", json={"overlap_hours": 0})
    assert (await successor.get("/api/v1/me")).status_code == 401
    assert (await (await bearer(web, at_once.json()["token"])).get("/api/v1/me")).status_code == 200
    actions = [entry["action"] for entry in (await admin.get("/api/v1/audit?action=token")).json()["entries"]]
    assert actions.count("token.rotated") == 2


async def test_whoever_may_less_than_a_token_cannot_renew_it(web: Web, lodge: Lodge, house: House) -> None:
    admin = await web.api(house, "admin")
    token = await issue(admin, await make(admin, house, permissions=["audit.view"]))
    reader = {"key": "keys", "title": "密钥", "permissions": ["token.manage"]}
    assert (await admin.post("/api/v1/roles", json=reader)).status_code == 201
    await set_member(lodge, house, "clerk", "roles = '{keys}'")
    clerk = await web.api(house, "clerk")
    assert (await clerk.post(f"/api/v1/tokens/{token['id']}/rotate", json={})).status_code == 409
    assert (await clerk.delete(f"/api/v1/tokens/{token['id']}")).status_code == 204


async def test_accounts_that_reach_further_than_oneself_are_not_there(web: Web, lodge: Lodge, house: House) -> None:
    admin = await web.api(house, "admin")
    wide = await make(admin, house, site_ids=[str(site.id) for site in house.sites])
    for other in (house.local[0], None):
        api = await web.api(house, other) if other else await web.api(await lodge.house(), "admin")
        assert (await api.get("/api/v1/service-accounts")).json() == {"accounts": []}
        assert (await api.get(f"/api/v1/service-accounts/{wide['id']}")).status_code == 404
        issued = await api.post(f"/api/v1/service-accounts/{wide['id']}/tokens", json={"name": "x"})
        assert issued.status_code == 404


async def test_programs_make_no_accounts(web: Web, house: House) -> None:
    program = await web.token(house, ["token.manage", "ticket.view"])
    body = {"name": "x", "permissions": ["ticket.view"], "site_ids": [str(house.sites[0].id)]}
    assert (await program.post("/api/v1/service-accounts", json=body)).status_code == 403
    [account] = (await program.get("/api/v1/service-accounts")).json()["accounts"]
    path = f"/api/v1/service-accounts/{account['id']}"
    assert (await program.put(path, json=body, headers={"if-match": '"1"'})).status_code == 403
    assert (await program.post(f"{path}/tokens", json={"name": "x"})).status_code == 403


async def test_the_day_and_network_of_the_last_use_are_noted_once_a_minute(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    admin = await web.api(house, "admin")
    token = await issue(admin, await make(admin, house))
    client = await bearer(web, token["token"])
    network = network_of(web.address)

    async def noted() -> tuple[str, str, int]:
        """The row that a listing shows, once the use that went before has been noted, which follows the answer."""
        async with lodge.owner.begin(house.company_id) as uow:
            sql = "SELECT coalesce(last_used_on::text, ''), last_used_from, xmin::text::bigint FROM api_token"
            [row] = await uow.fetch(lambda *columns: columns, f"{sql} WHERE company_id = $1", house.company_id)
        return row

    async def used_on(day: str) -> int:
        assert (await client.get("/api/v1/me")).status_code == 200
        async with asyncio.timeout(5):
            while (found := await noted())[:2] != (day, network):
                pass
        return found[2]

    assert (await noted())[:2] == ("", "")
    written = await used_on("2026-11-23")
    clock.advance(hours=13)
    assert await used_on("2026-11-23") == written  # the same day from the same network
    clock.advance(hours=2)
    await used_on("2026-11-24")
    [listed] = (await (await web.api(house, "admin")).get("/api/v1/tokens")).json()["tokens"]
    assert (listed["last_used_on"], listed["last_used_from"]) == ("2026-11-24", network)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_the_pages_make_change_and_issue(web: Web, house: House) -> None:
    console, site = await web.console(house, "admin"), str(house.sites[0].id)
    refused = await console.post("/admin/service-accounts", data={"name": " ", "sites": [site]})
    assert refused.status_code == 422 and 'id="error-scopes"' in refused.text
    form: dict[str, Any] = {"name": "道闸", "purpose": "车辆进出", "scopes": ["ticket.view"], "sites": [site]}
    made = await console.post("/admin/service-accounts", data=form)
    path = made.headers["location"]
    assert "车辆进出" in (await console.get("/admin/service-accounts")).text
    shown = await console.post(f"{path}/tokens", data={"name": "一号岗", "expires_on": "2026-12-31"})
    assert "Copy the token now" in shown.text and "2026-12-31" in shown.text
    assert (await console.post(f"{path}/tokens", data={"name": ""})).status_code == 422
    saved = await console.post(path, data={**form, "version": "1"})
    assert saved.headers["location"] == f"{path}?done=saved"
    assert (await console.post(path, data={**form, "version": "1"})).status_code == 412
    off = await console.post(f"{path}/tokens", data={"name": "二号岗"})
    assert off.status_code == 409 and "switched off" in off.text
    listed = await console.get("/admin/tokens")
    rotate = listed.text.split('action="/admin/tokens/')[1].split('"')[0]
    renewed = await console.post(f"/admin/tokens/{rotate}", data={"overlap_hours": "24"})
    assert renewed.status_code == 200 and "Copy the token now" in renewed.text
