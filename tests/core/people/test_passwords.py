"""Passwords set anew over HTTP: links good once, one answer for every login, sessions ended everywhere (AU-7)."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

import httpx
import pytest

from core.errors import Unauthenticated
from core.people.letters import RESET
from core.people.passwords import ASKED, GOOD_FOR
from tests.core.people.test_invitations import accept, invited
from tests.core.people.test_people import fields, place, put
from tests.support.lodge import PASSWORD, House, Lodge, SettableClock, Staff
from tests.support.web import Web, problem

NEW = "三只猫走过了一座桥头"


async def issue(api: httpx.AsyncClient, staff: Staff) -> httpx.Response:
    return await api.post(f"/api/v1/people/{staff.membership_id}/password-reset")


async def link_for(web: Web, house: House, staff: Staff) -> str:
    issued = await issue(await web.api(house, "admin"), staff)
    assert issued.status_code == 200, issued.text
    return str(issued.json()["link"]).rpartition("/")[2]


async def reset(client: httpx.AsyncClient, link: str, password: str = NEW) -> httpx.Response:
    return await client.post("/api/v1/auth/password/reset", json={"link": link, "password": password})


async def opens(lodge: Lodge, staff: Staff, password: str, address: str = "192.0.2.61") -> bool:
    try:
        await lodge.platform.sign_in.memberships(staff.login, password, address)
    except Unauthenticated:
        return False
    return True


async def test_au_7_a_link_sets_the_password_once_and_ends_every_session(web: Web, house: House, lodge: Lodge) -> None:
    clerk = house.staff["clerk"]
    session, nobody = await web.api(house, clerk), await web.anonymous()
    first, second = await link_for(web, house, clerk), await link_for(web, house, clerk)
    seen = await nobody.post("/api/v1/auth/password/link", json={"link": second})
    assert seen.json() == {"login": clerk.login, "password_length": 10}
    assert fields(await reset(nobody, second, "short")) == ["password"]
    assert (await reset(nobody, second)).status_code == 204
    assert (await session.get("/api/v1/me")).status_code == 401
    assert (await opens(lodge, clerk, NEW), await opens(lodge, clerk, PASSWORD)) == (True, False)
    assert {(await reset(nobody, link)).status_code for link in (first, second)} == {404}


async def test_sessions_in_other_companies_end_too(web: Web, house: House, lodge: Lodge) -> None:
    other = await lodge.house()
    staff = other.staff["clerk"]
    link = await invited(web, house)
    joined = await accept(await web.anonymous(), link, account="own", login=staff.login, password=PASSWORD)
    assert joined.status_code == 200
    there, admin = await web.api(other, staff), await web.api(house, "admin")
    [item] = (await admin.get("/api/v1/people?q=N-1")).json()["items"]
    # one company's administrators open no account of another's
    refused = await admin.post(f"/api/v1/people/{item['id']}/password-reset")
    assert refused.status_code == 409
    both = await lodge.platform.sign_in.memberships(staff.login, PASSWORD, "192.0.2.62")
    [mine] = [membership for membership in both if membership.company_id == house.company_id]
    tokens = await lodge.platform.sign_in.open(mine, "tests")
    here = await web.anonymous(authorization=f"Bearer {tokens.access}")
    changed = await here.post("/api/v1/me/password", json={"old_password": PASSWORD, "new_password": NEW})
    assert changed.json() == {"changed": True}
    assert (await here.get("/api/v1/me")).status_code == 200
    assert (await there.get("/api/v1/me")).status_code == 401
    ended = (await (await web.api(other, "admin")).get("/api/v1/audit?action=session")).json()["entries"]
    assert "session.revoked" in [entry["action"] for entry in ended]


async def test_a_link_that_was_issued_ends_where_another_company_takes_them_on(
    web: Web, house: House, lodge: Lodge
) -> None:
    other = await lodge.house()
    staff = other.staff["clerk"]
    link = await link_for(web, other, staff)
    own = {"account": "own", "login": staff.login, "password": PASSWORD}
    assert (await accept(await web.anonymous(), await invited(web, house), **own)).status_code == 200
    assert (await reset(await web.anonymous(), link)).status_code == 404
    assert await opens(lodge, staff, PASSWORD, "192.0.2.65")


async def test_au_7_links_that_are_no_good_answer_alike(web: Web, house: House, clock: SettableClock) -> None:
    """AU-7: unknown, forged, of another kind, used and run out, looked at or used: one status, one text."""
    clerk, nobody = house.staff["clerk"], await web.anonymous()
    links = [await link_for(web, house, clerk) for _ in range(2)]
    assert (await reset(nobody, links[0])).status_code == 204
    links += ["nonsense", links[0][:-4] + "AAA=", await invited(web, house)]
    links.append(await link_for(web, house, house.staff["guard"]))
    clock.advance(seconds=GOOD_FOR.total_seconds())
    looks = [await nobody.post("/api/v1/auth/password/link", json={"link": link}) for link in links]
    answers = {(a.status_code, str(problem(a)["detail"])) for a in [*looks, *[await reset(nobody, x) for x in links]]}
    assert len(answers) == 1 and answers.pop()[0] == 404


async def test_au_7_unknown_logins_get_the_same_answer_in_the_same_time(web: Web, house: House) -> None:
    """AU-7: nothing is looked up before the answer. Δ ≤ 10 ms, as medians."""
    nobody = await web.anonymous()
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    for n, staff in enumerate(list(house.staff.values())[:9]):
        for kind, login in (("known", staff.login), ("unknown", f"nobody-{n}.{house.slug}")):
            began = time.perf_counter()
            answer = await nobody.post("/api/v1/auth/password/forgotten", json={"login": login})
            took[kind].append(time.perf_counter() - began)
            answers.add((answer.status_code, answer.text))
    assert answers == {(202, '{"good_for":1800}')}
    known, unknown = (statistics.median(took[kind]) for kind in ("known", "unknown"))
    assert abs(known - unknown) <= 0.010


async def test_asking_often_sends_no_more(lodge: Lodge, house: House) -> None:
    login, ask = house.staff["clerk"].login, lodge.platform.passwords.ask
    assert [await ask(login, f"192.0.2.{70 + n}") for n in range(ASKED + 1)] == [True] * ASKED + [False]


async def test_changing_ones_own_asks_for_the_present_one_and_ends_the_others(
    web: Web, house: House, lodge: Lodge
) -> None:
    clerk = house.staff["clerk"]
    mine, other = await web.api(house, clerk), await web.api(house, clerk)

    async def change(present: str, password: str) -> httpx.Response:
        return await mine.post("/api/v1/me/password", json={"old_password": present, "new_password": password})

    assert (await change("wrong", NEW)).json() == {"changed": False}
    assert fields(await change(PASSWORD, "short")) == ["password"]
    assert (await other.get("/api/v1/me")).status_code == 200
    assert (await change(PASSWORD, NEW)).json() == {"changed": True}
    assert (await mine.get("/api/v1/me")).status_code == 200
    assert (await other.get("/api/v1/me")).status_code == 401
    assert await opens(lodge, clerk, NEW, "192.0.2.63")


async def test_au_5_guessing_at_the_present_password_is_counted(web: Web, house: House) -> None:
    """AU-5: by whoever found a session that was left open."""
    mine = await web.api(house, "guard")
    body = {"old_password": "guess", "new_password": NEW}
    tried = [await mine.post("/api/v1/me/password", json=body) for _ in range(11)]
    assert [answer.status_code for answer in tried] == [200] * 10 + [429]


async def test_a_token_has_no_password(web: Web, house: House) -> None:
    token = await web.token(house, ["ticket.view"])
    refused = await token.post("/api/v1/me/password", json={"old_password": PASSWORD, "new_password": NEW})
    assert refused.status_code == 403


async def test_whoever_may_do_less_issues_no_link_to_more(web: Web, house: House, lodge: Lodge) -> None:
    """AZ-4, TI-10, TI-3."""
    admin, clerk = house.staff["admin"], house.staff["clerk"]
    token = await web.token(house, ["people.manage"])
    assert {(await issue(token, staff)).status_code for staff in (admin, clerk)} == {403}
    local = await web.api(house, house.local[0])
    assert {(await issue(local, staff)).status_code for staff in (admin, house.local[1])} == {404}
    stranger = (await lodge.house()).staff["clerk"]
    assert (await issue(await web.api(house, "admin"), stranger)).status_code == 404
    theirs = lodge.platform.links.make(RESET, house.company_id, stranger.membership_id)
    assert (await reset(await web.anonymous(), theirs)).status_code == 404


async def test_an_account_that_is_off_gets_no_link(web: Web, house: House) -> None:
    api, clerk = await web.api(house, "admin"), house.staff["clerk"]
    link = await link_for(web, house, clerk)
    off = await api.post(f"/api/v1/people/{clerk.membership_id}/disable", headers={"if-match": '"1"'})
    assert off.status_code == 200
    assert (await issue(api, clerk)).status_code == 409
    assert (await reset(await web.anonymous(), link)).status_code == 404


async def test_the_pages_set_and_change_passwords(web: Web, house: House, lodge: Lodge) -> None:
    clerk, nobody = house.staff["clerk"], await web.anonymous(**{"accept-language": "en"})
    asked = await nobody.post("/password/forgotten", data={"login": "whoever"})
    assert asked.status_code == 200 and "If there is such an account" in asked.text
    admin = await web.console(house, "admin")
    page = await admin.post(f"/admin/people/{clerk.membership_id}/password-reset")
    found = re.search(r"/password/reset/[\w=-]+", page.text)
    assert found is not None
    assert clerk.login in (await nobody.get(found[0])).text
    differ = await nobody.post(found[0], data={"password": NEW, "again": "other"})
    assert differ.status_code == 422 and 'id="error-again"' in differ.text
    done = await nobody.post(found[0], data={"password": NEW, "again": NEW})
    assert done.status_code == 200 and "Your password is set" in done.text
    assert (await nobody.get(found[0])).status_code == 404
    mine = await web.console(house, clerk)
    changed: dict[str, Any] = {"present": "wrong", "password": PASSWORD, "again": PASSWORD}
    wrong = await mine.post("/account/password", data=changed)
    assert 'id="error-present"' in wrong.text
    right = await mine.post("/account/password", data={**changed, "present": NEW})
    assert "Your password is changed" in right.text
    assert await opens(lodge, clerk, PASSWORD, "192.0.2.64")


@pytest.mark.parametrize("role", ["clerk", "manager"])
async def test_only_who_keeps_accounts_issues_links(web: Web, house: House, role: str) -> None:
    assert (await issue(await web.api(house, role), house.staff["guard"])).status_code == 403
    assert (await put(await web.api(house, role), house.staff["guard"], place(house.staff["guard"]))).status_code == 403
