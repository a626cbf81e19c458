"""An operator enters a company by a grant alone: why, what for, until when; the company sees all of it and ends it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from core.events.delivery import Delivery
from core.operator.inside import REVEAL
from core.operator.realm import REALM
from core.operator.upkeep import RealmUpkeep
from core.policies.operator_access import OPERATOR_ACCESS
from core.web import cookies
from tests.support.lodge import House, Lodge, SettableClock
from tests.support.operator import Signed, api, console, operator
from tests.support.routes import Caller, ask, client_of, nonsense, routes_of
from tests.support.web import Web

ASKED: dict[str, Any] = {"reason": "the queue shows no tickets, see the case", "case_ref": "case 4711", "hours": 2}


async def asked(web: Web, signed: Signed, house: House, **more: object) -> dict[str, Any]:
    """A new access of the house."""
    client = await api(web, signed)
    answer = await client.post(f"/api/v1/operator/companies/{house.company_id}/access", json={**ASKED, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entered(web: Web, signed: Signed, house: House, access: dict[str, Any]) -> str:
    """The token of an access."""
    path = f"/api/v1/operator/companies/{house.company_id}/access/{access['id']}/entry"
    answer = await (await api(web, signed)).post(path)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


async def inside(web: Web, token: str) -> httpx.AsyncClient:
    """The company's API by that token."""
    return await web.anonymous(accept="application/json", authorization=f"Bearer {token}")


async def ask_first(lodge: Lodge, house: House) -> None:
    """The house wants to be asked."""
    async with lodge.work(house, "admin") as work:
        await lodge.platform.policies.revise(
            work, OPERATOR_ACCESS, None, {"consent": "asked_first"}, reason="we decide", expected=0
        )


async def test_ti_3_without_an_access_there_is_nothing_of_a_company(web: Web, lodge: Lodge, house: House) -> None:
    """Whatever an operator names: a company, an access, of another operator or none, the answer is the same."""
    owner, other = await operator(lodge.platform, "owner"), await operator(lodge.platform, "other")
    theirs, client = await asked(web, owner, house), await api(web, other)
    nobody = UUID(int=0xDEAD)
    for company_id, access_id in ((house.company_id, theirs["id"]), (house.company_id, nobody), (nobody, nobody)):
        path = f"/api/v1/operator/companies/{company_id}/access/{access_id}"
        assert (await client.post(f"{path}/entry")).status_code == 404
        assert (await client.delete(path)).status_code == 404
    assert (await client.post(f"/api/v1/operator/companies/{nobody}/access", json=ASKED)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"reason": "too short"}, 400),
        ({"reason": " " * 20}, 422),
        ({"case_ref": ""}, 400),
        ({"hours": 0}, 400),
        ({"hours": 9}, 400),
        ({"hours": 5}, 422),
        ({"role": "emperor"}, 422),
    ],
)
async def test_an_access_needs_a_reason_a_case_and_an_end(
    web: Web, lodge: Lodge, house: House, changed: dict[str, object], status: int
) -> None:
    client = await api(web, await operator(lodge.platform, f"asks-{uuid4().hex[:8]}"))
    path = f"/api/v1/operator/companies/{house.company_id}/access"
    assert (await client.post(path, json={**ASKED, **changed})).status_code == status


async def test_nobody_makes_an_access_longer(web: Web, lodge: Lodge, house: House, clock: SettableClock) -> None:
    """A second one is refused while one stands, and it ends to the second, before anybody has recorded that."""
    signed = await operator(lodge.platform, "stays")
    access = await asked(web, signed, house)
    client = await inside(web, await entered(web, signed, house, access))
    again = await (await api(web, signed)).post(f"/api/v1/operator/companies/{house.company_id}/access", json=ASKED)

    assert again.status_code == 409
    assert (await client.get("/api/v1/me")).status_code == 200
    for _ in range(5):
        clock.advance(minutes=20)  # the operator's own session is kept awake
        await lodge.platform.operator.sign_in.signed_in(signed.tokens.token)
    assert (await client.get("/api/v1/me")).status_code == 200
    clock.advance(minutes=20)
    assert (await client.get("/api/v1/me")).status_code == 401
    await RealmUpkeep(lodge.platform, lodge.platform._audit_upkeep).run_once()
    admin = await web.api(house, "admin")
    [shown] = (await admin.get("/api/v1/operator-access")).json()["items"]
    assert (shown["state"], shown["ended_by"]) == ("ended", "time")


