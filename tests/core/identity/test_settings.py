"""How a provider is set up, and that nobody shuts the company out of itself, in the API and at the console (AZ-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.core.identity.conftest import Company
from tests.support.lodge import PASSWORD, House
from tests.support.provider import CLIENT, CLIENT_SECRET

PATH = "/api/v1/identity-provider"


def entry(company: Company, **changed: Any) -> dict[str, Any]:
    right = {"title": "Linli account", "issuer": company.forger.issuer, "client_id": CLIENT, "active": True}
    return {**right, **changed}


async def put(client: httpx.AsyncClient, company: Company, **changed: Any) -> httpx.Response:
    tag = (await client.get(PATH)).headers["etag"]
    return await client.put(PATH, json=entry(company, **changed), headers={"if-match": tag})


def wrong(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return sorted(each["field"] for each in answer.json()["errors"])


async def ready(company: Company) -> tuple[httpx.AsyncClient, str]:
    """The administrator's client and id, once they have tried the provider."""
    admin = company.house.staff["admin"]
    await company.reached(admin, "admin@example.com")
    company.forger.claims = {"email": "admin@example.com", "email_verified": True}
    assert (await company.trial()).headers["location"] == "/admin/sign-in?done=tried"
    return await company.web.api(company.house, "admin"), str(admin.membership_id)


async def test_the_secret_is_kept_and_never_shown(company: Company) -> None:
    client = await company.web.api(company.house, "admin")

    shown = await client.get(PATH)

    assert shown.json()["provider"]["has_secret"] and CLIENT_SECRET not in shown.text
    assert shown.json()["redirect_uri"].endswith(f"/sign-in/{company.house.slug}/callback")
    console = await company.web.console(company.house, "admin")
    assert CLIENT_SECRET not in (await console.get("/admin/sign-in")).text
    async with company.lodge.owner.begin(company.house.company_id) as uow:
        sql = "SELECT to_jsonb(p)::text FROM identity_provider p WHERE company_id = $1"
        assert CLIENT_SECRET not in await uow.value(sql, company.house.company_id)


async def test_a_secret_is_handed_to_no_other_provider(company: Company) -> None:
    client = await company.web.api(company.house, "admin")

    assert wrong(await put(client, company, issuer="https://evil.example.com")) == ["client_secret"]
    assert wrong(await put(client, company, client_id="another")) == ["client_secret"]
    assert (await put(client, company, title="Renamed")).json()["provider"]["title"] == "Renamed"


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"title": " ", "client_id": ""}, ["client_id", "client_secret", "title"]),
        ({"issuer": "http://10.0.0.1", "client_secret": "x"}, ["issuer"]),
        ({"issuer": "https://169.254.169.254/latest", "client_secret": "x"}, ["issuer"]),
        ({"issuer": "file:///etc/passwd", "client_secret": "x"}, ["issuer"]),
        ({"issuer": "https://sso.example.com/?a=b", "client_secret": "x"}, ["issuer"]),
        ({"scopes": ["email"]}, ["scopes"]),
        ({"scopes": ["openid", "two words"]}, ["scopes"]),
        ({"only_way": True}, ["emergency_id", "only_way"]),
        ({"emergency_id": "00000000-0000-0000-0000-00000000dead"}, ["emergency_id"]),
    ],
)
async def test_what_is_wrong_is_said_by_field(company: Company, changed: dict[str, Any], fields: list[str]) -> None:
    assert wrong(await put(await company.web.api(company.house, "admin"), company, **changed)) == fields


async def test_cc_1_a_change_names_what_it_has_seen(company: Company) -> None:
    client = await company.web.api(company.house, "admin")

    assert (await client.put(PATH, json=entry(company))).status_code == 428
    for method in ("PUT", "DELETE"):
        body = entry(company) if method == "PUT" else None
        stale = await client.request(method, PATH, json=body, headers={"if-match": '"0"'})
        assert stale.status_code == 412, method


async def test_az_4_only_who_may_do_everything_everywhere_says_who_is_let_in_as_anybody(company: Company) -> None:
    local = await company.web.api(company.house, company.house.local[0])
    program = await company.web.token(company.house, ["identity.manage"])
    for client in (local, program):
        assert (await put(client, company)).status_code == 403
        tag = (await client.get(PATH)).headers["etag"]
        assert (await client.delete(PATH, headers={"if-match": tag})).status_code == 403
    console = await company.web.console(company.house, company.house.local[0])
    assert "disabled" in (await console.get("/admin/sign-in")).text
    assert (await local.get(PATH)).json()["trial"] == ""


async def test_another_companys_provider_is_not_seen(company: Company) -> None:
    other = await company.lodge.house()
    client = await company.web.api(other, "admin")

    assert (await client.get(PATH)).json()["provider"]["version"] == 0
    assert (await client.delete(PATH, headers={"if-match": '"1"'})).status_code == 404


