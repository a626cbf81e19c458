"""A part of a matter becomes a ticket of its own."""

from __future__ import annotations

import pytest

from core.errors import Invalid, NotFound
from core.tickets.merging import Part
from core.tickets.model import NewTicket
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge


async def test_the_part_has_place_reporter_and_owner_of_the_whole_and_both_name_each_other(desk: Desk) -> None:
    async with desk.work("clerk") as work:
        whole = await desk.tickets.create(
            work,
            desk.site,
            NewTicket(
                description="漏水，电梯也响",
                category="plumbing_electric",
                place="3-1802",
                reporter_name="李华",
                reporter_phone="13900001111",
                channel="visit",
            ),
        )
    async with desk.work("supervisor") as work:
        part = await desk.lodge.platform.merging.split(work, desk.site, whole.id, Part("电梯异响", "lift", "urgent"))

    detail = await desk.detail(part)
    kept = ("place", "reporter_name", "reporter_phone", "channel", "owner_id", "owner_name")
    assert [getattr(detail.ticket, name) for name in kept] == [getattr(whole, name) for name in kept]
    assert part.owner_id == whole.owner_id == desk.house.staff["clerk"].membership_id  # TKT-2
    assert (detail.ticket.category, detail.ticket.severity, detail.ticket.status) == ("lift", "urgent", "new")
    assert [(r.kind, r.outgoing, r.number) for r in detail.sections.relations] == [("split_from", True, whole.number)]
    assert [e.kind for e in detail.timeline] == ["created", "split_off"]
    first = await desk.detail(whole)
    assert [(e.kind, e.details) for e in first.timeline][1:] == [("split", {"number": part.number})]
    assert [(r.kind, r.outgoing, r.number) for r in first.sections.relations] == [("split_from", False, part.number)]


async def test_a_wrong_part_is_refused_and_one_of_anothers_ticket_not_found(lodge: Lodge, desk: Desk) -> None:
    whole = await desk.create()
    foreign = await Desk(lodge, await lodge.house(), desk.clock).create()
    async with desk.work("supervisor") as work:
        with pytest.raises(Invalid):
            await lodge.platform.merging.split(work, desk.site, whole.id, Part("电梯异响", "no such category"))
        with pytest.raises(NotFound):
            await lodge.platform.merging.split(work, desk.site, foreign.id, Part("电梯异响", "lift"))
