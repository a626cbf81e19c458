"""Changed policies reach open tickets on record: a calendar by itself, promises where the author asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.policies.calendar import CALENDAR
from core.policies.layers import Overrides
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.sla import Goal
from core.tenancy.directory import Site
from core.tickets import renewal
from core.tickets.model import GoalRow, Status, Ticket
from core.tickets.renewal import RECALENDAR, RETARGET, SWEEP_JOB
from core.tickets.terms import owed
from core.work import Work
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW

SHORT_DAYS: Overrides = {"week": {day: [["10:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
QUICKER: Overrides = {"routine": {"resolution": {"amount": 1, "unit": "hours", "clock": "elapsed"}}}


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
    assert await queue.run() == [SWEEP_JOB, RECALENDAR, RECALENDAR]
    for ticket in open_ones:
        assert await kinds(desk, ticket) == ["created", "calendar"]
    assert await kinds(desk, other_site) == ["created"]
    after = await due(desk, open_ones[-1])
    assert before is not None and after is not None and after > before  # eight working hours take four short days
    queue.jobs = [(SWEEP_JOB, {}, None), (RECALENDAR, {"site": str(desk.site.id)}, None)]
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
    assert await queue.run() == [SWEEP_JOB, RECALENDAR]
    async with desk.work(read_only=True) as work:
        sql = "SELECT clock->0->>'at' FROM ticket_event WHERE company_id = $1 AND ticket_id = $2 AND kind = 'calendar'"
        assert await work.uow.value(sql, work.ctx.company_id, ticket.id) == "2026-11-23T05:00:00Z"


async def test_promises_reach_open_tickets_only_where_the_author_asked_for_it(desk: Desk, queue: Queue) -> None:
    tickets = [await desk.create("other", "routine") for _ in range(3)]
    await revise(desk, SLA_TARGETS, QUICKER)
    assert queue.jobs == []
    desk.clock.advance(seconds=1)
    await revise(desk, SLA_TARGETS, QUICKER, open_tickets=True)
    desk.clock.advance(seconds=1)
    ran = await queue.run()
    assert ran == [RETARGET, *[RETARGET] * 3]  # every site; two batches at the one with three tickets
    for ticket in tickets:
        assert await kinds(desk, ticket) == ["created", "retarget"]
        assert await due(desk, ticket) == desk.clock.now + timedelta(hours=1)  # another kind of time starts anew
    queue.jobs = [(RETARGET, {"from": desk.clock().isoformat(), "site": str(desk.site.id)}, None)]
    await queue.run()
    assert await kinds(desk, tickets[0]) == ["created", "retarget"]  # what is held to it already stays


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
