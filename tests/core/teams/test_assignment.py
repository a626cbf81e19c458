"""Who gets a ticket: teams, suggestions, turns, claims, and never whom a complaint concerns (CC-2, CMP-6)."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.tickets.model import NewTicket, Ticket
from tests.core.teams.crew import DAYTIME, NIGHT, Crew
from tests.support.statements import recording

PLUMBING, NOISE = "plumbing_electric", "noise"
HANDLING = (
    "accept", "claim", "arrive", "pause", "resume", "resolve", "answer", "close", "reopen", "assign", "concern",
    "comment",
)  # fmt: skip


async def test_a_ticket_goes_to_the_team_that_takes_its_category(crew: Crew) -> None:
    team = await crew.team("水电班", "technician")
    await crew.team("保洁班", "steward", categories=("cleaning",))
    ticket = await crew.take_in()
    assert (ticket.team_id, ticket.team_name, ticket.assignee_id) == (team.id, "水电班", None)
    assert (await crew.take_in("lift")).team_id is None


async def test_the_team_on_duty_goes_before_one_that_sleeps(crew: Crew) -> None:
    day = await crew.team("水电班", "technician")
    night = await crew.team("值班", "engineering", categories=())
    await crew.plan(day, technician=DAYTIME)
    await crew.plan(night, engineering=NIGHT)
    assert (await crew.take_in()).team_id == day.id
    crew.clock.advance(hours=12)
    assert (await crew.take_in()).team_id == night.id


async def test_whoever_is_named_keeps_the_ticket_and_brings_their_team(crew: Crew) -> None:
    await crew.policy(mode="round_robin")
    await crew.team("水电一班", "technician")
    second = await crew.team("水电二班", "engineering")
    ticket = await crew.take_in(assignee="engineering")
    assert (ticket.assignee_id, ticket.team_id) == (crew.id("engineering"), second.id)


async def test_an_employee_without_any_team_can_be_assigned(crew: Crew) -> None:
    ticket = await crew.take_in(assignee="cashier")
    assert (ticket.assignee_id, ticket.team_id) == (crew.id("cashier"), None)
    assert crew.id("technician") in {c.membership_id for c in await crew.candidates()}


async def test_leads_are_suggested_only_where_a_team_has_them(crew: Crew) -> None:
    assert crew.id("manager") not in {c.membership_id for c in await crew.candidates()}
    await crew.team("水电班", "manager")
    assert (await crew.candidates())[0].name == crew.name("manager")


async def test_tickets_go_round_among_those_on_duty_by_what_they_have_in_hand(crew: Crew) -> None:
    await crew.policy(mode="round_robin")
    team = await crew.team("水电班", "technician", "engineering", "steward")
    await crew.plan(team, technician=DAYTIME, engineering=DAYTIME, steward=NIGHT)
    given = []
    for _ in range(4):
        given.append((await crew.take_in()).assignee_name)
        crew.clock.advance(seconds=1)
    assert sorted(given[:2]) == sorted(given[2:]) == sorted([crew.name("technician"), crew.name("engineering")])


async def test_cc_2_matters_taken_in_at_once_go_to_different_people(crew: Crew) -> None:
    """CC-2: each is placed knowing of the one before it."""
    roles = ("technician", "engineering", "steward", "guard")
    await crew.policy(mode="round_robin")
    await crew.team("水电班", *roles)
    await crew.take_in(assignee="cashier")  # policies and teams are known from here on

    taken = await asyncio.gather(*(crew.take_in() for _ in range(3 * len(roles))))

    given = Counter(ticket.assignee_id for ticket in taken)
    assert given == dict.fromkeys(map(crew.id, roles), 3)


async def test_a_ticket_waits_with_the_team_where_people_claim(crew: Crew) -> None:
    await crew.policy(mode="claim")
    await crew.team("水电班", "technician")
    ticket = await crew.take_in()
    assert (ticket.team_name, ticket.assignee_id) == ("水电班", None)
    assert "claim" in (await crew.detail(ticket, "technician")).actions
    assert "accept" not in (await crew.detail(ticket, "technician")).actions

    claimed = await crew.step(ticket, "claim", "technician")
    assert (claimed.status, claimed.assignee_id) == ("accepted", crew.id("technician"))
    assert (await crew.detail(ticket, "manager")).timeline[-1].details["team"] == "水电班"


async def test_cc_2_of_a_hundred_who_claim_at_once_one_gets_the_ticket(crew: Crew) -> None:
    """CC-2."""
    roles = ("technician", "engineering", "steward", "guard", "duty_officer")
    await crew.team("水电班", *roles)
    ticket = await crew.take_in()

    async def claim(role: str) -> Ticket | None:
        try:
            return await crew.step(ticket, "claim", role)
        except Conflict:
            return None

    won = [t for t in await asyncio.gather(*(claim(roles[n % len(roles)]) for n in range(100))) if t]
    assert len(won) == 1
    detail = await crew.detail(ticket)
    assert detail.ticket.assignee_id == won[0].assignee_id
    assert [entry.kind for entry in detail.timeline] == ["created", "claim"]


@pytest.mark.parametrize("case", ["not in the team", "taken already", "no team"])
async def test_a_claim_that_cannot_be_says_why(case: str, crew: Crew) -> None:
    if case != "no team":
        await crew.team("水电班", "engineering")
    ticket = await crew.take_in(assignee="engineering" if case == "taken already" else None)
    with pytest.raises(Forbidden if case == "not in the team" else Conflict):
        await crew.step(ticket, "claim", "technician")


async def test_a_ticket_can_be_given_to_a_team_and_to_somebody_of_it(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", categories=("lift",))
    ticket = await crew.take_in(assignee="engineering")
    given = await crew.step(ticket, "assign", team_id=team.id)
    assert (given.team_name, given.assignee_id, given.assigned_at) == ("水电班", None, None)
    given = await crew.step(ticket, "assign", assignee_id=crew.id("technician"))
    assert (given.team_name, given.assignee_name) == ("水电班", crew.name("technician"))
    with pytest.raises(Invalid):
        await crew.step(ticket, "assign", team_id=crew.id("technician"))


async def test_candidates_say_why_they_stand_where_they_do(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    await crew.plan(team, technician=DAYTIME, engineering=NIGHT)
    for _ in range(2):
        await crew.take_in(assignee="technician")
    paused = await crew.step(await crew.take_in(assignee="technician"), "accept", "technician")
    await crew.step(paused, "pause", "technician", text="parts")

    first, second, *others = await crew.candidates()

    assert (first.name, first.duty, first.fit, first.tickets, first.paused, first.points) == (
        crew.name("technician"), "on", "category", 3, 1, 5,
    )  # fmt: skip
    assert (second.name, second.duty) == (crew.name("engineering"), "off")
    assert {c.fit for c in others} == {"none"}


async def test_what_somebody_has_at_another_site_is_not_told(crew: Crew) -> None:
    """TI-10."""
    ticket = await crew.create(site=crew.house.sites[1])
    await crew.act(ticket, "assign", assignee_id=crew.id("technician"))
    [found] = [c for c in await crew.candidates() if c.name == crew.name("technician")]
    assert (found.tickets, found.given_at) == (0, None)


async def test_whom_a_complaint_concerns_is_neither_suggested_nor_given_it(crew: Crew) -> None:
    """CMP-6."""
    await crew.policy(mode="round_robin")
    await crew.team("客服组", "steward", categories=(NOISE,))
    ticket = await crew.take_in(NOISE, concerns="steward")
    assert (ticket.team_name, ticket.assignee_id, ticket.concerns_name) == ("客服组", None, crew.name("steward"))
    assert crew.id("steward") not in {c.membership_id for c in await crew.candidates(NOISE, "steward")}
    with pytest.raises(Invalid) as caught:
        await crew.step(ticket, "assign", assignee_id=crew.id("steward"))
    assert [fault.field for fault in caught.value.fields] == ["assignee_id"]
    with pytest.raises(Invalid):
        await crew.take_in(NOISE, assignee="steward", concerns="steward")


@pytest.mark.parametrize("action", HANDLING)
async def test_whom_a_complaint_concerns_handles_no_step_of_it(action: str, crew: Crew) -> None:
    """CMP-6: to whom it concerns there is no such complaint, with every right there is, whatever its state."""
    await crew.team("客服组", "manager", categories=(NOISE,))
    ticket = await crew.take_in(NOISE, concerns="manager")
    before = {
        "arrive": ("accept",), "pause": ("accept",), "resume": ("accept", "pause"),
        "close": ("resolve", "answer"), "reopen": ("resolve",),
    }.get(action, ())  # fmt: skip
    for step in before:
        ticket = await crew.step(ticket, step, text="done")
    with pytest.raises(NotFound):
        await crew.step(ticket, action, "manager", text="me")
    with pytest.raises(NotFound):
        await crew.detail(ticket, "manager")
    assert (await crew.detail(ticket)).ticket.version == ticket.version


@pytest.mark.parametrize(
    ("role", "concerned", "owner"),
    [
        ("clerk", "clerk", "supervisor"),
        ("supervisor", "supervisor", "manager"),
        ("clerk", "technician", "clerk"),
    ],
)
async def test_a_complaint_is_not_owned_by_whom_it_concerns(role: str, concerned: str, owner: str, crew: Crew) -> None:
    """CMP-6: whoever takes in a complaint about themselves is told whose it will be, and so it is."""
    new = NewTicket(description="前台态度不好", category="noise", place="前台", concerns_id=crew.id(concerned))
    async with crew.work(role, read_only=True) as work:
        told = await crew.tickets.owner_instead(work, crew.site)
    async with crew.work(role) as work:
        ticket = await crew.tickets.create(work, crew.site, new)

    assert (ticket.owner_id, ticket.owner_name) == (crew.id(owner), crew.name(owner))
    if concerned == role:
        assert told == (ticket.owner_id, ticket.owner_name)
        assert (await crew.detail(ticket, "admin")).timeline[0].details["owner"] == crew.name(owner)
        with pytest.raises(NotFound):
            await crew.step(ticket, "accept", role)


async def test_a_complaint_leaves_the_hands_of_whom_it_turns_out_to_concern(crew: Crew) -> None:
    """CMP-6."""
    ticket = await crew.take_in(NOISE, assignee="steward")
    named = await crew.step(ticket, "concern", concerns_id=crew.id("steward"))
    assert (named.concerns_name, named.assignee_id) == (crew.name("steward"), None)
    cleared = await crew.step(ticket, "concern")
    assert cleared.concerns_id is None

    owned = await crew.step(ticket, "concern", concerns_id=ticket.owner_id)
    assert (owned.owner_id, owned.owner_name) == (crew.id("supervisor"), crew.name("supervisor"))
    assert (await crew.detail(ticket, "manager")).timeline[-1].details["owner"] == owned.owner_name
    herself = await crew.step(ticket, "concern", concerns_id=crew.id("supervisor"))
    assert herself.owner_name == crew.name("manager")
    with pytest.raises(NotFound):
        await crew.detail(ticket, "supervisor")
    with pytest.raises(Conflict):
        await crew.step(await crew.take_in(), "concern", concerns_id=crew.id("steward"))


async def test_taking_in_with_teams_costs_five_round_trips(crew: Crew) -> None:
    live, topics = crew.lodge.platform.live, set[str | None]()
    await live.connected.wait()
    async with live.subscribe(crew.house.company_id) as news:
        await crew.policy(mode="round_robin")
        await crew.team("水电班", "technician")
        while not {"policy", "team"} <= topics:
            message = await asyncio.wait_for(news.get(), 5)
            topics |= {message.topic} if message else set()
    await crew.take_in()  # policies, teams and the calendar are known from here on
    for assignee in ("technician", None):
        async with recording(crew.lodge.platform.db) as sent:
            await crew.take_in(assignee=assignee, concerns="steward")
        assert len(sent) <= 5, [statement.sql for statement in sent]  # a module may ask once more
    async with recording(crew.lodge.platform.db) as sent:
        await crew.candidates()
    assert len(sent) <= 3
