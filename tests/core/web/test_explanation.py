"""A deadline can be opened: what counted, what did not, under whose promise, as JSON and as a page."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.core.web.policies import QUICKER, SLA, at, put
from tests.support.lodge import NOW, House, SettableClock
from tests.support.web import Web

NEW = {"description": "no water in the kitchen", "category": "other", "severity": "urgent", "place": "hall"}


async def _act(api: httpx.AsyncClient, house: House, ticket: dict[str, object], action: str, text: str = "") -> None:
    answer = await api.post(
        f"{at(house)}/tickets/{ticket['id']}/actions/{action}",
        json={"text": text},
        headers={"if-match": f'"{ticket["version"]}"'},
    )
    assert answer.status_code == 200
    ticket["version"] = answer.json()["version"]


async def test_a_goal_names_its_stretches_and_the_revision_that_promised_it(
    web: Web, house: House, clock: SettableClock
) -> None:
    """TKT-4: minutes that passed, a wait that did not count, the revision and its reason."""
    admin, clerk = await web.api(house, "admin"), await web.api(house, "supervisor")
    await put(admin, f"{at(house)}/policies/{SLA}", QUICKER, reason="lift contract")
    ticket = (await clerk.post(f"{at(house)}/tickets", json=NEW)).json()
    clock.advance(minutes=3)
    await _act(clerk, house, ticket, "accept")
    clock.advance(minutes=2)
    await _act(clerk, house, ticket, "pause", "for the key")
    clock.advance(minutes=4)
    path = f"{at(house)}/tickets/{ticket['id']}/goals"

    told = (await clerk.get(f"{path}/response/explanation")).json()
    assert [(s["kind"], s["seconds"]) for s in told["segments"]] == [("running", 180)]
    assert (told["goal"]["state"], told["goal"]["used"]) == ("met", 180)
    [terms] = told["terms"]
    assert terms["goal"]["amount"] == 8
    assert [(r["policy"], r["reason"], r["site_id"]) for r in terms["revisions"]] == [
        (SLA, "lift contract", str(house.sites[0].id))
    ]

    told = (await clerk.get(f"{path}/resolution/explanation")).json()
    assert [(s["kind"], s["seconds"]) for s in told["segments"]] == [("running", 300), ("paused", 0)]
    assert [mark["kind"] for mark in told["happened"]] == ["start", "pause"]
    assert told["as_of"] == (NOW + timedelta(minutes=9)).isoformat().replace("+00:00", "Z")

    console = await web.console(house, "supervisor")
    page = await console.get(f"/s/{house.sites[0].slug}/tickets/{ticket['id']}")
    assert f"/tickets/{ticket['id']}/goals/resolution" in page.text
    shown = await console.get(f"/s/{house.sites[0].slug}/tickets/{ticket['id']}/goals/response")
    assert "lift contract" in shown.text and "bar-running" in shown.text and "Around the clock" in shown.text


async def test_goals_of_another_site_and_goals_that_are_not_are_not_found(web: Web, house: House) -> None:
    clerk = await web.api(house, "clerk")
    ticket = (await clerk.post(f"{at(house, 1)}/tickets", json=NEW)).json()
    there, elsewhere = (f"{at(house, n)}/tickets/{ticket['id']}/goals" for n in (1, 0))
    assert (await clerk.get(f"{there}/response/explanation")).status_code == 200
    assert (await clerk.get(f"{there}/nothing/explanation")).status_code == 404
    assert (await clerk.get(f"{elsewhere}/response/explanation")).status_code == 404


async def test_a_ticket_waiting_for_days_shows_its_first_and_last_ones(
    web: Web, house: House, clock: SettableClock
) -> None:
    clerk = await web.api(house, "clerk")
    ticket = (await clerk.post(f"{at(house)}/tickets", json=NEW)).json()
    clock.advance(days=60)
    shown = await (await web.console(house, "clerk")).get(
        f"/s/{house.sites[0].slug}/tickets/{ticket['id']}/goals/resolution"
    )
    assert shown.status_code == 200
    assert "30 days left out" in shown.text and "overdue" in shown.text
