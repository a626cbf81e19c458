"""Taking a matter in: the form filled from the call, the promise before and after, nothing lost, nothing twice."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from core.policies.sla_targets import SLA_TARGETS
from tests.plugins.reception.conftest import OWNER_PHONE, SHARED_PHONE, Desk, Ring
from tests.support.web import Web


def fields(page: str) -> dict[str, str]:
    """What the intake form would post: its inputs and chosen options."""
    form = page[page.index('id="intake"') :]
    form = form[: form.index("</form>")]
    found = dict(
        re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', re.sub(r"<input type=\"radio\".*?>", "", form))
    )
    found |= dict(re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"[^>]*checked', form))
    return found | {"description": "厨房水槽漏水", "then": "assign"}


async def filled(desk: Desk, screen: httpx.AsyncClient, call_id: str) -> dict[str, str]:
    answer = await screen.get(f"{desk.console}/intake", params={"call": call_id})
    assert answer.status_code == 200, answer.text
    return fields(answer.text)


async def tickets(desk: Desk) -> list[tuple[Any, ...]]:
    sql = """SELECT number, unit_id, party_id, reporter_name, reporter_phone, place, channel, assignee_id
             FROM ticket WHERE company_id = $1 ORDER BY id"""
    return await desk.rows(sql)


async def test_a_call_becomes_a_ticket_with_what_is_known_of_the_caller(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    form = await filled(desk, screen, call["id"])
    technician = str(desk.house.staff["technician"].membership_id)

    answer = await screen.post(f"{desk.console}/intake", data={**form, "assignee": technician})

    assert answer.status_code == 200, answer.text
    [(number, unit_id, party_id, name, phone, place, channel, assignee)] = await tickets(desk)
    assert (unit_id, party_id, str(assignee)) == (desk.wang.unit_id, desk.wang.party_id, technician)
    assert (name, phone, place, channel) == ("王丽华", OWNER_PHONE, "3幢1802", "call")
    assert await desk.rows("SELECT status, ticket_number FROM reception_call WHERE company_id = $1") == [
        ("answered", number)
    ]
    assert await desk.events() == ["reception.call_answered.v1"]


@pytest.mark.parametrize(("category", "severity"), [("lift", "urgent"), ("noise", "routine"), ("other", "critical")])
async def test_what_is_promised_before_saving_is_what_the_ticket_then_owes(
    desk: Desk, screen: httpx.AsyncClient, clerk: httpx.AsyncClient, category: str, severity: str
) -> None:
    chosen = {"category": category, "severity": severity}
    form = {**fields((await screen.get(f"{desk.console}/intake")).text), **chosen, "place": "大堂"}
    before = (await screen.get(f"{desk.console}/promise", params=chosen)).text

    answer = await screen.post(f"{desk.console}/intake", data=form)

    toast = msgspec.json.decode(answer.headers["hx-trigger"])["toast"]["text"]
    [(ticket_id, number)] = await desk.rows("SELECT id, number FROM ticket WHERE company_id = $1")
    page = (await clerk.get(f"/api/v1/sites/{desk.site.slug}/tickets/{ticket_id}")).json()
    targets = SLA_TARGETS.default
    assert [goal["name"] for goal in page["goals"]] == [
        name
        for name in ("response", "arrival", "resolution")
        if (own := getattr(getattr(targets.categories.get(category), severity, None), name, "general")) is not None
        and (own != "general" or getattr(getattr(targets, severity), name) is not None)
    ]
    for goal in page["goals"]:
        words = {"minutes": "{} min", "hours": "{} h", "days": "{} days", "working_days": "{} working days"}
        amount = words[goal["unit"]].format(goal["amount"])
        shown = "1 h" if amount == "60 min" else "1 days" if amount == "24 h" else amount
        assert shown in before, (goal, before)
        assert amount in toast
    assert toast.startswith(f"Saved as {number}. Promised: Response ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"description": "漏"}, "Describe the matter in at least 4 characters."),
        ({"place": "", "unit_id": ""}, "Say which unit or place it is about."),
        ({"unit_id": str(uuid4()), "caller": ""}, "There is no such unit at this site."),
        ({"assignee": str(uuid4())}, "There is no such colleague at this site."),
        ({"phone": "1" * 31}, "Give at most 30 characters."),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_refused_form_comes_back_with_everything_that_was_typed(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring, wrong: dict[str, str], told: str
) -> None:
    form = {**await filled(desk, screen, (await ring("a"))["id"]), "contact": "王女士", "severity": "urgent", **wrong}

    answer = await screen.post(f"{desk.console}/intake", data=form)

    assert answer.status_code == 422
    assert told in answer.text
    again = fields(answer.text)
    assert {k: v for k, v in again.items() if k != "description"} == {
        k: v for k, v in form.items() if k in again and k != "description"
    }
    assert form["description"] in answer.text
    assert await tickets(desk) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": "x"},
        {"channel": "fax"},
        {"unit_id": "x"},
        {"idempotency_key": ""},
        {"call_id": "x"},
        {"caller": "{unit_id}.y"},
    ],
    ids=str,
)
async def test_a_form_that_no_page_of_ours_made_is_not_read(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring, wrong: dict[str, str]
) -> None:
    form = await filled(desk, screen, (await ring("a"))["id"])
    wrong = {name: text.format(unit_id=desk.wang.unit_id) for name, text in wrong.items()}

    assert (await screen.post(f"{desk.console}/intake", data={**form, **wrong})).status_code == 400
    assert await tickets(desk) == []


async def test_a_form_sent_twice_makes_one_ticket(desk: Desk, screen: httpx.AsyncClient, ring: Ring) -> None:
    form = await filled(desk, screen, (await ring("a"))["id"])

    answers = [(await screen.post(f"{desk.console}/intake", data=form)).status_code for _ in range(2)]

    assert answers == [200, 409]
    assert len(await tickets(desk)) == 1


async def test_one_call_may_be_about_two_matters_and_both_tickets_show_it(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    for _ in range(2):
        form = await filled(desk, screen, call["id"])
        assert (await screen.post(f"{desk.console}/intake", data=form)).status_code == 200

    for (ticket_id,) in await desk.rows("SELECT id FROM ticket WHERE company_id = $1"):
        page = await screen.get(f"/s/{desk.site.slug}/tickets/{ticket_id}")
        assert "The call this came from" in page.text and "138****6207" in page.text


async def test_a_call_of_another_site_is_none(desk: Desk, screen: httpx.AsyncClient, ring: Ring) -> None:
    form = await filled(desk, screen, (await ring("a"))["id"])
    there = f"/s/{desk.house.sites[1].slug}/reception/intake"

    answer = await screen.post(there, data={**form, "unit_id": "", "caller": ""})

    assert answer.status_code == 404
    assert await tickets(desk) == []


async def test_the_number_of_a_call_that_is_over_is_masked_in_the_form_and_whole_in_the_ticket(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    await ring("a", "ended")
    form = await filled(desk, screen, call["id"])

    assert form["phone"] == "138****6207"
    assert (await screen.post(f"{desk.console}/intake", data=form)).status_code == 200
    [row] = await tickets(desk)
    assert row[4] == OWNER_PHONE


async def test_another_unit_than_the_callers_has_another_party(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    form = await filled(desk, screen, (await ring("a"))["id"])

    await screen.post(f"{desk.console}/intake", data={**form, "unit_id": str(desk.li.unit_id), "place": "5幢0301"})

    [row] = await tickets(desk)
    assert (row[1], row[2]) == (desk.li.unit_id, None)


async def test_a_number_is_known_next_time_by_the_unit_chosen_for_it(
    desk: Desk, screen: httpx.AsyncClient, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    form = await filled(desk, screen, (await ring("a", phone="057187654321"))["id"])
    chosen = {"unit_id": str(desk.li.unit_id), "place": "5幢0301", "contact": "李女士"}
    assert (await screen.post(f"{desk.console}/intake", data={**form, **chosen})).status_code == 200

    again = await ring("b", phone="057187654321")

    card = (await clerk.get(f"{desk.api}/calls/{again['id']}/card")).json()
    assert (card["match"], card["household"]["label"], card["call"]["caller_name"]) == ("known", "5幢0301", "李女士")
    form = await filled(desk, screen, again["id"])
    assert (form["unit_id"], form["contact"]) == (str(desk.li.unit_id), "李女士")


@pytest.mark.parametrize("channel", ["call", "visit"])
async def test_a_ticket_says_how_the_matter_came_in(desk: Desk, screen: httpx.AsyncClient, channel: str) -> None:
    card = await screen.post(f"{desk.console}/calls", data={"q": "1802", "channel": channel})
    [call_id] = re.findall(r'data-call="([^"]+)"', card.text)

    await screen.post(f"{desk.console}/intake", data=await filled(desk, screen, call_id))

    [row] = await tickets(desk)
    assert row[6] == channel


async def test_held_back_is_given_to_nobody(desk: Desk, screen: httpx.AsyncClient, ring: Ring) -> None:
    form = await filled(desk, screen, (await ring("a", phone=SHARED_PHONE))["id"])
    technician = str(desk.house.staff["technician"].membership_id)

    await screen.post(f"{desk.console}/intake", data={**form, "place": "大堂", "assignee": technician, "then": "hold"})

    [row] = await tickets(desk)
    assert row[-1] is None


async def test_without_scripts_a_refusal_is_the_workbench_with_the_form(desk: Desk, web: Web, ring: Ring) -> None:
    plain = await web.console(desk.house, "clerk")
    form = fields((await plain.get(desk.console)).text)

    refused = await plain.post(f"{desk.console}/intake", data={**form, "contact": "张三"})
    saved = await plain.post(f"{desk.console}/intake", data={**form, "place": "大堂"})

    assert refused.status_code == 422
    assert "张三" in refused.text and "Say which unit or place it is about." in refused.text and "kpis" in refused.text
    assert (saved.status_code, saved.headers["location"]) == (303, desk.console)


async def test_who_may_not_take_calls_sees_no_form(desk: Desk, web: Web) -> None:
    for role in ("technician", "quality", "cashier"):
        other = await web.console(desk.house, role)
        assert (await other.get(f"{desk.console}/intake")).status_code == 403
        assert (await other.post(f"{desk.console}/intake", data={})).status_code == 403


async def test_a_complaint_about_the_clerk_at_the_desk_becomes_somebody_elses(
    desk: Desk, screen: httpx.AsyncClient
) -> None:
    """CMP-6: whom it concerns is asked for complaints only, and is not among those it can be given to."""
    staff = desk.house.staff
    form = {**fields((await screen.get(f"{desk.console}/intake")).text), "place": "前台"}
    form |= {"concerns": str(staff["clerk"].membership_id)}

    refused = await screen.post(
        f"{desk.console}/intake", data={**form, "category": "noise", "assignee": form["concerns"]}
    )
    await screen.post(f"{desk.console}/intake", data={**form, "category": "noise"})
    await screen.post(f"{desk.console}/intake", data={**form, "category": "lift", "idempotency_key": str(uuid4())})

    assert refused.status_code == 422
    assert "The complaint concerns this colleague: choose somebody else." in refused.text
    assert await desk.rows("SELECT owner_name, concerns_name FROM ticket WHERE company_id = $1 ORDER BY id") == [
        (staff["supervisor"].name, staff["clerk"].name),
        (staff["clerk"].name, ""),
    ]
