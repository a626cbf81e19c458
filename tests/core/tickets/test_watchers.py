"""Whoever watches a ticket is listed as long as they work at its site."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from core.errors import NotFound
from core.tickets import watchers
from core.tickets.model import Ticket
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.web import Web


async def names(desk: Desk, ticket: Ticket) -> list[str]:
    return [each.name for each in (await desk.detail(ticket)).sections.watchers]


async def test_watching_twice_is_watching_and_unwatching_ends_it(desk: Desk) -> None:
    ticket = await desk.create()
    for role in ("clerk", "manager", "clerk"):
        async with desk.work(role) as work:
            await watchers.watch(work, desk.site, ticket.id)
        desk.clock.advance(seconds=1)
    assert await names(desk, ticket) == [desk.house.staff[role].name for role in ("clerk", "manager")]
    for _ in range(2):
        async with desk.work("clerk") as work:
            await watchers.unwatch(work, desk.site, ticket.id)
    assert await names(desk, ticket) == [desk.house.staff["manager"].name]


async def test_who_has_left_is_not_listed(lodge: Lodge, desk: Desk) -> None:
    ticket = await desk.create()
    async with desk.work("manager") as work:
        await watchers.watch(work, desk.site, ticket.id)
    async with lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            "UPDATE membership SET active = false WHERE company_id = $1 AND id = $2",
            desk.house.company_id,
            desk.house.staff["manager"].membership_id,
        )
    assert await names(desk, ticket) == []


async def test_nobody_watches_a_ticket_that_is_not_theirs_to_see(lodge: Lodge, desk: Desk) -> None:
    other = await lodge.house(sites=2)
    theirs = await Desk(lodge, other, desk.clock).create(site=other.sites[1])
    async with desk.work() as work:
        for ticket_id in (theirs.id, uuid4()):
            with pytest.raises(NotFound):
                await watchers.watch(work, desk.site, ticket_id)
            with pytest.raises(NotFound):
                await watchers.unwatch(work, desk.site, ticket_id)
    async with lodge.work(other) as work:
        with pytest.raises(NotFound):
            await watchers.watch(work, other.sites[0], theirs.id)


async def test_a_token_is_nobody_who_could_watch(web: Web, desk: Desk) -> None:
    ticket = await desk.create()
    token: httpx.AsyncClient = await web.token(desk.house, ["ticket.view"])

    answer = await token.post(f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}/watch")

    assert answer.status_code == 409
