"""Merging a duplicate and taking it back: nobody goes without an answer, nothing is lost (TKT-3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from core.tickets import relations, watchers
from core.tickets.merging import Merge, Merging, Unmerge
from core.tickets.model import Ticket
from core.tickets.relations import NewRelation
from tests.core.files.samples import TEXT
from tests.core.tickets.desk import Desk
from tests.support.statements import recording


def merging(desk: Desk) -> Merging:
    return desk.lodge.platform.merging


async def merge(desk: Desk, one: Ticket, into: Ticket, answer: str = "", expected: int | None = None) -> Ticket:
    async with desk.work("supervisor") as work:
        return await merging(desk).merge(work, desk.site, one.id, Merge(into.id, answer), expected)


async def unmerge(desk: Desk, one: Ticket, expected: int | None = None) -> Ticket:
    async with desk.work("supervisor") as work:
        return await merging(desk).unmerge(work, desk.site, one.id, Unmerge("two flats"), expected)


async def watch(desk: Desk, ticket: Ticket, role: str) -> None:
    async with desk.work(role) as work:
        await watchers.watch(work, desk.site, ticket.id)


async def kinds(desk: Desk, ticket: Ticket) -> list[str]:
    return [entry.kind for entry in (await desk.detail(ticket)).timeline]


async def watching(desk: Desk, ticket: Ticket) -> set[UUID]:
    return {each.member_id for each in (await desk.detail(ticket)).sections.watchers}


async def test_the_answer_to_the_survivor_is_the_answer_to_the_duplicate(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.create()

    merged = await merge(desk, duplicate, survivor)

    assert (merged.status, merged.answered_at) == ("closed", None)
    with pytest.raises(Conflict, match="Record the answer"):  # TKT-3: the duty is the survivor's
        survivor = await desk.act(await desk.act(survivor, "resolve"), "close")
    await desk.act(survivor, "answer", "the pipe is mended")
    await desk.act(survivor, "close")
    told = await desk.detail(duplicate)
    assert told.ticket.answered_at == desk.clock()
    assert told.timeline[-1].text == "the pipe is mended"
    assert told.timeline[-1].details["number"] == survivor.number
    assert await kinds(desk, duplicate) == ["created", "merged", "answer"]
    assert await kinds(desk, survivor) == ["created", "took_in", "resolve", "answer", "close"]
    assert (await desk.counts())["closed"] == 2


async def test_a_duplicate_may_be_closed_with_an_answer_of_its_own(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.create()

    merged = await merge(desk, duplicate, survivor, "we know of it already")
    await desk.act(survivor, "answer", "mended")

    assert merged.answered_at is not None
    assert await kinds(desk, duplicate) == ["created", "answer", "merged"]


async def test_into_an_answered_ticket_only_with_an_answer(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.in_state("closed")

    with pytest.raises(Invalid) as refused:
        await merge(desk, duplicate, survivor)
    assert refused.value.fields[0].field == "answer"
    assert (await merge(desk, duplicate, survivor, "it is mended")).status == "closed"


async def test_who_may_not_answer_cannot_merge_with_an_answer(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.create()
    async with desk.work("technician") as work:
        with pytest.raises(Forbidden):
            await merging(desk).merge(work, desk.site, duplicate.id, Merge(survivor.id, "told"), None)


@pytest.mark.parametrize("status", ["new", "accepted", "arrived", "paused", "resolved"])
async def test_taking_a_merge_back_leaves_the_ticket_as_it_was(status: str, desk: Desk) -> None:
    duplicate, survivor = await desk.in_state(status), await desk.create()
    before = await desk.detail(duplicate)
    await merge(desk, duplicate, survivor)
    merged = await desk.detail(duplicate)
    assert {goal.state for goal in merged.goals} == {"met"}
    assert merged.ticket.due_at is None
    desk.clock.advance(hours=1)

    back = await unmerge(desk, duplicate)

    # what was waited for is not waited for any more: a paused ticket goes on where it was paused
    assert back.status == ("accepted" if status == "paused" else status)
    after = await desk.detail(duplicate)
    assert [goal.ended for goal in after.goals] == [goal.ended for goal in before.goals]
    assert [goal.used for goal in after.goals] == [goal.used for goal in before.goals], "the hour does not count"
    if before.ticket.due_at is not None:
        assert after.ticket.due_at == before.ticket.due_at + timedelta(hours=1)
    assert after.sections.relations == ()
    assert (await kinds(desk, survivor))[-2:] == ["took_in", "gave_back"]
    with pytest.raises(Conflict):
        await unmerge(desk, duplicate)


async def test_files_and_watchers_come_along_and_go_back(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.create()
    for role in ("clerk", "manager"):
        await watch(desk, duplicate, role)
    await watch(desk, survivor, "manager")
    async with desk.work() as work:
        file = await desk.lodge.platform.files.add(work, desk.site, duplicate.id, "note.txt", TEXT)
    staff = desk.house.staff
    await merge(desk, duplicate, survivor)

    assert [a.id for a in (await desk.detail(survivor)).sections.attachments] == [file.id]
    assert await watching(desk, survivor) == {staff["clerk"].membership_id, staff["manager"].membership_id}
    async with desk.work(read_only=True) as work:
        assert (await desk.lodge.platform.files.open(work, desk.site, survivor.id, file.id)).data == TEXT
    await unmerge(desk, duplicate)
    assert (await desk.detail(survivor)).sections.attachments == ()
    assert await watching(desk, survivor) == {staff["manager"].membership_id}
    async with desk.work(read_only=True) as work:
        with pytest.raises(NotFound):
            await desk.lodge.platform.files.open(work, desk.site, survivor.id, file.id)


async def test_what_was_linked_before_is_merged_and_merged_ones_are_not_unlinked(desk: Desk) -> None:
    duplicate, survivor = await desk.create(), await desk.create()
    async with desk.work() as work:
        relation_id = await relations.relate(work, desk.site, duplicate.id, NewRelation("duplicate_of", survivor.id))

    await merge(desk, duplicate, survivor)

    [related] = (await desk.detail(duplicate)).sections.relations
    assert (related.id, related.merged) == (relation_id, True)
    async with desk.work() as work:
        with pytest.raises(Conflict, match="Undo the merge"):
            await relations.unrelate(work, desk.site, duplicate.id, relation_id)


async def test_refusals(desk: Desk) -> None:
    one, two, closed = await desk.create(), await desk.create(), await desk.in_state("closed")

    with pytest.raises(PreconditionFailed):
        await merge(desk, one, two, expected=7)
    with pytest.raises(Conflict):
        await merge(desk, closed, one)
    with pytest.raises(Invalid):
        await merge(desk, one, one)
    with pytest.raises(Conflict):
        await unmerge(desk, one)
    await merge(desk, one, two)
    with pytest.raises(Conflict):
        await merge(desk, two, closed, "told")


async def test_the_statements_that_it_takes(desk: Desk) -> None:
    """Two tickets change, each with its timeline: more than a step of one ticket, and never more with more content."""
    duplicate, survivor = await desk.create(), await desk.create()
    async with recording(desk.lodge.platform.db) as sent:
        await merge(desk, duplicate, survivor)
    async with recording(desk.lodge.platform.db) as back:
        await unmerge(desk, duplicate)

    assert (len(sent), len(back)) == (9, 10)
