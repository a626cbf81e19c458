"""Random lives of tickets: counters equal counting, and the kept goals equal what their events evaluate to."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict
from core.jobs.upkeep import verify_counters
from core.sla import Calendar, ClockEvent, Goal, evaluate
from core.tickets.lifecycle import ACTIONS
from core.tickets.model import Ticket
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge, SettableClock

STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),  # which ticket
        st.sampled_from(sorted(ACTIONS)),
        st.sampled_from([0, 1, 30, 600, 900, 7_200, 86_400, 0.5]),  # seconds until then
        st.booleans(),  # whether the timer comes by first
    ),
    max_size=25,
)


@settings(
    max_examples=int(os.environ.get("LODGE_TEST_WALKS", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_whatever_happens_the_books_agree(steps: list[Any], lodge: Lodge, shared_clock: SettableClock) -> None:
    shared_clock.now = NOW
    lodge.forget()
    try:
        desk = Desk(lodge, await lodge.house(), shared_clock)
        kinds = (("plumbing_electric", "urgent"), ("lift", "routine"), ("noise", "critical"))
        tickets = [await desk.create(category, severity) for category, severity in kinds]  # type: ignore[arg-type]
        for which, action, seconds, timer in steps:
            shared_clock.advance(seconds=seconds)
            if timer:
                await notice(desk, tickets[which])
            try:
                await desk.act(tickets[which], action)
            except Conflict:
                continue
        for ticket in tickets:
            await notice(desk, ticket)
            await assert_goals_follow_from_events(desk, ticket)
        await assert_counters_are_counts(desk)
        await assert_tallies_are_the_goals(desk)
    finally:
        shared_clock.now = NOW


async def notice(desk: Desk, ticket: Ticket) -> None:
    async with desk.work() as work:
        await desk.tickets.wake(work, ticket.id, "goal")


async def assert_counters_are_counts(desk: Desk) -> None:
    async with desk.work(read_only=True) as work:
        sql = "SELECT status FROM ticket WHERE company_id = $1 AND site_id = $2"
        counted = Counter(await work.uow.fetch(str, sql, work.ctx.company_id, desk.site.id))
        kept = await desk.tickets.counts(work, desk.site)

    assert {status: n for status, n in kept.items() if n} == counted
    assert min(kept.values()) >= 0


async def assert_tallies_are_the_goals(desk: Desk) -> None:
    """What figures read of each ticket is what its goals' rows say."""
    sql = """
    SELECT tally, (SELECT string_agg(tallied(name, state, missed_in, cause), ' ' ORDER BY position) FROM ticket_goal g
                   WHERE g.company_id = t.company_id AND g.ticket_id = t.id)
    FROM ticket t WHERE company_id = $1
    """
    async with desk.work(read_only=True) as work:
        for kept, follows in await work.uow.fetch(lambda *tallies: tallies, sql, desk.house.company_id):
            assert kept == follows


async def assert_goals_follow_from_events(desk: Desk, ticket: Ticket) -> None:
    """By another way than the service's: from the raw rows, at the present instant."""
    detail = await desk.detail(ticket)
    now = desk.clock()
    async with desk.work(read_only=True) as work:
        company_id = work.ctx.company_id
        clocks = await work.uow.fetch(
            str, "SELECT clock FROM ticket_event WHERE company_id = $1 AND ticket_id = $2 ORDER BY seq", company_id,
            ticket.id,
        )  # fmt: skip
        calendar = await work.uow.value(
            "SELECT value FROM calendar_value v JOIN ticket t ON t.company_id = v.company_id AND t.calendar_id = v.id "
            "WHERE t.company_id = $1 AND t.id = $2", company_id, ticket.id,
        )  # fmt: skip
        timer: datetime | None = await work.uow.value(
            "SELECT due_at FROM ticket_timer WHERE company_id = $1 AND ticket_id = $2 AND kind = 'goal'",
            company_id,
            ticket.id,
        )
        changed_at: datetime = await work.uow.value(
            "SELECT max(at) FROM ticket_event WHERE company_id = $1 AND ticket_id = $2", company_id, ticket.id
        )
    events = [event for clock in clocks for event in msgspec.json.decode(clock, type=list[ClockEvent])]
    goals = msgspec.json.decode(detail.timeline[0].details["goals"], type=tuple[Goal, ...])
    decoded = msgspec.json.decode(calendar, type=Calendar)

    at = max([now.replace(microsecond=0), *(event.at for event in events)])
    expected = evaluate(decoded, goals, events, at)
    for goal in detail.goals:
        oracle = expected[goal.name]
        early = oracle.breached_at is not None and oracle.breached_at >= now
        assert goal.state == ("running" if early else oracle.state), goal
        assert goal.breached_at == (None if early else oracle.breached_at), goal
        if not early and goal.state != "breached":
            assert goal.due_at == oracle.due_at, goal
    ahead = [g.due_at for g in detail.goals if g.state == "running" and g.due_at is not None]
    assert timer == min(ahead, default=None)
    waiting = [(g.due_at, g.name) for g in detail.goals if not g.ended and g.due_at is not None]
    assert (detail.ticket.due_at, detail.ticket.due_goal) == min(waiting, default=(None, None))
    assert [e.seq for e in detail.timeline] == list(range(1, len(detail.timeline) + 1))
    breached = [e.details["goal"] for e in detail.timeline if e.kind == "breached"]
    assert sorted(breached) == sorted(g.name for g in detail.goals if g.breached_at is not None)
    assert changed_at <= now + timedelta(seconds=1)


async def test_counters_that_went_wrong_are_put_right_and_told(desk: Desk) -> None:
    company_id, site_id = desk.house.company_id, desk.site.id
    await desk.create()
    async with desk.work("admin") as work:
        await work.uow.execute(
            "UPDATE ticket_counter SET tickets = 7 WHERE company_id = $1 AND status = 'new'", company_id
        )
        await work.uow.execute(
            "INSERT INTO ticket_counter (company_id, site_id, status, tickets) VALUES ($1, $2, 'closed', 3)",
            company_id,
            site_id,
        )

    for _ in range(2):
        async with desk.work("admin") as work:
            await verify_counters(work, work.ctx, {})

    assert await desk.counts() == {"new": 1, "closed": 0}
    async with desk.work("admin", read_only=True) as work:
        sql = "SELECT count(*) FROM audit_entry WHERE company_id = $1 AND action = 'counters.repaired'"
        assert await work.uow.value(sql, company_id) == 1
