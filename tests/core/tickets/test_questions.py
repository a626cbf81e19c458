"""Questions that cannot be answered at once go up with a deadline (TKT-8)."""

from __future__ import annotations

import pytest

from core.errors import Conflict, Invalid
from core.tickets.model import Ticket
from core.tickets.questions import QuestionRow
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge
from tests.support.statements import recording


async def asked(desk: Desk) -> Ticket:
    ticket = await desk.create("fees", "routine", role="clerk")
    return await desk.act(
        ticket, "escalate_question", "May this be waived?", role="clerk", colleague_id=desk.member("manager")
    )


async def rows(desk: Desk, role: str) -> list[QuestionRow]:
    async with desk.work(role, read_only=True) as work:
        return await desk.tickets.questions(work, desk.site)


async def test_a_question_goes_up_with_a_deadline_and_the_owner_stays_tkt_8(desk: Desk) -> None:
    ticket = await asked(desk)

    assert ticket.owner_id == desk.member("clerk")
    [to_manager], [by_clerk] = await rows(desk, "manager"), await rows(desk, "clerk")
    assert (to_manager.mine, to_manager.question, by_clerk.mine) == (True, "May this be waived?", False)
    assert to_manager.due_at > NOW
    assert await rows(desk, "supervisor") == []


async def test_its_answer_is_put_on_record(desk: Desk) -> None:
    ticket = await asked(desk)

    await desk.act(ticket, "answer_question", "Up to 50 yuan.", role="manager")

    entry = (await desk.detail(ticket)).timeline[-1]
    assert (entry.kind, entry.text, entry.details["question"]) == (
        "answer_question",
        "Up to 50 yuan.",
        "May this be waived?",
    )
    assert await rows(desk, "manager") == await rows(desk, "clerk") == []
    await asked(desk)


async def test_an_unanswered_question_shows_as_overdue_once(desk: Desk) -> None:
    ticket = await asked(desk)
    question = (await desk.detail(ticket)).sections.owed.question
    assert question is not None
    desk.clock.now = question.due_at
    assert await desk.wake(ticket, "question") == 0

    desk.clock.advance(seconds=1)
    await desk.wake(ticket, "question")
    await desk.wake(ticket, "question")

    kinds = [entry.kind for entry in (await desk.detail(ticket)).timeline]
    assert kinds.count("question_overdue") == 1
    assert [row.missed_at for row in await rows(desk, "manager")] == [question.due_at]
    await desk.act(ticket, "answer_question", "late, but yes", role="manager")


async def test_one_question_at_a_time_and_no_closing_over_it(desk: Desk) -> None:
    ticket = await asked(desk)
    with pytest.raises(Conflict):
        await desk.act(ticket, "escalate_question", "And this?", colleague_id=desk.member("manager"))
    for step in ("accept", "resolve", "answer"):
        await desk.act(ticket, step)

    with pytest.raises(Conflict, match="waits for its answer"):
        await desk.act(ticket, "close")


async def test_it_goes_to_a_colleague_of_the_site_ti_10(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    stranger = (await lodge.house()).staff["manager"]

    for colleague_id in (stranger.membership_id, desk.house.local[1].membership_id, None):
        with pytest.raises(Invalid) as caught:
            await desk.act(ticket, "escalate_question", "Who knows?", colleague_id=colleague_id)
        assert [field.field for field in caught.value.fields] == ["colleague_id"]


async def test_nothing_is_answered_that_nobody_asked(desk: Desk) -> None:
    ticket = await desk.create()
    with pytest.raises(Conflict):
        await desk.act(ticket, "answer_question", "42")


async def test_asking_and_answering_ask_the_database_six_times_at_most(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    await desk.act(ticket, "comment", "policies and calendar are known now")
    for name in ("escalate_question", "answer_question"):
        async with recording(lodge.platform.db) as sent:
            await desk.act(ticket, name, "a text", colleague_id=desk.member("manager"))
        assert len(sent) <= 6, [statement.sql for statement in sent]
