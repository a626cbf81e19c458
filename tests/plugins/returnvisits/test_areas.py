"""Whoever is confined to some buildings of a site makes the return visits of these, and sees no others (TI-10)."""

from __future__ import annotations

import httpx
import msgspec

from core.sdk import new_id
from tests.plugins.returnvisits.conftest import Desk, english
from tests.support.web import Web

_UNIT = "INSERT INTO unit (company_id, id, site_id, building, room, label) VALUES ($1, $2, $3, $4, '101', $5)"
_POSTS = "UPDATE membership SET posts = $3::jsonb WHERE company_id = $1 AND id = $2"


async def test_a_steward_of_some_buildings_makes_the_visits_of_these_alone(
    desk: Desk, web: Web, manager: httpx.AsyncClient
) -> None:
    company_id, visits = desk.house.company_id, {}
    for building in ("3", "8"):
        unit_id = new_id()
        async with desk.lodge.owner.begin(company_id) as uow:
            await uow.execute(_UNIT, company_id, unit_id, desk.site.id, building, f"{building}幢101")
        new = {"unit_id": str(unit_id), "due_on": "2026-11-25", "about": "seldom at home"}
        added = await manager.post(f"{desk.api}/visits", json=new)
        assert added.status_code == 201, added.text
        visits[building] = f"{desk.api}/visits/{added.json()['id']}"
    await _confine(desk, "steward", "3")
    steward = english(await web.api(desk.house, "steward"))
    said = {"way": "visit", "quality": 4, "effect": "solved", "satisfaction": "satisfied"}

    seen = [visit["place"] for visit in await desk.visits(steward)]
    looks = {building: (await steward.get(visit)).status_code for building, visit in visits.items()}
    made = {
        building: (await steward.put(f"{visit}/outcome", json=said, headers={"if-match": '"1"'})).status_code
        for building, visit in visits.items()
    }

    assert seen == ["3幢101"]
    assert looks == made == {"3": 200, "8": 404}
    assert (await steward.get(f"{desk.api}/draws")).status_code == 403


async def _confine(desk: Desk, role: str, building: str) -> None:
    posts = {str(desk.site.id): {"roles": [], "buildings": [building]}}
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(_POSTS, desk.house.company_id, desk.member(role), msgspec.json.encode(posts).decode())
    desk.lodge.forget()
