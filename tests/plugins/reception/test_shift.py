"""Shifts handed over, the desk's summary, opinions heard by any employee (REC-12, REC-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.exchange.workbook import read_workbook
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.plugins.reception.conftest import Desk, Ring, english
from tests.plugins.reception.test_intake import filled
from tests.plugins.reception.test_messages import take
from tests.plugins.reception.test_visitors import came, step
from tests.support.lodge import NOW
from tests.support.statements import recording
from tests.support.web import Web


@pytest.fixture
async def open_matters(desk: Desk, clerk: httpx.AsyncClient, ring: Ring) -> None:
    """A promised callback, a message, a visitor in the house, a call that rings."""
    async with desk.lodge.work(desk.house, "clerk") as work:
        tickets = desk.lodge.platform.tickets
        new = NewTicket(description="楼上夜间噪音", category="plumbing_electric", place="3幢", reporter_name="王丽华")
        ticket = await tickets.create(work, desk.site, new)
        at = NOW + timedelta(hours=2)
        await tickets.act(work, desk.site, ticket.id, "promise_callback", Step(text="问清楚", at=at), None)
    await take(clerk, desk)
    await came(clerk, desk, accepted=True, admit=True, badge="05")
    gone = await came(clerk, desk, name="走了没交", accepted=True, admit=True, badge="06")
    await step(clerk, desk, gone, "leave", badge_back=False)
    await clerk.post(f"{desk.api}/turns", json={"purpose": "缴费"})
    await ring("a")


@pytest.mark.usefixtures("open_matters")
async def test_a_shift_is_handed_over_with_what_is_open_and_accepted_by_somebody_else(
    desk: Desk, web: Web, clerk: httpx.AsyncClient
) -> None:
    handed = (await clerk.post(f"{desk.api}/handovers", json={"keys": "1–5 号", "remarks": "北门道闸报修"})).json()
    await take(clerk, desk, caller_name="后来的人")
    relief = english(await web.api(desk.house, "duty_officer"))
    address = f"{desk.api}/handovers/{handed['id']}"

    sheet = (await relief.get(address)).json()["sheet"]
    assert (sheet["open_tickets"], sheet["calls"]) == (1, 1)
    assert [line["title"] for line in sheet["messages"]] == [f"{desk.house.staff['technician'].name} ← 赵先生"]
    assert [(line["title"], line["detail"]) for line in sheet["visitors"]] == [("周航", "3幢1802 · 05")]
    assert [(line["title"], line["detail"]) for line in sheet["badges"]] == [("06", "走了没交 · 3幢1802")]
    assert sheet["waiting"] == 1
    assert "王丽华" in sheet["callbacks"][0]["detail"]
    assert (await clerk.post(f"{address}/accept", json={})).status_code == 403  # nobody hands over to themselves
    accepted = (await relief.post(f"{address}/accept", json={"note": "少 3 号"})).json()
    assert (accepted["accepted_by_name"], accepted["note"]) == (desk.house.staff["duty_officer"].name, "少 3 号")
    assert (await relief.post(f"{address}/accept", json={})).status_code == 409
    assert {"reception.shift_handed_over.v1", "reception.shift_accepted.v1"} <= set(await desk.events())


async def test_the_sheet_names_letters_that_are_due_and_nothing_that_concerns_a_colleague(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    """REC-10; CMP-6: a stored sheet is read by whoever takes over, also by whom a letter complains about."""
    written = {"sender_name": "王丽华", "received_at": NOW.isoformat(), "category": "noise"}
    at = (NOW + timedelta(hours=20)).isoformat()
    for more in (
        {"subject": "要求书面答复", "answer_by": at},
        {"subject": "投诉某某态度", "answer_by": at, "concerns_id": str(desk.house.staff["technician"].membership_id)},
        {"subject": "下周再答复也行", "answer_by": (NOW + timedelta(days=5)).isoformat()},
    ):
        answer = await clerk.post(f"{desk.api}/letters", json={**written, **more})
        assert answer.status_code == 201, answer.text

    sheet = (await clerk.get(f"{desk.api}/handovers/sheet")).json()

    assert [line["detail"] for line in sheet["letters"]] == ["王丽华 · 要求书面答复"]


@pytest.mark.usefixtures("open_matters")
async def test_the_sheet_is_on_screen_before_it_is_handed_over(desk: Desk, screen: httpx.AsyncClient) -> None:
    page = f"{desk.console}/handover"
    await screen.get(page)
    async with recording(desk.lodge.platform.db) as read:
        shown = (await screen.get(page)).text
    async with recording(desk.lodge.platform.db) as sent:
        handed = await screen.post(page, data={"keys": "总钥匙箱封条完好"})
    again = (await screen.get(page)).text

    assert "赵先生" in shown and "周航" in shown
    assert len(read) <= 6 and len(sent) <= 6, [s.sql for s in [*read, *sent]]
    assert "总钥匙箱封条完好" in (await screen.get(handed.headers["hx-redirect"])).text
    assert "has not been accepted yet" in again and "总钥匙箱封条完好" in again  # carried on to the next form


@pytest.mark.usefixtures("open_matters")
async def test_a_day_and_its_month_are_summed_up_by_topic_and_outcome(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("b")
    assert (await screen.post(f"{desk.console}/intake", data=await filled(desk, screen, call["id"]))).status_code == 200

    day = (await clerk.get(f"{desk.api}/summary")).json()
    month = (await clerk.get(f"{desk.api}/summary?span=month&day=2026-11-01")).json()
    before = (await clerk.get(f"{desk.api}/summary?day=2026-11-22")).json()
    async with recording(desk.lodge.platform.db) as sent:
        page = await screen.get(f"{desk.console}/summary")
    book = read_workbook((await screen.get(f"{desk.console}/summary/export?span=month")).content)

    calls: dict[str, Any] = day["contacts"][0]
    assert (calls["channel"], calls["count"], calls["answered"], calls["going_on"]) == ("call", 2, 1, 2)
    assert [(topic["taken_in"], topic["open"]) for topic in day["topics"]] == [(1, 1)]
    assert (day["messages"], day["messages_missed"], day["visitors"][0]["came"]) == (1, 0, 2)
    assert month["contacts"] == day["contacts"] and (month["since"], month["until"]) == ("2026-11-01", "2026-12-01")
    assert before["contacts"] == [] and before["topics"] == []
    assert page.status_code == 200 and len(sent) <= 6, [s.sql for s in sent]
    assert [sheet.rows[1][1] for sheet in book[:3]] == [2, 1, 2]


@pytest.mark.parametrize("role", ["cashier", "guard", "technician"])
async def test_any_employee_files_what_an_owner_said(desk: Desk, web: Web, role: str) -> None:
    """REC-13: it becomes a ticket heard by staff, whose owner it is until it is handed on (TKT-2)."""
    screen = await web.console(desk.house, role)
    screen.headers["hx-request"] = "true"
    page = f"{desk.console}/opinions"

    refused = await screen.post(page, data={"opinion": " ", "category": "plumbing_electric", "place": "3幢"})
    filed = await screen.post(
        page, data={"opinion": "楼道灯太暗", "category": "plumbing_electric", "place": "3幢", "owner_name": "王女士"}
    )

    assert refused.status_code == 422 and filed.status_code == 200
    assert await desk.rows("SELECT channel, owner_name, reporter_name FROM ticket WHERE company_id = $1") == [
        ("staff_opinion", desk.house.staff[role].name, "王女士")
    ]


async def test_looking_for_a_unit_names_nobody_to_those_who_may_not_see_households(desk: Desk, web: Web) -> None:
    guard = await web.console(desk.house, "guard")

    found = (await guard.get(f"{desk.console}/opinions/units?q=1802")).text

    assert "3幢1802" in found and "王丽华" not in found