async def test_passwords_end_only_once_whoever_ends_them_has_come_in_the_other_way(company: Company) -> None:
    client = await company.web.api(company.house, "admin")
    admin = str(company.house.staff["admin"].membership_id)
    told = await company.trial()
    assert told.status_code == 401 and "not you" in told.text, "somebody else came in"
    assert wrong(await put(client, company, only_way=True, emergency_id=admin)) == ["only_way"]

    client, admin = await ready(company)
    clerk = str(company.house.staff["clerk"].membership_id)
    assert wrong(await put(client, company, only_way=True)) == ["emergency_id"]
    assert wrong(await put(client, company, only_way=True, emergency_id=clerk)) == ["emergency_id"]
    assert wrong(await put(client, company, only_way=True, emergency_id=admin, active=False)) == ["only_way"]
    assert (await put(client, company, only_way=True, emergency_id=admin)).status_code == 200
    moved = {"issuer": "https://sso.example.com", "client_secret": "x"}
    for changed in ({"client_secret": "another"}, moved, {"address_claim": "upn"}, {"scopes": ["openid"]}):
        again = await put(client, company, only_way=True, emergency_id=admin, **changed)
        assert wrong(again) == ["only_way"], "what was tried is another"


async def test_where_passwords_have_ended_they_let_in_nobody_but_for_emergencies(company: Company) -> None:
    client, admin = await ready(company)
    await put(client, company, only_way=True, emergency_id=admin)
    browser = await company.browser()
    staff = company.house.staff

    for role in ("clerk", "manager"):
        right = {"login": staff[role].login, "password": PASSWORD, "next": "/notifications"}
        sent = await browser.client.post("/login", data=right)
        assert sent.headers["location"] == f"{company.path}?next=/notifications", role
        asked = await browser.client.post(
            "/api/v1/auth/tokens", json={"login": staff[role].login, "password": PASSWORD}
        )
        assert asked.status_code == 200 and asked.json()["asks"] == "provider"
        proof = {"proof": asked.json()["proof"], "company_id": asked.json()["company_id"]}
        for path, more in (("company", {}), ("second-step", {"code": "000000"})):
            assert (
                "access_token" not in (await browser.client.post(f"/api/v1/auth/{path}", json={**proof, **more})).text
            )
    assert await browser.name() is None
    company.forger.claims["email"] = "clerk@example.com"
    assert (await browser.through()).status_code == 303
    emergency = await (await company.browser()).client.post(
        "/login", data={"login": staff["admin"].login, "password": PASSWORD}
    )
    assert emergency.headers["location"] == "/"


async def test_a_second_factor_of_their_own_gets_nobody_round_the_only_way(company: Company) -> None:
    client, admin = await ready(company)
    await put(client, company, only_way=True, emergency_id=admin)
    membership = next(
        iter(await company.platform.sign_in.memberships(company.house.staff["clerk"].login, PASSWORD, "192.0.2.7"))
    )
    enrolled = await company.platform.second_step.enrol(membership)
    proof = {"proof": membership.proof, "company_id": str(membership.company_id)}

    answer = await (await company.browser()).client.post(
        "/api/v1/auth/enrolment/confirmation", json={**proof, "code": code_of(company, enrolled.secret)}
    )

    assert answer.status_code == 401 and "access_token" not in answer.text


def code_of(company: Company, secret: str) -> str:
    import base64

    from core.auth import totp

    key = base64.b32decode(secret.replace(" ", ""))
    return totp.code_of(key, int(company.platform.clock().timestamp()) // totp.STEP)


@pytest.mark.parametrize("gone", ["active = false", "roles = '{clerk}'", "all_sites = false"])
async def test_once_nobody_is_left_for_emergencies_administrators_may_use_passwords(
    company: Company, gone: str, house: House
) -> None:
    client, admin = await ready(company)
    await put(client, company, only_way=True, emergency_id=admin)
    local, clerk = company.house.local[0], company.house.staff["clerk"]
    browser = await company.browser()
    assert "/sign-in/" in (await _sent(browser.client, local.login))
    async with company.lodge.owner.begin(company.house.company_id) as uow:
        sql = f"UPDATE membership SET {gone} WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, company.house.company_id, company.house.staff["admin"].membership_id)
    company.lodge.forget()

    assert await _sent((await company.browser()).client, local.login) == "/"
    assert "/sign-in/" in await _sent((await company.browser()).client, clerk.login)
    console = await company.web.console(company.house, local)
    assert "all administrators may sign in with their passwords" in (await console.get("/admin/sign-in")).text


async def _sent(client: httpx.AsyncClient, login: str) -> str:
    return (await client.post("/login", data={"login": login, "password": PASSWORD})).headers["location"]


async def test_whoever_signs_in_through_the_provider_is_out_of_luck_once_it_is_switched_off(company: Company) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    await company.set(active=False)

    told = await browser.back(back)

    assert told.status_code == 401 and await browser.name() is None


async def test_the_page_saves_tries_and_removes(company: Company) -> None:
    await ready(company)
    console = await company.web.console(company.house, "admin")
    form = {"title": "Linli account", "issuer": company.forger.issuer, "client_id": CLIENT, "scopes": "openid  email"}
    form |= {"address_claim": "email", "factors": "mfa otp", "active": "true", "version": "2"}

    saved = await console.post("/admin/sign-in", data=form)
    page = (await console.get(saved.headers["location"])).text
    refused = await console.post("/admin/sign-in", data={**form, "version": "3", "only_way": "true"})
    removed = await console.post("/admin/sign-in/removal", data={"version": "3"})

    assert "Saved." in page and "mfa otp" in page and "Succeeded on" in page
    assert refused.status_code == 422 and "Name somebody who may still use a password" in refused.text
    assert removed.headers["location"] == "/admin/sign-in?done=removed"
    assert (await console.get("/admin/sign-in")).status_code == 200
    assert (await (await company.browser()).client.get(f"{company.path}/start")).headers["location"] == company.path
