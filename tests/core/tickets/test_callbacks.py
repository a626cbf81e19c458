"""Promised callbacks (TKT-4): a promise is kept, moved or missed, and a missed one shows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from core.errors import Conflict, Invalid
from core.policies.answering import ANSWERING
from core.tickets.callbacks import CallbackRow
from core.tickets.model import Ticket
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge
from tests.support.statements import recording

AT = (NOW + timedelta(hours=3)).astimezone(timezone(timedelta(hours=8)))  # as a browser in Shanghai has it


async def promised(desk: Desk, at: datetime | None = AT) -> Ticket:
    ticket = await desk.create("noise", "routine")
    return await desk.act(ticket, "promise_callback", "ask the neighbours first", at=at)


async def owed(desk: Desk) -> list[CallbackRow]:
    async with desk.work(read_only=True) as work:
        return await desk.tickets.callbacks(work, desk.site)


async def test_a_promise_stands_in_the_list_until_it_is_kept_tkt_4(desk: Desk) -> None:
    later, ticket = await promised(desk, AT + timedelta(hours=1)), await promised(desk)
    assert [(row.ticket_id, row.promised_at) for row in await owed(desk)] == [
        (ticket.id, AT),
        (later.id, AT + timedelta(hours=1)),
    ]

    after = await desk.act(ticket, "keep_callback", "nobody was in")

    assert [row.ticket_id for row in await owed(desk)] == [later.id]
    assert after.answered_at is None
    assert (await desk.detail(ticket)).timeline[-1].details["promised_at"] == "2026-11-23T05:00:00Z"


# What a call came to: whether the answer is given, and how often progress was told.
OUTCOMES = [("", False, 0), ("progress", False, 1), ("answer", True, 1)]


@pytest.mark.parametrize(("outcome", "answered", "told"), OUTCOMES)
async def test_a_call_can_bring_progress_or_the_answer_at_once(
    outcome: str, answered: bool, told: int, desk: Desk
) -> None:
    ticket = await promised(desk)
    await desk.act(ticket, "accept")
    desk.clock.advance(minutes=30)

    after = await desk.act(ticket, "keep_callback", "spoke with her", outcome=outcome)

    assert (after.answered_at == desk.clock()) == answered
    progress = next(goal for goal in (await desk.detail(ticket)).goals if goal.name == "progress")
    assert (progress.used == 0) == bool(told) or progress.unit == "working_days"


async def test_an_answer_keeps_the_promise(desk: Desk) -> None:
    ticket = await promised(desk)

    await desk.act(ticket, "answer")

    assert await owed(desk) == []
    assert (await desk.detail(ticket)).sections.owed.callback is None


async def test_a_missed_promise_shows_and_can_still_be_kept_tkt_4(desk: Desk) -> None:
    ticket = await promised(desk)
    desk.clock.now = AT
    assert await desk.wake(ticket, "callback") == 0, "kept at its very instant it is kept"

    desk.clock.advance(seconds=1)
    assert [await desk.wake(ticket, "callback") for _ in range(2)] == [1, 0]

    [row] = await owed(desk)
    assert row.missed_at == AT
    assert (await desk.detail(ticket)).timeline[-1].kind == "callback_missed"
    await desk.act(ticket, "keep_callback", "sorry, late")
    assert await owed(desk) == []


@pytest.mark.parametrize("late", [False, True])
async def test_a_promise_that_is_moved_stays_on_record(late: bool, desk: Desk, lodge: Lodge) -> None:
    ticket = await promised(desk)
    desk.clock.now = AT + timedelta(minutes=1 if late else -1)

    await desk.act(ticket, "promise_callback", at=AT + timedelta(hours=2))

    [row] = await owed(desk)
    assert (row.promised_at, row.missed_at) == (AT + timedelta(hours=2), None)
    async with desk.work(read_only=True) as work:
        sql = "SELECT promised_at, missed_at FROM ticket_callback WHERE company_id = $1 AND outcome = 'moved'"
        assert await work.uow.fetch(lambda *row: row, sql, work.ctx.company_id) == [(AT, AT if late else None)]


async def test_without_a_time_the_sites_usual_one_is_promised(desk: Desk) -> None:
    async with desk.work("admin") as work:
        within = {"callback_within": {"amount": 45, "unit": "minutes", "clock": "elapsed"}}
        await desk.lodge.platform.policies.revise(work, ANSWERING, desk.site.id, within, reason="sooner", expected=0)  # type: ignore[arg-type]

    await promised(desk, None)

    assert [row.promised_at for row in await owed(desk)] == [NOW + timedelta(minutes=45)]


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(days=1), AT.replace(tzinfo=None)])
async def test_a_promise_is_for_an_instant_that_is_still_to_come(at: datetime, desk: Desk) -> None:
    ticket = await desk.create()

    with pytest.raises(Invalid) as caught:
        await desk.act(ticket, "promise_callback", at=at)

    assert [field.field for field in caught.value.fields] == ["at"]


async def test_a_ticket_with_a_callback_owed_does_not_close(desk: Desk) -> None:
    ticket = await desk.in_state("resolved")
    await desk.act(ticket, "answer")
    await desk.act(ticket, "promise_callback", at=AT)
    assert "close" not in (await desk.detail(ticket)).actions

    with pytest.raises(Conflict, match="keep it first"):
        await desk.act(ticket, "close")
    await desk.act(ticket, "keep_callback", "all is well")

    assert (await desk.act(ticket, "close")).status == "closed"


async def test_nothing_is_kept_that_was_not_promised(desk: Desk) -> None:
    ticket = await desk.create()

    assert "keep_callback" not in (await desk.detail(ticket)).actions
    with pytest.raises(Conflict):
        await desk.act(ticket, "keep_callback", "hello")


async def test_callbacks_of_another_site_are_not_in_the_list_ti_10(desk: Desk) -> None:
    ticket = await desk.create(site=desk.house.sites[1])
    await desk.act(ticket, "promise_callback", at=AT)

    assert await owed(desk) == []


async def test_promising_moving_and_keeping_ask_the_database_six_times_at_most(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    await desk.act(ticket, "comment", "policies and calendar are known now")
    for n, name in enumerate(("promise_callback", "promise_callback", "keep_callback", "tell_progress"), 1):
        async with recording(lodge.platform.db) as sent:
            at = AT + timedelta(hours=n) if name == "promise_callback" else None
            await desk.act(ticket, name, "a text", at=at, outcome="answer" if name == "keep_callback" else "")
        assert len(sent) <= 6, [statement.sql for statement in sent]
