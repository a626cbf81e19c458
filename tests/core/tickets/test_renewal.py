"""Changed policies reach open tickets on record: a calendar by itself, promises where the author asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import Conflict
from core.policies.calendar import CALENDAR, OFFICE_HOURS, WEEKDAYS
from core.policies.escalation import ESCALATION
from core.policies.layers import Overrides
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.sla import Calendar, ClockEvent, Goal, GoalStatus
from core.tenancy.directory import Site
from core.tickets import renewal
from core.tickets.model import GoalRow, Status, Ticket
from core.tickets.renewal import RENEW, SWEEP_JOB
from core.tickets.terms import owed
from core.work import Work
from tests.core.sla.oracle import Oracle
from tests.core.tickets.desk import Desk
from tests.core.tickets.test_interleavings import blocked
from tests.support.lodge import NOW

SHORT_DAYS: Overrides = {"week": {day: [["10:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
ALWAYS: Overrides = {"week": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
SLOWER: Overrides = {"routine": {"resolution": {"amount": 40, "unit": "hours", "clock": "working"}}}
QUICKER: Overrides = {"routine": {"resolution": {"amount": 1, "unit": "hours", "clock": "elapsed"}}}


def steps_at(*percent: int) -> Overrides:
    return {"rungs": [{"amount": share, "unit": "percent", "to": "supervisor"} for share in percent]}


class Queue:
    """Jobs as they are queued, run here one after the other instead of by a worker."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.jobs: list[tuple[str, dict[str, str], timedelta | None]] = []

    async def add(self, work: Work, name: str, ids: Mapping[str, str], delay: timedelta | None = None) -> None:
        self.jobs.append((name, dict(ids), delay))

    async def run(self) -> list[str]:
        """Run what is due, and what that queues; the names in order."""
        ran = []
        specs = {job.name: job for job in self.desk.lodge.platform.renewal.jobs}
        while due := [job for job in self.jobs if not job[2]]:
            self.jobs.remove(due[0])
            name, ids, _ = due[0]
            ctx = await self.desk.lodge.platform.system_context(self.desk.house.company_id, None)
            assert ctx is not None
            async with self.desk.lodge.platform.work(ctx) as work:
                await specs[name].handler(work, ctx, ids)
            ran.append(name)
        return ran

    def wake(self) -> None:
        """The delays are over."""
        self.jobs = [(name, ids, None) for name, ids, _ in self.jobs]


@pytest.fixture
async def queue(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Queue]:
    queue = Queue(desk)
    monkeypatch.setattr(renewal, "enqueue", queue.add)
    monkeypatch.setattr(renewal, "BATCH", 2)
    yield queue


async def revise(
    desk: Desk,
    spec: PolicySpec[Any],
    overrides: Overrides,
    site: Site | None = None,
    *,
    effective_at: datetime | None = None,
    open_tickets: bool = False,
) -> None:
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        expected = len(await policies.history(work, spec.name, site.id if site else None))
        await policies.revise(
            work,
            spec,
            site.id if site else None,
            overrides,
            reason="shorter winter days",
            expected=expected,
            effective_at=effective_at,
            open_tickets=open_tickets,
        )


async def kinds(desk: Desk, ticket: Ticket) -> list[str]:
    async with desk.work(read_only=True) as work:
        site = next(site for site in desk.house.sites if site.id == ticket.site_id)
        return [entry.kind for entry in (await desk.tickets.detail(work, site, ticket.id)).timeline]


async def due(desk: Desk, ticket: Ticket, goal: str = "resolution") -> datetime | None:
    async with desk.work(read_only=True) as work:
        detail = await desk.tickets.detail(work, desk.site, ticket.id)
    return next(row.due_at for row in detail.goals if row.name == goal)


