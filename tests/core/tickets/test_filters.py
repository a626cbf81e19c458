"""What narrows a list, its orders, and the lists that people keep for themselves or for the site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from core.tickets import filters, queue
from core.tickets.filters import MOST, NewFilter, SavedFilter
from core.tickets.model import NewTicket, Ticket
from core.tickets.queue import SORTS, Filter, Wanted
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge
from tests.support.web import Web

MINE = NewFilter(name="我的", wanted=Wanted(mine=True, sort="severity"), columns=("due", "matter"))


async def rows(desk: Desk, role: str = "clerk", **wanted: Any) -> list[str]:
    """The numbers' last digits of what a list shows."""
    async with desk.work(role, read_only=True) as work:
        page = await queue.page(work, desk.site, Filter(**wanted))
    return [row.number[-1] for row in page.items]


@pytest.fixture
async def matters(desk: Desk) -> list[Ticket]:
    """Four of different kinds, the first of them a day old and it and the second overdue."""
    made = []
    for category, severity, channel, hours in (
        ("plumbing_electric", "urgent", "call", -24),
        ("lift", "critical", "visit", -2),
        ("noise", "routine", "portal", -1),
        ("plumbing_electric", "routine", "call", 0),
    ):
        desk.clock.now = NOW + timedelta(hours=hours)
        async with desk.work("supervisor" if category == "lift" else "clerk") as work:
            new = msgspec.convert(
                {
                    "description": "漏水了请来",
                    "place": "3-1",
                    "category": category,
                    "severity": severity,
                    "channel": channel,
                },
                NewTicket,
            )
            made.append(await desk.tickets.create(work, desk.site, new))
    technician = desk.house.staff["technician"].membership_id
    await desk.act(made[1], "assign", assignee_id=technician)
    async with desk.work() as work:
        await desk.tickets.wake(work, made[0].id, "goal")
    return made


NARROWED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "1234"),
    "a type": ({"type": "complaint"}, "3"),
    "a category": ({"category": "plumbing_electric"}, "14"),
    "a gravity": ({"severity": "critical"}, "2"),
    "a channel": ({"channel": "portal"}, "3"),
    "what nobody handles": ({"unassigned": True}, "134"),
    "taken in yesterday": ({"created_to": date(2026, 11, 22)}, "1"),
    "taken in today": ({"created_from": date(2026, 11, 23)}, "234"),
    "taken in on one day": ({"created_from": date(2026, 11, 22), "created_to": date(2026, 11, 22)}, "1"),
    "taken in within a day": ({"created_within": 1}, "234"),
    "taken in within two days": ({"created_within": 2}, "1234"),
    "any day there is": ({"created_from": date.min, "created_to": date.max}, "1234"),
    "overdue": ({"due_within": 0}, "12"),
    "a missed goal": ({"breached": "response"}, "12"),
    "any missed goal": ({"breached": "any"}, "12"),
    "another missed goal": ({"breached": "nonsense"}, ""),
    "a state": ({"status": "new"}, "1234"),
    "a state that none is in": ({"status": "paused"}, ""),
    "several": ({"category": "plumbing_electric", "severity": "routine", "text": "漏水"}, "4"),
}


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.usefixtures("matters")
async def test_what_is_asked_for_is_what_is_left(name: str, desk: Desk) -> None:
    wanted, left = NARROWED[name]

    assert "".join(sorted(await rows(desk, **wanted))) == left


@pytest.mark.usefixtures("matters")
async def test_mine_are_those_that_the_reader_handles(desk: Desk) -> None:
    assert [await rows(desk, role, mine=True) for role in ("clerk", "technician")] == [[], ["2"]]


