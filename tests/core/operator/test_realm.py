"""Nothing of a company's people opens the realm, nothing of an operator's a company: every route, both ways."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import msgspec

from core.db.uow import UnitOfWork
from core.operator.realm import REALM
from tests.support.lodge import House, Lodge
from tests.support.operator import api, console, operator, realm_routes
from tests.support.routes import Caller, Route, ask, client_of, nonsense, routes_of, session_of
from tests.support.web import Web

REVIEWED: dict[str, str] = tomllib.loads((Path(__file__).parents[2] / "contract/access.toml").read_text())["operator"]
AT_ONCE = 16


def test_every_route_of_the_realm_is_reviewed(web: Web) -> None:
    assert {route.key: route.access for route in realm_routes(web.platform)} == REVIEWED


async def test_az_1_no_session_or_token_of_a_company_opens_a_route_of_the_realm(web: Web, house: House) -> None:
    client, admin = await client_of(web), await session_of(web, house, "admin")
    token = (await web.token(house, ["ticket.view"])).headers["authorization"].removeprefix("Bearer ")
    callers = [Caller("nobody"), admin, msgspec.structs.replace(admin, name="an API token", bearer=token)]
    # what the cookie of a company's session holds, in the place of an operator's
    forged = f"lodge_operator={admin.bearer}; __Host-lodge_operator={admin.bearer}"
    callers.append(msgspec.structs.replace(admin, name="a forged cookie", cookie=forged))

    async def attempt(route: Route, caller: Caller) -> str | None:
        answer = await ask(client, route, caller, nonsense(route, company_id=house.company_id))
        location = answer.headers.get("location", "")
        refused = answer.status_code == 401 if route.api else location.startswith("/operator/login?next=")
        return None if refused else f"{route.key} as {caller.name}: {answer.status_code}"

    routes = [route for route in realm_routes(web.platform) if route.access == "operator"]
    found = await _all(attempt, [(route, caller) for route in routes for caller in callers])
    assert found == []
    assert len(routes) > 10


async def test_az_1_no_session_of_an_operator_opens_a_route_of_a_company(web: Web, lodge: Lodge, house: House) -> None:
    client, signed = await client_of(web), await operator(lodge.platform, "outside")
    forged = f"lodge_access={signed.tokens.token}; lodge_refresh={signed.tokens.token}"
    callers = [signed.caller, msgspec.structs.replace(signed.caller, name="a forged cookie", cookie=forged)]

    async def attempt(route: Route, caller: Caller) -> str | None:
        answer = await ask(client, route, caller, nonsense(route, site_id=house.sites[0].slug))
        location = answer.headers.get("location", "")
        refused = answer.status_code == 401 if route.api else location.startswith("/login?next=")
        return None if refused else f"{route.key} as {caller.name}: {answer.status_code}"

    routes = [route for route in routes_of(web.platform) if route.access != "public"]
    assert await _all(attempt, [(route, caller) for route in routes for caller in callers]) == []


async def test_au_9_no_page_of_the_realm_takes_a_forged_request(web: Web, lodge: Lodge) -> None:
    client, mine = await client_of(web), (await operator(lodge.platform, "mine")).caller
    other = (await operator(lodge.platform, "other")).caller
    forged = [{"x-csrf-token": ""}, {"x-csrf-token": other.csrf}, {"sec-fetch-site": "cross-site"}]
    for route in realm_routes(web.platform):
        if not route.api and not route.safe and route.access == "operator":
            for headers in forged:
                answer = await ask(client, route, mine, nonsense(route), headers=headers)
                assert answer.status_code == 403, (route.key, headers)
        elif not route.safe and route.access == "public":
            answer = await ask(client, route, mine, nonsense(route), headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403, route.key


async def test_an_operator_sees_names_and_figures_of_every_company_and_no_word_of_anybody(
    web: Web, lodge: Lodge, house: House
) -> None:
    signed = await operator(lodge.platform, "looks")
    pages, client = await console(web, signed), await api(web, signed)

    listed = (await client.get("/api/v1/operator/companies", params={"q": house.slug})).json()["items"]
    one = (await client.get(f"/api/v1/operator/companies/{house.company_id}")).json()

    assert [company["slug"] for company in listed] == [house.slug]
    assert one["company"] == listed[0]
    assert one["company"]["staff"] == len(house.staff) + len(house.local)
    assert [site["name"] for site in one["sites"]] == [site.name for site in house.sites]
    for path in (f"/operator/companies?q={house.slug}", f"/operator/companies/{house.company_id}"):
        page = await pages.get(path)
        assert page.status_code == 200
        assert house.slug in page.text
        assert house.staff["admin"].name not in page.text
    assert (await pages.get(f"/operator/companies/{REALM}")).status_code == 404
    assert (await client.get(f"/api/v1/operator/companies/{REALM}")).status_code == 404


async def test_what_operators_do_is_on_record_in_a_chain_of_the_realm(web: Web, lodge: Lodge) -> None:
    signed = await operator(lodge.platform, "recorded")
    client = await api(web, signed)

    entries = (await client.get("/api/v1/operator/audit")).json()["entries"]

    mine = [(entry["action"], entry["actor_kind"]) for entry in entries if entry["actor_name"] == "Operator recorded"]
    assert ("session.opened", "operator") in mine
    assert (await (await console(web, signed)).get("/operator/audit")).status_code == 200
    async with lodge.platform.db.begin(REALM) as uow:
        assert await _waiting(uow) > 0  # linked by the same pass as every company's


async def _waiting(uow: UnitOfWork) -> int:
    found: int = await uow.value("SELECT count(*) FROM audit_unlinked WHERE company_id = $1", REALM)
    return found


async def test_signing_out_and_ending_other_sessions_close_them_at_once(web: Web, lodge: Lodge) -> None:
    signed, realm = await operator(lodge.platform, "leaves"), lodge.platform.operator
    client = await api(web, signed)

    assert (await client.post("/api/v1/operator/me/sessions/end-others")).json() == {"sessions": 0}
    assert len((await client.get("/api/v1/operator/me/sessions")).json()["sessions"]) == 1
    assert (await (await console(web, signed)).get("/operator/account")).status_code == 200
    assert (await client.delete("/api/v1/operator/session")).status_code == 204
    assert (await client.get("/api/v1/operator/me")).status_code == 401
    assert not await realm.sign_in.stands(signed.tokens.session_id)


async def _all(attempt: object, cases: list[tuple[Route, Caller]]) -> list[str]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(route: Route, caller: Caller) -> str | None:
        async with turns:
            return await attempt(route, caller)  # type: ignore[operator, no-any-return]

    return [line for line in await asyncio.gather(*(one(*case) for case in cases)) if line]
