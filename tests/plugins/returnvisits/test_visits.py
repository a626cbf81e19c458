"""Making visits: tries, what the household says, who signs, and the work that follows (VIS-4, VIS-5, REP-5)."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from core.sdk import SYSTEM, NewTicket, TenantContext
from plugins.returnvisits.visits import service
from tests.plugins.returnvisits.conftest import SURE, Desk, english
from tests.support.lodge import NOW, SettableClock
from tests.support.statements import recording
from tests.support.web import Web

CONTENT = {"way": "phone", "quality": 5, "effect": "solved", "satisfaction": "satisfied"}
SORRY = {"way": "visit", "quality": 2, "effect": "unsolved", "satisfaction": "dissatisfied", "shortcomings": "还在漏"}


def drawn_signature() -> str:
    """A line on white paper, as the pad sends it to the API."""
    picture, target = Image.new("RGB", (90, 36), "white"), io.BytesIO()
    ImageDraw.Draw(picture).line((5, 30, 80, 5), "black", 3)
    picture.save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()


async def finish(client: httpx.AsyncClient, desk: Desk, visit: dict[str, Any], **said: object) -> httpx.Response:
    here = f"{desk.api}/visits/{visit['id']}"
    version = (await client.get(here)).headers["etag"]
    return await client.put(f"{here}/outcome", json={**CONTENT, **said}, headers={"if-match": version})


async def test_what_the_household_says_is_on_record_and_costs_few_statements(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    async with recording(desk.lodge.platform.db) as sent:
        done = await clerk.put(f"{desk.api}/visits/{visit['id']}/outcome", json=CONTENT, headers={"if-match": '"1"'})
    twice = await finish(clerk, desk, visit)

    assert done.status_code == 200 and len(sent) <= 6, done.text
    assert (done.json()["status"], done.json()["signed"], done.json()["failed"]) == ("done", "phone", False)
    assert twice.status_code == 409
    assert await desk.visits(clerk) == []
    assert len(await desk.visits(clerk, which="done", failed=False)) == 1


async def test_after_three_calls_without_an_answer_the_household_is_visited(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    tries = [(await clerk.post(f"{desk.api}/visits/{visit['id']}/attempts", json={})).json() for _ in range(3)]
    called = await finish(clerk, desk, visit)
    seen = await clerk.get(f"{desk.api}/visits/{visit['id']}")

    assert [(each["attempts"], each["way"]) for each in tries] == [(1, "any"), (2, "any"), (3, "visit")]
    assert tries[0]["next_at"] == (NOW + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert (called.status_code, called.json()["errors"][0]["field"]) == (422, "way")
    assert [step["kind"] for step in seen.json()["steps"]] == [
        "drawn",
        "no_answer",
        "no_answer",
        "no_answer",
        "to_visit",
    ]


async def test_a_repair_whose_visit_fails_goes_back_to_work_and_is_visited_again(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    ticket = await desk.resolved()
    [visit] = await desk.visits(clerk)
    unsaid = await finish(clerk, desk, visit, **{**SORRY, "shortcomings": " "})
    failed = await finish(clerk, desk, visit, **SORRY)
    await desk.deliver()
    back = await desk.ticket(ticket.id)
    async with desk.lodge.work(desk.house, "manager", read_only=True) as work:
        [bell] = (await desk.lodge.platform.notify.notices.inbox(work)).items
    await desk.act(ticket, "resolve", "technician", text="换了整根水管")
    await desk.deliver()
    [again] = await desk.visits(clerk)
    [before] = await desk.visits(clerk, which="done")

    assert (unsaid.status_code, failed.json()["failed"]) == (422, True)
    assert back.status == "accepted"
    assert bell.params["page"] == f"returnvisits/visits/{visit['id']}"
    assert (before["follow_up"], before["follow_up_number"]) == ("reopened", ticket.number)
    assert (again["source"], again["previous_id"]) == ("recheck", visit["id"])
    assert await desk.rows("SELECT count(*) FROM returnvisits_candidate WHERE company_id = $1") == [(1,)]


async def test_long_afterwards_a_new_ticket_refers_to_the_repair(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    ticket = await desk.resolved(reporter_name="王女士", reporter_phone="13800001234")
    [visit] = await desk.visits(clerk)
    clock.advance(days=31)
    clerk = english(await web.api(desk.house, "clerk"))
    await finish(clerk, desk, visit, **SORRY)
    await desk.deliver()
    [before] = await desk.visits(clerk, which="done")
    rework = await desk.ticket(before["follow_up_id"])

    assert (before["follow_up"], before["follow_up_number"]) == ("rework", rework.number)
    assert (rework.reporter_name, rework.reporter_phone, rework.status) == ("王女士", "13800001234", "new")
    assert (await desk.ticket(ticket.id)).status == "resolved"
    tied = "SELECT kind FROM ticket_relation WHERE company_id = $1 AND to_id = $2"
    assert await desk.rows(tied, ticket.id) == [("rework_of",)]


async def test_a_complaint_whose_visit_fails_gets_a_follow_up_on_the_agenda_where_it_is_major(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await desk.rules({**SURE, "key": "complaint", "kinds": ["complaint"], "fails": "follow_up"})
    ticket = await desk.resolved("noise", severity="critical")
    [visit] = await desk.visits(clerk)
    await finish(clerk, desk, visit, **SORRY)
    await desk.deliver()
    [before] = await desk.visits(clerk, which="done")
    agenda = await clerk.get(f"/api/v1/sites/{desk.site.slug}/agenda")

    assert (before["follow_up"], (await desk.ticket(ticket.id)).status) == ("follow_up", "resolved")
    assert [item["ticket_id"] for item in agenda.json()["items"]] == [before["follow_up_id"]]


async def test_nobody_checks_their_own_work(desk: Desk, web: Web) -> None:
    async with desk.lodge.work(desk.house, "clerk") as work:
        ticket = await desk.lodge.platform.tickets.create(
            work, desk.site, NewTicket(description="楼道灯不亮", category="plumbing_electric", place="3幢")
        )
    await desk.act(ticket, "accept", "steward")
    await desk.act(ticket, "resolve", "steward", text="换灯泡")
    await desk.deliver()
    steward, manager = [english(await web.api(desk.house, role)) for role in ("steward", "manager")]
    [visit] = await desk.visits(steward)
    here = f"{desk.api}/visits/{visit['id']}"
    own = await finish(steward, desk, visit)
    given = await manager.put(
        f"{here}/visitor", json={"visitor_id": str(desk.member("steward"))}, headers={"if-match": '"1"'}
    )
    other = await manager.put(
        f"{here}/visitor", json={"visitor_id": str(desk.member("clerk"))}, headers={"if-match": '"1"'}
    )

    assert (own.status_code, given.status_code, other.status_code) == (403, 422, 200)
    assert (await steward.get(here)).json()["actions"] == []


async def test_whom_a_complaint_concerns_sees_no_visit_about_it(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    await desk.rules({**SURE, "kinds": ["complaint"]})
    await desk.resolved("noise", concerns_id=desk.member("steward"))
    [visit] = await desk.visits(clerk)
    steward = english(await web.api(desk.house, "steward"))

    assert await desk.visits(steward) == []
    assert (await steward.get(f"{desk.api}/visits/{visit['id']}")).status_code == 404


async def test_a_household_signs_on_the_screen_or_on_paper(desk: Desk, clerk: httpx.AsyncClient) -> None:
    for _ in range(2):
        await desk.resolved()
    first, second = await desk.visits(clerk)
    drawn = {"signer": "王女士", "picture": drawn_signature()}
    paper = {"signer": "李先生", "on_paper": True, "remark": "回访单第 3 册"}
    answers = []
    for visit, signature in ((first, drawn), (second, paper)):
        await finish(clerk, desk, visit, way="visit")
        async with recording(desk.lodge.platform.db) as sent:
            answers.append(await clerk.post(f"{desk.api}/visits/{visit['id']}/signature", json=signature))
        assert len(sent) <= 6, [statement.sql[:100] for statement in sent]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    [kept] = await desk.rows("SELECT id, signed_by FROM ticket_attachment WHERE company_id = $1")
    assert [answer.json()["signed"] for answer in answers] == ["pad", "paper"]
    assert (answers[0].json()["signature_id"], "王女士") == (str(kept[0]), kept[1])


async def test_a_visit_that_is_late_shows_and_goes_up_once(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    await desk.resolved()

    async def look() -> None:
        ctx = TenantContext(desk.house.company_id, frozenset({desk.site.id}), SYSTEM)
        async with desk.lodge.platform.work(ctx) as work:
            await service.notice_late(work, ctx, {})

    await look()
    clock.advance(days=3)
    await look()
    await look()
    told = "SELECT payload ->> 'members' FROM outbox WHERE company_id = $1 AND type = 'returnvisits.visit_overdue.v1'"
    [(members,)] = await desk.rows(told)
    late = await desk.visits(english(await web.api(desk.house, "clerk")), which="overdue")

    assert members.split(",") == [str(desk.member(role)) for role in ("supervisor", "manager")]
    assert len(late) == 1 and late[0]["overdue_at"] is not None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ticket_number": "nothing"}, "ticket_number"),
        ({}, "ticket_number"),
        ({"unit_id": "00000000-0000-0000-0000-00000000dead", "about": "走访"}, "unit_id"),
        ({"due_on": "2026-11-22"}, "due_on"),
        ({"visitor_id": "00000000-0000-0000-0000-00000000dead"}, "visitor_id"),
    ],
    ids=str,
)
async def test_a_visit_added_by_hand_names_what_is_wrong(
    desk: Desk, manager: httpx.AsyncClient, more: dict[str, object], field: str
) -> None:
    answer = await manager.post(f"{desk.api}/visits", json={"due_on": "2026-11-25", **more})

    assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == [field]


async def test_a_visit_added_by_hand_counts_for_no_share(
    desk: Desk, clerk: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await desk.rules()
    ticket = await desk.resolved()
    new = {"ticket_number": ticket.number, "due_on": "2026-11-25", "visitor_id": str(desk.member("clerk"))}
    forbidden = await clerk.post(f"{desk.api}/visits", json=new)
    added = await manager.post(f"{desk.api}/visits", json=new)

    assert (forbidden.status_code, added.status_code) == (403, 201)
    assert (added.json()["source"], added.json()["visitor_name"]) == ("added", desk.house.staff["clerk"].name)
    assert [visit["id"] for visit in await desk.visits(clerk, mine=True)] == [added.json()["id"]]
    assert await desk.rows("SELECT count(*) FROM returnvisits_candidate WHERE company_id = $1") == [(0,)]


async def test_what_is_done_about_a_failed_visit_has_an_owner(
    desk: Desk, clerk: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    await finish(clerk, desk, visit, **SORRY)
    here = f"{desk.api}/visits/{visit['id']}/measure"
    said = {"measure": "更换供货商", "responsible_id": str(desk.member("engineering")), "due_on": "2026-12-05"}
    answered = await manager.put(here, json=said, headers={"if-match": '"2"'})
    stale = await manager.put(here, json=said, headers={"if-match": '"2"'})

    assert (answered.status_code, stale.status_code) == (200, 412)
    assert answered.json()["measure_by_name"] == desk.house.staff["engineering"].name