async def test_a_new_calendar_is_put_on_every_open_ticket_once_in_batches(desk: Desk, queue: Queue) -> None:
    """TKT-4: the deadline moves from the revision's instant on, with an entry that says why."""
    open_ones = [await desk.create("lift", "routine") for _ in range(3)] + [await desk.create("fees", "routine")]
    other_site = await desk.create("fees", "routine", site=desk.house.sites[1])
    before = await due(desk, open_ones[-1])
    await revise(desk, CALENDAR, SHORT_DAYS, desk.site)
    assert await queue.run() == [SWEEP_JOB, RENEW, RENEW]
    for ticket in open_ones:
        assert await kinds(desk, ticket) == ["created", "calendar"]
    assert await kinds(desk, other_site) == ["created"]
    after = await due(desk, open_ones[-1])
    assert before is not None and after is not None and after > before  # eight working hours take four short days
    queue.jobs = [(SWEEP_JOB, {}, None), (RENEW, {"site": str(desk.site.id)}, None)]
    await queue.run()
    assert await kinds(desk, open_ones[0]) == ["created", "calendar"]


async def test_a_planned_calendar_counts_from_its_instant_even_if_nobody_worked_then(desk: Desk, queue: Queue) -> None:
    ticket = await desk.create("fees", "routine")
    start = NOW + timedelta(hours=3)
    await revise(desk, CALENDAR, SHORT_DAYS, desk.site, effective_at=start)
    [(name, ids, delay)] = queue.jobs
    assert (name, delay) == (SWEEP_JOB, timedelta(hours=3))
    queue.wake()
    await queue.run()  # too early: it comes back
    assert [(name, ids) for name, ids, _ in queue.jobs] == [(name, ids)]
    desk.clock.advance(days=3)
    queue.wake()
    assert await queue.run() == [SWEEP_JOB, RENEW]
    async with desk.work(read_only=True) as work:
        sql = "SELECT clock->0->>'at' FROM ticket_event WHERE company_id = $1 AND ticket_id = $2 AND kind = 'calendar'"
        assert await work.uow.value(sql, work.ctx.company_id, ticket.id) == "2026-11-23T05:00:00Z"


async def test_promises_reach_open_tickets_only_where_the_author_asked_for_it(desk: Desk, queue: Queue) -> None:
    tickets = [await desk.create("other", "routine") for _ in range(3)]
    await revise(desk, SLA_TARGETS, QUICKER)
    assert queue.jobs == []
    desk.clock.advance(seconds=1)
    asked = desk.clock.now
    await revise(desk, SLA_TARGETS, QUICKER, open_tickets=True)
    desk.clock.advance(seconds=1)
    assert await queue.run() == [SWEEP_JOB, RENEW, RENEW]  # two batches at the site with three tickets
    for ticket in tickets:
        assert await kinds(desk, ticket) == ["created", "retarget"]
        assert await due(desk, ticket) == asked + timedelta(hours=1)  # another kind of time starts anew
    queue.jobs = [(RENEW, {"site": str(desk.site.id)}, None)]
    await queue.run()
    assert await kinds(desk, tickets[0]) == ["created", "retarget"]  # what is held to it already stays


async def states(desk: Desk, ticket: Ticket) -> dict[str, GoalStatus]:
    async with desk.work(read_only=True) as work:
        goals = (await desk.tickets.detail(work, desk.site, ticket.id)).goals
    return {row.name: GoalStatus(row.state, row.used, row.due_at, row.breached_at) for row in goals}


