"""Through a company's identity provider and back: who is let in, and as whom (AU-2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.identity.conftest import Company, refused


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
