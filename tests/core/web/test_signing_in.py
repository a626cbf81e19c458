"""Through the door, at the console and over the API: password, company, second step."""

from __future__ import annotations

import base64
import re
from html import unescape

import httpx

from core.auth import totp
from core.policies.sign_in import SIGN_IN
from tests.support.lodge import PASSWORD, House, Lodge, SettableClock
from tests.support.web import Web


def code_for(secret: str, clock: SettableClock) -> str:
    key = base64.b32decode(secret.replace(" ", ""))
    return totp.code_of(key, int(clock.now.timestamp()) // totp.STEP)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form."""
    form = page.partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}


async def require(lodge: Lodge, house: House) -> None:
    async with lodge.work(house, "admin") as work:
        await lodge.platform.policies.revise(
            work, SIGN_IN, None, {"second_factor": "everyone"}, reason="audit", expected=0
        )  # fmt: skip


async def test_the_console_sets_up_the_second_step_before_anything_else_and_then_asks_for_it(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    await require(lodge, house)
    client = await web.anonymous(**{"accept-language": "en"})
    right = {"login": house.staff["clerk"].login, "password": PASSWORD, "next": "/notifications"}

    asked = await client.post("/login", data=right)
    form = hidden(asked.text)
    assert asked.status_code == 200 and "Set up the second step" in asked.text and "data:image/svg+xml" in asked.text
    assert (await client.get("/me")).status_code == 303, "there is no session yet"
    secret = unescape(re.findall(r'<code class="secret">([^<]+)', asked.text)[0])
    wrong = await client.post("/login/enrolment", data={**form, "code": "000000"})
    assert wrong.status_code == 422 and secret in wrong.text
    done = await client.post("/login/enrolment", data={**form, "code": code_for(secret, clock)})
    codes = re.findall(r"<li><code>([^<]+)", done.text)
    assert len(codes) == totp.RECOVERY_CODES and 'href="/notifications"' in done.text
    assert (await client.get("/me")).status_code == 200

    other = await web.anonymous(**{"accept-language": "en"})
    form = hidden((await other.post("/login", data=right)).text)
    assert (await other.get("/me")).status_code == 303
    clock.advance(seconds=totp.STEP)
    inside = await other.post("/login/code", data={**form, "code": code_for(secret, clock)})
    assert (inside.status_code, inside.headers["location"]) == (303, "/notifications")
    assert (await other.get("/me")).status_code == 200


async def test_the_api_does_the_same(web: Web, lodge: Lodge, house: House, clock: SettableClock) -> None:
    await require(lodge, house)
    client = await web.anonymous(accept="application/json")
    right = {"login": house.staff["clerk"].login, "password": PASSWORD}

    async def post(path: str, **body: object) -> httpx.Response:
        return await client.post(f"/api/v1/auth/{path}", json=body)

    asked = (await post("tokens", **right)).json()
    assert asked["asks"] == "enrolment" and "access_token" not in asked
    proof = {"proof": asked["proof"], "company_id": asked["company_id"]}
    enrolment = (await post("enrolment", **proof)).json()
    assert enrolment["uri"].startswith("otpauth://totp/")
    done = await post("enrolment/confirmation", **proof, code=code_for(enrolment["secret"], clock))
    assert done.status_code == 201 and len(done.json()["recovery_codes"]) == totp.RECOVERY_CODES
    assert (await post("tokens", **right)).json()["asks"] == "code"
    given = await post("second-step", **proof, code=done.json()["recovery_codes"][0])
    bearer = {"authorization": f"Bearer {given.json()['access_token']}"}
    assert given.status_code == 201
    assert (await client.get("/api/v1/me", headers=bearer)).json()["name"] == house.staff["clerk"].name


async def test_a_company_that_one_does_not_work_for_cannot_be_named(web: Web, lodge: Lodge, house: House) -> None:
    await require(lodge, house)
    other = await lodge.house()
    client = await web.anonymous(accept="application/json")
    right = {"login": house.staff["clerk"].login, "password": PASSWORD}
    proof = (await client.post("/api/v1/auth/tokens", json=right)).json()["proof"]

    for path, body in (("enrolment", {}), ("enrolment/confirmation", {"code": "1"}), ("second-step", {"code": "1"})):
        named = {"proof": proof, "company_id": str(other.company_id), **body}
        assert (await client.post(f"/api/v1/auth/{path}", json=named)).status_code == 401
