"""One client's requests do not keep the others waiting: limits by the minute, over all processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from core.auth.rates import Rates
from core.db.ids import new_id
from core.errors import TooMany
from core.hooks.manager import PluginHost
from tests.support.lodge import House, Lodge, SettableClock, lodge_on
from tests.support.web import Web, web_on


@pytest.fixture
async def limited(lodge: Lodge, host: PluginHost, clock: SettableClock, tmp_path: Path) -> AsyncIterator[Web]:
    """Three requests a minute for whoever is known, two for an address."""
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(
            lodge_on(lodge.dsns, host, clock, tmp_path, rate_client=3, rate_address=2)
        )
        yield await stack.enter_async_context(web_on(own.platform))


def allowed(rates: Rates, *addresses: str) -> list[bool]:
    """Whether each request in turn may pass."""
    answers = []
    for address in addresses:
        try:
            rates.by_address(address)
        except TooMany:
            answers.append(False)
        else:
            answers.append(True)
    return answers


async def test_a_client_that_asks_too_much_waits_for_the_next_minute_and_nobody_else_does(
    limited: Web, house: House, clock: SettableClock
) -> None:
    greedy, modest = await limited.api(house, "clerk"), await limited.api(house, "clerk")
    answers = [await greedy.get("/api/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["type"].endswith("too_many")
    assert (await modest.get("/api/v1/me")).status_code == 200

    clock.now += timedelta(minutes=1)
    assert (await greedy.get("/api/v1/me")).status_code == 200


async def test_wrong_tokens_count_for_their_address_whatever_it_says_of_itself(limited: Web, house: House) -> None:
    guesser = await limited.anonymous(authorization=f"Bearer lodge_{new_id().hex}_{new_id().hex}_x")
    answers = [
        await guesser.get("/api/v1/me", headers={"x-forwarded-for": f"10.0.0.{n}", "forwarded": f"for=10.0.0.{n}"})
        for n in range(3)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert (await guesser.get("/login")).status_code == 429
    assert (await guesser.get("/health/live")).status_code == 200


async def test_processes_learn_what_the_others_counted(lodge: Lodge, clock: SettableClock) -> None:
    one, other = (Rates(lodge.platform.db, clock, address=3) for _ in range(2))
    assert allowed(one, "192.0.2.1", "192.0.2.1") == [True, True]
    assert allowed(other, "192.0.2.1") == [True]
    await one.exchange()
    await other.exchange()
    assert allowed(other, "192.0.2.1", "192.0.2.2") == [False, True]
    await one.exchange()  # nothing new here, so nothing is asked
    assert allowed(one, "192.0.2.1", "192.0.2.1") == [True, False], "a second behind the other"


async def test_what_comes_in_during_an_exchange_is_told_with_the_next(lodge: Lodge, clock: SettableClock) -> None:
    one, other = (Rates(lodge.platform.db, clock, address=100) for _ in range(2))
    allowed(one, *["2001:db8::1"] * 40)
    await one.exchange()
    allowed(one, *["2001:db8::2"] * 30)  # the same network
    await one.exchange()
    allowed(other, "2001:db8::ffff")
    await other.exchange()
    assert allowed(other, *["2001:db8::3"] * 30).count(True) == 29
