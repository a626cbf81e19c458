"""Tags: written alike they are the same, and the words in use are the vocabulary."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import Conflict, Invalid
from core.tickets import tags
from core.tickets.model import Ticket
from core.tickets.tags import MOST, TagChange, TagUse, normal
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge


async def tag(desk: Desk, ticket: Ticket, *add: str, remove: tuple[str, ...] = ()) -> list[str]:
    site = next(s for s in desk.house.sites if s.id == ticket.site_id)
    async with desk.work() as work:
        return await tags.change(work, site, ticket.id, TagChange(add, remove))


@pytest.mark.parametrize(
    ("written", "kept"),
    [("漏水", "漏水"), ("  ＶＩＰ  业主 ", "vip 业主"), ("#Leak", "leak"), ("Ä", "ä"), ("ｶﾅ", "カナ")],
)
def test_one_spelling_of_each(written: str, kept: str) -> None:
    assert normal(written, "add") == kept


@pytest.mark.parametrize("written", ["", "  ", "#", "字" * 31, "a\x00b", "a\u202eb"])
def test_what_is_no_tag(written: str) -> None:
    with pytest.raises(Invalid):
        normal(written, "add")


async def test_putting_and_taking_off_answers_with_what_the_ticket_has(desk: Desk) -> None:
    ticket = await desk.create()

    assert await tag(desk, ticket, "漏水", "ＶＩＰ") == ["vip", "漏水"]
    assert await tag(desk, ticket, "vip", "夜间", remove=("漏水", "never there")) == ["vip", "夜间"]
    assert await tag(desk, ticket, "vip", remove=("vip",)) == ["vip", "夜间"]
    detail = await desk.detail(ticket)
    assert (detail.sections.tags, detail.ticket.version) == (("vip", "夜间"), 1)


async def test_a_ticket_has_twenty_at_most(desk: Desk) -> None:
    ticket = await desk.create()
    await tag(desk, ticket, *(str(n) for n in range(MOST)))

    with pytest.raises(Conflict):
        await tag(desk, ticket, "one more")
    assert len((await desk.detail(ticket)).sections.tags) == MOST


async def test_several_at_once_all_stay(desk: Desk) -> None:
    ticket = await desk.create()

    await asyncio.gather(*(tag(desk, ticket, f"tag {n}") for n in range(8)))

    assert len((await desk.detail(ticket)).sections.tags) == 8


async def test_the_vocabulary_is_what_is_in_use_where_one_may_look(lodge: Lodge) -> None:
    house = await lodge.house(sites=2)
    desk = Desk(lodge, house, lodge.platform.clock)  # type: ignore[arg-type]
    here, again, there = await desk.create(), await desk.create(), await desk.create(site=house.sites[1])
    await tag(desk, here, "漏水", "夜间")
    await tag(desk, again, "漏水")
    await tag(desk, there, "漏水", "secret of there")

    async with desk.work("clerk", *house.sites, read_only=True) as work:
        assert await tags.vocabulary(work) == [TagUse("漏水", 3), TagUse("secret of there", 1), TagUse("夜间", 1)]
    async with desk.work("clerk", house.sites[0], read_only=True) as work:
        assert await tags.vocabulary(work) == [TagUse("漏水", 2), TagUse("夜间", 1)]
    await tag(desk, here, remove=("夜间",))
    async with desk.work("clerk", house.sites[0], read_only=True) as work:
        assert await tags.vocabulary(work) == [TagUse("漏水", 2)]