@pytest.mark.usefixtures("matters")
async def test_a_list_has_five_orders(desk: Desk) -> None:
    orders = {sort: "".join(await rows(desk, sort=sort)) for sort in SORTS}

    assert orders["newest"] == "4321" and orders["number"] == "1234"
    assert orders["severity"][:2] == "21"
    assert orders["updated"][0] == "4" or orders["updated"][0] == "2"
    assert orders["due"][0] == "1"


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.usefixtures("matters")
async def test_pages_of_any_order_hold_every_ticket_once(sort: Any, desk: Desk) -> None:
    whole, paged, cursor = await rows(desk, sort=sort), [], None
    while True:
        async with desk.work(read_only=True) as work:
            page = await queue.page(work, desk.site, Filter(sort=sort, limit=1, cursor=cursor, counted=True))
        assert page.total == (4 if page.items else 0)
        paged += [row.number[-1] for row in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert paged == whole and len(whole) == 4


async def kept(desk: Desk, new: NewFilter = MINE, role: str = "clerk") -> SavedFilter:
    async with desk.work(role) as work:
        return await filters.keep(work, desk.site, new)


async def seen(desk: Desk, role: str, site: int = 0) -> list[SavedFilter]:
    async with desk.work(role, read_only=True) as work:
        return await filters.saved(work, desk.house.sites[site])


async def test_a_filter_comes_back_as_it_was_kept_to_its_owner_alone(desk: Desk) -> None:
    made = await kept(desk)

    [own] = await seen(desk, "clerk")
    assert own == made
    assert (own.name, own.wanted, own.columns, own.mine) == ("我的", MINE.wanted, MINE.columns, True)
    assert await seen(desk, "manager") == await seen(desk, "clerk", site=1) == []


async def test_a_shared_filter_is_the_sites_and_only_those_who_lead_it_change_it(desk: Desk) -> None:
    shared = msgspec.structs.replace(MINE, shared=True)
    with pytest.raises(Forbidden):
        await kept(desk, shared)
    made = await kept(desk, shared, "supervisor")
    own = await kept(desk)
    [theirs] = [f for f in await seen(desk, "clerk") if f.shared]
    assert (theirs.id, theirs.mine) == (made.id, False)

    for change in (
        lambda work: filters.change(work, desk.site, made.id, MINE, 1),
        lambda work: filters.change(work, desk.site, own.id, shared, 1),
        lambda work: filters.drop(work, desk.site, made.id),
    ):
        with pytest.raises(Forbidden):
            async with desk.work("clerk") as work:
                await change(work)
    async with desk.work("manager") as work:
        after = await filters.change(work, desk.site, made.id, msgspec.structs.replace(shared, name="班组"), 1)
        await filters.drop(work, desk.site, made.id)
    assert (after.name, after.version) == ("班组", 2)


async def test_anothers_filter_is_no_filter(desk: Desk, lodge: Lodge) -> None:
    """TI-3, TI-10: another person's, another site's and another company's look like none."""
    made = await kept(desk)
    stranger = Desk(lodge, await lodge.house(), desk.clock)

    for other, role, site in ((desk, "manager", desk.site), (desk, "clerk", desk.house.sites[1]),
                              (stranger, "clerk", stranger.site)):  # fmt: skip
        for attempt in (
            lambda work, site=site: filters.change(work, site, made.id, MINE, 1),
            lambda work, site=site: filters.drop(work, site, made.id),
            lambda work, site=site: filters.prefer(work, site, made.id),
        ):
            with pytest.raises(NotFound):
                async with other.work(role) as work:
                    await attempt(work)


async def test_a_name_is_given_once_and_a_stale_change_is_refused(desk: Desk) -> None:
    made, other = await kept(desk), await kept(desk, msgspec.structs.replace(MINE, name="其他"))

    for name in ("", "  ", "我的"):
        with pytest.raises(Invalid):
            await kept(desk, msgspec.structs.replace(MINE, name=name))
    async with desk.work() as work:
        with pytest.raises(Invalid):
            await filters.change(work, desk.site, other.id, MINE, 1)
        with pytest.raises(PreconditionFailed):
            await filters.change(work, desk.site, made.id, MINE, 7)
        assert (await filters.change(work, desk.site, made.id, MINE, 1)).version == 2


async def test_nobody_keeps_filters_without_end(desk: Desk) -> None:
    for n in range(MOST):
        await kept(desk, msgspec.structs.replace(MINE, name=f"{n}"))

    with pytest.raises(Conflict):
        await kept(desk)


async def test_a_list_opens_with_one_filter_until_it_is_gone(desk: Desk) -> None:
    first, second = await kept(desk), await kept(desk, msgspec.structs.replace(MINE, name="其他"))

    async def preferred() -> list[str]:
        return [f.name for f in await seen(desk, "clerk") if f.preferred]

    for chosen, expected in ((first.id, ["我的"]), (second.id, ["其他"]), (None, []), (first.id, ["我的"])):
        async with desk.work() as work:
            await filters.prefer(work, desk.site, chosen)
        assert await preferred() == expected
    async with desk.work() as work:
        await filters.drop(work, desk.site, first.id)
    assert await preferred() == []


async def test_the_api_keeps_changes_prefers_and_drops(desk: Desk, web: Web) -> None:
    api = await web.api(desk.house, "clerk")
    path = f"/api/v1/sites/{desk.site.slug}/tickets/filters"
    body = {"name": "本周漏水", "wanted": {"text": "漏水", "created_within": 7}, "columns": ["number", "matter"]}

    made = await api.post(path, json=body, headers={"idempotency-key": "once"})
    again = await api.post(path, json=body, headers={"idempotency-key": "once"})
    assert made.status_code == 201 and again.json() == made.json()
    one = f"{path}/{made.json()['id']}"
    assert (await api.put(one, json=body)).status_code == 428
    changed = await api.put(one, json={**body, "name": "漏水"}, headers={"if-match": made.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await api.post(f"{path}/preferred", json={"filter_id": made.json()["id"]})).status_code == 204
    [listed] = (await api.get(path)).json()["filters"]
    assert (listed["name"], listed["preferred"], listed["wanted"]) == ("漏水", True, body["wanted"])
    assert (await api.post(f"{path}/preferred", json={"filter_id": None})).status_code == 204
    assert (await api.delete(one)).status_code == 204
    assert (await api.get(path)).json() == {"filters": []}


@pytest.mark.parametrize(
    "body",
    [{"name": "x", "columns": []}, {"name": "x", "columns": ["password"]}, {"name": "x", "wanted": {"cursor": "x"}},
     {"name": "x", "wanted": {"text": "a\0b"}}, {"name": "x\0", "wanted": {}}],
)  # fmt: skip
async def test_what_is_no_list_is_not_kept(body: dict[str, Any], desk: Desk, web: Web) -> None:
    api = await web.api(desk.house, "clerk")

    answer = await api.post(f"/api/v1/sites/{desk.site.slug}/tickets/filters", json=body)

    assert answer.status_code in (400, 422), answer.text
