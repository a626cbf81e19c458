"""Several acting on one ticket at once: one after the other, each on what the last one left."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import Conflict, PreconditionFailed
from core.tickets.model import Ticket
from core.tickets.service import Step
from tests.core.tickets.desk import Desk


async def act(desk: Desk, ticket: Ticket, name: str, text: str = "", expected: int | None = None) -> Ticket | Exception:
    try:
        return await desk.act(ticket, name, text, expected=expected)
    except (Conflict, PreconditionFailed) as error:
        return error


async def test_comments_written_at_once_all_stand_in_the_timeline(desk: Desk) -> None:
    ticket = await desk.create()

    await asyncio.gather(*(desk.act(ticket, "comment", f"remark {n}") for n in range(8)))

    detail = await desk.detail(ticket)
    assert [entry.seq for entry in detail.timeline] == list(range(1, 10))
    assert {entry.text for entry in detail.timeline[1:]} == {f"remark {n}" for n in range(8)}
    assert detail.ticket.version == 9


async def test_of_those_who_saw_the_same_version_one_wins(desk: Desk) -> None:
    ticket = await desk.create()

    answers = await asyncio.gather(*(act(desk, ticket, "accept", expected=1) for _ in range(8)))

    assert sum(isinstance(answer, Ticket) for answer in answers) == 1
    assert sum(isinstance(answer, PreconditionFailed) for answer in answers) == 7


async def test_who_comes_while_another_is_at_it_waits_and_finds_what_that_left(desk: Desk) -> None:
    """CC-2: the ticket is locked before it is read."""
    ticket = await desk.create()
    at_it = asyncio.Event()

    async def first() -> None:
        async with desk.work("supervisor") as work:
            await desk.tickets.act(work, desk.site, ticket.id, "accept", Step(), None)
            at_it.set()
            await asyncio.sleep(0.3)  # in which the other could read what is not so any more when its turn comes

    async def late() -> Ticket | Exception:
        await at_it.wait()
        return await act(desk, ticket, "accept", expected=1)

    _, answer = await asyncio.gather(first(), late())

    assert isinstance(answer, PreconditionFailed)


async def test_of_those_who_do_not_say_what_they_saw_the_late_find_the_new_state(desk: Desk) -> None:
    ticket = await desk.create()

    answers = await asyncio.gather(*(act(desk, ticket, "accept") for _ in range(8)))

    assert sum(isinstance(answer, Ticket) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7
    assert await desk.counts() == {"new": 0, "accepted": 1}


async def test_an_action_that_waited_for_the_timer_sees_the_breach(desk: Desk) -> None:
    ticket = await desk.create(severity="critical")
    desk.clock.advance(minutes=6)

    async def notice() -> int:
        async with desk.work("clerk") as work:
            count = await desk.tickets.wake(work, ticket.id, "goal")
            await asyncio.sleep(0.05)  # holds the lock while the action arrives
            return count

    noticed, accepted = await asyncio.gather(notice(), act(desk, ticket, "accept"))

    assert isinstance(accepted, Ticket)
    kinds = [entry.kind for entry in (await desk.detail(ticket)).timeline]
    assert sorted(kinds) == ["accept", "breached", "created"]
    assert noticed in (0, 1)


@pytest.mark.parametrize("site", ["the same", "each its own"])
async def test_tickets_taken_in_at_once_are_numbered_without_a_gap(site: str, desk: Desk) -> None:
    sites = desk.house.sites if site == "each its own" else desk.house.sites[:1] * 2

    made = await asyncio.gather(*(desk.create(site=sites[n % 2]) for n in range(10)))

    by_site = [sorted(t.number for t in made if t.site_id == s.id) for s in dict.fromkeys(sites)]
    each = 10 // len(by_site)
    assert by_site == [[f"GD2611-{n:04}" for n in range(1, each + 1)]] * len(by_site)


async def test_opposite_moves_at_once_do_not_wait_for_each_other_for_ever(desk: Desk) -> None:
    forth, back = await desk.create(), await desk.create()
    await desk.act(back, "resolve", "done")

    for _ in range(10):
        await asyncio.gather(desk.act(forth, "resolve", "done"), desk.act(back, "reopen", "again"))
        forth, back = back, forth

    counts = await desk.counts()
    assert counts["resolved"] == counts["accepted"] == 1 and counts["new"] == 0


async def test_a_step_that_fails_leaves_nothing(desk: Desk) -> None:
    ticket = await desk.create()

    with pytest.raises(ZeroDivisionError):
        async with desk.work("clerk") as work:
            await desk.tickets.act(work, desk.site, ticket.id, "accept", Step(), None)
            raise ZeroDivisionError

    detail = await desk.detail(ticket)
    assert (detail.ticket.status, detail.ticket.version, len(detail.timeline)) == ("new", 1, 1)
    assert await desk.counts() == {"new": 1}
