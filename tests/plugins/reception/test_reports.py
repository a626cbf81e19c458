"""What the telephone exchange reports: once, twice, in any order, and what it must not do (REC-2)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from tests.plugins.reception.conftest import OWNER_PHONE, Desk, Ring
from tests.support.lodge import NOW
from tests.support.web import Web, problem

RANG = NOW - timedelta(seconds=100)
STORY = (
    ("ringing", RANG),
    ("answered", RANG + timedelta(seconds=8)),
    ("ended", RANG + timedelta(seconds=90)),
)


def said(instant: Any) -> str:
    return str(instant.isoformat())


async def test_the_same_event_twice_is_one_call_and_one_event(desk: Desk, ring: Ring) -> None:
    first = await ring("a")
    await ring("a", "answered")
    told = await desk.events()

    again = [await ring("a"), await ring("a", "answered")]

    assert {call["id"] for call in again} == {first["id"]}
    assert await desk.rows("SELECT count(*) FROM reception_call WHERE company_id = $1") == [(1,)]
    assert await desk.events() == told == ["reception.call_answered.v1"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_events_in_any_order_come_to_the_same_call(desk: Desk, ring: Ring, order: tuple[int, ...]) -> None:
    for event, at in (STORY[n] for n in order):
        call = await ring("a", event, at=said(at))

    [row] = await desk.rows(
        "SELECT status, ringing_at, answered_at, ended_at, caller_name FROM reception_call WHERE company_id = $1"
    )
    assert row == ("ended", *(at for _, at in STORY), "王丽华")
    assert call["status"] == "ended"
    assert "reception.call_answered.v1" in await desk.events()


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (["ringing"], "ringing"),
        (["ringing", "answered"], "answered"),
        (["ringing", "ended"], "missed"),
        (["ended"], "missed"),
        (["answered", "ended"], "ended"),
    ],
)
async def test_the_state_follows_from_what_was_reported(desk: Desk, ring: Ring, events: list[str], status: str) -> None:
    for event in events:
        call = await ring("a", event)

    assert call["status"] == status
    missed = ["reception.call_missed.v1"] if status == "missed" else []
    assert [type for type in await desk.events() if "missed" in type] == missed


@pytest.mark.parametrize("late", ["ringing", "answered"])
async def test_what_is_reported_after_the_end_brings_no_card_back(
    desk: Desk, ring: Ring, screen: httpx.AsyncClient, late: str
) -> None:
    """REC-2: an exchange that catches up, or tells again, calls nobody to the phone."""
    await ring("a", "ended")
    for _ in range(2):
        await ring("a", late, at=said(RANG))
        assert 'data-state="none"' in (await screen.get(f"{desk.console}/card")).text


@pytest.mark.parametrize("event", ["answered", "ended"])
async def test_the_same_event_many_times_at_once_is_told_once(desk: Desk, ring: Ring, event: str) -> None:
    calls = await asyncio.gather(*(ring("a", event) for _ in range(8)), ring("a"))

    assert len({call["id"] for call in calls}) == 1
    assert len(await desk.events()) == 1


async def test_two_sites_may_have_calls_of_one_name(desk: Desk, exchange: httpx.AsyncClient, ring: Ring) -> None:
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/reception/calls"

    there = await exchange.post(other, json={"external_id": "a", "event": "ringing"})

    assert there.json()["id"] != (await ring("a"))["id"]


async def test_the_exchange_learns_nothing_about_the_caller(desk: Desk, exchange: httpx.AsyncClient) -> None:
    answer = await exchange.post(
        f"{desk.api}/calls", json={"external_id": "a", "event": "ringing", "phone": OWNER_PHONE}
    )

    assert "王丽华" not in answer.text and OWNER_PHONE not in answer.text
    for path in ("calls", f"calls/{answer.json()['id']}/card"):
        assert (await exchange.get(f"{desk.api}/{path}")).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"at": (NOW + timedelta(minutes=2)).isoformat()}, 422),
        ({"at": (NOW - timedelta(days=8)).isoformat()}, 422),
        ({"at": "0001-01-01T00:00:00+14:00"}, 422),
        ({"at": "2026-11-23T10:00:00"}, 400),
        ({"phone": "<script>"}, 400),
        ({"phone": "1" * 31}, 400),
        ({"event": "held"}, 400),
        ({"external_id": ""}, 400),
        ({"status": "ended"}, 400),
    ],
    ids=str,
)
async def test_a_report_that_cannot_be_is_refused(
    desk: Desk, exchange: httpx.AsyncClient, wrong: dict[str, str], status: int
) -> None:
    answer = await exchange.post(f"{desk.api}/calls", json={"external_id": "a", "event": "ringing", **wrong})

    assert answer.status_code == status, answer.text
    assert problem(answer)["errors"]
    assert await desk.rows("SELECT 1 FROM reception_call WHERE company_id = $1") == []


async def test_a_clerk_cannot_report_calls(desk: Desk, clerk: httpx.AsyncClient) -> None:
    answer = await clerk.post(f"{desk.api}/calls", json={"external_id": "a", "event": "ringing"})

    assert answer.status_code == 403


async def test_a_report_is_refused_in_the_plugins_own_chinese(desk: Desk, exchange: httpx.AsyncClient) -> None:
    late = {"external_id": "a", "event": "ringing", "at": (NOW - timedelta(days=8)).isoformat()}

    answer = await exchange.post(f"{desk.api}/calls", json=late, headers={"accept-language": "zh-CN"})

    [error] = answer.json()["errors"]
    assert error == {"field": "at", "message": "请给出事件发生的时刻：须在最近 7 天内，且不晚于现在。"}


async def test_open_screens_hear_of_a_call_at_once(desk: Desk, ring: Ring, web: Web) -> None:
    async with web.platform.live.subscribe(desk.house.company_id) as news:
        call = await ring("a")
        while (message := await news.get()) is None or message.topic != "call":
            pass

    assert (message.site_id, str(message.id)) == (desk.site.id, call["id"])


async def test_every_report_that_changes_something_is_audited_without_the_phone(desk: Desk, ring: Ring) -> None:
    for event in ("ringing", "ringing", "answered"):
        await ring("a", event)

    entries = await desk.rows(
        "SELECT action, changes::text FROM audit_entry WHERE company_id = $1 AND subject_type = 'reception_call' "
        "ORDER BY id"
    )
    assert entries == [("reception.call.reported", f'{{"event": "{e}"}}') for e in ("ringing", "answered")]
