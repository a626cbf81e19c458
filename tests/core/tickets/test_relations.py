"""Ties between tickets: directed, shown from both sides, and duplicates without loops."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.tickets import relations
from core.tickets.carried import Related
from core.tickets.model import Ticket
from core.tickets.relations import NewRelation
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.statements import recording

KINDS = ("duplicate_of", "caused_by", "follow_up_of", "rework_of")


async def tie(desk: Desk, start: Ticket, end: Ticket | UUID, kind: str = "duplicate_of") -> UUID:
    other = end if isinstance(end, UUID) else end.id
    async with desk.work() as work:
        return await relations.relate(work, desk.site, start.id, NewRelation(kind, other))  # type: ignore[arg-type]


async def untie(desk: Desk, ticket: Ticket, relation_id: UUID) -> None:
    async with desk.work() as work:
        await relations.unrelate(work, desk.site, ticket.id, relation_id)


async def ties(desk: Desk, ticket: Ticket) -> tuple[Related, ...]:
    return (await desk.detail(ticket)).sections.relations


@pytest.mark.parametrize("kind", KINDS)
async def test_both_tickets_show_the_tie_from_their_side_until_either_takes_it_off(kind: str, desk: Desk) -> None:
    one, two = await desk.create(), await desk.create()
    relation_id = await tie(desk, one, two, kind)

    [there], [back] = await ties(desk, one), await ties(desk, two)
    assert (there.id, there.kind, there.outgoing, there.number) == (relation_id, kind, True, two.number)
    assert (back.id, back.kind, back.outgoing, back.number) == (relation_id, kind, False, one.number)
    await untie(desk, two, relation_id)
    assert await ties(desk, one) == await ties(desk, two) == ()
    for ticket, other, side in ((one, two, "from"), (two, one, "to")):
        told = [(e.kind, e.details) for e in (await desk.detail(ticket)).timeline[1:]]
        details = {"relation": kind, "side": side, "number": other.number}
        assert told == [("related", details), ("unrelated", details)]


async def test_a_ticket_is_tied_neither_to_itself_nor_to_one_of_nowhere_or_of_another_site(lodge: Lodge) -> None:
    house = await lodge.house(sites=2)
    desk = Desk(lodge, house, lodge.platform.clock)  # type: ignore[arg-type]
    here, there = await desk.create(), await desk.create(site=house.sites[1])

    for other in (here.id, there.id, uuid4()):
        with pytest.raises(Invalid) as refused:
            await tie(desk, here, other)
        assert refused.value.fields[0].field == "ticket_id"
    with pytest.raises(NotFound):
        await tie(desk, there, here)


@pytest.mark.parametrize(
    ("ties_before", "start", "end"),
    [
        (["ab"], "a", "b"),  # twice
        (["ab"], "b", "a"),  # a loop of two
        (["ab"], "a", "c"),  # of two at once
        (["ab"], "c", "a"),  # of a duplicate
        (["ab"], "b", "c"),  # one that has duplicates
    ],
)
async def test_duplicates_form_no_chains_and_so_no_loops(
    ties_before: list[str], start: str, end: str, desk: Desk
) -> None:
    tickets = {name: await desk.create() for name in "abc"}
    for first, second in ties_before:
        await tie(desk, tickets[first], tickets[second])

    with pytest.raises(Conflict):
        await tie(desk, tickets[start], tickets[end])


async def test_other_kinds_may_go_any_way(desk: Desk) -> None:
    one, two = await desk.create(), await desk.create()

    await tie(desk, one, two, "caused_by")
    await tie(desk, two, one, "caused_by")
    await tie(desk, one, two, "follow_up_of")

    assert len(await ties(desk, one)) == 3


async def test_four_tied_in_a_ring_at_once_are_no_ring_after_it(desk: Desk) -> None:
    ring = [await desk.create() for _ in range(4)]

    answers = await asyncio.gather(*(tie(desk, ring[n], ring[(n + 1) % 4]) for n in range(4)), return_exceptions=True)

    made = [answer for answer in answers if isinstance(answer, UUID)]
    assert all(isinstance(answer, UUID | Conflict) for answer in answers), answers
    assert 1 <= len(made) <= 2
    for ticket in ring:
        assert len({r.outgoing for r in await ties(desk, ticket)}) <= 1, "none is a duplicate of a duplicate"


async def test_tying_and_untying_take_six_statements(desk: Desk) -> None:
    one, two = await desk.create(), await desk.create()
    async with recording(desk.lodge.platform.db) as sent:
        relation_id = await tie(desk, one, two)
    async with recording(desk.lodge.platform.db) as sent_again:
        await untie(desk, one, relation_id)

    assert (len(sent), len(sent_again)) == (6, 6)
