"""Deadlines that pass: noticed exactly once, whoever looks and however late (TKT-6)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.jobs.timers import Timers
from core.policies.escalation import ESCALATION
from core.tickets.model import GoalRow, Ticket
from core.tickets.service import Step
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge, SettableClock

# plumbing_electric, urgent: response 10 min, arrival 15 min, resolution 2 h, all around the clock
RESPONSE, ARRIVAL, RESOLUTION = timedelta(minutes=10), timedelta(minutes=15), timedelta(hours=2)


@pytest.fixture
async def desk(lone_lodge: Lodge, clock: SettableClock) -> Desk:
    """Alone in its database: timers look at every company. Nothing goes up there: breaches alone are counted."""
    desk = Desk(lone_lodge, await lone_lodge.house(sites=1), clock)
    async with desk.work("admin") as work:
        await lone_lodge.platform.policies.revise(work, ESCALATION, None, {"rungs": []}, reason="breaches", expected=0)
    return desk


@pytest.fixture
def timers(desk: Desk) -> Timers:
    return Timers(desk.lodge.platform)


async def goals(desk: Desk, ticket: Ticket) -> dict[str, GoalRow]:
    return {goal.name: goal for goal in (await desk.detail(ticket)).goals}


async def breaches(desk: Desk, ticket: Ticket) -> list[str]:
    return [e.details["goal"] for e in (await desk.detail(ticket)).timeline if e.kind == "breached"]


async def events(desk: Desk, type: str = "ticket.goal_breached.v1") -> int:
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        count: int = await uow.value("SELECT count(*) FROM outbox WHERE type = $1", type)
        return count


async def test_a_deadline_ahead_is_no_breach(desk: Desk, timers: Timers) -> None:
    ticket = await desk.create()
    desk.clock.now = NOW + RESPONSE  # a stop would still meet it

    assert await timers.run_once() == 0
    assert (await goals(desk, ticket))["response"].state == "running"


async def test_each_goal_is_noticed_once_its_instant_is_past(desk: Desk, timers: Timers) -> None:
    ticket = await desk.create()
    noticed = []
    for after in (RESPONSE, ARRIVAL, RESOLUTION):
        desk.clock.now = NOW + after + timedelta(microseconds=1)
        noticed.append((await timers.run_once(), (await breaches(desk, ticket))[-1]))

    assert noticed == [(1, "response"), (1, "arrival"), (1, "resolution")]
    assert await timers.run_once() == 0
    assert await events(desk) == 3


async def test_two_timers_at_once_notice_a_breach_once(desk: Desk) -> None:
    made = [await desk.create() for _ in range(5)]
    desk.clock.advance(hours=3)

    noticed = await asyncio.gather(*(Timers(desk.lodge.platform).run_once() for _ in range(4)))

    assert sum(noticed) == 15
    assert [sorted(await breaches(desk, ticket)) for ticket in made] == [["arrival", "resolution", "response"]] * 5
    assert await events(desk) == 15


async def test_after_three_days_without_a_timer_what_was_missed_is_noticed_with_its_own_instant(
    desk: Desk, timers: Timers
) -> None:
    ticket = await desk.create()
    desk.clock.advance(days=3)

    assert await timers.run_once() == 3
    assert {name: goal.breached_at for name, goal in (await goals(desk, ticket)).items()} == {
        "response": NOW + RESPONSE,
        "arrival": NOW + ARRIVAL,
        "resolution": NOW + RESOLUTION,
    }


async def test_an_action_after_the_deadline_notices_it_first(desk: Desk, timers: Timers) -> None:
    ticket = await desk.create()
    desk.clock.now = NOW + RESPONSE + timedelta(seconds=1)

    await desk.act(ticket, "accept")

    kinds = [entry.kind for entry in (await desk.detail(ticket)).timeline]
    assert kinds == ["created", "breached", "accept"]
    assert await timers.run_once() == 0
    assert await events(desk) == 1


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (timedelta(seconds=-1), "met"),
        (timedelta(microseconds=-1), "met"),
        (timedelta(0), "met"),
        (timedelta(microseconds=1), "breached"),
        (timedelta(seconds=1), "breached"),
    ],
)
async def test_a_stop_exactly_at_the_deadline_is_met(late: timedelta, state: str, desk: Desk, timers: Timers) -> None:
    for timer_first in (False, True):
        desk.clock.now = NOW
        ticket = await desk.create()
        desk.clock.now = NOW + RESPONSE + late
        if timer_first:
            await timers.run_once()

        await desk.act(ticket, "accept")

        assert (await goals(desk, ticket))["response"].state == state


async def test_a_pause_stops_every_clock(desk: Desk, timers: Timers) -> None:
    ticket = await desk.in_state("paused")
    desk.clock.advance(days=2)
    assert await timers.run_once() == 0

    resumed = await desk.act(ticket, "resume")

    assert resumed.due_at is not None and resumed.due_at == desk.clock() + ARRIVAL
    assert (await goals(desk, ticket))["arrival"].state == "running"


async def test_what_is_resolved_has_no_deadline_and_what_is_reopened_has_one_again(desk: Desk, timers: Timers) -> None:
    ticket = await desk.in_state("resolved")
    desk.clock.advance(days=1)

    assert await timers.run_once() == 0
    detail = await desk.detail(ticket)
    assert (detail.ticket.due_at, detail.ticket.due_goal) == (None, None)
    reopened = await desk.act(ticket, "reopen")
    assert reopened.due_goal == "resolution"


async def test_a_breached_goal_stays_the_deadline_until_it_is_dealt_with(desk: Desk, timers: Timers) -> None:
    ticket = await desk.create()
    desk.clock.advance(minutes=11)
    await timers.run_once()

    detail = await desk.detail(ticket)

    assert (detail.ticket.due_at, detail.ticket.due_goal) == (NOW + RESPONSE, "response")
    assert detail.ticket.version == ticket.version, "the timer's note is nobody's change"


async def test_a_timer_that_fails_is_left_alone_for_a_while(
    desk: Desk, timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.create()
    desk.clock.advance(hours=3)
    asked = 0

    async def fail(*_: object) -> int:
        nonlocal asked
        asked += 1
        raise ZeroDivisionError

    monkeypatch.setattr(desk.tickets, "wake", fail)
    for _ in range(3):
        assert await timers.run_once() == 0
    assert asked == 1
    monkeypatch.undo()
    desk.clock.advance(minutes=1)

    assert await timers.run_once() == 3


async def test_many_failing_timers_do_not_keep_the_others_waiting(
    desk: Desk, timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.timers.BATCH", 3)
    made = [await desk.create() for _ in range(5)]
    desk.clock.advance(hours=3)
    notice = desk.tickets.wake

    async def fail_for_some(work: object, ticket_id: object, kind: object) -> int:
        if ticket_id in {ticket.id for ticket in made[:3]}:
            raise ZeroDivisionError
        return await notice(work, ticket_id, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.tickets, "wake", fail_for_some)

    assert await timers.run_once() + await timers.run_once() == 6


async def test_working_time_stands_still_at_night(desk: Desk, timers: Timers) -> None:
    desk.clock.now = datetime(2026, 11, 23, 9, 25, tzinfo=UTC)  # 17:25 in Shanghai, five minutes before the end
    ticket = await desk.create(severity="routine")  # response in 15 working minutes
    desk.clock.now = datetime(2026, 11, 24, 0, 39, tzinfo=UTC)  # 08:39 the next day

    assert await timers.run_once() == 0
    desk.clock.now = datetime(2026, 11, 24, 0, 40, 1, tzinfo=UTC)
    assert await timers.run_once() == 1
    assert await breaches(desk, ticket) == ["response"]


async def test_noticing_waits_for_the_action_that_came_first(desk: Desk) -> None:
    ticket = await desk.create()
    desk.clock.now = NOW + RESPONSE + timedelta(seconds=-0.5)

    async def accept() -> None:
        async with desk.work("technician") as work:
            await desk.tickets.act(work, desk.site, ticket.id, "accept", Step(), None)
            await asyncio.sleep(0.05)

    async def notice() -> int:
        await asyncio.sleep(0.02)
        desk.clock.advance(seconds=1)
        return await Timers(desk.lodge.platform).run_once()

    _, noticed = await asyncio.gather(accept(), notice())

    assert noticed == 0
    assert await breaches(desk, ticket) == []
