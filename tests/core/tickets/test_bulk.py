"""One action on many tickets: each has its own outcome."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from core.errors import Forbidden
from core.tickets import bulk
from core.tickets.bulk import Bulk, Chosen, Outcome
from core.tickets.tags import TagChange
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.web import Web


async def carry_out(desk: Desk, *chosen: Chosen, role: str = "supervisor", **wanted: Any) -> list[Outcome]:
    async with desk.work(role) as work:
        return await bulk.carry_out(work, desk.site, desk.tickets, Bulk(tickets=list(chosen), **wanted))


def codes(outcomes: list[Outcome]) -> list[str]:
    return [each.refusal.code if each.refusal else "" for each in outcomes]


async def test_what_is_refused_does_not_undo_what_is_done(desk: Desk) -> None:
    done, stale, closed = await desk.create(), await desk.create(), await desk.in_state("closed")
    stale = await desk.act(stale, "comment")
    technician = desk.house.staff["technician"].membership_id

    outcomes = await carry_out(
        desk,
        Chosen(closed.id),
        Chosen(stale.id, 1),
        Chosen(uuid4()),
        Chosen(done.id, 1),
        action="assign",
        assignee_id=technician,
    )

    assert codes(outcomes) == ["conflict", "stale", "not_found", ""]
    assert (await desk.detail(done)).ticket.assignee_id == technician
    assert (await desk.detail(stale)).ticket.assignee_id is None
    assert [e.kind for e in (await desk.detail(closed)).timeline][-1] == "close"


async def test_only_what_is_resolved_and_answered_is_closed(desk: Desk) -> None:
    new, resolved = await desk.create(), await desk.in_state("resolved")
    answered = await desk.act(await desk.in_state("resolved"), "answer")

    outcomes = await carry_out(desk, *(Chosen(t.id) for t in (new, resolved, answered)), action="close")

    assert codes(outcomes) == ["conflict", "conflict", ""]  # TKT-3
    assert (await desk.counts())["closed"] == 1


async def test_tags_and_comments(desk: Desk) -> None:
    tickets = [await desk.create() for _ in range(3)]
    chosen = [Chosen(ticket.id) for ticket in tickets]

    await carry_out(desk, *chosen, action="tag", tags=TagChange(("夜间",)))
    await carry_out(desk, *chosen, action="comment", text="the plumber comes at nine", visibility="reporter")
    empty = await carry_out(desk, *chosen, action="comment", text=" ")

    assert codes(empty) == ["invalid"] * 3
    for ticket in tickets:
        detail = await desk.detail(ticket)
        assert detail.sections.tags == ("夜间",)
        assert (detail.timeline[-1].text, detail.timeline[-1].details["visibility"]) == (
            "the plumber comes at nine",
            "reporter",
        )


async def test_whoever_may_not_do_it_to_any_is_told_at_once(desk: Desk) -> None:
    ticket = await desk.create()
    with pytest.raises(Forbidden):
        await carry_out(desk, Chosen(ticket.id), role="technician", action="close")


async def test_another_sites_tickets_are_not_found_and_stay_as_they_are(lodge: Lodge) -> None:
    house = await lodge.house(sites=2)
    desk = Desk(lodge, house, lodge.platform.clock)  # type: ignore[arg-type]
    there = await desk.create(site=house.sites[1])

    for action in ("assign", "tag", "close", "comment"):
        wanted = {"action": action, "text": "x", "tags": TagChange(("x",))}
        assert codes(await carry_out(desk, Chosen(there.id), **wanted)) == ["not_found"]
    assert (await desk.detail(there)).ticket.version == 1


async def test_two_who_act_on_the_same_tickets_in_other_orders_do_not_get_in_a_knot(desk: Desk) -> None:
    tickets = [await desk.create() for _ in range(6)]
    chosen = [Chosen(ticket.id) for ticket in tickets]

    both = await asyncio.gather(
        carry_out(desk, *chosen, action="comment", text="one"),
        carry_out(desk, *reversed(chosen), action="comment", text="two"),
    )

    assert [codes(outcomes) for outcomes in both] == [[""] * 6, [""] * 6]
    assert [each.ticket_id for each in both[1]] == [each.ticket_id for each in reversed(chosen)]


async def test_the_api_answers_for_each_and_takes_two_hundred_at_most(web: Web, desk: Desk) -> None:
    ticket = await desk.create()
    client = await web.api(desk.house, "clerk")
    client.headers["accept-language"] = "en"
    url = f"/api/v1/sites/{desk.site.slug}/tickets/bulk"
    two = [{"ticket_id": str(ticket.id), "version": 1}, {"ticket_id": str(uuid4())}]

    answer = await client.post(url, json={"action": "comment", "text": "seen", "tickets": two})
    many = await client.post(url, json={"action": "tag", "tickets": [{"ticket_id": str(uuid4())} for _ in range(201)]})

    assert answer.status_code == 200
    assert [(each["done"], each["code"]) for each in answer.json()["items"]] == [(True, ""), (False, "not_found")]
    assert "nothing here" in answer.json()["items"][1]["message"]
    assert many.status_code == 400


async def test_the_page_tells_what_was_done_and_what_was_not(web: Web, desk: Desk) -> None:
    new, answered = await desk.create(), await desk.act(await desk.in_state("resolved"), "answer")
    console = await web.console(desk.house, "supervisor")
    form = {"action": "close", "ticket": [f"{new.id}:{new.version}", f"{answered.id}:{answered.version}"]}

    page = (await console.post(f"/s/{desk.site.slug}/tickets/bulk", data=form)).text

    assert "Done with 1 tickets." in page
    assert new.number in page
    assert answered.number not in page
