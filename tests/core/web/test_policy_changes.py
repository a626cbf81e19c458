"""What surrounds a change of a policy: who may make it for the company, going back, open tickets, trying it first."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from core.jobs.queue import Worker
from tests.core.web.policies import EIGHT_MINUTES, QUICKER, SLA, at, form_of, put
from tests.support.lodge import House, Lodge, SettableClock
from tests.support.web import Web

NEW = {"description": "no water in the kitchen", "category": "other", "severity": "urgent", "place": "hall"}


async def run_jobs(lodge: Lodge, house: House, *names: str) -> None:
    """Run what the house has queued under these names, as a worker would."""
    platform = lodge.platform
    specs = {job.name: job for job in platform.jobs if job.name in names}
    async with lodge.owner.begin(None) as uow:
        rows = await uow.fetch(
            lambda id, name, payload: (id, name, payload),
            "SELECT id, entrypoint, payload FROM pgqueuer WHERE entrypoint = ANY ($1::text[]) ORDER BY id",
            list(names),
        )
    for id, name, payload in rows:
        told = msgspec.json.decode(payload)
        if told["company_id"] == str(house.company_id):
            await Worker(platform, platform.jobs).perform(specs[name], None, house.company_id, told["ids"])
            async with lodge.owner.begin(None) as uow:
                await uow.execute("DELETE FROM pgqueuer WHERE id = $1", id)


async def test_only_who_works_at_every_site_changes_what_counts_for_all(web: Web, house: House) -> None:
    """TI-10: an administrator of one site has no say over the others."""
    local, api = await web.api(house, house.local[0]), await web.api(house, "admin")
    assert (await put(local, f"/api/v1/policies/{SLA}", QUICKER)).status_code == 403
    assert (await put(local, f"{at(house)}/policies/{SLA}", QUICKER)).status_code == 200
    assert (await put(api, f"/api/v1/policies/{SLA}", QUICKER)).status_code == 200
    back = {"revision": 1, "reason": "back"}
    restore = await local.post(f"/api/v1/policies/{SLA}/rollback", json=back, headers={"if-match": '"1"'})
    assert restore.status_code == 403
    console = await web.console(house, house.local[0])
    form = form_of((await console.get(f"/admin/policies/{SLA}")).text) | {"reason": "mine"}
    assert (await console.post(f"/admin/policies/{SLA}", data=form)).status_code == 403


@pytest.mark.parametrize("layer", ["site", "company"])
async def test_going_back_is_a_new_revision_and_the_history_says_what_each_changed(
    web: Web, house: House, layer: str
) -> None:
    api, console = await web.api(house, "admin"), await web.console(house, "admin")
    path = f"{at(house) if layer == 'site' else '/api/v1'}/policies/{SLA}"
    page = f"/s/{house.sites[0].slug}/policies/{SLA}" if layer == "site" else f"/admin/policies/{SLA}"
    assert (await api.get(f"{path}/revisions")).json() == {"revisions": []}
    assert "Never changed here" in (await console.get(f"{page}/history")).text
    await put(api, path, QUICKER, reason="lift contract")
    await put(api, path, {"urgent": {"response": None}}, seen=1, reason="a mistake")
    told = (await api.get(f"{path}/revisions")).json()["revisions"]
    assert [(r["revision"], r["reason"], r["changes"]) for r in told] == [
        (2, "a mistake", {"urgent.response": [EIGHT_MINUTES, None]}),
        (1, "lift contract", {"urgent.response": [None, EIGHT_MINUTES]}),
    ]
    shown = (await console.get(f"{page}/history")).text
    assert "Urgent · Response" in shown and "8 min, around the clock" in shown and "back to revision 1" in shown
    form = form_of(shown.replace('<form class="filters"', '<form class="split"')) | {"reason": "as it was"}
    assert (await console.post(f"{page}/history", data=form)).headers["location"] == f"{page}?saved=3"
    assert (await api.get(path)).json()["overrides"] == QUICKER
    later = form | {"version": "3", "number": "2", "effective_at": "2026-12-01T08:00"}
    assert (await console.post(f"{page}/history", data=later)).headers["location"] == f"{page}?saved=4"
    planned = (await api.get(f"{path}/revisions")).json()["revisions"][0]
    assert (planned["revision"], planned["effective_at"]) == (4, "2026-12-01T00:00:00Z")
    stale = await api.post(f"{path}/rollback", json={"revision": 1, "reason": "again"}, headers={"if-match": '"2"'})
    assert stale.status_code == 412
    gone = await api.post(f"{path}/rollback", json={"revision": 9, "reason": "again"}, headers={"if-match": '"4"'})
    assert gone.status_code == 404


async def test_the_history_says_steps_and_shifts_in_words(web: Web, house: House) -> None:
    api, console = await web.api(house, "admin"), await web.console(house, "admin")
    rungs = [{"amount": 50, "unit": "percent", "to": "supervisor"}, {"amount": 2, "unit": "hours", "to": "manager"}]
    shifts = {"week": {"sat": [["09:00", "12:00"]], "mon": []}}
    for name, overrides, words in (
        ("core.escalation", {"rungs": [rungs[0], {**rungs[1], "quiet": False}]}, _STEPS),
        ("core.escalation", {"rungs": []}, "none"),
        ("core.calendar", shifts, "09:00–12:00"),
        ("core.calendar", shifts, "closed"),
    ):
        seen = (await api.get(f"{at(house)}/policies/{name}")).json()["revision"]
        assert (await put(api, f"{at(house)}/policies/{name}", overrides, seen=seen)).status_code == 200
        shown = await console.get(f"/s/{house.sites[0].slug}/policies/{name}/history")
        assert shown.status_code == 200 and f"<td>{words}</td>" in shown.text
    page = (await console.get(f"/s/{house.sites[0].slug}/policies/{SLA}")).text
    assert page.count("Matters in which waiting does harm.") == 1


_STEPS = (
    "50 · % of the time used · Supervisor; "
    "2 · hours after the deadline · Site manager · Waits for quiet hours to end: No"
)


async def test_open_tickets_are_held_to_new_promises_where_the_form_says_so(
    web: Web, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    """TKT-4: without the choice a ticket keeps what it was promised; with it the change is on its timeline."""
    clerk, console = await web.api(house, "clerk"), await web.console(house, "admin")
    ticket = (await clerk.post(f"{at(house)}/tickets", json=NEW)).json()
    clock.advance(seconds=2)
    path = f"/s/{house.sites[0].slug}/policies/{SLA}"
    form = form_of((await console.get(path)).text)
    form |= {"urgent.response.amount": "8", "reason": "lift contract", "open_tickets": "on"}
    assert (await console.post(path, data=form)).status_code == 303
    for job in ("core.renew_sweep", "core.renew"):
        await run_jobs(lodge, house, job)
    detail = (await clerk.get(f"{at(house)}/tickets/{ticket['id']}")).json()
    assert [entry["kind"] for entry in detail["timeline"]] == ["created", "retarget"]
    assert next(goal["amount"] for goal in detail["goals"] if goal["name"] == "response") == 8
    told = (await clerk.get(f"{at(house)}/tickets/{ticket['id']}/goals/response/explanation")).json()
    assert [terms["goal"]["amount"] for terms in told["terms"]] == [10, 8]


async def test_a_draft_is_tried_from_its_form_and_shows_what_would_turn(web: Web, lodge: Lodge, house: House) -> None:
    clerk, console, api = (
        await web.api(house, "clerk"),
        await web.console(house, "admin"),
        await web.api(house, "admin"),
    )
    await clerk.post(f"{at(house)}/tickets", json=NEW)
    path = f"/s/{house.sites[0].slug}/policies/{SLA}"
    form = form_of((await console.get(path)).text) | {"urgent.response.amount": "5"}
    started = await console.post(f"{path}/simulations", data=form)
    assert "0 of 1 tickets" in started.text
    href = re.search(r'hx-get="([^"]+)"', started.text)
    assert href is not None
    await run_jobs(lodge, house, "core.simulate")
    shown = await console.get(href[1])
    assert "1 tickets; 0 would come out differently" in shown.text and "delay:" not in shown.text
    assert "Held to the draft now, 1 would be due sooner" in shown.text
    simulated = f"{at(house)}/policies/{SLA}/simulations"
    seen = (await api.get(f"{simulated}/{href[1].rpartition('/')[2]}")).json()
    assert (seen["state"], seen["done"], seen["result"]["sooner"]) == ("done", 1, 1)
    listed = (await console.get(f"{href[1]}/tickets?turn=moved")).text
    told = (await api.get(f"{simulated}/{seen['id']}/tickets?turn=moved")).json()
    assert [each["number"] in listed for each in told["tickets"]] == [True] and told["next"] is None
    book = await api.post(f"{simulated}/{seen['id']}/export", json={"turn": "moved"})
    [sheet] = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).sheet_names
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_name(sheet).to_python()
    assert [row[:2] for row in rows[1:]] == [[house.sites[0].name, told["tickets"][0]["number"]]]
    csrf = form["csrf_token"]
    again = await console.post(f"{href[1]}/export", data={"turn": "moved", "csrf_token": csrf})
    assert again.headers["content-type"] == book.headers["content-type"]
    assert (await api.get(f"{at(house)}/policies/{SLA}")).json()["revision"] == 0
    made = await api.post(simulated, json={"overrides": QUICKER})
    assert made.status_code == 201
    assert (await api.delete(made.headers["location"])).status_code == 204
    assert (await api.get(made.headers["location"])).json()["state"] == "cancelled"
    wrong = await console.post(f"{path}/simulations", data=form | {"urgent.response.amount": "0"})
    assert "cannot be tried" in wrong.text


async def test_the_calendar_says_which_holidays_come_and_which_year_is_not_announced(
    web: Web, house: House, clock: SettableClock
) -> None:
    api = await web.api(house, "admin")
    path = f"/s/{house.sites[0].slug}/policies/core.calendar"
    assert "not announced yet" not in (await (await web.console(house, "admin")).get(path)).text
    await put(api, f"{at(house)}/policies/core.calendar", {"public_holidays": "china"})
    assert "holidays of 2027 are not announced" in (await (await web.console(house, "admin")).get(path)).text
    clock.now = datetime(2026, 9, 18, tzinfo=UTC)
    ahead = (await (await web.console(house, "admin")).get(path)).text
    assert re.search(r"National Day.*2026-10-01 – 10-07.*09-20, 10-10", ahead, re.S) and "Labour Day" not in ahead
    assert "not announced yet" not in ahead
    lanes = await (await web.console(house, "admin")).get(f"/s/{house.sites[0].slug}/policies/{SLA}")
    assert "Goals that run around the clock" in lanes.text


async def test_a_companys_draft_is_tried_by_those_alone_who_enter_all_of_its_sites(
    web: Web, lodge: Lodge, house: House
) -> None:
    """TI-10: it tells of every site."""
    clerk, local, api = (
        await web.api(house, "clerk"),
        await web.api(house, house.local[0]),
        await web.api(house, "admin"),
    )
    for n in (0, 1):
        await clerk.post(f"{at(house, n)}/tickets", json=NEW)
    path = f"/api/v1/policies/{SLA}/simulations"
    made = await api.post(path, json={"overrides": QUICKER})
    await run_jobs(lodge, house, "core.simulate")
    told = (await api.get(made.headers["location"])).json()
    assert {each["site_id"] for each in told["sites"]} == {str(site.id) for site in house.sites}
    assert (told["site_id"], told["result"]["sooner"]) == (None, 2)
    assert (await local.post(path, json={"overrides": QUICKER})).status_code == 403
    for rest in ("", "/tickets"):
        assert (await local.get(made.headers["location"] + rest)).status_code == 403
    assert (await local.post(made.headers["location"] + "/export", json={})).status_code == 403
    assert (await local.delete(made.headers["location"])).status_code == 403


@pytest.mark.parametrize("layer", ["site", "company"])
async def test_a_planned_change_is_shown_as_coming_and_can_be_withdrawn(
    web: Web, house: House, clock: SettableClock, layer: str
) -> None:
    api, console = await web.api(house, "admin"), await web.console(house, "admin")
    path = f"{at(house) if layer == 'site' else '/api/v1'}/policies/{SLA}"
    page = f"/s/{house.sites[0].slug}/policies/{SLA}" if layer == "site" else f"/admin/policies/{SLA}"
    later = (clock() + timedelta(minutes=5)).isoformat()
    await put(api, path, {"urgent": {"response": None}}, reason="a mistake", effective_at=later, open_tickets=True)
    assert (await api.get(path)).json()["planned"][0]["revision"] == 1
    shown = (await console.get(f"{page}/history")).text
    assert "open tickets too" in shown and f'action="{page}/withdrawal"' in shown
    form = form_of(shown.replace('<form class="filters"', '<form class="split"')) | {"reason": ""}
    assert (await console.post(f"{page}/withdrawal", data=form)).status_code == 422
    form |= {"reason": "written for another site"}
    assert (await console.post(f"{page}/withdrawal", data=form)).headers["location"] == f"{page}?saved=2"
    state = (await api.get(path)).json()
    assert (state["planned"], state["overrides"], state["revision"]) == ([], {}, 2)
    shown = (await console.get(f"{page}/history")).text
    assert "withdraws revision 1" in shown and "withdrawn before it was in force" in shown
    told = (await api.get(f"{path}/revisions")).json()["revisions"]
    assert [(each["withdraws"], each["withdrawn"]) for each in told] == [(1, False), (None, True)]
    clock.advance(minutes=6)
    assert (await api.get(path)).json()["value"]["urgent"]["response"]["amount"] == 10
    for revision, seen, status in ((1, 2, 404), (2, 2, 404), (1, 1, 404), (9, 2, 404)):
        headers = {"if-match": f'"{seen}"'}
        refused = await api.post(f"{path}/withdrawal", json={"revision": revision, "reason": "x"}, headers=headers)
        assert refused.status_code == status
    await put(api, path, QUICKER, seen=2)
    headers = {"if-match": '"3"'}
    refused = await api.post(f"{path}/withdrawal", json={"revision": 3, "reason": "x"}, headers=headers)
    assert refused.status_code == 409, "it is in force"
