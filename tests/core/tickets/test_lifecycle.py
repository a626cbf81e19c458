"""The life cycle as a table: which step may be taken in which state, where it leads, and what it takes."""

from __future__ import annotations

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from core.tickets.action import Situation, allowed
from core.tickets.lifecycle import ACTIONS
from core.tickets.model import STATUSES, Owed
from core.tickets.service import Step
from tests.core.tickets.desk import WAYS, Desk
from tests.support.lodge import Lodge

# Where a step leads from the state above; "-": it cannot be taken, "=": the state stays, "?": not before an answer.
TABLE = """
         new       accepted  arrived   paused    resolved  closed
accept   accepted  -         -         -         -         -
claim    -         -         -         -         -         -
arrive   -         arrived   -         -         -         -
pause    -         paused    paused    -         -         -
resume   -         -         -         accepted  -         -
resolve  resolved  resolved  resolved  -         -         -
answer   =         =         =         =         =         -
close    -         -         -         -         ?         -
reopen   -         -         -         -         accepted  accepted
assign   =         =         =         =         =         -
concern  -         -         -         -         -         -
comment  =         =         =         =         =         =
"""
_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(action, status, cell) for action, *cells in _ROWS for status, cell in zip(_HEAD, cells, strict=True)]
REASONED = ("pause", "resolve", "answer", "reopen", "comment")


def test_the_table_knows_every_action_and_state() -> None:
    assert [row[0] for row in _ROWS] == list(ACTIONS)
    assert tuple(_HEAD) == STATUSES == tuple(WAYS)


@pytest.mark.parametrize(("action", "status", "cell"), CELLS)
async def test_a_step_leads_where_the_table_says(action: str, status: str, cell: str, desk: Desk) -> None:
    ticket = await desk.in_state(status)

    if cell in ("-", "?"):
        with pytest.raises(Conflict):
            await desk.act(ticket, action)
        after = (await desk.detail(ticket)).ticket
        assert (after.status, after.version) == (status, ticket.version)
    else:
        after = await desk.act(ticket, action)
        assert after.status == (status if cell == "=" else cell)
        assert after.version == ticket.version + 1


@pytest.mark.parametrize("status", STATUSES)
async def test_the_actions_offered_are_those_that_may_be_taken(status: str, desk: Desk) -> None:
    ticket = await desk.in_state(status)
    possible = [a for a, s, cell in CELLS if s == status and cell != "-" and (cell != "?" or ticket.answered_at)]

    assert [a for a in (await desk.detail(ticket, "supervisor")).actions if a in ACTIONS] == possible


@pytest.mark.parametrize("action", REASONED)
async def test_steps_that_owe_a_reason_are_refused_without_one(action: str, desk: Desk) -> None:
    status = next(s for a, s, cell in CELLS if a == action and cell != "-")
    ticket = await desk.in_state(status)

    with pytest.raises(Invalid) as caught:
        await desk.act(ticket, action, "  ")

    assert [field.field for field in caught.value.fields] == ["text"]


async def test_a_pause_ends_where_it_began(desk: Desk) -> None:
    for status in ("accepted", "arrived"):
        ticket = await desk.in_state(status)

        paused = await desk.act(ticket, "pause")

        assert (await desk.act(paused, "resume")).status == status


async def test_a_ticket_closes_only_after_an_answer_to_the_reporter_tkt_3(desk: Desk) -> None:
    ticket = await desk.in_state("resolved")
    with pytest.raises(Conflict, match="no matter is closed without one"):
        await desk.act(ticket, "close")

    answered = await desk.act(ticket, "answer", "told on the telephone")
    closed = await desk.act(ticket, "close")

    assert answered.answered_at == desk.clock()
    assert closed.status == "closed"


async def test_a_ticket_taken_up_again_owes_a_new_answer_tkt_3(desk: Desk) -> None:
    ticket = await desk.in_state("closed")

    reopened = await desk.act(ticket, "reopen", "wet again")
    await desk.act(ticket, "resolve", "new washer")

    assert reopened.answered_at is None
    with pytest.raises(Conflict):
        await desk.act(ticket, "close")


async def test_an_answer_before_the_work_is_done_counts_too(desk: Desk) -> None:
    ticket = await desk.create()
    await desk.act(ticket, "answer")
    await desk.act(ticket, "resolve")

    assert (await desk.act(ticket, "close")).status == "closed"


@pytest.mark.parametrize("action", ["accept", "comment"])
async def test_a_stale_version_is_refused(action: str, desk: Desk) -> None:
    ticket = await desk.create()
    await desk.act(ticket, "comment", expected=1)

    with pytest.raises(PreconditionFailed):
        await desk.act(ticket, action, expected=1)

    assert (await desk.act(ticket, action, expected=2)).version == 3


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_step_takes_its_permission(action: str, desk: Desk) -> None:
    ticket = await desk.in_state(next(s for s in STATUSES if s in ACTIONS[action].sources))
    if action == "close":
        await desk.act(ticket, "answer")

    with pytest.raises(Forbidden):
        await desk.act(ticket, action, role="cashier")


async def test_an_unknown_step_does_not_exist(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.act(await desk.create(), "burn")


async def test_whoever_is_asked_first_owns_the_matter_tkt_2(desk: Desk) -> None:
    ticket = await desk.create(role="clerk")
    clerk = desk.house.staff["clerk"]

    accepted = await desk.act(ticket, "accept", role="technician")

    assert (ticket.owner_id, ticket.owner_name, ticket.assignee_id) == (clerk.membership_id, clerk.name, None)
    assert accepted.owner_id == clerk.membership_id
    assert accepted.assignee_id == desk.house.staff["technician"].membership_id


async def test_assigning_names_a_colleague_of_the_site_or_nobody(desk: Desk, lodge: Lodge) -> None:
    ticket = await desk.create()
    other_house = await lodge.house()
    at_the_other_site = desk.house.local[1]

    assigned = await desk.act(ticket, "assign", assignee_id=desk.house.staff["technician"].membership_id)
    for stranger in (other_house.staff["technician"], at_the_other_site):
        with pytest.raises(Invalid) as caught:
            await desk.act(ticket, "assign", assignee_id=stranger.membership_id)
        assert [field.field for field in caught.value.fields] == ["assignee_id"]
    freed = await desk.act(ticket, "assign")

    assert assigned.assignee_name == desk.house.staff["technician"].name
    assert (freed.assignee_id, freed.assignee_name) == (None, "")


async def test_a_ticket_of_another_site_or_company_does_not_exist(desk: Desk, lodge: Lodge) -> None:
    here, there = desk.house.sites
    ticket = await desk.create(site=there)
    stranger = await lodge.house()

    async with desk.work() as work:
        with pytest.raises(NotFound):
            await desk.tickets.get(work, here, ticket.id)
        with pytest.raises(NotFound):
            await desk.tickets.detail(work, here, ticket.id)
    for house, site in ((desk.house, here), (stranger, stranger.sites[0])):
        async with lodge.work(house, "supervisor") as work:
            with pytest.raises(NotFound):
                await desk.tickets.act(work, site, ticket.id, "accept", Step(), None)


@pytest.mark.parametrize("status", STATUSES)
async def test_nobody_without_permissions_is_offered_a_step(status: str, desk: Desk) -> None:
    ticket = await desk.in_state(status)
    assert allowed(ACTIONS.values(), Situation(ticket, Owed(), ticket.owner_id, frozenset())) == []