async def test_the_company_that_wants_to_be_asked_decides(web: Web, lodge: Lodge, house: House) -> None:
    await ask_first(lodge, house)
    signed, admin = await operator(lodge.platform, "waits"), await web.api(house, "admin")
    first = await asked(web, signed, house)

    assert first["state"] == "asked"
    path = f"/api/v1/operator/companies/{house.company_id}/access/{first['id']}/entry"
    assert (await (await api(web, signed)).post(path)).status_code == 404
    assert (await admin.post(f"/api/v1/operator-access/{first['id']}/refusal")).status_code == 204
    assert (await admin.post(f"/api/v1/operator-access/{first['id']}/consent")).status_code == 409
    second = await asked(web, signed, house)
    assert (await admin.post(f"/api/v1/operator-access/{second['id']}/consent")).status_code == 204
    client = await inside(web, await entered(web, signed, house, second))
    assert (await client.get("/api/v1/me")).status_code == 200


@pytest.mark.parametrize("how", ["company", "operator", "signed out", "token renewed"])
async def test_an_access_ends_at_once(web: Web, lodge: Lodge, house: House, how: str) -> None:
    signed, admin = await operator(lodge.platform, f"ends-{how.replace(' ', '-')}"), await web.api(house, "admin")
    access = await asked(web, signed, house)
    client, own = await inside(web, await entered(web, signed, house, access)), await api(web, signed)
    assert (await client.get("/api/v1/me")).status_code == 200
    match how:
        case "company":
            assert (await admin.post(f"/api/v1/operator-access/{access['id']}/end")).status_code == 204
        case "operator":
            path = f"/api/v1/operator/companies/{house.company_id}/access/{access['id']}"
            assert (await own.delete(path)).status_code == 204
        case "signed out":
            assert (await own.delete("/api/v1/operator/session")).status_code == 204
            lodge.platform.operator.inside.forget(None)  # as after KEEP, in whatever process
        case _:
            await entered(web, signed, house, access)

    assert (await client.get("/api/v1/me")).status_code == 401


async def test_what_an_access_is_for_decides_what_it_opens(web: Web, lodge: Lodge, open_house: House) -> None:
    """Reading changes nothing; a role's permissions are a role's; neither ever grants, decides or opens other doors."""
    house, platform, client = open_house, web.platform, await client_of(web)
    reads = await operator(platform, "reads")
    acts, reveals = await operator(platform, "acts"), await operator(platform, "reveals")
    callers = {
        "reads": await entered(web, reads, house, await asked(web, reads, house)),
        "acts": await entered(web, acts, house, await asked(web, acts, house, role="admin")),
        "reveals": await entered(web, reveals, house, await asked(web, reveals, house, reveal=True)),
    }
    wrong = []
    for route in routes_of(platform):
        if not route.api or route.access == "public":
            continue
        for name, token in callers.items():
            answer = await ask(client, route, Caller(name, token), nonsense(route, site_id=house.sites[0].slug))
            revealed = name == "reveals" and route.access.endswith(REVEAL)
            refused = (
                route.access in platform.permissions.own
                or (route.access == "signed_in" and not route.safe)
                or (route.access.endswith(REVEAL) and not revealed)
                or (name != "acts" and not route.safe and not revealed)
            )
            if (answer.status_code == 403) is not refused or answer.status_code in (401, 500):
                wrong.append(f"{route.key} as {name}: {answer.status_code}")
    assert wrong == []


