"""The meeting's agenda (TKT-6): matters come by themselves or by hand, and stay until each has an outcome."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.analysis.model import Agenda, AgendaItem, ItemChange, Meeting, MeetingPlan, NewItem
from core.analysis.policies import AGENDA
from core.errors import Conflict, Invalid, LodgeError, NotFound, PreconditionFailed
from core.jobs.queue import Worker
from core.policies.layers import Overrides
from tests.core.tickets.desk import Desk
from tests.support.statements import recording
from tests.support.web import Web

TODAY = date(2026, 11, 23)


async def agenda(desk: Desk) -> Agenda:
    async with desk.work("manager", read_only=True) as work:
        return await desk.lodge.platform.meetings.agenda(work, desk.site)


async def collect(desk: Desk) -> int:
    async with desk.work("manager") as work:
        return await desk.lodge.platform.meetings.collect(work, desk.site)


async def plan(desk: Desk, day: date = TODAY) -> Meeting:
    async with desk.work("manager") as work:
        return await desk.lodge.platform.meetings.plan(work, desk.site, MeetingPlan(day))


async def close(desk: Desk, meeting: Meeting, next_on: date | None = None) -> Meeting:
    async with desk.work("manager") as work:
        return await desk.lodge.platform.meetings.close(work, desk.site, meeting.id, next_on, meeting.version)


async def record(desk: Desk, item: AgendaItem, **changes: Any) -> int:
    async with desk.work("manager") as work:
        change = ItemChange(**changes)
        return await desk.lodge.platform.meetings.change_item(work, desk.site, item.id, change, item.version)


async def raise_item(desk: Desk, title: str = "停车位划线", ticket_id: UUID | None = None) -> UUID:
    async with desk.work("manager") as work:
        return await desk.lodge.platform.meetings.raise_item(work, desk.site, NewItem(title, ticket_id))


async def test_overdue_critical_and_repeated_matters_come_by_themselves_once(desk: Desk) -> None:
    late = await desk.create("cleaning", "routine")
    for _ in range(2):
        done = await desk.create("noise", "routine")
        await desk.act(done, "resolve")
    desk.clock.advance(days=5)
    critical = await desk.create("lift", "critical")
    await desk.create("cleaning", "routine")
    assert await collect(desk) == 3
    items = (await agenda(desk)).items
    assert [(i.reason, i.ticket_id) for i in items] == [
        ("critical", critical.id),
        ("overdue", late.id),
        ("repeat", None),
    ]
    assert (items[2].category, items[2].title) == ("noise", "3-1802")
    assert await collect(desk) == 0


async def test_many_who_collect_at_once_add_nothing_twice(desk: Desk) -> None:
    for _ in range(2):
        await desk.create("lift", "critical")
    assert sum(await asyncio.gather(*(collect(desk) for _ in range(5)))) == 2
    assert len((await agenda(desk)).items) == 2


async def test_the_job_collects_for_every_site(desk: Desk) -> None:
    for site in desk.house.sites:
        await desk.create("lift", "critical", site=site)
    platform = desk.lodge.platform
    [job] = [job for job in platform.jobs if job.name == "core.collect_agenda"]
    await Worker(platform, platform.jobs).perform(job, None, desk.house.company_id)
    for site in desk.house.sites:
        async with desk.work("manager", read_only=True) as work:
            assert len((await platform.meetings.agenda(work, site)).items) == 1


async def test_what_a_meeting_does_not_settle_is_carried_over_until_it_has_an_outcome(desk: Desk) -> None:
    await raise_item(desk, "门岗排班")
    await raise_item(desk, "地库照明")
    first = await plan(desk)
    one, two = (await agenda(desk)).items
    manager = desk.house.staff["manager"].membership_id
    await record(desk, one, minutes="先试两周", responsible_id=manager, due_on=TODAY)
    await record(desk, two, minutes="已更换", outcome="完成")
    closed = await close(desk, first, TODAY + timedelta(days=7))
    assert closed.closed_by == desk.house.staff["manager"].name

    following = await agenda(desk)
    assert following.meeting is not None and following.meeting.held_on == TODAY + timedelta(days=7)
    [carried] = following.items
    assert (carried.id, carried.meetings, carried.minutes, carried.responsible_id) == (one.id, 1, "", manager)
    async with desk.work("manager", read_only=True) as work:
        kept = await desk.lodge.platform.meetings.meeting(work, desk.site, first.id)
    assert [(i.title, i.minutes, i.outcome) for i in kept.items] == [
        ("门岗排班", "先试两周", ""),
        ("地库照明", "已更换", "完成"),
    ]


async def test_a_record_of_a_closed_meeting_does_not_change_with_its_items(desk: Desk) -> None:
    await raise_item(desk)
    first = await plan(desk)
    await close(desk, first, TODAY)
    [item] = (await agenda(desk)).items
    await record(desk, item, minutes="改期", outcome="取消")
    async with desk.work("manager", read_only=True) as work:
        [kept] = (await desk.lodge.platform.meetings.meeting(work, desk.site, first.id)).items
    assert (kept.minutes, kept.outcome) == ("", "")
    with pytest.raises(Conflict):
        async with desk.work("manager") as work:
            await desk.lodge.platform.meetings.replan(work, desk.site, first.id, MeetingPlan(TODAY), 2)


async def test_a_settled_matter_comes_up_again_once_a_deadline_was_missed_anew(desk: Desk) -> None:
    async with desk.work("admin") as work:
        at_once: Overrides = {"overdue_hours": 0}
        await desk.lodge.platform.policies.revise(work, AGENDA, desk.site.id, at_once, reason="strict", expected=0)
    ticket = await desk.create("cleaning", "routine")
    desk.clock.advance(hours=1)  # the response is missed
    assert await collect(desk) == 1
    [item] = (await agenda(desk)).items
    await record(desk, item, outcome="催办")
    await desk.act(ticket, "accept")
    desk.clock.advance(hours=1)
    assert await collect(desk) == 0
    desk.clock.advance(hours=6)  # the arrival too
    assert await collect(desk) == 1


async def test_what_does_not_fit_is_refused(desk: Desk) -> None:
    ticket = await desk.create()
    elsewhere = await desk.create(site=desk.house.sites[1])
    await raise_item(desk, "漏水", ticket.id)
    [item] = (await agenda(desk)).items
    refusals: list[tuple[type[LodgeError], Any]] = [
        (Conflict, raise_item(desk, "漏水", ticket.id)),
        (Invalid, raise_item(desk, "漏水", elsewhere.id)),
        (Invalid, raise_item(desk, "  ")),
        (Conflict, record(desk, item, minutes="没有会议")),
        (Invalid, plan(desk, TODAY - timedelta(days=1))),
        (Invalid, record(desk, item, responsible_id=ticket.id)),
    ]
    for error, attempt in refusals:
        with pytest.raises(error):
            await attempt
    meeting = await plan(desk, TODAY + timedelta(days=1))
    for attempt in (plan(desk), close(desk, meeting)):
        with pytest.raises(Conflict):
            await attempt
    await record(desk, item, outcome="完成")
    with pytest.raises(PreconditionFailed):
        await record(desk, item, outcome="")
    [settled] = (await agenda(desk)).items
    with pytest.raises(Invalid):
        await record(desk, settled, outcome="")


async def test_a_meeting_of_another_site_is_none(desk: Desk) -> None:
    """TI-10."""
    meeting = await plan(desk)
    await raise_item(desk)
    [item] = (await agenda(desk)).items
    there, meetings = desk.house.sites[1], desk.lodge.platform.meetings
    async with desk.work("manager", read_only=True) as work:
        assert await meetings.agenda(work, there) == Agenda(None, [])
        with pytest.raises(NotFound):
            await meetings.meeting(work, there, meeting.id)
    for step in ("item", "close"):
        with pytest.raises(NotFound):
            async with desk.work("manager") as work:
                if step == "item":
                    await meetings.change_item(work, there, item.id, ItemChange(outcome="x"), 1)
                else:
                    await meetings.close(work, there, meeting.id, None, 1)


async def test_every_request_asks_few_times(desk: Desk, web: Web) -> None:
    api = await web.api(desk.house, "manager")
    await desk.create("lift", "critical")
    base = f"/api/v1/sites/{desk.site.slug}"
    person = str(desk.house.staff["manager"].membership_id)
    (await api.get(f"{base}/agenda")).raise_for_status()
    steps: list[tuple[str, str, Any]] = [
        ("POST", "/agenda", {"title": "地库照明", "responsible_id": person}),
        ("POST", "/agenda/collect", None),
        ("POST", "/meetings", {"held_on": "2026-11-23"}),
        ("GET", "/agenda", None),
        ("PUT", "/agenda/{item}", {"responsible_id": person, "minutes": "讨论", "outcome": "完成"}),
        ("PUT", "/meetings/{meeting}", {"held_on": "2026-11-23", "attendees": "全体"}),
        ("POST", "/meetings/{meeting}/close", {"next_on": "2026-11-30"}),
        ("GET", "/meetings", None),
        ("GET", "/meetings/{meeting}", None),
    ]
    ids: dict[str, Any] = {}
    version = 1
    for method, path, body in steps:
        async with recording(desk.lodge.platform.db) as sent:
            answer = await api.request(
                method, base + path.format(**ids), json=body, headers={"if-match": f'"{version}"'}
            )
        assert answer.status_code in (200, 201), (path, answer.text)
        assert len(sent) <= 6, (path, sent)
        found = answer.json()
        if path == "/agenda" and method == "GET":
            ids = {"item": found["items"][0]["id"], "meeting": found["meeting"]["id"]}
        version = 2 if path == "/meetings/{meeting}" else 1
