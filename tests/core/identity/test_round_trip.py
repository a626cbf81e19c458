"""The way to the provider and back is good once, in one browser, for a while (AU-5, AU-9)."""

from __future__ import annotations

import pytest

from tests.core.identity.conftest import Company, refused
from tests.support.lodge import SettableClock

STALE = "begun in another window"


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
