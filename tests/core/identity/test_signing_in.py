"""Through a company's identity provider and back: who is let in, as whom, and who is not (AU-2, AU-5, AU-9)."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from core.policies.sign_in import SIGN_IN
from tests.core.identity.conftest import Browser, Company
from tests.support.lodge import PASSWORD, SettableClock
from tests.support.provider import CLIENT, KEYS

STALE = "begun in another window"


async def refused(browser: Browser, text: str, **answer: str) -> None:
    """Back from the provider one is not signed in, and told why."""
    told = await browser.through(**answer)
    assert told.status_code == 401 and text in told.text, told.text
    assert await browser.name() is None


async def test_the_first_time_the_address_counts_and_then_the_subject(company: Company) -> None:
    came = await (await company.browser()).through("/notifications")
    assert (came.status_code, came.headers["location"]) == (303, "/notifications")

    company.forger.claims = {}  # no address any more, as after a change of name
    browser = await company.browser()
    await browser.through()

    assert company.house.staff["clerk"].name in (await browser.name() or "")


async def test_an_address_that_only_userinfo_tells_does_as_well(company: Company) -> None:
    company.forger.claims = {}
    company.forger.userinfo = {"sub": "subject-1", "email": "clerk@example.com", "email_verified": True}
    browser = await company.browser()
    await browser.through()
    assert await browser.name()

    company.forger.claims = {"sub": "subject-2"}
    await refused(await company.browser(), "does not hold (sub)")


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email_verified": None}, "has verified"),
        ({"email_verified": False}, "has verified"),
        ({"email_verified": "true"}, "has verified"),
        ({"email": None}, "has verified"),
        ({"email": "stranger@example.com"}, "Nobody who works here"),
    ],
)
async def test_who_cannot_be_told_is_let_in_as_nobody(company: Company, claims: dict[str, Any], told: str) -> None:
    company.forger.claims |= claims

    await refused(await company.browser(), told)


async def test_an_address_that_two_have_confirmed_or_none_is_nobodys(company: Company) -> None:
    staff = company.house.staff
    await company.reached(staff["guard"], "guard@example.com", confirmed=False)
    company.forger.claims["email"] = "guard@example.com"
    await refused(await company.browser(), "Nobody who works here")

    await company.reached(staff["technician"], "clerk@example.com")
    company.forger.claims["email"] = "clerk@example.com"
    await refused(await company.browser(), "Nobody who works here")


async def test_az_4_another_companys_member_is_nobody_here(company: Company) -> None:
    other = await company.lodge.house()
    await company.reached(other.staff["admin"], "boss@example.com", house=other)
    company.forger.claims["email"] = "boss@example.com"

    await refused(await company.browser(), "Nobody who works here")


async def test_a_member_is_linked_with_one_account_and_may_be_linked_anew(company: Company) -> None:
    await (await company.browser()).through()
    company.forger.claims["sub"] = "somebody who was given the address later"
    await refused(await company.browser(), "linked with another account")

    admin = await company.web.console(company.house, "admin")
    clerk = f"/admin/people/{company.house.staff['clerk'].membership_id}/security"
    assert "Linked since" in (await admin.get(clerk)).text
    assert (await admin.post(f"{clerk}/unlink")).headers["location"] == f"{clerk}?done=unlinked"
    browser = await company.browser()
    await browser.through()
    assert await browser.name()


async def test_who_is_switched_off_stays_out(company: Company) -> None:
    await (await company.browser()).through()
    async with company.lodge.owner.begin(company.house.company_id) as uow:
        member_id = company.house.staff["clerk"].membership_id
        sql = "UPDATE membership SET active = false WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, company.house.company_id, member_id)

    await refused(await company.browser(), "switched off")


# -- what the provider's answer is worth ------------------------------------------------------------------------------


def coded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(company: Company, asked: dict[str, str], how: str) -> str:
    """An ID token that says what is right, and is signed by nobody who may."""
    claims = {**jwt.decode(company.forger.id_token(asked), KEYS[0]).claims}
    public = KEYS[0].as_pem(private=False)
    head, body, mark = company.forger.id_token(asked).split(".")
    match how:
        case "none":
            return ".".join((coded(b'{"alg":"none"}'), body, ""))
        case "hs":
            signed = coded(b'{"alg":"HS256","kid":"key-0"}') + "." + body
            return f"{signed}.{coded(hmac.digest(public, signed.encode(), 'sha256'))}"
        case "hs-secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32), algorithms=["HS256"])
        case "other key":
            return jwt.encode({"alg": "RS256", "kid": "key-0"}, claims, KEYS[1])
        case "unannounced":
            return jwt.encode({"alg": "PS256", "kid": "key-0"}, claims, KEYS[0], algorithms=["PS256"])
        case "own key":
            header = {"alg": "RS256", "jwk": KEYS[1].as_dict(private=False)}
            return jwt.encode(header, claims, KEYS[1])
    return f"{head}.{body}.{mark[:-8]}AAAAAAAA" if how == "altered" else "nonsense"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("none", "algorithm"),
        ("hs", "algorithm"),
        ("hs-secret", "algorithm"),
        ("unannounced", "algorithm"),
        ("other key", "signature"),
        ("own key", "signature"),
        ("altered", "signature"),
        ("nonsense", "shape"),
    ],
)
async def test_au_2_a_token_that_the_provider_did_not_sign_lets_nobody_in(company: Company, how: str, why: str) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    company.forger.token = forged(company, company.forger.last, how)

    told = await browser.back(back)

    assert told.status_code == 401 and f"does not hold ({why})" in told.text and "tell your administrator" in told.text
    assert await browser.name() is None


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://other.example.com"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another client"}, "aud"),
        ({"aud": [CLIENT, "another client"]}, "azp"),
        ({"azp": "another client"}, "azp"),
        ({"exp": 1}, "exp"),
        ({"exp": None}, "exp"),
        ({"iat": 1}, "iat"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"nbf": 4_000_000_000}, "nbf"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "s" * 256}, "sub"),
        ({"at_hash": "of another access token"}, "at_hash"),
    ],
)
async def test_au_2_a_token_that_is_not_for_this_very_sign_in_lets_nobody_in(
    company: Company, claims: dict[str, Any], why: str
) -> None:
    company.forger.claims |= claims

    await refused(await company.browser(), f"does not hold ({why})")


async def test_keys_change_from_one_sign_in_to_the_next(company: Company, clock: SettableClock) -> None:
    assert (await (await company.browser()).through()).status_code == 303
    company.forger.key, company.forger.published = KEYS[1], [KEYS[1]]
    clock.advance(seconds=20)

    assert (await (await company.browser()).through()).status_code == 303, "asked for the keys again"

    company.forger.key = KEYS[0]
    await refused(await company.browser(), "does not hold (key)")
    assert company.forger.asked.count("/jwks") == 2, "not asked for at each token that names another"


@pytest.mark.parametrize(
    ("said", "told"),
    [({"id_token": None}, "not what was expected"), ({"id_token": 7}, "not what was expected")],
)
async def test_an_answer_of_another_shape_lets_nobody_in(company: Company, said: dict[str, Any], told: str) -> None:
    company.forger.said = said

    await refused(await company.browser(), told)


async def test_a_provider_of_other_description_is_asked_nothing(company: Company, clock: SettableClock) -> None:
    for metadata in (
        {"issuer": "https://other.example.com"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ):
        company.forger.metadata = metadata
        answer = await (await company.browser()).client.get(f"{company.path}/start")
        assert answer.status_code == 401 and "cannot be asked at present" in answer.text, metadata


async def test_ss_1_what_a_provider_names_inside_the_operators_network_is_not_asked(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company.platform.notify.egress, "_allowed", ())

    answer = await (await company.browser()).client.get(f"{company.path}/start")

    assert answer.status_code == 401 and company.forger.asked == []


# -- whose browser, once ----------------------------------------------------------------------------------------------


async def test_au_9_the_answer_is_worth_nothing_in_another_browser(company: Company) -> None:
    hers, his = await company.browser(), await company.browser()
    back = company.forger.authorize(await hers.away())
    await his.away()

    for browser in (his, await company.browser()):
        told = await browser.back(back)
        assert told.status_code == 401 and STALE in told.text and await browser.name() is None
    assert (await hers.back(back)).status_code == 303


async def test_au_9_an_answer_serves_once(company: Company) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    kept = browser.client.cookies["lodge_attempt"]
    assert (await browser.back(back)).status_code == 303

    again = await company.browser()
    again.client.cookies["lodge_attempt"] = kept
    told = await again.back(back)

    assert told.status_code == 401 and STALE in told.text


@pytest.mark.parametrize("minutes", [10, 60])
async def test_an_answer_that_comes_too_late_is_told_to_begin_again(
    company: Company, clock: SettableClock, minutes: int
) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    clock.advance(minutes=minutes)

    told = await browser.back(back)

    assert told.status_code == 401 and STALE in told.text


async def test_an_answer_of_another_company_or_provider_is_refused(company: Company) -> None:
    browser = await company.browser()
    back = company.forger.authorize(await browser.away())
    elsewhere = back.replace(company.path, "/sign-in/another")
    assert STALE in (await browser.back(elsewhere)).text

    await refused(await company.browser(), "of another provider", iss="https://other.example.com")
    came = await (await company.browser()).through(iss=company.forger.issuer)
    assert came.status_code == 303


async def test_rfc_9207_a_provider_that_names_itself_always_does(company: Company) -> None:
    company.forger.metadata = {"authorization_response_iss_parameter_supported": True}

    await refused(await company.browser(), "of another provider")


async def test_what_the_provider_refuses_is_said_and_so_is_what_it_does_not_accept(company: Company) -> None:
    browser = await company.browser()
    state = dict(pair.split("=", 1) for pair in (await browser.away()).partition("?")[2].split("&"))["state"]
    told = await browser.client.get(f"{company.path}/callback?error=access_denied&state={state}")
    assert told.status_code == 401 and "did not let you in" in told.text

    await company.set(client_secret="another")
    told = await (await company.browser()).through()
    assert told.status_code == 401 and "HTTP 400" in told.text


async def test_au_5_an_address_that_only_guesses_is_refused(company: Company) -> None:
    company.forger.claims["aud"] = "another client"
    answers = [(await (await company.browser()).through()).status_code for _ in range(31)]

    assert answers == [401] * 30 + [429]


@pytest.mark.parametrize("goal", ["https://evil.example.com", "//evil.example.com", "/\\evil.example.com"])
async def test_one_is_led_to_no_other_server_afterwards(company: Company, goal: str) -> None:
    came = await (await company.browser()).through(goal)

    assert (came.status_code, came.headers["location"]) == (303, "/")


# -- beside passwords and second steps --------------------------------------------------------------------------------


async def require(company: Company) -> None:
    async with company.lodge.work(company.house, "admin") as work:
        await company.platform.policies.revise(
            work, SIGN_IN, None, {"second_factor": "everyone"}, reason="audit", expected=0
        )  # fmt: skip


@pytest.mark.parametrize(
    ("factors", "claims", "inside"),
    [
        ([], {"amr": ["pwd", "mfa"]}, False),
        (["mfa"], {"amr": ["pwd"]}, False),
        (["mfa"], {"amr": ["pwd", "mfa"]}, True),
        (["gold"], {"acr": "gold"}, True),
        (["mfa"], {"amr": [["mfa"]]}, False),
    ],
)
async def test_the_companys_second_step_is_asked_for_unless_the_provider_has_seen_to_it(
    company: Company, factors: list[str], claims: dict[str, Any], inside: bool
) -> None:
    await require(company)
    await company.set(factors=factors)
    company.forger.claims |= claims
    browser = await company.browser()

    came = await browser.through()

    assert (came.status_code == 303, "Set up the second step" in came.text) == (inside, not inside)
    assert (await browser.name() is not None) == inside


async def test_a_session_is_on_record_and_opens_no_other_company(company: Company) -> None:
    other, clerk = await company.lodge.house(), company.house.staff["clerk"]
    async with company.lodge.owner.begin(other.company_id) as uow:
        sql = "UPDATE membership SET person_id = $3 WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, other.company_id, other.staff["guard"].membership_id, clerk.person_id)
    browser = await company.browser()
    await browser.through()

    assert "by single sign-on" in (await browser.client.get("/account/security")).text
    menu = await browser.client.get("/account/companies")
    assert 'name="pending" value=""' in menu.text and other.slug in menu.text
    csrf = menu.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    went = await browser.client.post("/account/company", data={"csrf_token": csrf, "company": str(other.company_id)})
    assert (went.status_code, went.headers["location"]) == (303, "/login")
    assert await browser.name() is None


async def test_a_pass_of_one_company_opens_no_other(company: Company) -> None:
    other, clerk = await company.lodge.house(), company.house.staff["clerk"]
    async with company.lodge.owner.begin(other.company_id) as uow:
        sql = "UPDATE membership SET person_id = $3 WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, other.company_id, other.staff["guard"].membership_id, clerk.person_id)
    sign_in = company.platform.sign_in

    vouched = await sign_in.vouched(company.house.company_id, clerk.membership_id, "provider")
    opened = await sign_in.proven(vouched.proof)

    assert [(each.company_id, each.by) for each in opened] == [(company.house.company_id, "provider")]
    own = [each.company_id for each in await sign_in.memberships(clerk.login, PASSWORD, "2001:db8:1d:ffff::1")]
    assert sorted(own) == sorted([company.house.company_id, other.company_id]), "the password opens both"


async def test_signing_out_offers_to_sign_out_there_too(company: Company) -> None:
    browser = await company.browser()
    await browser.through()
    page = (await browser.client.get("/account/security")).text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    out = await browser.client.post("/logout", data={"csrf_token": csrf})
    offered = await browser.client.get(out.headers["location"])
    there = await browser.client.get(f"{company.path}/end")

    assert out.headers["location"] == f"{company.path}?out=true" and "Sign out there too" in offered.text
    assert there.headers["location"].startswith(
        f"{company.forger.issuer}/end?client_id=lodge&post_logout_redirect_uri="
    )
    assert await browser.name() is None


async def test_nobody_learns_which_companies_there_are(company: Company) -> None:
    without = await company.lodge.house()
    pages = [
        await (await company.browser()).client.get(f"/sign-in/{slug}")
        for slug in (without.slug, "nobody-at-all", "x" * 200, "公司")
    ]

    told = {(page.status_code, page.text.count("<input"), "set-cookie" in page.headers) for page in pages}
    assert told == {(200, 6, False)} or len(told) == 1
    assert all("Sign in with" not in page.text for page in pages)
    for path in ("start", "end"):
        answers = {
            (await (await company.browser()).client.get(f"/sign-in/{slug}/{path}")).status_code
            for slug in (without.slug, "nobody-at-all")
        }
        assert answers == {303}


async def test_the_button_is_offered_again_where_it_was_used(company: Company) -> None:
    browser = await company.browser()
    assert "Linli account" not in (await browser.client.get("/login")).text
    assert "Sign in with Linli account" in (await browser.client.get(company.path)).text

    assert "Sign in with Linli account" in (await browser.client.get("/login")).text
    await company.set(active=False)
    assert "Linli account" not in (await browser.client.get("/login")).text
    right = {"login": company.house.staff["clerk"].login, "password": PASSWORD}
    assert (await browser.client.post("/login", data=right)).status_code == 303
