"""How calls are answered: in time, on average, at worst; by clerk, hour and day; lost ones called back (REC-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.plugins.reception.conftest import Desk, Ring
from tests.support.lodge import NOW
from tests.support.statements import recording

# when it rang in minutes before now, whose number, and after how many seconds it was answered or (None) lost
CALLS: tuple[tuple[int, str, int | None], ...] = (
    (90, "13800000001", 10),
    (80, "13800000002", 15),
    (70, "13800000003", 40),
    (60, "13800000004", None),
    (50, "13800000005", None),
    (40, "13800000004", 5),  # got through at the second try
)


async def lived(ring: Ring) -> dict[str, str]:
    """The calls as the exchange reports them; ids by number of the lost ones."""
    lost = {}
    for n, (before, phone, waited) in enumerate(CALLS):
        rang = NOW - timedelta(minutes=before)
        call = await ring(str(n), phone=phone, at=rang.isoformat())
        if waited is None:
            lost[phone] = call["id"]
        else:
            await ring(str(n), "answered", phone=phone, at=(rang + timedelta(seconds=waited)).isoformat())
        await ring(str(n), "ended", phone=phone, at=(rang + timedelta(seconds=90)).isoformat())
    return lost


async def answering(clerk: httpx.AsyncClient, desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = (await clerk.get(f"{desk.api}/summary")).json()["answering"]
    return found


async def test_the_summary_says_how_calls_were_answered(desk: Desk, clerk: httpx.AsyncClient, ring: Ring) -> None:
    await lived(ring)
    told = await answering(clerk, desk)
    whole = told["all"]

    assert told["goal_seconds"] == 15
    assert (whole["count"], whole["answered"], whole["in_time"], whole["missed"]) == (6, 4, 3, 2)
    assert (whole["share"], whole["average_wait"], whole["longest_wait"]) == (50.0, 17.5, 40)
    assert whole["called_back"] == 1
    # 8:30 to 9:20 at the site
    assert [(hour["key"], hour["count"], hour["in_time"]) for hour in told["hours"]] == [("08", 3, 2), ("09", 3, 1)]
    assert [(day["key"], day["count"]) for day in told["days"]] == [("2026-11-23", 6)]


async def test_a_lost_call_is_called_back_once(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    lost = await lived(ring)
    path = f"{desk.api}/calls/{lost['13800000005']}/called-back"
    answered = next(item for item in (await clerk.get(f"{desk.api}/calls?status=ended")).json()["items"])
    first, second = [await clerk.post(path) for _ in range(2)]
    never = await clerk.post(f"{desk.api}/calls/{answered['id']}/called-back")

    assert (first.status_code, second.status_code, never.status_code) == (200, 409, 409)
    assert first.json()["called_back_by_name"] == desk.house.staff["clerk"].name
    assert (await answering(clerk, desk))["all"]["called_back"] == 2
    assert (await screen.get(f"{desk.console}/calls")).text.count("called-back") == 2  # the other lost one's form


async def test_calls_are_counted_for_the_clerk_who_took_them_and_the_page_asks_few_times(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    await clerk.post(f"{desk.api}/calls/{call['id']}/answer")
    told = await answering(clerk, desk)
    await screen.get(f"{desk.console}/summary")  # who asks and the policies are known from here on
    async with recording(desk.lodge.platform.db) as sent:
        page = await screen.get(f"{desk.console}/summary?span=month&day=2026-11")
    book = await screen.get(f"{desk.console}/summary/export")

    assert [(each["key"], each["in_time"]) for each in told["clerks"]] == [(desk.house.staff["clerk"].name, 1)]
    assert page.status_code == 200 and desk.house.staff["clerk"].name in page.text
    assert len(sent) <= 6
    assert book.content.startswith(b"PK")