async def test_revisions_of_one_downtime_count_each_from_its_own_instant_in_order(desk: Desk, queue: Queue) -> None:
    """JB-4: as the slow second opinion says, to which each happened at its time."""
    ticket = await desk.create("other", "routine")
    office = Calendar("Asia/Shanghai", dict.fromkeys(WORKDAYS, OFFICE_HOURS))
    goals = [Goal(row.name, row.amount, row.unit, row.clock) for row in (await desk.detail(ticket)).goals]
    short, twice, slower = NOW + timedelta(hours=1), NOW + timedelta(hours=7), NOW + timedelta(hours=5)
    await revise(desk, CALENDAR, SHORT_DAYS, desk.site, effective_at=short)
    await revise(desk, CALENDAR, ALWAYS, desk.site, effective_at=twice)
    await revise(desk, SLA_TARGETS, SLOWER, effective_at=slower, open_tickets=True)
    desk.clock.now = NOW + timedelta(hours=30)
    queue.wake()
    await queue.run()
    assert await kinds(desk, ticket) == ["created", "breached", "breached", "calendar", "retarget", "calendar"]

    slow = Goal("resolution", 40, "hours", "working")
    mornings = Calendar("Asia/Shanghai", dict.fromkeys(WORKDAYS, (("10:00", "12:00"),)))
    all_days = Calendar("Asia/Shanghai", dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))
    told = [
        ClockEvent(NOW, "start"),
        ClockEvent(short, "calendar", calendar=mornings),
        ClockEvent(slower, "retarget", goals=(*goals[:2], slow)),
        ClockEvent(twice, "calendar", calendar=all_days),
    ]
    assert await states(desk, ticket) == Oracle(office, goals, told).statuses(desk.clock.now)


async def test_a_revision_that_was_withdrawn_reaches_no_ticket(desk: Desk, queue: Queue) -> None:
    ticket = await desk.create("other", "routine")
    at = NOW + timedelta(hours=2)
    await revise(desk, SLA_TARGETS, QUICKER, effective_at=at, open_tickets=True)
    await revise(desk, CALENDAR, SHORT_DAYS, desk.site, effective_at=at)
    async with desk.work("admin") as work:
        for spec, site_id in ((SLA_TARGETS, None), (CALENDAR, desk.site.id)):
            await desk.lodge.platform.policies.withdraw(work, spec, site_id, 1, reason="a mistake", expected=1)
    desk.clock.advance(days=1)
    queue.wake()
    assert await queue.run() == [SWEEP_JOB] * 2
    assert "retarget" not in await kinds(desk, ticket) and "calendar" not in await kinds(desk, ticket)


async def test_a_running_goal_of_the_type_is_held_to_its_new_amount(desk: Desk, queue: Queue) -> None:
    """TKT-5"""
    ticket = await desk.act(await desk.create("other", "urgent"), "accept")
    assert await due(desk, ticket, "progress") == NOW + timedelta(hours=8)
    desk.clock.advance(minutes=1)
    sooner: Overrides = {"goals": {"request_progress": {"urgent": {"amount": 3, "unit": "hours"}}}}
    await revise(desk, SLA_TARGETS, sooner, open_tickets=True)
    desk.clock.advance(minutes=1)
    await queue.run()
    assert await due(desk, ticket, "progress") == NOW + timedelta(hours=3)


async def test_a_ticket_taken_up_again_after_a_change_keeps_what_it_was_promised(desk: Desk, queue: Queue) -> None:
    ticket = await desk.create("other", "routine")
    for action in ("accept", "resolve", "answer", "close"):
        ticket = await desk.act(ticket, action)
    desk.clock.advance(minutes=1)
    await revise(desk, SLA_TARGETS, QUICKER, open_tickets=True)
    desk.clock.advance(minutes=1)
    await desk.act(ticket, "reopen")
    await queue.run()
    assert "retarget" not in await kinds(desk, ticket)


