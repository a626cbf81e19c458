"""Two act on one ticket, the second while the first is in the middle: it comes out as if one had come after the other,
or the first had never come (CC-3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.errors import LodgeError
from core.tickets.model import Ticket
from core.tickets.service import Step
from tests.core.tickets.desk import TEXTS, Desk


async def act(desk: Desk, ticket: Ticket, name: str) -> str:
    """What came of it: the state, or what refused it."""
    try:
        return (await desk.act(ticket, name)).status
    except LodgeError as refused:
        return type(refused).__name__


async def blocked(desk: Desk) -> None:
    """Returns once somebody waits for a lock."""
    async with asyncio.timeout(20), desk.lodge.owner.begin(None) as uow:
        while not await uow.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def told(desk: Desk, ticket: Ticket) -> tuple[Any, ...]:
    """All that two tickets with the same life have in common."""
    detail = await desk.detail(ticket)
    story = [(entry.seq, entry.kind, entry.text) for entry in detail.timeline]
    return detail.ticket.status, detail.ticket.version, detail.ticket.due_at, story, detail.goals


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize(
    ("state", "first", "second"),
    [
        ("new", "accept", "accept"),
        ("new", "accept", "comment"),
        ("accepted", "arrive", "pause"),
        ("accepted", "pause", "resolve"),
        ("accepted", "resolve", "pause"),
        ("paused", "resume", "resume"),
        ("resolved", "answer", "close"),
        ("resolved", "reopen", "answer"),
        ("closed", "reopen", "reopen"),
    ],
)
async def test_cc_3_whoever_comes_in_between_finds_what_is_committed(
    desk: Desk, state: str, first: str, second: str, end: str
) -> None:
    ticket, twin = await desk.in_state(state), await desk.in_state(state)
    holding, go = asyncio.Event(), asyncio.Event()

    async def begin() -> None:
        async with desk.work("supervisor") as work:
            await desk.tickets.act(work, desk.site, ticket.id, first, Step(TEXTS.get(first, "")), None)
            holding.set()
            await go.wait()
            if end == "rollback":
                await work.uow.rollback()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(begin())
        await holding.wait()
        between = tasks.create_task(act(desk, ticket, second))
        await blocked(desk)
        assert not between.done()
        go.set()

    if end == "commit":
        await act(desk, twin, first)
    assert between.result() == await act(desk, twin, second)
    assert await told(desk, ticket) == await told(desk, twin)
