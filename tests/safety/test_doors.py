"""AU-5 over several processes and behind forged headers, AU-7 by the clock: what the doors tell whoever guesses."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from itertools import count, cycle
from pathlib import Path

import httpx
import pytest

from core.hooks.manager import PluginHost
from tests.core.people.test_invitations import invited
from tests.support.catalogue import mark, measured, times
from tests.support.lodge import PASSWORD, Databases, House, Lodge, SettableClock, Staff, lodge_on
from tests.support.served import Served, served
from tests.support.web import Web, web_on

GUESSES, WINDOW = 10, "15 minutes"
DELTA = 0.010  # seconds
PAIRS = times("PAIRS", 120)
LOGIN = "linan"
Door = Callable[[str, str], Awaitable[httpx.Response]]
_PLACES = count(1)


def elsewhere() -> dict[str, str]:
    """A header that says the request comes from an address that nobody has used."""
    n = next(_PLACES)
    return {"x-forwarded-for": f"2001:db8:{n >> 16:x}:{n & 0xFFFF:x}::1"}


def guess(server: Served, password: str, headers: dict[str, str]) -> int:
    body = {"login": LOGIN, "password": password}
    return httpx.post(f"{server.url}/api/v1/auth/tokens", json=body, headers=headers, timeout=60).status_code


@pytest.mark.timeout(600)
@pytest.mark.parametrize("proxies", ["", "127.0.0.1"], ids=["a forged header", "many addresses"])
def test_au_5_two_servers_let_nobody_guess_more_often_than_one(tmp_path: Path, proxies: str) -> None:
    """On one database. Without a proxy of ours the header is somebody's word; behind one the account counts."""
    serve = partial(served, tmp_path / "home", LODGE_TRUSTED_PROXIES=proxies, LODGE_PLUGINS="")
    with serve() as first, serve() as second:
        assert guess(first, "linli-demo-2026", elsewhere()) == 201
        answers = [guess((first, second)[n % 2], f"guess {n}", elsewhere()) for n in range(3 * GUESSES)]
        for server in (first, second):  # the right one, once the guesses are used up
            assert guess(server, "linli-demo-2026", elsewhere()) == (401 if proxies else 429)
    looked_at = answers.count(401) if not proxies else GUESSES
    assert answers == ([401] * len(answers) if proxies else [401] * GUESSES + [429] * (len(answers) - GUESSES))
    kind = "many addresses" if proxies else "one address, forging headers"
    text = f"{looked_at} of {len(answers)} guesses over two processes from {kind} were looked at in {WINDOW}"
    measured("AU-5", text, looked_at=looked_at)


@pytest.fixture
async def behind_a_proxy(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path
) -> AsyncIterator[tuple[Lodge, Web]]:
    """A platform that believes what is said of addresses, so that no address is held off."""
    dsns = await databases.migrated()
    proxies = frozenset({"127.0.0.1"})
    async with (
        lodge_on(dsns, host, clock, tmp_path, trusted_proxies=proxies) as lodge,
        web_on(lodge.platform) as web,
    ):
        yield lodge, web
    await databases.drop(dsns)


async def apart(door: Door, known: list[Staff], password: str, pairs: int) -> tuple[float, set[tuple[int, str]]]:
    """By how much known logins take longer than unknown ones, and the answers. They are asked in turns, each first as
    often as the other, and quarters are compared: what else the machine does only ever adds, and to both."""
    took: tuple[list[float], list[float]] = ([], [])
    answers = set()
    for n in range(pairs):
        logins = (known[n % len(known)].login, f"nobody.{n}")
        for which in (0, 1) if n % 2 else (1, 0):
            began = time.perf_counter()
            answer = await door(logins[which], password)
            took[which].append(time.perf_counter() - began)
            answers.add((answer.status_code, answer.text.partition('"instance"')[0]))
    quarters = [statistics.quantiles(each, n=4)[0] for each in took]
    return quarters[0] - quarters[1], answers


@pytest.mark.timeout(600)
async def test_au_7_known_and_unknown_logins_take_the_same_time_at_every_door(
    behind_a_proxy: tuple[Lodge, Web],
) -> None:
    """Signing in, asking for a link, and joining by an invitation with the password of an account; locked ones too."""
    lodge, web = behind_a_proxy
    nobody = await web.anonymous()
    houses: list[House] = [await lodge.house() for _ in range(2)]
    known = [staff for house in houses for staff in house.staff.values()]
    # each link is followed so often and no more, so they take turns
    links = cycle([await invited(web, houses[0], staff_no=f"N-{n}") for n in range(1 + PAIRS // 20)])

    async def post(path: str, **body: str) -> httpx.Response:
        return await nobody.post(f"/api/v1/auth/{path}", json=body, headers=elsewhere())

    doors: dict[str, Door] = {
        "signing in": lambda login, password: post("tokens", login=login, password=password),
        "signing in to a locked account": lambda login, password: post("tokens", login=login, password=password),
        "asking for a link": lambda login, _: post("password/forgotten", login=login),
        "joining by an invitation": lambda login, password: post(
            "invitation/acceptance", link=next(links), account="own", login=login, password=password, name="周燕"
        ),
    }
    for _ in range(GUESSES + 1):
        await doors["signing in"](known[-1].login, "wrong")
    found = {}
    for name, door in doors.items():
        chosen = known[-1:] if "locked" in name else known[:-1]
        password = PASSWORD if "locked" in name else "wrong"
        await apart(door, chosen, password, 4)  # what is remembered is so by then
        difference, answers = await apart(door, chosen, password, PAIRS)
        assert len(answers) == 1, (name, answers)
        found[name] = abs(difference)
    text = ", ".join(f"{name} {difference * 1000:.1f} ms" for name, difference in found.items())
    measured("AU-7", f"known and unknown logins apart by: {text}", **{n.replace(" ", "_"): s for n, s in found.items()})
    assert max(found.values()) <= mark(DELTA), found
