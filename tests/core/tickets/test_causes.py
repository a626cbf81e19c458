"""Why a goal was missed: one of the site's causes, said by whoever may, on record and in the figures."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from core.errors import Invalid, LodgeError, NotFound, PreconditionFailed
from core.tickets import causes
from core.tickets.causes import SaidCause
from core.tickets.model import Ticket
from tests.core.tickets.desk import Desk
from tests.support.statements import recording
from tests.support.web import Web


async def late(desk: Desk, **where: Any) -> Ticket:
    """A ticket whose response was missed while nobody took it."""
    ticket = await desk.create(**where)
    desk.clock.advance(minutes=11)
    return await desk.act(ticket, "accept")


async def say(desk: Desk, ticket: Ticket, cause: str, note: str = "", goal: str = "response", **more: int) -> int:
    async with desk.work("technician") as work:
        policies, expected = desk.lodge.platform.policies, more.get("expected", ticket.version)
        return await causes.say(work, policies, desk.site, ticket.id, goal, SaidCause(cause, note), expected)


async def test_a_cause_stands_with_its_goal_and_on_the_timeline_and_lasts(desk: Desk) -> None:
    ticket = await late(desk)
    version = await say(desk, ticket, "staff")
    await say(desk, ticket, "other", " the lift was stuck ", expected=version)
    ticket = await desk.act(ticket, "arrive")  # writes every goal anew
    detail = await desk.detail(ticket)

    [goal] = [goal for goal in detail.goals if goal.state == "breached"]
    assert (goal.name, goal.cause, goal.cause_note) == ("response", "other", "the lift was stuck")
    said = [entry for entry in detail.timeline if entry.kind == "cause"]
    assert [(e.details["cause"], e.text) for e in said] == [("staff", ""), ("other", "the lift was stuck")]
    async with desk.work("manager", read_only=True) as work:
        found = await desk.lodge.platform.dashboard.figures(work, desk.site, None, None)
        sql = "SELECT changes -> 'cause' FROM audit_entry WHERE company_id = $1 AND action = $2 ORDER BY id"
        audited = await work.uow.fetch(str, sql, desk.house.company_id, "ticket.cause_named")
    assert [(c.key, c.count) for c in found.causes] == [("other", 1)]
    assert audited == ['[null, "staff"]', '["staff", "other"]']


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"goal": "arrival"}, NotFound),  # runs still
        ({"goal": "unheard_of"}, NotFound),
        ({"cause": "unheard_of"}, Invalid),
        ({"cause": "other", "note": "  "}, Invalid),
        ({"expected": 1}, PreconditionFailed),
    ],
)
async def test_what_makes_no_sense_is_refused(desk: Desk, changes: dict[str, Any], error: type[LodgeError]) -> None:
    ticket = await late(desk)
    with pytest.raises(error):
        await say(desk, ticket, **{"cause": "parts", **changes})


async def test_a_ticket_of_another_site_is_not_found(desk: Desk) -> None:
    """TI-10."""
    ticket = await late(desk, site=desk.house.sites[1])
    with pytest.raises(NotFound):
        await say(desk, ticket, "parts")


async def test_the_api_the_page_and_the_figures_tell_the_same(desk: Desk, web: Web) -> None:
    ticket, unsaid = await late(desk), await late(desk)
    api, console = await web.api(desk.house, "manager"), await web.console(desk.house, "manager")
    tickets, page = f"/api/v1/sites/{desk.site.slug}/tickets", f"/s/{desk.site.slug}/tickets/{ticket.id}"
    for asking in (api.get(tickets), console.get(page)):  # whom and what a process remembers is looked up once
        (await asking).raise_for_status()
    async with recording(desk.lodge.platform.db) as sent:
        answer = await api.put(
            f"{tickets}/{ticket.id}/goals/response/cause",
            json={"cause": "parts", "note": "阀芯要订货"},
            headers={"if-match": f'"{ticket.version}"'},
        )
    assert answer.status_code == 200 and len(sent) <= 6, (answer.text, sent)
    shown = (await console.get(page)).text
    assert "Parts missing" in shown and "阀芯要订货" in shown
    form = {"cause": "other", "note": " ", "version": str(ticket.version + 1)}
    refused = await console.post(f"{page}/goals/response/cause", data=form, headers={"hx-request": "true"})
    assert refused.status_code == 422 and "Say in a few words what it was." in refused.text
    form = {"cause": "dispatch", "version": str(ticket.version + 1)}
    changed = await console.post(f"{page}/goals/response/cause", data=form)
    assert (changed.status_code, changed.headers.get("location")) == (303, page)

    for asked, numbers in (
        ("cause=dispatch", [ticket.number]),
        ("cause=none", [unsaid.number]),
        ("breached=response&missed_in=new", [ticket.number, unsaid.number]),
        ("breached=arrival&cause=none", []),
        ("breached=any&missed_in=accepted", []),
    ):
        items = (await api.get(f"{tickets}?status=all&sort=number&merged=false&{asked}")).json()["items"]
        assert [item["number"] for item in items] == numbers, asked
    figures = (await console.get(f"/s/{desk.site.slug}/figures")).text
    assert "Assigned late" in figures and "cause=dispatch" in figures and "cause=none" in figures


async def test_whoever_works_elsewhere_says_nothing(desk: Desk, web: Web) -> None:
    ticket = await late(desk)
    api = await web.api(desk.house, "cashier")
    path = f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}/goals/response/cause"
    answer = await api.put(path, json={"cause": "parts"}, headers={"if-match": f'"{ticket.version}"'})
    assert answer.status_code == 403
    missing = path.replace(str(ticket.id), str(uuid4()))
    clerk = await web.api(desk.house, "clerk")
    assert (await clerk.put(missing, json={"cause": "parts"}, headers={"if-match": '"1"'})).status_code == 404
