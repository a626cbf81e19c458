"""The work log: every call, visit and letter, found again (REC-1, REC-12)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.plugins.reception.conftest import OWNER_PHONE, SHARED_PHONE, Desk, Ring
from tests.support.lodge import NOW


@pytest.fixture
async def calls(desk: Desk, screen: httpx.AsyncClient, ring: Ring) -> None:
    """Yesterday's missed call, today's answered one after 8 s and one after 22 s, a visitor."""
    yesterday = NOW - timedelta(days=1)
    await ring("old", at=yesterday.isoformat())
    await ring("old", "ended", at=(yesterday + timedelta(seconds=30)).isoformat())
    for name, waited in (("quick", 8), ("slow", 22)):
        rang = NOW - timedelta(minutes=5)
        await ring(name, at=rang.isoformat(), phone=SHARED_PHONE)
        await ring(name, "answered", at=(rang + timedelta(seconds=waited)).isoformat(), phone=SHARED_PHONE)
    await screen.post(f"{desk.console}/calls", data={"q": "1802", "channel": "visit"})


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 4),
        ({"status": "missed"}, 1),
        ({"channel": "visit"}, 1),
        ({"since": (NOW - timedelta(hours=1)).isoformat()}, 3),
        ({"until": (NOW - timedelta(hours=1)).isoformat()}, 1),
        ({"q": "王丽"}, 2),
        ({"q": "3幢"}, 2),
        ({"q": OWNER_PHONE}, 1),
        ({"q": "1381762"}, 0),  # part of a number finds nothing, or it could be guessed
        ({"q": "%"}, 0),
    ],
    ids=str,
)
async def test_the_log_is_narrowed(desk: Desk, clerk: httpx.AsyncClient, query: dict[str, str], found: int) -> None:
    answer = await clerk.get(f"{desk.api}/calls", params=query)

    assert len(answer.json()["items"]) == found, answer.text


@pytest.mark.usefixtures("calls")
async def test_pages_of_the_log_are_whole_and_in_order(desk: Desk, clerk: httpx.AsyncClient) -> None:
    whole = (await clerk.get(f"{desk.api}/calls")).json()["items"]
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        page = (await clerk.get(f"{desk.api}/calls", params=query)).json()
        seen, cursor = [*seen, *page["items"]], page["cursor"]

    assert seen == whole == sorted(whole, key=lambda call: (call["ringing_at"], call["id"]), reverse=True)
    assert (await clerk.get(f"{desk.api}/calls", params={"cursor": "abc"})).status_code == 400


@pytest.mark.usefixtures("calls")
async def test_the_page_of_the_log_takes_days_of_the_site(desk: Desk, screen: httpx.AsyncClient) -> None:
    shown = await screen.get(f"{desk.console}/calls", params={"from": "2026-11-22", "to": "2026-11-22"})

    assert shown.text.count('<tr id="c-') == 1 and "Missed call" in shown.text
    assert (await screen.get(f"{desk.console}/calls?from=yesterday")).status_code == 400


@pytest.mark.usefixtures("calls")
async def test_the_figures_are_of_today(desk: Desk, screen: httpx.AsyncClient) -> None:
    shown = (await screen.get(f"{desk.console}/kpis")).text

    calls, wait = shown.split("<li")[1:3]
    assert ">2</span>" in calls  # a visitor is no call
    assert ">15 <small>" in wait and "goal: 15 s" in wait