async def test_new_escalation_steps_reach_open_tickets_at_their_instant(desk: Desk, queue: Queue) -> None:
    """TKT-6: from then on, each step once; what they would have done before is not made up for, and that is said."""
    ticket, accepted = await desk.create("other", "urgent"), await desk.create("other", "urgent")  # answered in 10 min
    await desk.act(accepted, "accept")
    desk.clock.advance(minutes=9)
    assert await desk.wake(ticket, "escalation") == 1  # 80 %: the assignee
    await revise(desk, ESCALATION, steps_at(50, 60, 95))
    desk.clock.advance(seconds=15)
    assert await desk.wake(ticket, "escalation") == 0
    assert await queue.run() == [SWEEP_JOB, RENEW]
    entry = (await desk.detail(ticket)).timeline[-1]
    assert (entry.kind, entry.details["passed"]) == ("ladder", "2")
    [change] = [entry for entry in (await desk.detail(accepted)).timeline if entry.kind == "ladder"]
    assert "passed" not in change.details  # nothing has been missed of the goals that are left
    assert await desk.wake(ticket, "escalation") == 0
    desk.clock.advance(minutes=1)  # past 95 %, which is a whole minute: the timer was set anew
    assert await desk.wake(ticket, "escalation") > 0
    told = [e.details["at"] for e in (await desk.detail(ticket)).timeline if e.kind == "escalated"]
    assert told == ["2026-11-23T02:08:00Z", "2026-11-23T02:10:00Z"]


async def test_steps_of_a_downtime_are_taken_by_the_ladder_of_their_time(desk: Desk, queue: Queue) -> None:
    """JB-4: the old ladder's until the change, the new one's after it, none twice."""
    ticket = await desk.create("other", "urgent")  # answered in 10 min, there in 30
    await revise(desk, ESCALATION, steps_at(90), effective_at=NOW + timedelta(minutes=20))
    desk.clock.advance(minutes=29)
    assert await desk.wake(ticket, "escalation") > 0  # before any job has run
    queue.wake()
    await queue.run()
    assert await desk.wake(ticket, "escalation") == 0
    told = [(e.details["goal"], e.details["at"]) for e in (await desk.detail(ticket)).timeline if e.kind == "escalated"]
    assert told == [
        ("response", "2026-11-23T02:08:00Z"),
        ("response", "2026-11-23T02:10:00Z"),
        ("arrival", "2026-11-23T02:27:00Z"),
    ]


async def test_steps_that_stay_as_they_are_for_a_site_leave_its_tickets_alone(desk: Desk, queue: Queue) -> None:
    own, plain = await desk.create("other"), await desk.create("other", site=desk.house.sites[1])
    desk.clock.advance(seconds=1)
    await revise(desk, ESCALATION, steps_at(50), desk.site)
    desk.clock.advance(seconds=1)
    await queue.run()
    await revise(desk, ESCALATION, steps_at(60))
    desk.clock.advance(seconds=1)
    await queue.run()
    assert (await kinds(desk, own)).count("ladder") == (await kinds(desk, plain)).count("ladder") == 1


async def test_a_ticket_somebody_works_on_is_left_to_the_next_round(desk: Desk, queue: Queue) -> None:
    busy, free = await desk.create("fees", "routine"), await desk.create("fees", "routine")
    await revise(desk, CALENDAR, SHORT_DAYS, desk.site)
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            "SELECT 1 FROM ticket WHERE company_id = $1 AND id = $2 FOR UPDATE", desk.house.company_id, busy.id
        )
        await queue.run()
    assert await kinds(desk, free) == ["created", "calendar"]
    assert await kinds(desk, busy) == ["created"]
    queue.wake()
    await queue.run()
    assert await kinds(desk, busy) == ["created", "calendar"]


def test_a_worker_knows_every_job_there_is(desk: Desk) -> None:
    platform = desk.lodge.platform
    known = [job.name for job in platform.jobs]
    assert len(known) == len(set(known))
    assert {job.name for job in (*platform.renewal.jobs, *platform.simulations.jobs)} <= set(known)


def row(name: str, hours: int, state: Any = "running") -> GoalRow:
    return GoalRow(name, hours, "hours", "elapsed", state, 0, None, None, state in ("met", "cancelled"))


def hours(name: str, amount: int) -> Goal:
    return Goal(name, amount, "hours", "elapsed")


FOUR, ONE, ARRIVE = hours("resolution", 4), hours("resolution", 1), hours("arrival", 1)


