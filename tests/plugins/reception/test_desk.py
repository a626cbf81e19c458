"""The clerk and the call: who it may be, what to say, taking it, ending it, writing one down (REC-1, REC-3, REC-5)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from core.tickets.model import NewTicket
from tests.plugins.reception.conftest import OWNER_PHONE, SHARED_PHONE, Desk, Ring, english
from tests.support.web import Web, problem

MASKED = "138****6207"


async def test_a_known_number_brings_the_household_and_its_open_tickets(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    async with desk.lodge.work(desk.house, "clerk") as work:
        new = NewTicket(description="厨房漏水", category="plumbing_electric", unit_id=desk.wang.unit_id)
        ticket = await desk.lodge.platform.tickets.create(work, desk.site, new)
    call = await ring("a", phone="+86 138 1762 6207")

    card = (await clerk.get(f"{desk.api}/calls/{call['id']}/card")).json()

    assert (card["match"], card["caller"]["name"], card["household"]["label"]) == ("known", "王丽华", "3幢1802")
    assert [open["number"] for open in card["household"]["tickets"]] == [ticket.number]


async def test_a_shared_number_offers_everybody_who_has_it(desk: Desk, screen: httpx.AsyncClient, ring: Ring) -> None:
    call = await ring("a", phone=SHARED_PHONE)
    page = f"{desk.console}/calls/{call['id']}/caller"

    shown = await screen.get(f"{desk.console}/card")
    chosen = await screen.post(page, data={"candidate": f"{desk.zhao.unit_id}.{desk.zhao.party_id}"})

    assert all(name in shown.text for name in ("李建国", "赵敏", "Several people"))
    assert chosen.status_code == 200
    assert "赵敏" in chosen.text and "李建国" not in chosen.text
    assert await desk.rows("SELECT caller_name, place FROM reception_call WHERE company_id = $1") == [
        ("赵敏", "9幢1102")
    ]


@pytest.mark.parametrize("candidate", ["{wang.unit_id}.{li.party_id}", "{li.party_id}.", ".{li.party_id}"])
async def test_somebody_who_does_not_live_there_cannot_be_chosen(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring, candidate: str
) -> None:
    call = await ring("a", phone=SHARED_PHONE)

    answer = await screen.post(
        f"{desk.console}/calls/{call['id']}/caller", data={"candidate": candidate.format(wang=desk.wang, li=desk.li)}
    )

    assert answer.status_code == 422
    assert await desk.rows("SELECT unit_id FROM reception_call WHERE company_id = $1") == [(None,)]


async def test_an_unknown_number_says_so(desk: Desk, clerk: httpx.AsyncClient, ring: Ring) -> None:
    call = await ring("a", phone="057187654321")

    card = (await clerk.get(f"{desk.api}/calls/{call['id']}/card")).json()

    assert (card["match"], card["household"], card["candidates"]) == ("unknown", None, [])


async def test_the_number_is_in_full_while_somebody_is_on_the_line_and_masked_after(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    path = f"{desk.api}/calls/{call['id']}"
    phones = []
    for action in ("answer", "end"):
        phones.append((await clerk.get(f"{path}/card")).json()["call"]["phone"])
        assert (await clerk.post(f"{path}/{action}", json={} if action == "end" else None)).status_code == 200
    phones.append((await clerk.get(f"{path}/card")).json()["call"]["phone"])

    assert phones == [OWNER_PHONE, OWNER_PHONE, MASKED]
    for log in (await clerk.get(f"{desk.api}/calls"), await screen.get(f"{desk.console}/calls")):
        assert MASKED in log.text and OWNER_PHONE not in log.text


async def test_the_log_shows_numbers_masked_even_while_it_rings(
    desk: Desk, clerk: httpx.AsyncClient, web: Web, ring: Ring
) -> None:
    call = await ring("a")
    quality = await web.api(desk.house, "quality")

    assert (await quality.get(f"{desk.api}/calls")).json()["items"][0]["phone"] == MASKED
    assert (await quality.get(f"{desk.api}/calls/{call['id']}/card")).status_code == 403


async def test_a_call_is_taken_by_one_clerk(desk: Desk, clerk: httpx.AsyncClient, web: Web, ring: Ring) -> None:
    path = f"{desk.api}/calls/{(await ring('a'))['id']}/answer"
    other = english(await web.api(desk.house, "supervisor"))

    first, again, second = [await client.post(path) for client in (clerk, clerk, other)]

    assert (first.status_code, again.status_code, second.status_code) == (200, 200, 409)
    assert first.json()["answered_by_name"] == desk.house.staff["clerk"].name
    assert problem(second)["detail"] == "Somebody else has taken this call."
    assert await desk.events() == ["reception.call_answered.v1"]


async def test_of_clerks_who_answer_at_once_one_has_the_call(desk: Desk, web: Web, ring: Ring) -> None:
    path = f"{desk.api}/calls/{(await ring('a'))['id']}/answer"
    clerks = [await web.api(desk.house, role) for role in ("clerk", "supervisor", "manager", "duty_officer", "admin")]

    answers = await asyncio.gather(*(client.post(path) for client in clerks))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await desk.events() == ["reception.call_answered.v1"]


async def test_a_token_may_take_a_call_and_keeps_it(desk: Desk, web: Web, ring: Ring) -> None:
    path = f"{desk.api}/calls/{(await ring('a'))['id']}/answer"
    token = await web.token(desk.house, ["reception.call.take"])

    answers = [await token.post(path) for _ in range(2)]

    assert [answer.json()["answered_by_name"] for answer in answers] == ["tests", "tests"]


async def test_a_call_the_exchange_says_is_answered_can_still_be_claimed(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    await ring("a")
    call = await ring("a", "answered")

    answer = await clerk.post(f"{desk.api}/calls/{call['id']}/answer")

    assert answer.json()["answered_by_name"] == desk.house.staff["clerk"].name
    assert await desk.events() == ["reception.call_answered.v1"]


async def test_a_call_that_is_over_cannot_be_taken_and_ends_once(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    path = f"{desk.api}/calls/{(await ring('a'))['id']}"

    ends = [(await clerk.post(f"{path}/end", json={"abandoned": x})).json()["status"] for x in (True, False)]

    assert ends == ["abandoned", "abandoned"]
    assert problem(await clerk.post(f"{path}/answer"))["detail"] == "This call is over."
    assert await desk.events() == ["reception.call_ended.v1"]


async def test_the_card_is_of_the_clerks_own_call_before_one_that_rings(
    desk: Desk, screen: httpx.AsyncClient, web: Web, ring: Ring
) -> None:
    mine = await ring("mine")
    await screen.post(f"{desk.console}/calls/{mine['id']}/answer")
    rings = await ring("rings", phone=SHARED_PHONE)
    other = await web.console(desk.house, "supervisor")

    assert f'data-call="{mine["id"]}"' in (await screen.get(f"{desk.console}/card")).text
    assert f'data-call="{rings["id"]}"' in (await other.get(f"{desk.console}/card")).text


async def test_a_call_just_ended_stays_in_view_until_a_ticket_is_made_of_it(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    for action in ("answer", "end"):
        await screen.post(f"{desk.console}/calls/{call['id']}/{action}", data={"outcome": "ended"})

    assert 'data-state="ended"' in (await screen.get(f"{desk.console}/card")).text
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        sql = "UPDATE reception_call SET ended_at = ended_at - interval '6 minutes' WHERE company_id = $1"
        await uow.execute(sql, desk.house.company_id)
    assert 'data-state="none"' in (await screen.get(f"{desk.console}/card")).text


@pytest.mark.parametrize(
    ("typed", "channel", "shown"),
    [
        (OWNER_PHONE, "call", "王丽华"),
        ("1802", "visit", "王丽华"),
        ("王丽", "call", "王丽华"),
        (SHARED_PHONE, "call", "Several people"),
        ("没有此人", "visit", "Unknown caller"),
    ],
)
async def test_what_is_written_down_by_hand_finds_who_it_is(
    desk: Desk, screen: httpx.AsyncClient, typed: str, channel: str, shown: str
) -> None:
    answer = await screen.post(f"{desk.console}/calls", data={"q": typed, "channel": channel})

    assert answer.status_code == 200, answer.text
    assert shown in answer.text and shown in (await screen.get(f"{desk.console}/card")).text
    [row] = await desk.rows(
        "SELECT channel, source, status, answered_by_name FROM reception_call WHERE company_id = $1"
    )
    assert row == (channel, "manual", "answered", desk.house.staff["clerk"].name)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"q": "", "channel": "call"}, 422),
        ({"q": "x" * 61, "channel": "call"}, 422),
        ({"q": "1802", "channel": "fax"}, 400),
        ({"q": "1802", "channel": "letter"}, 400),
    ],
)
async def test_what_cannot_be_written_down_is_refused(
    desk: Desk, screen: httpx.AsyncClient, form: dict[str, str], status: int
) -> None:
    assert (await screen.post(f"{desk.console}/calls", data=form)).status_code == status


async def test_without_scripts_each_step_leads_back_to_the_workbench_with_the_call(
    desk: Desk, web: Web, ring: Ring
) -> None:
    plain = await web.console(desk.house, "clerk")
    call = await ring("a")

    answer = await plain.post(f"{desk.console}/calls/{call['id']}/answer")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{desk.console}?call={call['id']}")
    page = await plain.get(answer.headers["location"])
    assert "王丽华" in page.text and OWNER_PHONE in page.text


async def test_a_call_is_linked_to_a_ticket_of_the_same_site_only(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    link = f"{desk.api}/calls/{(await ring('a'))['id']}/link"
    tickets = []
    for site in desk.house.sites:
        async with desk.lodge.work(desk.house, "clerk") as work:
            new = NewTicket(description="大堂灯不亮", category="other", place="大堂")
            tickets.append(await desk.lodge.platform.tickets.create(work, site, new))
    here, there = tickets

    linked = await clerk.post(link, json={"ticket_id": str(here.id)})
    refused = await clerk.post(link, json={"ticket_id": str(there.id)})

    assert linked.json()["ticket_number"] == here.number
    assert refused.status_code == 422 and problem(refused)["errors"] == [
        {"field": "ticket_id", "message": "There is no such ticket at this site."}
    ]
