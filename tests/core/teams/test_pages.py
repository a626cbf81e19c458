"""Teams and rosters over HTTP: in the API, and on pages that people fill in."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from core.teams.model import Team
from tests.core.teams.crew import DAYTIME, NIGHT, TODAY, Crew
from tests.support.web import Web, problem


@pytest.fixture
async def team(crew: Crew) -> Team:
    return await crew.team("水电班", "technician", "engineering")


@pytest.fixture
async def screen(web: Web, crew: Crew) -> httpx.AsyncClient:
    return await web.console(crew.house, "supervisor")


@pytest.fixture
async def api(web: Web, crew: Crew) -> httpx.AsyncClient:
    return await web.api(crew.house, "supervisor")


def at(crew: Crew, team: Team | None = None, *, console: bool = False) -> str:
    base = f"/s/{crew.site.slug}/teams" if console else f"/api/v1/sites/{crew.site.slug}/teams"
    return f"{base}/{team.id}" if team else base


async def test_a_team_is_made_changed_and_planned_through_the_api(crew: Crew, api: httpx.AsyncClient) -> None:
    tech = str(crew.id("technician"))
    made = await api.post(at(crew), json={"name": "水电班", "members": [{"membership_id": tech, "role": "lead"}]})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    here = made.headers["location"]
    changed = await api.put(here, json={"name": "水电一班", "members": [{"membership_id": tech}]}, headers=_if(1))
    assert changed.json()["members"] == [{"membership_id": tech, "name": crew.name("technician"), "role": "member"}]
    shift = {"starts": 480, "ends": 1200, "membership_id": tech}
    days = {name: [shift] for name in ("mon", "tue", "wed", "thu", "fri")}
    pattern = await api.put(f"{here}/roster/pattern", json={"since": TODAY.isoformat(), **days}, headers=_if(2))
    assert pattern.json() == {"version": 3}
    week = {"day": TODAY.isoformat(), **{name: {"shifts": [shift]} for name in ("mon", "tue", "wed", "thu")}}
    saved = await api.put(f"{here}/roster", json=week, headers=_if(3))
    assert saved.headers["etag"] == '"4"'
    roster = (await api.get(f"{here}/roster?day={TODAY}")).json()
    assert [(day["dated"], len(day["shifts"])) for day in roster["days"]] == [(False, 1)] * 4 + [(True, 0)] + [
        (False, 0)
    ] * 2
    on_duty = (await api.get(f"{at(crew)}/on-duty")).json()["on_duty"]
    assert [one["name"] for one in on_duty] == [crew.name("technician")]


def _if(version: int) -> dict[str, str]:
    return {"if-match": f'"{version}"'}


@pytest.mark.parametrize(("headers", "status"), [({}, 428), (_if(7), 412)])
async def test_a_change_needs_the_version_that_was_seen(
    headers: dict[str, str], status: int, crew: Crew, team: Team, api: httpx.AsyncClient
) -> None:
    """CC-1."""
    for path, body in (
        ("", {"name": "x"}),
        ("/roster", {"day": "2026-11-23"}),
        ("/roster/pattern", {"since": "2026-11-23"}),
    ):
        answer = await api.put(f"{at(crew, team)}{path}", json=body, headers=headers)
        assert answer.status_code == status, path


@pytest.mark.parametrize("day", ["1969-01-01", "9999-12-31"])
async def test_days_that_no_roster_reaches_are_refused(
    day: str, crew: Crew, team: Team, api: httpx.AsyncClient
) -> None:
    answer = await api.get(f"{at(crew, team)}/roster?day={day}")
    assert problem(answer)["status"] == 422


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2026-11-23T10:00:00", 200),
        ("2000-01-01T00:00:00+08:00", 200),
        ("0001-01-01T00:00:00Z", 422),
        ("9999-12-31T23:59:59-08:00", 422),
    ],
)
async def test_who_was_on_duty_can_be_asked_of_any_instant_that_rosters_reach(
    instant: str, status: int, crew: Crew, api: httpx.AsyncClient
) -> None:
    assert (await api.get(f"{at(crew)}/on-duty", params={"at": instant})).status_code == status


async def test_candidates_are_the_same_for_a_draft_and_a_ticket(crew: Crew, team: Team, api: httpx.AsyncClient) -> None:
    ticket = await crew.take_in()
    tickets = f"/api/v1/sites/{crew.site.slug}/tickets"
    draft = (await api.get(f"{tickets}/candidates", params={"category": ticket.category})).json()
    assert (await api.get(f"{tickets}/{ticket.id}/candidates")).json() == draft
    assert draft["candidates"][0]["team_name"] == "水电班"


async def test_a_week_is_filled_in_like_a_sheet(crew: Crew, team: Team, screen: httpx.AsyncClient) -> None:
    tech, eng = crew.id("technician"), crew.id("engineering")
    form = {
        "day": TODAY.isoformat(), "version": "1", "pattern": "",
        f"c-{tech}-0": "早", f"c-{tech}-1": "8-12、13-17:30", f"c-{eng}-0": "晚", "note-1": "培训",
    }  # fmt: skip
    answer = await screen.post(f"{at(crew, team, console=True)}/plan", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at(crew, team, console=True)}?day={TODAY}")
    shown = (await screen.get(answer.headers["location"])).text
    assert "08:00-12:00 13:00-17:30" in shown and "培训" in shown
    assert re.search(r"<b>晚</b> <span[^>]*>20:00-08:00", shown)
    listed = (await screen.get(at(crew, console=True))).text
    assert crew.name("technician") in listed and "until 16:00" in listed


async def test_cells_that_cannot_be_read_come_back_as_they_were_written(
    crew: Crew, team: Team, screen: httpx.AsyncClient
) -> None:
    cell = f"c-{crew.id('technician')}-2"
    form = {"day": TODAY.isoformat(), "version": "1", "pattern": "", cell: "morning"}
    answer = await screen.post(f"{at(crew, team, console=True)}/plan", data=form)
    assert answer.status_code == 422
    assert re.search(rf'name="{cell}" value="morning"[^>]*aria-invalid="true"', answer.text)
    assert "Wednesday: Write shifts like" in answer.text


async def test_whoever_was_overtaken_keeps_the_old_version_until_they_look_again(
    crew: Crew, team: Team, screen: httpx.AsyncClient
) -> None:
    await crew.plan(team, technician=DAYTIME)
    form = {"day": TODAY.isoformat(), "version": "1", "pattern": "true"}
    answer = await screen.post(f"{at(crew, team, console=True)}/plan", data=form)
    assert answer.status_code == 412
    assert 'name="version" value="1"' in answer.text


async def test_a_refused_swap_comes_back_in_its_dialog(crew: Crew, team: Team, screen: httpx.AsyncClient) -> None:
    version = await crew.plan(team, technician=DAYTIME, engineering=NIGHT)
    swap = f"{at(crew, team, console=True)}/swap"
    form = {
        "day": TODAY.isoformat(), "version": str(version), "back_on": "",
        "giver_id": str(crew.id("technician")), "taker_id": str(crew.id("technician")),
    }  # fmt: skip
    refused = await screen.post(swap, data=form)
    assert refused.status_code == 422
    assert '<dialog id="swap" aria-labelledby="swap-title" data-show>' in refused.text
    answer = await screen.post(swap, data={**form, "taker_id": str(crew.id("engineering"))})
    assert answer.status_code == 303
    assert "changed" in (await screen.get(answer.headers["location"])).text


async def test_last_week_is_copied_with_a_click(crew: Crew, team: Team, screen: httpx.AsyncClient) -> None:
    form = {"day": TODAY.isoformat(), "version": "1", "pattern": "", f"c-{crew.id('technician')}-0": "早"}
    await screen.post(f"{at(crew, team, console=True)}/plan", data=form)
    following = (TODAY + timedelta(days=7)).isoformat()
    copied = await screen.post(f"{at(crew, team, console=True)}/copy", data={"day": following, "version": "2"})
    assert "<b>早</b>" in (await screen.get(copied.headers["location"])).text


async def test_a_teams_form_that_is_refused_comes_back_filled_in(
    crew: Crew, team: Team, screen: httpx.AsyncClient
) -> None:
    form = {"name": "水电班", "active": "true", "categories": "noise", "person": str(crew.id("guard")), "role": "lead"}
    answer = await screen.post(at(crew, console=True), data=form)
    assert answer.status_code == 422
    assert "The site has a team of that name already." in answer.text
    assert re.search(r'value="noise" checked', answer.text)
    made = await screen.post(at(crew, console=True), data={**form, "name": "秩序班"})
    assert crew.name("guard") in (await screen.get(made.headers["location"])).text


async def test_the_assign_dialog_says_why_and_leaves_out_whom_the_complaint_concerns(
    crew: Crew, screen: httpx.AsyncClient
) -> None:
    """CMP-6."""
    made = await crew.team("客服组", "steward", "guard", categories=("noise",))
    await crew.plan(made, steward=DAYTIME, guard=DAYTIME)
    ticket = await crew.take_in("noise", concerns="steward")
    await crew.take_in("noise", assignee="guard")
    fields = (await screen.get(f"/s/{crew.site.slug}/tickets/{ticket.id}/candidates")).text
    assert f"{crew.name('guard')} · on duty until 20:00 · takes such matters · 1 in hand" in fields
    assert str(crew.id("steward")) not in fields
    assert f"{crew.name('steward')} is left out" in fields


async def test_who_may_hand_over_is_told_to_whom_best(crew: Crew, web: Web) -> None:
    """TKT-2: the owner is not among those whom a matter is offered to."""
    await crew.team("水电班", "technician", "engineering")
    ticket = await crew.take_in()
    technician = await web.console(crew.house, "technician")
    offered = await technician.get(f"/s/{crew.site.slug}/tickets/{ticket.id}/successors")
    assert f"{crew.name('technician')} · takes such matters · 0 in hand" in offered.text
    assert 'name="colleague"' in offered.text and str(crew.id("clerk")) not in offered.text
    api = await web.api(crew.house, "technician")
    told = (await api.get(f"/api/v1/sites/{crew.site.slug}/tickets/{ticket.id}/successors")).json()["candidates"]
    assert {crew.id("technician"), crew.id("engineering")} <= {UUID(each["membership_id"]) for each in told}


async def test_a_matter_being_taken_in_has_its_candidates_by_number_key(
    crew: Crew, screen: httpx.AsyncClient, web: Web
) -> None:
    """CMP-6: and whoever takes in a complaint about themselves is told whose it will be."""
    await crew.team("客服组", "steward", "guard", categories=("noise",))
    base = f"/s/{crew.site.slug}/tickets"
    asked = {"category": "noise", "concerns": str(crew.id("steward")), "assignee": str(crew.id("guard"))}
    field = (await screen.get(f"{base}/candidates", params=asked)).text
    assert f'data-choose="{crew.id("guard")}" data-into="#f-assignee" data-hotkey="alt+1"' in field
    assert str(crew.id("steward")) not in field
    assert f'<option value="{crew.id("guard")}" selected>' in field

    clerk = await web.console(crew.house, "clerk")
    asked_of = [{"concerns": str(crew.id(role))} for role in ("clerk", "guard")]
    told = [(await clerk.get(f"{base}/owner", params=params)).text for params in asked_of]
    assert f"it will belong to {crew.name('supervisor')}." in told[0]
    assert "belong" not in told[1]
    api = await web.api(crew.house, "clerk")
    answer = (await api.get(f"/api/v1/sites/{crew.site.slug}/tickets/owner")).json()
    assert answer == {"owner_id": str(crew.id("supervisor")), "owner_name": crew.name("supervisor")}


async def test_only_who_manages_teams_is_offered_to(crew: Crew, team: Team, web: Web) -> None:
    technician = await web.console(crew.house, "technician")
    page = (await technician.get(at(crew, team, console=True))).text
    assert "/plan" not in page and "/swap" not in page
    assert (await technician.post(f"{at(crew, team, console=True)}/copy", data={})).status_code == 403