@pytest.mark.parametrize(
    ("rows", "promised", "status", "expected"),
    [
        ([row("response", 1)], [hours("response", 1)], "new", None),
        ([row("response", 1)], [hours("response", 2)], "new", (hours("response", 2),)),
        ([row("response", 1)], [], "new", ()),
        ([row("response", 1, "met")], [hours("response", 2)], "accepted", None),
        ([row("response", 1, "breached")], [hours("response", 2)], "new", None),
        ([row("resolution", 4)], [FOUR, ARRIVE], "accepted", (FOUR, ARRIVE)),
        ([row("resolution", 4)], [FOUR, hours("response", 1)], "accepted", None),
        ([row("resolution", 4)], [FOUR, ARRIVE], "arrived", None),
        ([row("resolution", 4, "met"), row("return_visit", 48)], [ONE], "resolved", None),
        ([row("resolution", 4), row("progress", 2)], [ONE], "accepted", (ONE, hours("progress", 2))),
    ],
)
def test_what_an_open_ticket_owes_when_promises_change(
    rows: list[GoalRow], promised: list[Goal], status: Status, expected: tuple[Goal, ...] | None
) -> None:
    assert owed(rows, promised, status) == expected


def test_a_paused_ticket_is_where_it_was_paused() -> None:
    promised = [hours("resolution", 4), hours("arrival", 1)]
    assert owed([row("resolution", 4)], promised, "paused", "arrived") is None
    assert owed([row("resolution", 4)], promised, "paused", "accepted") == tuple(promised)


async def test_a_revision_committed_after_one_that_began_later_still_reaches_open_tickets(
    desk: Desk, queue: Queue
) -> None:
    """The slower of two takes effect after what tickets have been brought up to, whatever its clock said."""
    ticket = await desk.create("other", "urgent")
    began = desk.clock.now
    desk.clock.advance(seconds=5)
    await revise(desk, CALENDAR, SHORT_DAYS)
    await queue.run()
    desk.clock.now = began
    await revise(desk, ESCALATION, steps_at(50))
    desk.clock.advance(seconds=10)
    queue.wake()
    assert await queue.run() == [SWEEP_JOB, RENEW]
    assert (await kinds(desk, ticket))[-2:] == ["calendar", "ladder"]
    async with desk.work("admin", read_only=True) as work:
        [ladder] = await desk.lodge.platform.policies.history(work, ESCALATION.name, None)
    assert timedelta(0) < ladder.effective_at - (began + timedelta(seconds=5)) < timedelta(milliseconds=1)


async def test_what_open_tickets_follow_already_cannot_be_withdrawn(desk: Desk, queue: Queue) -> None:
    await desk.create("other", "urgent")
    began, at = desk.clock.now, desk.clock.now + timedelta(seconds=5)
    await revise(desk, CALENDAR, SHORT_DAYS, effective_at=at)
    desk.clock.now = at + timedelta(seconds=5)
    queue.wake()
    await queue.run()
    desk.clock.now = began
    async with desk.work("admin") as work:
        with pytest.raises(Conflict):
            await desk.lodge.platform.policies.withdraw(work, CALENDAR, None, 1, reason="no", expected=1)


async def test_tickets_are_brought_up_while_no_revision_is_under_way(desk: Desk, queue: Queue) -> None:
    """Forced: one is made and not committed yet when the tickets' turn comes for another."""
    ticket = await desk.create("other", "urgent")
    desk.clock.advance(seconds=5)
    await revise(desk, CALENDAR, SHORT_DAYS)
    async with desk.work("admin") as work:
        policies = desk.lodge.platform.policies
        await policies.revise(work, ESCALATION, None, steps_at(50), reason="more often", expected=0)
        running = asyncio.create_task(queue.run(), context=Context())
        await blocked(desk)
    assert await running == [SWEEP_JOB, SWEEP_JOB, RENEW, RENEW]
    assert sorted((await kinds(desk, ticket))[-2:]) == ["calendar", "ladder"]
