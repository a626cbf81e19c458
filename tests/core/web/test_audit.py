"""The audit log over HTTP: filters, paging, and whose entries one sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.work import Work
from tests.support.lodge import NOW, House, Lodge, SettableClock
from tests.support.web import Web


async def record(lodge: Lodge, house: House, role: str, action: str, subject: str, n: int | None = None) -> None:
    work: Work
    async with lodge.work(house, role) as work:
        site_id = None if n is None else house.sites[n].id
        work.audit(action, action.partition(".")[0], subject, {"to": subject}, site_id=site_id)


async def subjects(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The subjects of the entries that the test recorded."""
    answer = await client.get("/api/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["subject_id"] for entry in answer.json()["entries"] if entry["subject_type"] != "session"]


@pytest.fixture
async def recorded(lodge: Lodge, house: House, clock: SettableClock) -> House:
    """A day apart: a (site 1), b (site 2), c (company)."""
    for n, (role, action, subject) in enumerate(
        (("clerk", "meter.read", "a"), ("admin", "meter.changed", "b"), ("admin", "metering.begun", "c"))
    ):
        await record(lodge, house, role, action, subject, n if n < 2 else None)
        clock.advance(days=1)
    return house


async def test_entries_are_found_by_what_who_where_and_when(web: Web, recorded: House) -> None:
    api = await web.api(recorded, "admin")
    clerk = str(recorded.staff["clerk"].membership_id)
    for query, found in (
        ({}, ["c", "b", "a"]),
        ({"action": "meter"}, ["b", "a"]),
        ({"action": "meter.read"}, ["a"]),
        ({"action": "mete"}, []),
        ({"subject_type": "metering"}, ["c"]),
        ({"subject_id": "b"}, ["b"]),
        ({"actor_id": clerk}, ["a"]),
        ({"site_id": str(recorded.sites[1].id)}, ["b"]),
        ({"from": (NOW + timedelta(days=1)).isoformat()}, ["c", "b"]),
        ({"to": (NOW + timedelta(days=1)).isoformat()}, ["a"]),
        ({"from": NOW.isoformat(), "to": NOW.isoformat()}, []),
    ):
        assert await subjects(api, **query) == found, query
    for wrong, status in (
        ("from=2026-11-23T00:00:00", 422),
        ("cursor=x", 400),
        ("limit=0", 400),
        ("limit=201", 400),
        ("site_id=x", 400),
    ):
        assert (await api.get(f"/api/v1/audit?{wrong}")).status_code == status, wrong


async def test_an_entry_says_who_did_what_when(web: Web, recorded: House) -> None:
    api, clerk = await web.api(recorded, "quality"), recorded.staff["clerk"]
    [entry] = (await api.get("/api/v1/audit?subject_id=a")).json()["entries"]
    assert entry["at"] == "2026-11-23T02:00:00Z" and entry["changes"] == {"to": "a"}
    assert (entry["actor_kind"], entry["actor_id"], entry["actor_name"]) == (
        "person",
        str(clerk.membership_id),
        clerk.name,
    )
    assert entry["site_id"] == str(recorded.sites[0].id)


async def test_pages_follow_each_other_without_gap_or_repetition(web: Web, lodge: Lodge, house: House) -> None:
    for n in range(7):
        await record(lodge, house, "admin", "meter.read", str(n))
    api, seen, query = await web.api(house, "admin"), list[str](), {"action": "meter", "limit": "3"}
    while True:
        page = (await api.get("/api/v1/audit", params=query)).json()
        seen += [entry["subject_id"] for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        await record(lodge, house, "admin", "meter.read", "later")
        query = {**query, "cursor": page["next_cursor"]}
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


async def test_entries_of_sites_one_may_not_enter_and_of_the_company_as_a_whole_are_left_out(
    web: Web, lodge: Lodge, recorded: House
) -> None:
    local = await web.api(recorded, recorded.local[0])
    assert await subjects(local) == ["a"]
    assert await subjects(local, site_id=str(recorded.sites[1].id)) == []
    stranger = await web.api(await lodge.house(), "admin")
    assert await subjects(stranger) == []
    assert await subjects(stranger, actor_id=str(recorded.staff["admin"].membership_id)) == []


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("quality", 200), ("manager", 403), ("clerk", 403)])
async def test_the_log_takes_its_permission(web: Web, house: House, role: str, status: int) -> None:
    assert (await (await web.api(house, role)).get("/api/v1/audit")).status_code == status
    assert (await (await web.console(house, role)).get("/admin/audit")).status_code == status


async def test_the_page_filters_and_says_actions_in_words(web: Web, lodge: Lodge, recorded: House) -> None:
    api, console = await web.api(recorded, "admin"), await web.console(recorded, "admin")
    change = {"overrides": {"urgent": {"arrival": None}}, "reason": "x"}
    headers = {"if-match": '"0"'}
    site = recorded.sites[0]
    await api.put(f"/api/v1/sites/{site.slug}/policies/core.sla_targets", json=change, headers=headers)
    shown = (await console.get("/admin/audit")).text
    assert "changed a policy" in shown and "urgent.arrival: — → —" in shown and site.name in shown
    for query, rows in (
        ({"action": "policy"}, 1),
        ({"action": "meter"}, 2),
        ({"action": "meter", "site": str(site.id)}, 1),
        ({"action": "meter", "from": "2026-11-24"}, 1),
        ({"action": "meter", "to": "2026-11-23"}, 1),
        ({"action": "meter", "q": "FRONT-DESK"}, 1),
        ({"q": "nobody"}, 0),
    ):
        page = await console.get("/admin/audit", params=query)
        assert page.text.count("<time datetime") == rows, query
    for query in ({"from": "soon"}, {"to": "9999-12-31"}, {"site": "x"}, {"after": "x"}):
        assert (await console.get("/admin/audit", params=query)).status_code == 400


async def test_the_page_leads_on(web: Web, lodge: Lodge, house: House) -> None:
    for n in range(51):
        await record(lodge, house, "admin", "meter.read", f"{n:02}")
    console = await web.console(house, "admin")
    first = (await console.get("/admin/audit?action=meter")).text
    assert "50 shown" in first and "First page" not in first
    link = first.partition('href="/admin/audit?action=meter&amp;after=')[2].partition('"')[0]
    second = (await console.get(f"/admin/audit?action=meter&after={link}")).text
    assert "1 shown" in second and ">00<" in second and 'href="/admin/audit?action=meter"' in second
