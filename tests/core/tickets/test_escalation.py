"""Matters go up by themselves (TKT-6): each step once, in order, told to somebody, whatever stands still meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.jobs.timers import Timers
from core.policies.escalation import ESCALATION
from core.tickets.model import Ticket, TimelineEntry
from core.tickets.service import Step
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge, SettableClock

# plumbing_electric, urgent: response 10 min, arrival 15 min, resolution 2 h, all around the clock


@pytest.fixture
async def desk(lone_lodge: Lodge, clock: SettableClock) -> Desk:
    """Alone in its database: timers look at every company."""
    return Desk(lone_lodge, await lone_lodge.house(sites=1), clock)


@pytest.fixture
def timers(desk: Desk) -> Timers:
    return Timers(desk.lodge.platform)


async def ladder(desk: Desk, *rungs: dict[str, object]) -> None:
    """The site's own steps instead of the usual ones."""
    async with desk.work("admin") as work:
        await desk.lodge.platform.policies.revise(
            work, ESCALATION, desk.site.id, {"rungs": list(rungs)}, reason="test", expected=0
        )


def rung(amount: int, unit: str, to: str, **more: object) -> dict[str, object]:
    return {"amount": amount, "unit": unit, "to": to, **more}


async def run(timers: Timers) -> None:
    while await timers.run_once():
        pass


async def steps(desk: Desk, ticket: Ticket) -> list[TimelineEntry]:
    return [entry for entry in (await desk.detail(ticket)).timeline if entry.kind == "escalated"]


async def up(desk: Desk, ticket: Ticket) -> list[tuple[str, str]]:
    return [(entry.details["goal"], entry.details["to"]) for entry in await steps(desk, ticket)]


async def emitted(desk: Desk) -> list[str]:
    async with desk.lodge.owner.begin(desk.house.company_id, read_only=True) as uow:
        return await uow.fetch(
            lambda payload: payload,
            "SELECT payload->>'to' FROM outbox WHERE company_id = $1 AND type = 'ticket.escalated.v1' ORDER BY id",
            desk.house.company_id,
        )


async def test_a_matter_goes_up_step_by_step_as_its_time_runs_out(desk: Desk, timers: Timers) -> None:
    only = {"goal": "response"}
    await ladder(
        desk,
        rung(50, "percent", "owner", **only),
        rung(100, "percent", "supervisor", **only),
        rung(30, "minutes", "manager", **only),
    )
    ticket = await desk.create()
    seen = []
    for minutes in (5, 10, 40):
        desk.clock.now = NOW + timedelta(minutes=minutes, seconds=1)
        await run(timers)
        detail = await desk.detail(ticket)
        seen.append((await up(desk, ticket), detail.ticket.escalation, detail.ticket.escalated_at))

    told = [("response", "owner"), ("response", "supervisor"), ("response", "manager")]
    assert [(len(t), t == told[: len(t)], level) for t, level, _ in seen] == [(1, True, 1), (2, True, 2), (3, True, 3)]
    assert seen[-1][2] == desk.clock.now
    assert await emitted(desk) == ["owner", "supervisor", "manager"]
    assert "late" not in (await steps(desk, ticket))[0].details
    names = [entry.details["told"] for entry in await steps(desk, ticket)]
    assert names == [desk.house.staff[role].name for role in ("clerk", "supervisor", "manager")]


async def test_jb_4_three_days_without_a_worker_are_made_up_for_once_in_order_and_marked_late(
    desk: Desk, timers: Timers
) -> None:
    """JB-4"""
    await ladder(desk, rung(80, "percent", "assignee"), rung(100, "percent", "supervisor"), rung(1, "hours", "manager"))
    ticket = await desk.create(severity="routine")
    desk.clock.advance(days=3)
    await run(timers)
    await run(Timers(desk.lodge.platform))  # and another one, started later

    entries = await steps(desk, ticket)
    instants = [entry.details["at"] for entry in entries]
    assert instants == sorted(instants)
    assert {entry.details.get("late") for entry in entries} == {"true"}
    assert len(await up(desk, ticket)) == len(set(await up(desk, ticket))) == len(await emitted(desk)) == 9


