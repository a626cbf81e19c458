"""Looking after how one signs in, and how others do: second factor, sessions, history, locks."""

from __future__ import annotations

import base64
import re
from html import unescape

import httpx
import pytest

from core.auth import totp
from core.errors import Unauthenticated
from core.policies.sign_in import SIGN_IN
from core.web import cookies
from tests.support.lodge import PASSWORD, House, Lodge, SettableClock
from tests.support.statements import recording
from tests.support.web import Web, problem


def code_for(secret: str, clock: SettableClock) -> str:
    return totp.code_of(base64.b32decode(secret.replace(" ", "")), int(clock.now.timestamp()) // totp.STEP)


async def switched_on(api: httpx.AsyncClient, clock: SettableClock) -> tuple[str, list[str]]:
    """Secret and recovery codes, a step after."""
    secret = (await api.post("/api/v1/me/second-factor")).json()["secret"]
    done = await api.post("/api/v1/me/second-factor/confirmation", json={"code": code_for(secret, clock)})
    clock.advance(seconds=totp.STEP)
    return secret, done.json()["recovery_codes"]


async def alive(client: httpx.AsyncClient) -> bool:
    return (await client.get("/api/v1/me")).status_code == 200


async def test_the_second_factor_is_switched_on_by_a_code_and_off_by_password_and_code(
    web: Web, house: House, clock: SettableClock
) -> None:
    api = await web.api(house, "clerk")
    path = "/api/v1/me/second-factor"
    secret = (await api.post(path)).json()["secret"]
    refused = await api.post(f"{path}/confirmation", json={"code": "000000"})
    assert problem(refused)["status"] == 422
    assert (await api.get("/api/v1/me/security")).json()["second_factor_since"] is None
    confirmed = await api.post(f"{path}/confirmation", json={"code": code_for(secret, clock)})
    assert len(confirmed.json()["recovery_codes"]) == totp.RECOVERY_CODES
    assert (await api.post(path)).status_code == 409, "it is on"

    async def remove(password: str, code: str) -> bool:
        removed: bool = (await api.post(f"{path}/removal", json={"password": password, "code": code})).json()["removed"]
        return removed

    assert not await remove(PASSWORD, code_for(secret, clock)), "that code has switched it on"
    clock.advance(seconds=totp.STEP)
    assert not await remove("wrong", code_for(secret, clock))
    assert not await remove(PASSWORD, "000000")
    assert await remove(PASSWORD, code_for(secret, clock))
    assert (await api.get("/api/v1/me/security")).json()["second_factor_since"] is None
    assert (await api.post(f"{path}/removal", json={"password": PASSWORD, "code": "1"})).status_code == 404


async def test_new_recovery_codes_take_a_code_and_the_place_of_the_old(
    web: Web, house: House, clock: SettableClock
) -> None:
    api = await web.api(house, "clerk")
    _, old = await switched_on(api, clock)
    path = "/api/v1/me/second-factor/recovery-codes"

    assert (await api.post(path, json={"code": "000000"})).json()["recovery_codes"] is None
    new = (await api.post(path, json={"code": old[0]})).json()["recovery_codes"]

    assert len(set(new) - set(old)) == totp.RECOVERY_CODES
    assert (await api.post(path, json={"code": old[1]})).json()["recovery_codes"] is None


async def test_au_5_a_stolen_session_guesses_no_more_often_than_the_door_does(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    api = await web.api(house, "clerk")
    secret, _ = await switched_on(api, clock)
    path = "/api/v1/me/second-factor/removal"
    for n in range(SIGN_IN.default.attempts):
        guess = {"password": f"guess {n}", "code": code_for(secret, clock)}
        assert (await api.post(path, json=guess)).json() == {"removed": False}

    locked = await api.post(path, json={"password": PASSWORD, "code": code_for(secret, clock)})
    assert locked.status_code == 429 and int(locked.headers["retry-after"]) > 0
    assert (await api.get("/api/v1/me/security")).json()["locked"]
    with pytest.raises(Unauthenticated):
        await lodge.platform.sign_in.memberships(house.staff["clerk"].login, PASSWORD, "2001:db8:5ed::1")

    admin = await web.api(house, "admin")
    member = f"/api/v1/people/{house.staff['clerk'].membership_id}"
    assert (await admin.get(f"{member}/security")).json()["locked"]
    assert (await admin.post(f"{member}/unlock")).status_code == 204
    assert not (await admin.get(f"{member}/security")).json()["locked"]
    assert (await api.post(path, json={"password": PASSWORD, "code": code_for(secret, clock)})).json() == {
        "removed": True
    }


async def test_au_4_sessions_are_ended_one_by_one_or_all_the_others_at_once(web: Web, house: House) -> None:
    mine, second, third = [await web.api(house, "clerk") for _ in range(3)]
    listed = (await mine.get("/api/v1/me/sessions")).json()["sessions"]
    assert [session["own"] for session in listed].count(True) == 1 and len(listed) == 3
    seen = (await second.get("/api/v1/me/sessions")).json()["sessions"]
    [seconds_own] = [session["id"] for session in seen if session["own"]]

    assert (await mine.delete(f"/api/v1/me/sessions/{seconds_own}")).status_code == 204
    assert [await alive(client) for client in (mine, second, third)] == [True, False, True]
    assert (await mine.delete(f"/api/v1/me/sessions/{seconds_own}")).status_code == 404
    assert (await mine.post("/api/v1/me/sessions/end-others")).json() == {"sessions": 1}
    assert [await alive(client) for client in (mine, third)] == [True, False]


async def test_a_session_of_somebody_else_is_none_of_mine(web: Web, house: House) -> None:
    mine, other = await web.api(house, "clerk"), await web.api(house, "guard")
    [session] = (await other.get("/api/v1/me/sessions")).json()["sessions"]

    assert (await mine.delete(f"/api/v1/me/sessions/{session['id']}")).status_code == 404
    assert await alive(other)


async def test_au_4_an_administrator_sees_and_ends_a_members_sessions_and_takes_a_lost_factor_off(
    web: Web, house: House, clock: SettableClock
) -> None:
    clerk, admin = await web.api(house, "clerk"), await web.api(house, "admin")
    await switched_on(clerk, clock)
    member = f"/api/v1/people/{house.staff['clerk'].membership_id}"
    [session] = (await admin.get(f"{member}/sessions")).json()["sessions"]
    assert not session["own"]

    assert (await admin.delete(f"{member}/second-factor")).status_code == 204
    assert (await admin.delete(f"{member}/second-factor")).status_code == 404
    assert (await admin.delete(f"{member}/sessions/{session['id']}")).status_code == 204
    assert not await alive(clerk)
    again = await web.api(house, "clerk")
    assert (await admin.delete(f"{member}/sessions")).json() == {"sessions": 1}
    assert not await alive(again)
    outcomes = (await admin.get(f"{member}/sign-ins")).json()["items"]
    assert [line["outcome"] for line in outcomes] == ["signed_in"] * 2


async def test_nobody_looks_after_accounts_that_may_do_more_or_are_elsewhere(
    web: Web, lodge: Lodge, house: House
) -> None:
    local = await web.api(house, house.local[0])
    admin, other = house.staff["admin"].membership_id, await lodge.house()
    own = await web.api(house, "admin")

    assert (await local.get(f"/api/v1/people/{admin}/sessions")).status_code == 404, "works at more sites"
    assert (await own.post(f"/api/v1/people/{admin}/unlock")).status_code == 409, "oneself"
    foreign = f"/api/v1/people/{other.staff['clerk'].membership_id}"
    for method, path in (("GET", "sessions"), ("GET", "sign-ins"), ("POST", "unlock"), ("DELETE", "second-factor")):
        assert (await own.request(method, f"{foreign}/{path}")).status_code == 404


async def test_the_history_is_read_page_by_page_and_kept_as_long_as_the_company_says(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    clerk = house.staff["clerk"]
    for n in range(35):
        clock.advance(seconds=1)
        await lodge.platform.sign_in.memberships(clerk.login, PASSWORD, f"2001:db8:b:{n}::1")
        await web.api(house, "clerk")
    api = await web.api(house, "clerk")
    first = (await api.get("/api/v1/me/sign-ins")).json()
    rest = (await api.get("/api/v1/me/sign-ins", params={"after": first["cursor"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["cursor"]) == (30, 6, None)
    assert first["items"][-1]["at"] > rest["items"][0]["at"]

    clock.advance(days=SIGN_IN.default.history_days, seconds=-10)
    [job] = lodge.platform.accounts.jobs
    async with lodge.work(house, "admin") as work:
        await job.run(work, work.ctx, {}, lodge.platform)
        left = await lodge.platform.accounts.history(work, clerk.membership_id)
    assert len(left.items) == 12


async def test_the_pages_do_what_the_api_does_within_six_statements(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    client = await web.console(house, "clerk")
    path = "/account/security"
    shown = await client.post(f"{path}/second-factor")
    secret = unescape(re.findall(r'<code class="secret">([^<]+)', shown.text)[0])
    again = await client.post(f"{path}/second-factor/confirmation", data={"code": "000000"})
    assert again.status_code == 422 and secret in again.text
    done = await client.post(f"{path}/second-factor/confirmation", data={"code": code_for(secret, clock)})
    codes = re.findall(r"<li><code>([^<]+)", done.text)
    assert len(codes) == totp.RECOVERY_CODES

    async def counted(method: str, place: str, **data: str) -> httpx.Response:
        await client.get(path)  # what a process remembers is known then
        async with recording(lodge.platform.db) as sent:
            response = await client.request(method, place, data=data or None)
        assert len(sent) <= 6, [statement.sql for statement in sent]
        return response

    assert "10 recovery codes are left" in (await counted("GET", path)).text
    wrong = await counted("POST", f"{path}/recovery-codes", code="000000")
    assert wrong.headers["location"] == f"{path}?wrong=code"
    assert codes[1] not in (await counted("POST", f"{path}/recovery-codes", code=codes[0])).text
    clock.advance(seconds=totp.STEP)
    off = await counted("POST", f"{path}/second-factor/removal", password=PASSWORD, code=code_for(secret, clock))
    assert off.headers["location"] == f"{path}?done=off"
    admin = await web.console(house, "admin")
    client, member = admin, f"/admin/people/{house.staff['clerk'].membership_id}/security"
    assert house.staff["clerk"].name in (await counted("GET", member)).text
    assert (await counted("POST", f"{member}/end")).headers["location"] == f"{member}?done=all_ended"
    assert (await admin.post(f"{member}/nonsense")).status_code == 404
    own = f"/admin/people/{house.staff['admin'].membership_id}/security"
    assert (await admin.post(f"{own}/end")).status_code == 409


async def test_a_browser_is_known_again_by_a_cookie_that_opens_nothing(web: Web, house: House) -> None:
    name = "lodge_device"
    client = await web.anonymous()
    right = {"login": house.staff["clerk"].login, "password": PASSWORD}
    await client.post("/login", data=right)
    known = client.cookies[name]
    await client.post("/login", data=right)
    assert client.cookies[name] == known
    for forged in ("x", 'x"; Path=/; Domain=evil.example', known + "\\012Set-Cookie: a=b"):
        other = await web.anonymous(cookie=f'{name}="{forged}"')
        answer = await other.post("/login", data=right)
        [kept] = [value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{name}=")]
        assert re.match(r"lodge_device=[\w-]{22}; Path=/; ", kept) and "evil" not in kept
        assert cookies.names(web.platform.settings)[0] in answer.headers["set-cookie"]
