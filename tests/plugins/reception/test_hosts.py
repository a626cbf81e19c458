"""A household answers for its visitor behind the link of a text message, without an account (REC-7, REC-8)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from core.notify.channels import provider
from core.notify.channels.provider import Chat
from core.notify.egress import Egress
from core.notify.endpoints import NewProvider
from core.notify.outgoing import Result
from tests.plugins.reception.conftest import OWNER_PHONE, Desk
from tests.plugins.reception.test_enablement import switch
from tests.plugins.reception.test_visitors import came, step
from tests.support.lodge import SettableClock
from tests.support.web import Web

TWILIO = {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"}


@pytest.fixture
async def sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Chat]:
    """What goes out through the site's own text message service: other houses' messages may wait to be sent too."""
    taken: list[Chat] = []
    own = {**TWILIO, "phone": f"+86139{desk.site.id.int % 10**8:08}"}

    def send(egress: Egress, chat: Chat) -> Result:
        if chat.settings["phone"] == own["phone"]:
            taken.append(chat)
        return Result(200)

    monkeypatch.setattr(provider, "send", send)
    async with desk.lodge.work(desk.house, "admin") as work:
        new = NewProvider(name="短信", scheme="twilio", site_ids=[desk.site.id], settings=own)
        await desk.lodge.platform.notify.endpoints.add_provider(work, new)
    return taken


@pytest.fixture
async def phone(web: Web) -> httpx.AsyncClient:
    """The host's telephone."""
    client = await web.anonymous()
    client.cookies.set("locale", "en")
    return client


async def asked(desk: Desk, clerk: httpx.AsyncClient, sent: list[Chat]) -> tuple[dict[str, Any], str]:
    """A visitor of 王丽华 whom the desk asked about by text message, and the link in it."""
    visit = await came(clerk, desk)
    answer = await step(clerk, desk, visit, "ask_by_text", party_id=str(desk.wang.party_id))
    assert answer.status_code == 200, answer.text
    sender = desk.lodge.platform.notify.sender(desk.lodge.platform)
    while await sender.run_once():
        await sender.finish()
    link = re.search(r"http\S+/s/\S+", sent[-1].text)
    assert link is not None and sent[-1].to == OWNER_PHONE
    return visit, httpx.URL(link[0]).path


async def test_the_host_lets_a_visitor_in_by_the_link_once(
    desk: Desk, clerk: httpx.AsyncClient, phone: httpx.AsyncClient, sent: list[Chat]
) -> None:
    visit, link = await asked(desk, clerk, sent)
    assert "周航" in sent[0].text and "3幢1802" in sent[0].text

    page = await phone.get(link)
    assert page.status_code == 200 and "周航" in page.text
    assert "13800001111" not in page.text and "1234" not in page.text, "no more than the answer needs"
    thanks = await phone.post(link, data={"answer": "accept"})

    assert thanks.status_code == 200 and "Thank you" in thanks.text
    told = (await clerk.get(f"{desk.api}/visits/{visit['id']}")).json()
    assert [told["visit"][name] for name in ("status", "host_answer", "answered_by", "answered_via")] == [
        "waiting", "accepted", "王丽华", "link",
    ]  # fmt: skip
    assert [(s["kind"], s["by_name"]) for s in told["steps"]][-1] == ("accept", "王丽华")
    assert (await phone.get(link)).status_code == (await phone.post(link, data={"answer": "refuse"})).status_code == 404
    assert (await step(clerk, desk, visit, "admit", badge="1")).status_code == 200


async def test_a_host_who_cannot_now_may_offer_another_time(
    desk: Desk, clerk: httpx.AsyncClient, phone: httpx.AsyncClient, sent: list[Chat]
) -> None:
    visit, link = await asked(desk, clerk, sent)

    past = await phone.post(link, data={"answer": "refuse", "at": "2026-11-20T10:00"})
    assert past.status_code == 422 and "lies ahead" in past.text
    done = await phone.post(link, data={"answer": "refuse", "at": "2026-11-24T15:00"})

    assert done.status_code == 200
    items = (await clerk.get(f"{desk.api}/visits")).json()["items"]
    assert [(v["status"], v["follows_id"]) for v in items] == [("expected", visit["id"]), ("turned_away", None)]


@pytest.mark.parametrize("over", ["expired", "answered by phone", "turned away", "plugin off", "altered", "nonsense"])
async def test_a_link_that_is_over_or_wrong_is_not_found(
    desk: Desk, clerk: httpx.AsyncClient, phone: httpx.AsyncClient, sent: list[Chat], clock: SettableClock, over: str
) -> None:
    visit, link = await asked(desk, clerk, sent)
    match over:
        case "expired":
            clock.advance(minutes=30)
        case "answered by phone":
            await step(clerk, desk, visit, "accept", who="王丽华")
        case "turned away":
            await step(clerk, desk, visit, "turn_away", text="没有证件")
        case "plugin off":
            await switch(desk, False)
        case "altered":
            link = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
        case "nonsense":
            link = link.rpartition("/")[0] + "/nonsense"

    answers = [await phone.get(link), await phone.post(link, data={"answer": "accept"})]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_a_household_is_not_pestered(
    desk: Desk, clerk: httpx.AsyncClient, sent: list[Chat], clock: SettableClock
) -> None:
    visit, _ = await asked(desk, clerk, sent)

    async def again() -> int:
        return (await step(clerk, desk, visit, "ask_by_text", party_id=str(desk.wang.party_id))).status_code

    assert await again() == 429, "a minute has not passed"
    for _ in range(2):
        clock.advance(minutes=1)
        assert await again() == 200
    clock.advance(minutes=5)
    assert await again() == 429, "three are enough"


async def test_whoever_cannot_be_reached_is_phoned(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, sent: list[Chat]
) -> None:
    visit = await came(clerk, desk)
    assert "Ask by text message" in (await screen.get(f"{desk.console}/visitors/{visit['id']}")).text

    stranger = await step(clerk, desk, visit, "ask_by_text", party_id=str(desk.li.party_id))
    elsewhere = await came(clerk, desk, unit_id=None, place="物业办公室")
    nobody = await step(clerk, desk, elsewhere, "ask_by_text", party_id=str(desk.wang.party_id))

    assert (stranger.status_code, nobody.status_code) == (422, 409)
    assert stranger.json()["errors"][0]["field"] == "party_id"
