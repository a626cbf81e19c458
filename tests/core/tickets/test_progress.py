"""Progress told at intervals (TKT-5): a goal from the acceptance on, which begins anew each time the reporter hears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.policies.sla_targets import SLA_TARGETS
from core.tickets.model import GoalRow, Ticket
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW

EVERY = timedelta(hours=4)  # for an urgent repair


async def progress(desk: Desk, ticket: Ticket) -> list[GoalRow]:
    return [goal for goal in (await desk.detail(ticket)).goals if goal.name.startswith("progress")]


async def accepted(desk: Desk) -> Ticket:
    return await desk.act(await desk.create("lift", "urgent"), "accept")


async def test_the_interval_runs_from_the_acceptance_tkt_5(desk: Desk) -> None:
    ticket = await desk.create("lift", "urgent")
    assert await progress(desk, ticket) == []
    desk.clock.advance(minutes=10)

    await desk.act(ticket, "accept")

    [goal] = await progress(desk, ticket)
    assert (goal.state, goal.due_at) == ("running", NOW + timedelta(minutes=10) + EVERY)


@pytest.mark.parametrize("action", ["tell_progress", "answer"])
async def test_each_time_the_reporter_hears_the_interval_begins_anew(action: str, desk: Desk) -> None:
    ticket = await accepted(desk)
    for _ in range(3):
        desk.clock.advance(hours=3)
        await desk.act(ticket, action, "the part is ordered")

    [goal] = await progress(desk, ticket)
    assert (goal.state, goal.used, goal.due_at) == ("running", 0, desk.clock() + EVERY)


async def test_a_missed_interval_stands_and_the_next_is_counted_for_itself(desk: Desk) -> None:
    ticket = await accepted(desk)
    for _ in range(2):
        desk.clock.advance(hours=5)
        await desk.act(ticket, "tell_progress", "late news")

    first, second, third = await progress(desk, ticket)

    assert [first.name, second.name, third.name] == ["progress", "progress_2", "progress_3"]
    assert [goal.state for goal in (first, second, third)] == ["breached", "breached", "running"]
    assert [first.ended, second.ended, third.ended] == [True, True, False]
    assert third.due_at == desk.clock() + EVERY
    breaches = [e.details["goal"] for e in (await desk.detail(ticket)).timeline if e.kind == "breached"]
    assert breaches.count("progress") == breaches.count("progress_2") == 1


async def test_what_is_resolved_owes_no_progress_until_it_is_taken_up_again(desk: Desk) -> None:
    ticket = await accepted(desk)
    await desk.act(ticket, "resolve")
    assert [(goal.state, goal.ended) for goal in await progress(desk, ticket)] == [("met", True)]
    desk.clock.advance(hours=9)

    await desk.act(ticket, "reopen")

    [goal] = await progress(desk, ticket)
    assert (goal.state, goal.ended, goal.due_at) == ("running", False, desk.clock() + EVERY)


async def test_a_pause_stands_still_for_it_too(desk: Desk) -> None:
    ticket = await accepted(desk)
    await desk.act(ticket, "pause")
    desk.clock.advance(hours=9)
    await desk.act(ticket, "tell_progress", "the part comes tomorrow")
    assert [goal.state for goal in await progress(desk, ticket)] == ["paused"]

    await desk.act(ticket, "resume")

    [goal] = await progress(desk, ticket)
    assert goal.due_at == desk.clock() + EVERY


@pytest.mark.parametrize(
    ("own", "due"),
    [({"amount": 90, "unit": "minutes", "clock": "elapsed"}, timedelta(minutes=90)), (None, None), ("declared", EVERY)],
)
async def test_sites_set_the_interval_per_kind_and_severity(own: object, due: timedelta | None, desk: Desk) -> None:
    async with desk.work("admin") as work:
        targets = {"goals": {"repair_progress": {"urgent": own}}}
        await desk.lodge.platform.policies.revise(work, SLA_TARGETS, desk.site.id, targets, reason="ours", expected=0)  # type: ignore[arg-type]

    ticket = await accepted(desk)

    assert [goal.due_at for goal in await progress(desk, ticket)] == ([NOW + due] if due else [])
