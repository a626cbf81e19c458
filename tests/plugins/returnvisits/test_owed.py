"""What tickets lead to: visits that are owed, in time by the site's calendar, each once (VIS-1, VIS-2, CMP-5)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import msgspec
import pytest

from plugins.returnvisits.policies import RULES
from plugins.returnvisits.visits.rules import is_reached, rule_for
from tests.plugins.returnvisits.conftest import SURE, Desk, english
from tests.support.lodge import NOW, SettableClock
from tests.support.web import Web

COMPLAINT = {
    **SURE,
    "key": "complaint",
    "kinds": ["complaint"],
    "due_amount": 3,
    "due_unit": "days",
    "fails": "follow_up",
}


async def test_a_repair_that_is_done_is_visited_within_two_working_days(desk: Desk, clerk: httpx.AsyncClient) -> None:
    ticket = await desk.resolved()
    [visit] = await desk.visits(clerk)

    assert (visit["ticket_id"], visit["rule"], visit["source"]) == (str(ticket.id), "repair", "drawn")
    assert visit["due_at"] == "2026-11-25T09:30:00Z"  # Monday's repair, by Wednesday's closing time
    assert (visit["visitor_role"], visit["visitor_name"]) == ("desk", "")


async def test_a_matter_is_owed_a_visit_once_however_often_it_is_heard_of(desk: Desk, clerk: httpx.AsyncClient) -> None:
    ticket = await desk.resolved()
    await desk.act(ticket, "answer", text="已修好")
    await desk.act(ticket, "close")
    await desk.deliver()

    assert len(await desk.visits(clerk)) == 1
    assert await desk.rows("SELECT position, drawn FROM returnvisits_candidate WHERE company_id = $1") == [(1, True)]


async def test_what_is_worked_on_again_waits_with_as_much_time_afterwards(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    ticket = await desk.resolved()
    [visit] = await desk.visits(clerk)
    await desk.act(ticket, "reopen", text="又漏了")
    await desk.deliver()
    [held] = await desk.visits(clerk)
    made = {"way": "phone", "quality": 5, "effect": "solved", "satisfaction": "satisfied"}
    refused = await clerk.put(f"{desk.api}/visits/{visit['id']}/outcome", json=made, headers={"if-match": '"2"'})
    clock.advance(days=1)
    await desk.act(ticket, "resolve", "technician", text="换了软管")
    await desk.deliver()
    [again] = await desk.visits(english(await web.api(desk.house, "clerk")))

    assert (held["status"], refused.status_code) == ("held", 409)
    assert (again["status"], again["due_at"]) == ("open", "2026-11-26T09:30:00Z")


async def test_a_duplicate_that_is_merged_is_not_visited(desk: Desk, clerk: httpx.AsyncClient, web: Web) -> None:
    ticket, other = await desk.resolved(), await desk.resolved(description="厨房又漏水")
    api = english(await web.api(desk.house, "manager"))
    merge = {"ticket_id": str(other.id), "answer": "合并处理", "channel": "call"}
    version = (await desk.ticket(ticket.id)).version
    merged = await api.post(
        f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}/merge", json=merge, headers={"if-match": f'"{version}"'}
    )
    await desk.deliver()

    assert merged.status_code == 200, merged.text
    assert [visit["ticket_id"] for visit in await desk.visits(clerk)] == [str(other.id)]


async def test_a_share_is_drawn_in_the_order_in_which_matters_come(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await desk.rules({**SURE, "percent": 50})
    for _ in range(4):
        await desk.resolved()
    drawn = await desk.rows("SELECT drawn FROM returnvisits_candidate WHERE company_id = $1 ORDER BY position")

    assert sum(answer for (answer,) in drawn) == 2
    assert len(await desk.visits(clerk)) == 2


async def test_the_manager_visits_after_a_major_complaint(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await desk.rules(
        {**COMPLAINT, "key": "major", "severity": "critical", "visitor": "manager"}, {**COMPLAINT, "visitor": "steward"}
    )
    await desk.resolved("noise", severity="critical")
    await desk.resolved("noise")
    major, ordinary = sorted(await desk.visits(clerk), key=lambda visit: visit["rule"] != "major")

    assert (major["rule"], major["visitor_id"]) == ("major", str(desk.member("manager")))
    assert (ordinary["rule"], ordinary["visitor_role"]) == ("complaint", "desk")  # nobody looks after the building


async def test_too_early_is_no_time_for_a_visit(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    await desk.rules({**SURE, "earliest_days": 30, "due_amount": 60, "due_unit": "days"})
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    early = await clerk.post(f"{desk.api}/visits/{visit['id']}/attempts", json={})
    clock.advance(days=31)
    later = await (await web.api(desk.house, "clerk")).post(f"{desk.api}/visits/{visit['id']}/attempts", json={})

    assert visit["not_before"] == (NOW + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    assert (early.status_code, later.status_code) == (409, 200)


async def test_visits_of_a_site_are_told_to_nobody_elsewhere(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    elsewhere = f"/api/v1/sites/{desk.house.sites[1].slug}/returnvisits/visits"

    assert (await clerk.get(elsewhere)).json()["items"] == []
    assert (await clerk.get(f"{elsewhere}/{visit['id']}")).status_code == 404
    technician = english(await web.api(desk.house, "technician"))
    assert (await technician.get(f"{desk.api}/visits")).status_code == 403  # whose work is checked


@pytest.mark.parametrize(
    ("type", "severity", "key"),
    [
        ("repair", "routine", "repair"),
        ("repairs.order", "routine", "repair"),
        ("repair", "urgent", "repair_safety"),
        ("complaint", "routine", "complaint"),
        ("complaints.complaint", "critical", "complaint_major"),
        ("enquiry", "critical", None),
    ],
)
async def test_the_first_rule_that_fits_counts(desk: Desk, type: str, severity: str, key: str | None) -> None:

    ticket = msgspec.structs.replace(await desk.resolved(), type=type, severity=severity)
    rule = rule_for(RULES.default.rules, ticket)

    assert (rule.key if rule else None) == key
    assert rule is None or (is_reached(rule, "resolved") and is_reached(rule, "closed"))
