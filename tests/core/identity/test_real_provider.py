"""The same with a provider that others have written, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from tests.core.identity.conftest import Company
from tests.support.lodge import SettableClock
from tests.support.provider import real_provider


async def test_a_provider_from_elsewhere_lets_in_whom_it_has_verified(company: Company, clock: SettableClock) -> None:
    clock.now = datetime.now(UTC)  # as the provider's has it
    known = {"wang": {"email": "clerk@example.com", "email_verified": True}, "li": {"email": "clerk@example.com"}}
    with real_provider(**known) as issuer:
        await company.set(issuer=issuer, client_secret="any")
        answers = {}
        for sub in known:
            browser = await company.browser()
            async with httpx.AsyncClient() as elsewhere:
                there = await browser.away("/notifications")
                allowed = await elsewhere.post(there, data={"sub": sub})
            came = await browser.back(allowed.headers["location"])
            answers[sub] = (came.status_code, await browser.name() is not None)

    assert answers == {"wang": (303, True), "li": (401, False)}
