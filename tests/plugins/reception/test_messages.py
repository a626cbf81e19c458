"""Messages for absent colleagues: taken, seen by whom they are for, called back or missed (REC-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.sdk import SYSTEM, Event, TenantContext
from plugins.reception.messages import service
from tests.plugins.reception.conftest import Desk, english
from tests.support.lodge import NOW, SettableClock
from tests.support.statements import recording
from tests.support.web import Web

SOON = (NOW + timedelta(hours=1)).isoformat()


async def take(clerk: httpx.AsyncClient, desk: Desk, **more: object) -> httpx.Response:
    message = {
        "colleague_id": str(desk.house.staff["technician"].membership_id),
        "caller_name": "赵先生",
        "phone": "13700001111",
        "matter": "问水泵房哪天检修",
        "call_back_by": SOON,
        **more,
    }
    return await clerk.post(f"{desk.api}/messages", json=message)


@pytest.fixture
async def technician(desk: Desk, web: Web) -> httpx.AsyncClient:
    return english(await web.api(desk.house, "technician"))


async def test_whom_it_is_for_sees_the_number_and_calls_back(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    taken = (await take(clerk, desk)).json()
    screen = await web.console(desk.house, "technician")
    before = (await screen.get(f"{desk.console}/messages/count")).text
    [mine] = (await technician.get(f"{desk.api}/messages")).json()
    done = await technician.post(f"{desk.api}/messages/{mine['id']}/done", json={"outcome": "下周三"})

    assert (taken["phone"], mine["phone"]) == ("137****1111", "13700001111")
    assert (before, (await screen.get(f"{desk.console}/messages/count")).text) == ("1", "")
    assert (done.json()["outcome"], done.json()["phone"]) == ("下周三", "137****1111")
    assert (await technician.post(f"{desk.api}/messages/{mine['id']}/done", json={})).status_code == 409
    assert await desk.events() == ["reception.message_taken.v1"]


async def test_others_messages_are_the_desks_alone_to_see(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    message = (await take(clerk, desk)).json()
    guard = english(await web.api(desk.house, "guard"))

    assert (await guard.get(f"{desk.api}/messages")).json() == []
    assert (await guard.get(f"{desk.api}/messages/{message['id']}")).status_code == 404
    assert (await guard.post(f"{desk.api}/messages/{message['id']}/done", json={})).status_code == 404
    assert len((await clerk.get(f"{desk.api}/messages")).json()) == 1
    assert (await clerk.get(f"{desk.api}/messages?mine=true")).json() == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"colleague_id": "00000000-0000-0000-0000-00000000dead"}, "colleague_id"),
        ({"caller_name": " "}, "caller_name"),
        ({"matter": ""}, "matter"),
        ({"call_back_by": NOW.isoformat()}, "call_back_by"),
        ({"phone": ""}, "phone"),  # nobody can be called back without
    ],
    ids=str,
)
async def test_what_is_missing_is_named(
    desk: Desk, clerk: httpx.AsyncClient, more: dict[str, object], field: str
) -> None:
    answer = await take(clerk, desk, **more)

    assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == [field]


async def test_a_promise_that_is_not_kept_shows_and_is_told_once(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, clock: SettableClock
) -> None:
    await take(clerk, desk)

    async def look() -> None:
        ctx = TenantContext(desk.house.company_id, frozenset({desk.site.id}), SYSTEM)
        async with desk.lodge.platform.work(ctx) as work:
            await service.miss(work, ctx, {})

    await look()
    clock.advance(hours=1)
    await look()
    await look()

    assert (await desk.events()).count("reception.message_missed.v1") == 1
    assert "missed</span>" in (await screen.get(f"{desk.console}/messages")).text


async def test_the_form_keeps_what_was_written_and_pages_ask_few_times(desk: Desk, screen: httpx.AsyncClient) -> None:
    page = f"{desk.console}/messages"
    form: dict[str, Any] = {
        "colleague_id": str(desk.house.staff["manager"].membership_id),
        "caller_name": "赵先生",
        "matter": "请回电",
    }

    refused = await screen.post(page, data={**form, "call_back_by": "2026-11-23T15:00"})
    taken = await screen.post(page, data=form)
    async with recording(desk.lodge.platform.db) as sent:
        shown = await screen.get(page)

    assert refused.status_code == 422 and 'value="赵先生"' in refused.text
    assert taken.headers["hx-redirect"] == page
    assert "赵先生" in shown.text and len(sent) <= 6


async def test_a_message_and_a_missed_callback_reach_the_colleagues_bell(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    """REC-6: and the bell leads to one's messages."""
    await take(clerk, desk)
    clock.advance(hours=1)
    ctx = TenantContext(desk.house.company_id, frozenset({desk.site.id}), SYSTEM)
    async with desk.lodge.platform.work(ctx) as work:
        await service.miss(work, ctx, {})
    sql = (
        "SELECT id, type, aggregate_id, payload->>'for_id' FROM outbox WHERE company_id = $1 AND type LIKE '%message%'"
    )
    for event_id, type, message_id, for_id in await desk.rows(f"{sql} ORDER BY id"):
        async with desk.lodge.platform.work(ctx) as work:
            event = Event(type, desk.site.id, message_id, {"for_id": for_id})
            await desk.lodge.platform.notify.hear(work, event, event_id)
    bell = await web.console(desk.house, "technician")
    page = (await bell.get("/notifications")).text
    notices = (await (await web.api(desk.house, "technician")).get("/api/v1/notifications")).json()["items"]
    opened = await bell.post(f"/notifications/{notices[0]['id']}/read")

    assert [(notice["kind"], notice["severity"]) for notice in notices] == [("told", "urgent"), ("told", "routine")]
    assert "A message was left for you" in page and "A callback that a caller was promised of you" in page
    assert opened.headers["location"] == f"{desk.console}/messages?mine=true"
