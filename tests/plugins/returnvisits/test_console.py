"""Return visits on screen: lists, the visit's form, areas, how samples were drawn, and what core's pages show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.plugins.reception.conftest import household
from tests.plugins.returnvisits.conftest import SURE, Desk, english
from tests.plugins.returnvisits.test_visits import SORRY
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web

Screen = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def screen(desk: Desk, web: Web) -> Screen:
    """A console of that role, asking for fragments as htmx does."""

    async def open_as(role: str) -> httpx.AsyncClient:
        client = await web.console(desk.house, role)
        client.headers["hx-request"] = "true"
        return client

    return open_as


async def area(manager: httpx.AsyncClient, desk: Desk, **more: object) -> httpx.Response:
    entry = {"name": "东区", "steward_id": str(desk.member("steward")), "buildings": ["3幢", "5幢"], **more}
    return await manager.post(f"{desk.api}/areas", json=entry)


async def test_the_visit_is_recorded_on_screen_and_leads_back_to_work(desk: Desk, screen: Screen) -> None:
    await desk.resolved()
    clerk = await screen("clerk")
    await clerk.get(desk.console)  # what the process remembers is read once
    async with recording(desk.lodge.platform.db) as sent:
        listed = await clerk.get(desk.console)
    [(visit_id,)] = await desk.rows("SELECT id FROM returnvisits_visit WHERE company_id = $1")
    page = f"{desk.console}/visits/{visit_id}"
    narrowed = await clerk.get(f"{desk.console}?mine=true&rule=repair&visitor_id=&q=1802")
    before = await clerk.get(page)
    tried = await clerk.post(page, data={"kind": "attempt", "version": "1", "way": "phone", "again_at": ""})
    refused = await clerk.post(page, data={"kind": "outcome", "version": "2", **SORRY, "shortcomings": ""})
    stale = await clerk.post(page, data={"kind": "outcome", "version": "1", **SORRY})
    made = await clerk.post(page, data={"kind": "outcome", "version": "2", **SORRY})
    await desk.deliver()
    after = await clerk.get(page)

    assert str(visit_id) in listed.text and str(visit_id) in narrowed.text and len(sent) <= 6
    assert "What the household says" in before.text
    assert (tried.status_code, refused.status_code, stale.status_code) == (200, 422, 412)
    assert "Say what the household is not content with." in refused.text
    assert made.headers["hx-redirect"] == page
    assert "Back to work" in after.text and "Keep the signature" in after.text
    signed = {"kind": "signature", "version": "4", "signer": "王女士", "on_paper": "true", "remark": "第 3 册"}
    assert (await clerk.post(page, data=signed)).headers["hx-redirect"] == page
    assert (await clerk.get(f"{desk.console}/count")).text == ""


async def test_leads_give_visits_to_others_and_clerks_do_not(desk: Desk, screen: Screen) -> None:
    await desk.resolved()
    [(visit_id,)] = await desk.rows("SELECT id FROM returnvisits_visit WHERE company_id = $1")
    page = f"{desk.console}/visits/{visit_id}"
    to = {"kind": "assign", "version": "1", "visitor_id": str(desk.member("clerk"))}
    by_clerk = await (await screen("clerk")).post(page, data=to)
    manager = await screen("manager")
    by_manager = await manager.post(page, data=to)
    cancelled = await manager.post(page, data={"kind": "cancel", "version": "2", "reason": "业主长期外出"})
    shown = await manager.get(f"{desk.console}?which=void")

    assert (by_clerk.status_code, by_manager.status_code, cancelled.status_code) == (403, 200, 200)
    assert str(visit_id) in shown.text


async def test_the_steward_of_the_building_makes_the_visit(
    desk: Desk, clerk: httpx.AsyncClient, manager: httpx.AsyncClient, screen: Screen
) -> None:
    await desk.rules({**SURE, "visitor": "steward"})
    made = await area(manager, desk)
    await desk.resolved(place="3幢1802")
    await desk.resolved(place="13幢1802")
    [ours, elsewhere] = await desk.visits(clerk)
    page = (await (await screen("manager")).get(f"{desk.console}/areas")).text

    assert made.status_code == 201 and "东区" in page
    assert (ours["area_name"], ours["visitor_id"]) == ("东区", str(desk.member("steward")))
    assert (elsewhere["area_name"], elsewhere["visitor_id"]) == ("", None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "东区"}, "name"),
        ({"buildings": []}, "buildings"),
        ({"buildings": ["5幢"]}, "buildings"),
        ({"steward_id": "00000000-0000-0000-0000-00000000dead"}, "steward_id"),
    ],
    ids=str,
)
async def test_a_building_belongs_to_one_area(
    desk: Desk, manager: httpx.AsyncClient, more: dict[str, object], field: str
) -> None:
    await area(manager, desk)
    answer = await area(manager, desk, **{"name": "西区", "buildings": ["7幢"], **more})

    assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == [field]


async def test_areas_change_under_the_version_that_was_seen(
    desk: Desk, manager: httpx.AsyncClient, clerk: httpx.AsyncClient, screen: Screen
) -> None:
    made = (await area(manager, desk)).json()
    here = f"{desk.api}/areas/{made['id']}"
    entry = {"name": "东一区", "steward_id": str(desk.member("clerk")), "buildings": ["3幢"]}
    changed = await manager.put(here, json=entry, headers={"if-match": '"1"'})
    stale = await manager.put(here, json=entry, headers={"if-match": '"1"'})
    by_clerk = await clerk.delete(here, headers={"if-match": '"2"'})
    console = await screen("manager")
    form = {"name": "", "steward_id": str(desk.member("clerk")), "buildings": "3幢\n5幢", "version": "2"}
    refused = await console.post(f"{desk.console}/areas/{made['id']}", data=form)
    renamed = await console.post(f"{desk.console}/areas/{made['id']}", data={**form, "name": "东区"})
    removed = await console.post(f"{desk.console}/areas/{made['id']}", data={"kind": "remove", "version": "3"})

    assert (changed.status_code, stale.status_code, by_clerk.status_code) == (200, 412, 403)
    assert (refused.status_code, renamed.status_code, removed.status_code) == (422, 200, 200)
    assert (await clerk.get(here)).status_code == 404


async def test_a_draw_tells_its_seed_when_the_month_is_over_and_comes_to_the_same_again(
    desk: Desk, web: Web, manager: httpx.AsyncClient, clock: SettableClock
) -> None:
    await desk.rules({**SURE, "percent": 50})
    for _ in range(4):
        await desk.resolved()
    [draw] = (await manager.get(f"{desk.api}/draws")).json()
    during = (await manager.get(f"{desk.api}/draws/{draw['id']}")).json()
    clock.advance(days=10)
    manager = english(await web.api(desk.house, "manager"))
    afterwards = (await manager.get(f"{desk.api}/draws/{draw['id']}")).json()
    console = await web.console(desk.house, "manager")
    page = await console.get(f"{desk.console}/draws/{draw['id']}")
    listed = await console.get(f"{desk.console}/draws")
    steward = await web.api(desk.house, "steward")

    assert (draw["candidates"], draw["drawn"], draw["since"], draw["until"]) == (4, 2, "2026-11-01", "2026-12-01")
    assert (during["seed"], during["verified"]) == (None, None)
    assert afterwards["verified"] is True and len(afterwards["seed"]) == 64
    assert all(each["again"] == each["drawn"] for each in afterwards["candidates"])
    assert "Drawn again: the same" in page.text and draw["commitment"][:16] in listed.text
    assert (await steward.get(f"{desk.api}/draws")).status_code == 403


async def test_a_ticket_shows_its_visits_but_not_to_whom_the_work_is(desk: Desk, web: Web) -> None:
    ticket = await desk.resolved()
    clerk, technician = [await web.console(desk.house, role) for role in ("clerk", "technician")]
    page = f"/s/{desk.site.slug}/tickets/{ticket.id}"
    told: list[Any] = [(await client.get(page)).text for client in (clerk, technician)]

    assert ["side-visits-title" in text for text in told] == [True, False]


async def test_a_household_that_was_dissatisfied_shows_on_its_card(desk: Desk, web: Web) -> None:
    known = await household(desk.lodge, desk.house, desk.site, "3幢1802", "王丽华", "owner", "13817626207")
    await desk.resolved(unit_id=known.unit_id, party_id=known.party_id)
    api = await web.api(desk.house, "clerk")
    [visit] = await desk.visits(api)
    await api.put(f"{desk.api}/visits/{visit['id']}/outcome", json=SORRY, headers={"if-match": '"1"'})
    page = await (await web.console(desk.house, "clerk")).get(f"/s/{desk.site.slug}/estate/units/{known.unit_id}")

    assert "Dissatisfied at the visit on" in page.text and "还在漏" in page.text