async def test_everything_looked_at_is_on_record_with_the_company_and_entering_with_the_realm_too(
    web: Web, lodge: Lodge, house: House
) -> None:
    signed, admin = await operator(lodge.platform, "watched"), await web.api(house, "admin")
    access = await asked(web, signed, house)
    token, site = await entered(web, signed, house, access), house.sites[0].slug
    browser = await web.anonymous()
    browser.cookies.update({cookies.inside_name(web.platform.settings): token, "locale": "en"})
    part = {"hx-request": "true"}

    page = await browser.get(f"/s/{site}/tickets")
    assert page.status_code == 200
    assert "You have entered" in page.text
    assert ASKED["reason"] in page.text
    await browser.get(f"/s/{site}/tickets", headers=part)  # a part of that page
    await browser.get(f"/s/{site}/teams", headers=part)  # which only says that it is one
    await browser.get(f"/s/{site}/tickets/{UUID(int=7)}", headers=part)
    await (await inside(web, token)).get("/api/v1/me")

    found = (await admin.get("/api/v1/audit", params={"actor_id": access["id"]})).json()["entries"]
    assert {entry["actor_kind"] for entry in found} == {"operator"}
    assert [entry["subject_id"] for entry in reversed(found) if entry["action"] == "operator_access.looked"] == [
        f"/s/{site}/tickets",
        f"/s/{site}/teams",
        f"/s/{site}/tickets/{UUID(int=7)}",
        "/api/v1/me",
    ]
    realm = (await (await api(web, signed)).get("/api/v1/operator/audit")).json()["entries"]
    mine = [e["action"] for e in realm if e["subject_id"] == access["id"]]
    assert mine == ["operator_access.entered", "operator_access.opened"]
    left = await browser.post("/operator-access/leave", headers={"x-csrf-token": _csrf(lodge, access)})
    assert left.headers["location"] == f"/operator/companies/{house.company_id}"
    [shown] = (await admin.get("/api/v1/operator-access")).json()["items"]
    assert shown["ended_by"] == "operator"


async def test_administrators_see_on_every_page_that_somebody_is_inside_and_are_told(
    web: Web, lodge: Lodge, house: House
) -> None:
    signed = await operator(lodge.platform, "announced")
    admin, clerk = await web.console(house, "admin"), await web.console(house, "clerk")
    access = await asked(web, signed, house)
    page = f"/s/{house.sites[0].slug}/tickets"

    assert "The platform&#39;s operator is inside" in (await admin.get(page)).text
    assert "operator is inside" not in (await clerk.get(page)).text
    assert ASKED["case_ref"] in (await admin.get("/admin/operator-access")).text
    assert (await admin.get(f"/admin/operator-access/{access['id']}")).status_code == 200
    assert (await admin.post(f"/admin/operator-access/{access['id']}/end")).status_code == 303
    assert "operator is inside" not in (await admin.get(page)).text
    while await Delivery(lodge.platform).run_once():
        pass
    told = (await (await web.api(house, "admin")).get("/api/v1/notifications")).json()["items"]
    assert len(told) == 2  # that it began, and that it ended


async def test_the_console_of_the_operator_asks_enters_and_gives_back(web: Web, lodge: Lodge, house: House) -> None:
    client = await console(web, await operator(lodge.platform, "clicks"))
    path = f"/operator/companies/{house.company_id}"

    assert (await client.post(f"{path}/access", data={"why": "short", "hours": "1"})).status_code == 422
    form = {"why": ASKED["reason"], "case_ref": "case 1", "hours": "1", "role": ""}
    assert (await client.post(f"{path}/access", data=form)).status_code == 303
    listed = (await (await api(web, await operator(lodge.platform, "reader"))).get("/api/v1/operator/access")).json()
    [access] = [line["access"] for line in listed["items"] if line["access"]["company_id"] == str(house.company_id)]
    assert ASKED["reason"] in (await client.get("/operator/access")).text
    entry = await client.post(f"{path}/access/{access['id']}/entry")
    assert entry.headers["location"] == "/"
    assert "lodge_inside=" in entry.headers["set-cookie"]
    assert (await client.post(f"{path}/access/{access['id']}/end")).status_code == 303
    assert (await client.post(f"{path}/access/{access['id']}/end")).status_code == 409


async def test_the_realms_own_chain_is_proven_once_a_day(lodge: Lodge) -> None:
    await operator(lodge.platform, "proven")
    await RealmUpkeep(lodge.platform, lodge.platform._audit_upkeep).run_once()
    async with lodge.platform.db.begin(REALM) as uow:
        assert await uow.value("SELECT fault IS NULL FROM audit_check WHERE company_id = $1", REALM)


def _csrf(lodge: Lodge, access: dict[str, Any]) -> str:
    return lodge.platform.signer.csrf(UUID(access["id"]))


@pytest.fixture
async def open_house(lodge: Lodge) -> House:
    return await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])
