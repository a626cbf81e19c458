"""Invitations over HTTP: a link is good once, and gives nothing beyond what its maker may give (AU-7, AZ-4)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from core.errors import Invalid
from core.people.joining import Acceptance
from core.people.letters import INVITATION
from core.policies.accounts import ACCOUNTS
from tests.core.people.test_people import fields, place, put, switch
from tests.support.lodge import PASSWORD, House, Lodge, SettableClock
from tests.support.web import Web, problem

NEW = {"account": "new", "login": "周小燕", "password": "一只猫走过了三座桥头", "name": "周小燕"}


async def invite(api: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    body = {"name": "周燕", "staff_no": "N-1", "roles": ["clerk"], "all_sites": True, **changes}
    return await api.post("/api/v1/invitations", json=body)


async def link_of(api: httpx.AsyncClient, invitation_id: str) -> str:
    """The last part of the link to hand over."""
    link = (await api.get(f"/api/v1/invitations/{invitation_id}")).json()["link"]
    return str(link).rpartition("/")[2]


async def accept(client: httpx.AsyncClient, link: str, **changes: Any) -> httpx.Response:
    return await client.post("/api/v1/auth/invitation/acceptance", json={"link": link, **NEW, **changes})


async def invited(web: Web, house: House, **changes: Any) -> str:
    api = await web.api(house, "admin")
    made = await invite(api, **changes)
    assert made.status_code == 201, made.text
    return await link_of(api, made.json()["id"])


async def test_au_7_whoever_follows_the_link_becomes_what_it_says_once(web: Web, house: House) -> None:
    here = house.sites[0]
    link = await invited(web, house, all_sites=False, site_ids=[str(here.id)], department="客服部")
    nobody = await web.anonymous()
    offer = (await nobody.post("/api/v1/auth/invitation", json={"link": link})).json()
    assert (offer["company"], offer["name"], offer["roles"]) == (house.slug, "周燕", ["Front-desk clerk"])
    assert (offer["sites"], offer["password_length"]) == ([here.name], 10)
    login = f"燕.{house.slug}"
    joined = await accept(nobody, link, login=f" {login.upper()} ")
    assert joined.status_code == 200 and joined.json() == {"company": house.slug, "login": login}
    tokens = await nobody.post("/api/v1/auth/tokens", json={"login": login, "password": NEW["password"]})
    assert tokens.status_code == 201, tokens.text
    me = (await nobody.get("/api/v1/me", headers={"authorization": f"Bearer {tokens.json()['access_token']}"})).json()
    assert (me["name"], me["roles"], [site["slug"] for site in me["sites"]]) == ("周小燕", ["clerk"], [here.slug])
    assert (await accept(nobody, link, login="another")).status_code == 404
    api = await web.api(house, "admin")
    assert (await api.get("/api/v1/invitations")).json()["invitations"] == []
    actions = [entry["action"] for entry in (await api.get("/api/v1/audit")).json()["entries"]]
    assert "person.joined" in actions and "invitation.made" in actions


async def test_au_7_links_that_are_no_good_answer_alike(web: Web, house: House, clock: SettableClock) -> None:
    """AU-7: unknown, forged, used, taken back, made anew and run out: one status, one text."""
    api, nobody = await web.api(house, "admin"), await web.anonymous()
    links = {"unknown": "nonsense", "forged": await invited(web, house, staff_no="N-0")}
    links["forged"] = links["forged"][:-4] + "AAA="
    for n, name in enumerate(("used", "revoked", "renewed", "expired")):
        made = (await invite(api, staff_no=f"N-9{n}")).json()
        links[name] = await link_of(api, made["id"])
        if name == "used":
            assert (await accept(nobody, links[name], login=f"used.{house.slug}")).status_code == 200
        elif name == "revoked":
            assert (await api.delete(f"/api/v1/invitations/{made['id']}")).status_code == 204
        elif name == "renewed":
            assert (await api.post(f"/api/v1/invitations/{made['id']}/renewal")).status_code == 200
            assert await link_of(api, made["id"]) not in ("", links[name])
    clock.advance(days=ACCOUNTS.default.invitation_days)
    answers = set()
    for link in links.values():
        seen, tried = await nobody.post("/api/v1/auth/invitation", json={"link": link}), await accept(nobody, link)
        page = await nobody.get(f"/join/{link}", headers={"accept-language": "en"})
        assert (seen.status_code, tried.status_code, page.status_code) == (404, 404, 404)
        text = re.sub(r'nonce="\w+"|value="[^"]*"|data-server-ms="\d+"|nonce-\w+', "", page.text)
        answers.add((str(problem(seen)["detail"]), str(problem(tried)["detail"]), text))
    assert len(answers) == 1


async def test_a_forged_host_is_in_no_link(web: Web, house: House, lodge: Lodge) -> None:
    api = await web.api(house, "admin")
    api.headers["host"] = "evil.example.com"
    made = (await invite(api)).json()
    link = (await api.get(f"/api/v1/invitations/{made['id']}")).json()["link"]
    assert link.startswith(f"{lodge.platform.settings.public_url}/join/")


async def test_somebody_with_an_account_joins_with_their_own_password(web: Web, house: House, lodge: Lodge) -> None:
    other = await lodge.house()
    staff = other.staff["clerk"]
    link, nobody = await invited(web, house), await web.anonymous()
    own = {"account": "own", "login": staff.login}
    with pytest.raises(Invalid):
        await lodge.platform.joining.join(link, Acceptance("own", staff.login, "wrong horse"), "192.0.2.42")
    assert fields(await accept(nobody, link, login=staff.login)) == ["login"]  # taken
    assert (await accept(nobody, link, **own, password=PASSWORD)).status_code == 200
    both = await lodge.platform.sign_in.memberships(staff.login, PASSWORD, "192.0.2.7")
    assert {m.company_id for m in both} == {house.company_id, other.company_id}
    again = await invited(web, house, staff_no="N-2")
    assert (await accept(nobody, again, **own, password=PASSWORD)).status_code == 409
    page = (await (await web.api(house, "admin")).get("/api/v1/people?q=N-1")).json()["items"][0]
    account = (await (await web.api(house, "admin")).get(f"/api/v1/people/{page['id']}")).json()
    assert (page["name"], account["login"], account["elsewhere"]) == ("周燕", staff.login, True)


async def test_au_5_guessing_at_an_account_through_a_link_is_counted(web: Web, house: House, lodge: Lodge) -> None:
    """AU-5: as at the door, where a locked account answers as a wrong password does."""
    link, staff = await invited(web, house), (await lodge.house()).staff["clerk"]
    for n in range(11):
        guess = Acceptance("own", staff.login, f"guess {n}" if n < 10 else PASSWORD)
        with pytest.raises(Invalid):
            await lodge.platform.joining.join(link, guess, f"192.0.2.{50 + n}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "a"}, "login"),
        ({"login": "two words"}, "login"),
        ({"login": "ｆｕｌｌ"}, "login"),
        ({"login": "x\u0000y"}, "login"),
        ({"password": "short"}, "password"),
        ({"password": "a" * 201}, "password"),
        ({"password": "aaaaaaaaaaaa"}, "password"),
        ({"password": "周小燕周小燕周小燕12"}, "password"),
        ({"name": "长" * 41}, "name"),
    ],
)
async def test_what_does_not_do_as_an_account_is_named(
    web: Web, house: House, changes: dict[str, str], field: str
) -> None:
    refused = await accept(await web.anonymous(), await invited(web, house), **changes)
    assert refused.status_code == 422 and fields(refused) == [field]


async def test_az_4_nobody_invites_to_more_than_they_have(web: Web, house: House, lodge: Lodge) -> None:
    """AZ-4, TI-10: an administrator of one site, a token for accounts alone."""
    here, there = house.sites
    api = await web.api(house, house.local[0])
    for changes in ({}, {"all_sites": False}, {"all_sites": False, "site_ids": [str(there.id)]}):
        assert (await invite(api, **changes)).status_code == 422
    token = await web.token(house, ["people.manage"])
    assert fields(await invite(token)) == ["roles"]
    everywhere = await web.api(house, "admin")
    wide = (await invite(everywhere, staff_no="N-8", roles=["admin"])).json()
    assert (await api.get(f"/api/v1/invitations/{wide['id']}")).status_code == 404
    assert (await api.delete(f"/api/v1/invitations/{wide['id']}")).status_code == 404
    seen = (await token.get(f"/api/v1/invitations/{wide['id']}")).json()
    assert seen["link"] == ""  # whoever has it becomes an administrator
    assert (await token.post(f"/api/v1/invitations/{wide['id']}/renewal")).status_code == 403
    narrow = await invite(api, all_sites=False, site_ids=[str(here.id)])
    assert narrow.status_code == 201


async def test_invitations_of_another_company_are_nothing(web: Web, house: House, lodge: Lodge) -> None:
    other = await lodge.house()
    theirs = (await invite(await web.api(other, "admin"))).json()["id"]
    api = await web.api(house, "admin")
    assert (await api.get("/api/v1/invitations")).json()["invitations"] == []
    for answer in (
        await api.get(f"/api/v1/invitations/{theirs}"),
        await api.delete(f"/api/v1/invitations/{theirs}"),
        await api.post(f"/api/v1/invitations/{theirs}/renewal"),
    ):
        assert answer.status_code == 404
    # a link says whose it is under the signature: moved to this company it names nothing
    moved = lodge.platform.links.make(INVITATION, house.company_id, other.company_id)
    assert (await accept(await web.anonymous(), moved)).status_code == 404


async def test_who_goes_leaves_no_invitation_behind(web: Web, house: House) -> None:
    local = house.local[0]
    made = (await invite(await web.api(house, local), all_sites=False, site_ids=[str(house.sites[0].id)])).json()
    api = await web.api(house, "admin")
    link = await link_of(api, made["id"])
    assert (await switch(api, local, "disable")).status_code == 200
    assert (await accept(await web.anonymous(), link)).status_code == 404


async def test_a_staff_number_that_went_to_somebody_else_is_not_given_twice(web: Web, house: House) -> None:
    link, api = await invited(web, house), await web.api(house, "admin")
    assert fields(await invite(api)) == ["staff_no"]
    assert (await put(api, house.staff["clerk"], place(house.staff["clerk"], staff_no="N-1"))).status_code == 200
    assert (await accept(await web.anonymous(), link)).status_code == 409


async def test_the_pages_invite_hand_over_and_join(web: Web, house: House) -> None:
    console = await web.console(house, "admin")
    refused = await console.post("/admin/invitations", data={"name": "Yan", "staff_no": "N-1"})
    assert refused.status_code == 422 and 'value="Yan"' in refused.text
    form = {"name": "Yan", "staff_no": "N-1", "roles": ["clerk"], "all_sites": "true", "email": "yan@example.com"}
    made = await console.post("/admin/invitations", data=form)
    assert made.status_code == 303
    page = await console.get(made.headers["location"])
    found = re.search(r"/join/[\w=-]+", page.text)
    assert found is not None and "yan@example.com" in page.text
    sheet = await console.get(f"{made.headers['location'].partition('?')[0]}/sheet")
    assert sheet.content.startswith(b"%PDF")
    assert "N-1" in (await console.get("/admin/people")).text
    nobody = await web.anonymous(**{"accept-language": "en"})
    assert "Front-desk clerk" in (await nobody.get(found[0])).text
    given = {"account": "new", "name": "Yan", "login": f"yan.{house.slug}", "password": NEW["password"]}
    differ = await nobody.post(found[0], data={**given, "again": "x"})
    assert differ.status_code == 422 and 'id="new-error-again"' in differ.text
    assert NEW["password"] not in differ.text
    joined = await nobody.post(found[0], data={**given, "again": NEW["password"]})
    assert joined.status_code == 200 and "You have joined" in joined.text
    assert (await nobody.get(found[0])).status_code == 404