async def test_a_missed_goal_that_is_reopened_does_not_go_up_again(desk: Desk, timers: Timers) -> None:
    await ladder(desk, rung(100, "percent", "supervisor", goal="resolution"))
    ticket = await desk.create()
    desk.clock.advance(hours=2, seconds=1)
    await run(timers)
    for action in ("accept", "resolve", "answer", "close", "reopen"):
        ticket = await desk.act(ticket, action)
    desk.clock.advance(days=2)
    await run(timers)
    assert await up(desk, ticket) == [("resolution", "supervisor")]


async def test_a_goal_kept_in_time_goes_nowhere(desk: Desk, timers: Timers) -> None:
    await ladder(desk, rung(80, "percent", "supervisor", goal="response"))
    ticket = await desk.create()
    desk.clock.advance(minutes=7)
    await desk.act(ticket, "accept")
    desk.clock.advance(days=1)
    await run(timers)
    assert await up(desk, ticket) == []


async def test_several_workers_take_each_step_once(desk: Desk) -> None:
    """JB-2"""
    await ladder(desk, rung(100, "percent", "supervisor", goal="response"))
    tickets = [await desk.create() for _ in range(4)]
    desk.clock.advance(minutes=11)
    await asyncio.gather(*(Timers(desk.lodge.platform).run_once() for _ in range(4)))
    for ticket in tickets:
        assert await up(desk, ticket) == [("response", "supervisor")]
    assert len(await emitted(desk)) == 4


async def test_a_step_that_fails_halfway_leaves_nothing_and_is_taken_later(
    desk: Desk, timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JB-1"""
    await ladder(desk, rung(100, "percent", "supervisor", goal="response"))
    ticket = await desk.create()
    desk.clock.advance(minutes=11)

    async def killed(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch, pytest.raises(ConnectionResetError):
        patch.setattr("core.work.Work._flush", killed)
        await timers.run_once()
    assert await up(desk, ticket) == []
    await run(timers)  # at once: a lost database is not the ticket's failure
    assert await up(desk, ticket) == [("response", "supervisor")]
    assert len(await emitted(desk)) == 1


async def test_where_nobody_is_there_the_next_one_up_is_told(desk: Desk, timers: Timers) -> None:
    await ladder(desk, rung(50, "percent", "assignee", goal="response"))
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            "UPDATE membership SET active = false WHERE company_id = $1 AND id = ANY ($2)",
            desk.house.company_id,
            [desk.house.staff[role].membership_id for role in ("clerk", "supervisor")],
        )
    ticket = await desk.create()
    desk.clock.advance(minutes=6)
    await run(timers)
    assert await up(desk, ticket) == [("response", "manager")]


async def test_whom_a_complaint_concerns_is_passed_over(desk: Desk, timers: Timers) -> None:
    """CMP-6"""
    await ladder(desk, rung(50, "percent", "supervisor", goal="response"))
    ticket = await desk.create(category="noise")
    async with desk.work("manager") as work:
        step = Step(concerns_id=desk.house.staff["supervisor"].membership_id)
        await desk.tickets.act(work, desk.site, ticket.id, "concern", step, None)
    desk.clock.advance(days=1)
    await run(timers)
    assert await up(desk, ticket) == [("response", "manager")]


async def test_the_next_step_is_that_of_the_goals_that_are_left(desk: Desk) -> None:
    ticket = await desk.create()
    async with desk.work("supervisor") as work:
        await desk.tickets.act(work, desk.site, ticket.id, "accept", Step(), None)
    async with desk.lodge.owner.begin(desk.house.company_id, read_only=True) as uow:
        due = await uow.value(
            "SELECT due_at FROM ticket_timer WHERE company_id = $1 AND ticket_id = $2 AND kind = 'escalation'",
            desk.house.company_id,
            ticket.id,
        )
    assert due == NOW + timedelta(minutes=12), "80 % of the 15 minutes until arrival"
