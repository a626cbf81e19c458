"""Searching tickets: what finds which, in Chinese too; and that nobody finds what is another site's or company's."""

from __future__ import annotations

import msgspec
import pytest

from core.tickets import queue
from core.tickets.changes import Changes
from core.tickets.model import NewTicket, Ticket
from core.tickets.queue import Filter
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.web import Web

LEAK = NewTicket(
    description="厨房水管漏水，水已流到楼下，WiFi Router 也湿了",
    category="plumbing_electric",
    place="3-2-1802",
    reporter_name="欧阳秀兰",
    reporter_phone="138 0013 6207",
)
LIFT = NewTicket(
    description="电梯异响 100%_坏",
    category="lift",
    place="大堂",
    reporter_name="王芳",
    reporter_phone="+86 139-1111-1802",
)


async def take_in(desk: Desk, new: NewTicket, *, site: int = 0) -> Ticket:
    desk.clock.advance(seconds=1)
    async with desk.work() as work:
        return await desk.tickets.create(work, desk.house.sites[site], new)


async def found(desk: Desk, text: str, *, site: int = 0, wanted: Filter | None = None) -> list[str]:
    """The places of the tickets that are found."""
    async with desk.work(read_only=True) as work:
        if wanted is None:
            page = await queue.search(work, desk.house.sites[site], text)
        else:
            page = await queue.page(work, desk.house.sites[site], msgspec.structs.replace(wanted, text=text))
    return [row.place for row in page.items]


BOTH, FIRST, SECOND, NONE = ["大堂", "3-2-1802"], ["3-2-1802"], ["大堂"], list[str]()
CASES = {
    "two characters": ("漏水", FIRST),
    "one character": ("湿", FIRST),
    "a longer phrase": ("水已流到楼下", FIRST),
    "the pairs of a word apart from each other": ("漏水已", NONE),
    "words anywhere, each of them": ("楼下 欧阳", FIRST),
    "a word that is not there beside one that is": ("漏水 屋顶", NONE),
    "a surname": ("王", SECOND),
    "a name": ("欧阳秀兰", FIRST),
    "capital letters": ("wifi", FIRST),
    "full-width letters and digits": ("ＷＩＦＩ　１８０２", FIRST),
    "a room": ("2-1802", FIRST),
    "two Latin letters": ("wi", FIRST),
    "two Latin letters within a word": ("ut", FIRST),
    "one Latin letter at the end of a word": ("r", FIRST),
    "a Latin word and what stands beside it": ("router 也", FIRST),
    "a word that goes on in the other script": ("100%_坏", SECOND),
    "a number": ("gd2611-0002", SECOND),
    "the end of a number": ("0001", FIRST),
    "the last digits of a telephone": ("6207", FIRST),
    "four digits that are one's room and another's telephone": ("1802", BOTH),
    "a whole telephone": ("13800136207", FIRST),
    "a whole telephone as people write it": ("+86 138-0013-6207", FIRST),
    "the beginning of a telephone": ("138001", NONE),
    "wildcards as they are written": ("100%_", SECOND),
    "a wildcard": ("%%", NONE),
    "a quotation mark": ("'; --", NONE),
    "a backslash": ("\\", NONE),
    "half a surrogate pair and a NUL": ("漏\ud800水\0", FIRST),
    "nothing": ("  ", NONE),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_finds_which(name: str, desk: Desk) -> None:
    text, expected = CASES[name]
    await take_in(desk, LEAK)
    await take_in(desk, LIFT)

    assert await found(desk, text) == expected


async def test_a_ticket_is_found_once_though_words_and_telephone_fit(desk: Desk) -> None:
    await take_in(desk, msgspec.structs.replace(LEAK, reporter_phone="13800001802"))

    assert await found(desk, "1802") == FIRST


async def test_closed_tickets_are_found_too_but_not_by_a_list_of_open_ones(desk: Desk) -> None:
    ticket = await take_in(desk, LEAK)
    for action in ("resolve", "answer", "close"):
        await desk.act(ticket, action)

    assert await found(desk, "漏水") == FIRST
    assert await found(desk, "漏水", wanted=Filter()) == NONE
    assert await found(desk, "漏水", wanted=Filter(status="closed", counted=True)) == FIRST


async def test_a_ticket_is_found_by_what_it_says_now(desk: Desk) -> None:
    ticket = await take_in(desk, LEAK)
    changes = Changes(desk.lodge.platform.policies)
    async with desk.work() as work:
        change = await changes.load(work, ticket.id, desk.site)
        change.set(description="卫生间堵塞", reporter_phone="13900004321")
        change.record("comment", "put right")
        await changes.store(change)

    assert [await found(desk, text) for text in ("漏水", "堵塞", "6207", "4321")] == [NONE, FIRST, NONE, FIRST]


async def test_pages_of_a_search_hold_every_ticket_once_the_newest_first(desk: Desk) -> None:
    made = [await take_in(desk, LEAK) for _ in range(5)]
    numbers, cursor = [], None
    while True:
        async with desk.work(read_only=True) as work:
            page = await queue.search(work, desk.site, "漏水", cursor, limit=2)
        numbers += [row.number for row in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert numbers == [ticket.number for ticket in reversed(made)]


async def test_ti_8_ti_10_another_sites_and_companys_tickets_are_not_found(desk: Desk, lodge: Lodge) -> None:
    """TI-8, TI-10."""
    stranger = Desk(lodge, await lodge.house(), desk.clock)
    await take_in(desk, LEAK, site=1)
    await take_in(stranger, LEAK)

    for text in ("漏水", "1802", "13800136207", "欧阳"):
        assert await found(desk, text) == NONE, text
        assert await found(desk, text, wanted=Filter(status="all", sort="newest", counted=True)) == NONE, text


async def test_ti_2_the_function_that_searches_tells_nothing_of_another_tenants_site(desk: Desk, lodge: Lodge) -> None:
    """It looks with rights of its own, so it must ask whose work it is (TI-2)."""
    stranger = await lodge.house()
    await take_in(desk, LEAK)
    sql = "SELECT count(*) FROM find_tickets($1, $2, NULL, NULL)"

    async with lodge.work(stranger, read_only=True) as work:
        seen = [await work.uow.value(sql, desk.site.id, text) for text in ("漏水", "6207")]
    async with lodge.platform.db.begin(None, read_only=True) as uow:
        seen += [await uow.value(sql, desk.site.id, "漏水")]

    assert seen == [0, 0, 0]


async def test_the_api_and_the_palette_search_alike(desk: Desk, web: Web) -> None:
    ticket = await take_in(desk, LEAK)
    api = await web.api(desk.house, "clerk")
    console = await web.console(desk.house, "clerk")

    answer = await api.get(f"/api/v1/sites/{desk.site.slug}/tickets/search", params={"q": "漏水 1802"})
    palette = await console.get("/palette", params={"site": desk.site.slug, "q": "漏水 1802"})

    assert [item["number"] for item in answer.json()["items"]] == [ticket.number]
    assert f"/tickets/{ticket.id}" in palette.text
    assert "6207" not in answer.text + palette.text
