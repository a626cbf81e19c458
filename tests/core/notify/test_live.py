"""Whose bell rings: only the screens of the person whom the news concern hear of them, at whatever site they stand."""

from __future__ import annotations

from contextlib import AsyncExitStack
from uuid import UUID

from core.db.ids import new_id
from core.hooks.types import Event
from core.tenancy.directory import Site
from core.tickets.model import NewTicket
from tests.isolation.test_routes_live import Ear, News, listening, take_in
from tests.support.lodge import House, Lodge
from tests.support.routes import session_of
from tests.support.web import Web

TOLD = News("notification.changed")


async def tell(lodge: Lodge, house: House, site: Site) -> None:
    """A ticket of the technician's, of which they are told as when the outbox delivers its event."""
    assignee_id = house.staff["technician"].membership_id
    new = NewTicket(description="厨房漏水了", category="plumbing_electric", place="3-1802", assignee_id=assignee_id)
    async with lodge.work(house) as work:
        ticket = await lodge.platform.tickets.create(work, site, new)
    ctx = await lodge.platform.system_context(house.company_id, site.id)
    assert ctx is not None
    async with lodge.platform.work(ctx) as work:
        event = Event("ticket.created.v1", site.id, ticket.id, {"number": ticket.number})
        await lodge.platform.notify.hear(work, event, new_id())


async def heard(ear: Ear, until: UUID) -> list[News]:
    """What a screen hears up to the news of that ticket, besides other tickets' news."""
    found = []
    while (news := await ear.next()) != News("ticket.changed", str(until)):
        assert news is not None
        if news.type != "ticket.changed":
            found.append(news)
    return found


async def test_only_the_person_concerned_hears_of_their_news(web: Web, lodge: Lodge, house: House) -> None:
    """TI-7, TI-10: nobody else of the company, of the site or of another company; also after signing in again."""
    here, there = house.sites
    other = await lodge.house()
    technician = await session_of(web, house, "technician")
    listeners = {
        "the technician": (technician, here),
        "the technician, gone to the other site": (technician, there),
        "the technician, signed in again": (await session_of(web, house, "technician"), here),
        "the clerk who took it in": (await session_of(web, house, "clerk"), here),
        "an administrator": (await session_of(web, house, "admin"), here),
        "the administrator of that site": (await session_of(web, house, house.local[0]), here),
        "another company's technician": (await session_of(web, other, "technician"), other.sites[0]),
    }
    async with AsyncExitStack() as stack:
        ears = {who: await stack.enter_async_context(listening(web, *where)) for who, where in listeners.items()}

        await tell(lodge, house, here)

        marks = {site.id: await take_in(lodge, house, site) for site in house.sites}
        marks[other.sites[0].id] = await take_in(lodge, other, other.sites[0])
        rang = {who: await heard(ears[who], marks[site.id]) for who, (_, site) in listeners.items()}

    assert rang == {who: [TOLD] if who.startswith("the technician") else [] for who in listeners}
    for role, count in (("technician", 1), ("clerk", 0)):
        bell = (await (await web.console(house, role)).get("/notifications/bell")).text
        assert f"{count} unread" in bell


async def test_reading_news_silences_ones_own_screens_and_tells_nobody_else(
    web: Web, lodge: Lodge, house: House
) -> None:
    here = house.sites[0]
    await tell(lodge, house, here)
    mine, clerk = await session_of(web, house, "technician"), await session_of(web, house, "clerk")
    async with listening(web, mine, here) as own, listening(web, clerk, here) as others:
        assert (await (await web.api(house, "technician")).post("/api/v1/notifications/read")).json() == {"count": 1}
        mark = await take_in(lodge, house, here)
        assert await heard(own, mark) == [TOLD]
        assert await heard(others, mark) == []
