"""What a session that a provider has opened is good for."""

from __future__ import annotations

from typing import Any

import pytest

from core.policies.sign_in import SIGN_IN
from tests.core.identity.conftest import Company
from tests.support.lodge import PASSWORD


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
