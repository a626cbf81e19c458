"""Regular visits: the manager to each building, stewards through their area, each period once (VIS-3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from core.db.ids import new_id
from core.sdk import SYSTEM, TenantContext
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.policies import REGULAR
from plugins.returnvisits.regular import service
from tests.plugins.returnvisits.conftest import Desk, english
from tests.support.lodge import SettableClock
from tests.support.statements import recording
from tests.support.web import Web


@pytest.mark.parametrize(
    ("day", "per_year", "since", "until"),
    [
        (date(2026, 11, 23), 2, date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 1, 1), 2, date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 6, 30), 4, date(2026, 4, 1), date(2026, 7, 1)),
        (date(2026, 7, 31), 5, date(2026, 5, 1), date(2026, 8, 1)),
        (date(2026, 12, 31), 5, date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_year_is_cut_into_rounds(day: date, per_year: int, since: date, until: date) -> None:
    assert service.round_of(day, per_year) == (since, until)


async def test_each_round_is_owed_once_and_stewards_households_are_drawn(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, manager: httpx.AsyncClient, clock: SettableClock
) -> None:
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        units = [
            (desk.house.company_id, new_id(), desk.site.id, building, str(n), f"{building[0]}幢{n}")
            for building in ("3", "5幢")
            for n in range(101, 111)
        ]
        sql = "INSERT INTO unit (company_id, id, site_id, building, room, label) VALUES ($1, $2, $3, $4, $5, $6)"
        await uow.execute_many(sql, units)
    entry = {"name": "东区", "steward_id": str(desk.member("steward")), "buildings": ["3"]}
    await manager.post(f"{desk.api}/areas", json=entry)
    async with desk.lodge.work(desk.house, "admin") as work:
        rules: dict[str, Any] = {"manager_per_year": 2, "steward_percent": 30}
        await desk.lodge.platform.policies.revise(work, REGULAR, desk.site.id, rules, reason="test", expected=0)

    async def look() -> list[tuple[object, ...]]:
        ctx = TenantContext(desk.house.company_id, frozenset({desk.site.id}), SYSTEM)
        async with desk.lodge.platform.work(ctx) as work:
            await service.plan(work, ctx, {}, desk.lodge.platform)
        sql = "SELECT title, place, visitor_id FROM returnvisits_visit WHERE company_id = $1 AND source = 'regular'"
        return await desk.rows(f"{sql} ORDER BY title, place")

    first = await look()
    again = await look()
    [visit, *_] = await desk.visits(clerk, rule="regular_manager")
    called = {"way": "phone", "quality": 5, "effect": "solved", "satisfaction": "satisfied"}
    here = f"{desk.api}/visits/{visit['id']}/outcome"
    refused = await clerk.put(here, json=called, headers={"if-match": '"1"'})
    made = await clerk.put(here, json={**called, "way": "visit"}, headers={"if-match": '"1"'})

    assert first == again
    assert [row[:2] for row in first if row[0] == "经理走访"] == [("经理走访", "3幢"), ("经理走访", "5幢")]
    drawn = [row for row in first if row[0] == "物管员走访 东区"]
    assert len(drawn) == 3 and all(row[2] == desk.member("steward") for row in drawn)
    assert (visit["due_at"], visit["area_name"]) == ("2026-12-31T15:59:59Z", "东区")
    assert (refused.status_code, made.status_code) == (422, 200)
    draws = (await manager.get(f"{desk.api}/draws")).json()
    detail = (await manager.get(f"{desk.api}/draws/{draws[0]['id']}")).json()
    assert detail["candidates"][0]["label"] == "3幢101"

    await manager.get(f"{desk.api}/regular")  # what the process remembers is read once
    async with recording(desk.lodge.platform.db) as sent:
        told = (await manager.get(f"{desk.api}/regular")).json()
    later = (await manager.get(f"{desk.api}/regular", params={"day": "2026-12-31"})).json()
    before = (await manager.get(f"{desk.api}/regular", params={"day": "2026-11-22"})).json()
    clock.advance(days=60)
    manager, page = english(await web.api(desk.house, "manager")), await web.console(desk.house, "manager")
    over = (await manager.get(f"{desk.api}/regular", params={"day": "2026-12-31"})).json()
    shown, book = [await page.get(f"{desk.console}/regular{way}?day=2026-12-31") for way in ("", "/export")]
    report = (await manager.get(f"{desk.api}/report", params={"month": "2026-12-01"})).json()

    assert len(sent) <= 6
    assert [(g["building"], g["area"], g["made"], g["quota"], len(g["owed"])) for g in told["groups"]] == [
        ("3幢", "东区", 1, 2, 0), ("5幢", "", 0, 2, 1),
    ]  # fmt: skip
    assert [(a["area"], a["groups"], a["quota"], a["made"], a["late"]) for a in told["areas"]] == [
        ("", 1, 2, 0, 0), ("东区", 1, 2, 1, 0),
    ]  # fmt: skip
    [quarter] = told["stewards"]
    assert (quarter["households"], quarter["drawn"], quarter["made"], len(quarter["owed"])) == (10, 3, 0, 3)
    assert (later["groups"], [g["made"] for g in before["groups"]]) == (told["groups"], [0, 0])
    assert [a["late"] for a in over["areas"]] == [1, 0] and over["groups"][1]["owed"][0]["late"]
    assert report["regular"] == over
    assert "3幢" in shown.text and "3 households are still owed a visit" in shown.text
    assert book.content.startswith(b"PK")


async def test_a_place_in_words_lies_in_the_area_of_the_building_that_it_begins_with(
    desk: Desk, manager: httpx.AsyncClient
) -> None:
    entry = {"name": "东区", "steward_id": str(desk.member("steward")), "buildings": ["3", "商铺"]}
    await manager.post(f"{desk.api}/areas", json=entry)
    places = {"3幢1802": "东区", "3幢大堂": "东区", "商铺 A-06": "东区", "13幢1802": "", "30幢101": "", "北门": ""}
    async with desk.lodge.work(desk.house, "manager", read_only=True) as work:
        found = {place: await areas.around(work.uow, desk.site.id, None, place) for place in places}
    assert {place: around.area_name for place, around in found.items()} == places
