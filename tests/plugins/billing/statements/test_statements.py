"""A household reads what it owes and has paid, by a link and a code that its telephone has (BIL-8)."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from uuid import UUID

import httpx
import msgspec
import pytest

from core.notify.channels import provider
from core.notify.channels.provider import Chat
from core.notify.egress import Egress
from core.notify.endpoints import NewProvider
from core.notify.outgoing import Result
from core.sdk import new_id
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPayment
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Payment
from tests.plugins.billing.corrections.conftest import Office, api_of
from tests.support.lodge import Lodge, SettableClock
from tests.support.web import Web

TWILIO = {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"}
PHONE = "13817626207"


class Home(msgspec.Struct, frozen=True):
    """A household with a bill that is paid and one that is not; a former owner owes one of their own."""

    office: Office
    unit: UUID
    party: UUID
    sent: list[Chat]

    async def deliver(self) -> str:
        """What has just gone out by text message."""
        sender = self.office.lodge.platform.notify.sender(self.office.lodge.platform)
        while await sender.run_once():
            await sender.finish()
        return self.sent[-1].text

    async def link(self, client: httpx.AsyncClient) -> str:
        """Sent by the desk."""
        answer = await client.post(
            f"{self.office.api}/units/{self.unit}/statements", json={"party_id": str(self.party)}
        )
        assert answer.status_code == 200, answer.text
        found = re.search(r"http\S+/s/\S+", await self.deliver())
        assert found is not None
        assert self.sent[-1].to == PHONE
        return httpx.URL(found[0]).path

    async def code(self, phone: httpx.AsyncClient, link: str) -> str:
        """Asked for by the household."""
        asked = await phone.post(link)
        assert asked.status_code == 200, asked.text
        found = re.search(r"\b[0-9]{6}\b", await self.deliver())
        assert found is not None
        return found[0]


@pytest.fixture
async def home(lodge: Lodge, monkeypatch: pytest.MonkeyPatch) -> Home:
    async with lodge.owner.begin(None) as uow:  # tests have one address, and guess at links at one instant
        await uow.execute("DELETE FROM sign_in_failure")
    office = Office(lodge, await lodge.house(sites=2, plugins=["billing"]))
    sent: list[Chat] = []
    own = {**TWILIO, "phone": f"+86138{office.site.id.int % 10**8:08}"}

    def send(egress: Egress, chat: Chat) -> Result:
        if chat.settings["phone"] == own["phone"]:  # other houses' messages may wait to be sent too
            sent.append(chat)
        return Result(200)

    monkeypatch.setattr(provider, "send", send)
    async with lodge.work(office.house, "admin") as work:
        new = NewProvider(name="短信", scheme="twilio", site_ids=[office.site.id], settings=own)
        await lodge.platform.notify.endpoints.add_provider(work, new)
    fee = await office.item("fee", "2")
    unit = await office.unit("302", "100")
    await office.issued(fee, month=date(2026, 9, 1))
    await office.sold(unit, date(2026, 10, 1), "旧")  # ends the first owner's days
    [[old], [party]] = await office.rows(
        "SELECT party_id FROM occupancy WHERE company_id = $1 AND unit_id = $2 ORDER BY starts_on NULLS FIRST", unit
    )
    await office.write("UPDATE party SET name = '王丽华' WHERE company_id = $1 AND id = $2", party)
    await office.write(
        "INSERT INTO contact (company_id, id, site_id, party_id, phone) VALUES ($1, $2, $3, $4, $5)",
        new_id(), office.site.id, party, PHONE,
    )  # fmt: skip
    for month in (10, 11):
        await office.issued(fee, month=date(2026, month, 1))
    [paid, _] = [charge for charge in await office.open_charges() if charge.party_id == party]
    await office.pay(paid)
    async with office.work("manager") as work:
        await ledger.post(work, office.site, Payment(unit, party, "qr", 1_234), key="more")
        await ledger.post(work, office.site, Payment(unit, old, "qr", 98_765), key="former")
    return Home(office, unit, party, sent)


@pytest.fixture
async def phone(web: Web) -> httpx.AsyncClient:
    """The household's telephone."""
    client = await web.anonymous()
    client.cookies.set("locale", "en")
    return client


@pytest.fixture
async def cashier(home: Home, web: Web) -> httpx.AsyncClient:
    return await api_of(home.office, web, "cashier")


async def test_nothing_is_told_before_the_code_and_only_ones_own_after_it(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    link = await home.link(cashier)
    assert "200.00" not in home.sent[-1].text

    door = await phone.get(link)
    assert door.status_code == 200
    assert "王**" in door.text and "王丽华" not in door.text and PHONE not in door.text
    assert "200.00" not in door.text
    code = await home.code(phone, link)
    told = await phone.post(link, data={"code": code})

    assert told.status_code == 200
    assert "2026-11-01 – 2026-11-30" in told.text and "200.00" in told.text
    assert "2026-10-01" not in told.text, "it is paid"
    assert "12.34" in told.text, "what is prepaid"
    assert "2026-09-01" not in told.text and "987.65" not in told.text, "the former owner's own"
    assert "王丽华" not in told.text
    again = await phone.post(link, data={"code": code})
    assert again.status_code == 422, "a code is good once"
    assert "12.34" not in again.text


async def test_a_look_is_on_record(home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient) -> None:
    link = await home.link(cashier)
    await phone.post(link, data={"code": await home.code(phone, link)})

    found = (await cashier.get(f"{home.office.api}/units/{home.unit}/statements")).json()

    assert [(each["party"], each["looks"], each["tries"]) for each in found["sent"]] == [("王丽华", 1, 0)]
    assert found["readers"] == [{"party_id": str(home.party), "name": "王丽华", "phone": "138****6207"}]
    actions = await home.office.rows(
        "SELECT action FROM audit_entry WHERE company_id = $1 AND action LIKE '%statement%'"
    )
    assert sorted(row[0] for row in actions) == ["billing.statement.read", "billing.statement.sent"]


async def test_five_wrong_codes_end_the_link_whatever_comes_then(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    link = await home.link(cashier)
    code = await home.code(phone, link)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        answer = await phone.post(link, data={"code": wrong})
        assert answer.status_code == 422
        assert "This is not the code, or it is over." in answer.text

    assert (await phone.post(link, data={"code": code})).status_code == 404
    assert (await phone.get(link)).status_code == (await phone.post(link)).status_code == 404


async def test_of_many_codes_that_are_tried_at_once_five_count(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    link = await home.link(cashier)
    code = int(await home.code(phone, link))
    wrong = [f"{(code + n) % 1_000_000:06}" for n in range(1, 13)]

    answers = await asyncio.gather(*(phone.post(link, data={"code": each}) for each in wrong))

    assert {answer.status_code for answer in answers} <= {422, 404}
    [[tries, looks]] = await home.office.rows("SELECT tries, looks FROM billing_statement WHERE company_id = $1")
    assert (tries, looks) == (5, 0)
    assert (await phone.post(link, data={"code": f"{code:06}"})).status_code == 404


async def test_a_code_is_over_after_ten_minutes_and_another_takes_its_place(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient, clock: SettableClock
) -> None:
    link = await home.link(cashier)
    old = await home.code(phone, link)
    assert (await phone.post(link)).status_code == 429, "a minute has not passed"
    clock.advance(minutes=10)
    assert (await phone.post(link, data={"code": old})).status_code == 422
    new = await home.code(phone, link)
    assert (await phone.post(link, data={"code": new})).status_code == 200


async def test_the_table_does_not_hold_the_code(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    code = await home.code(phone, await home.link(cashier))
    [[kept]] = await home.office.rows("SELECT code_hash FROM billing_statement WHERE company_id = $1")
    assert len(kept) == 32
    assert code.encode() not in kept


@pytest.mark.parametrize("over", ["expired", "altered", "nonsense"])
async def test_a_link_that_is_over_or_wrong_is_not_found(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient, clock: SettableClock, over: str
) -> None:
    link = await home.link(cashier)
    match over:
        case "expired":
            clock.advance(minutes=7 * 24 * 60)
        case "altered":
            link = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
        case "nonsense":
            link = link.rpartition("/")[0] + "/nonsense"
    answers = [await phone.get(link), await phone.post(link), await phone.post(link, data={"code": "123456"})]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_a_household_is_sent_three_links_a_day_and_not_at_once(
    home: Home, cashier: httpx.AsyncClient, clock: SettableClock
) -> None:
    path, new = f"{home.office.api}/units/{home.unit}/statements", {"party_id": str(home.party)}
    assert (await cashier.post(path, json=new)).status_code == 200
    assert (await cashier.post(path, json=new)).status_code == 429
    for _ in range(2):
        clock.advance(minutes=1)
        assert (await cashier.post(path, json=new)).status_code == 200
    clock.advance(minutes=1)
    assert (await cashier.post(path, json=new)).status_code == 429


async def test_only_somebody_of_the_household_with_a_phone_is_sent_a_link(
    home: Home, cashier: httpx.AsyncClient
) -> None:
    path = f"{home.office.api}/units/{home.unit}/statements"
    assert (await cashier.post(path, json={"party_id": str(new_id())})).status_code == 422
    elsewhere = f"/api/v1/sites/{home.office.house.sites[1].slug}/billing/units/{home.unit}/statements"
    assert (await cashier.get(elsewhere)).status_code == 404


async def test_the_desk_sends_a_link_from_the_households_account(home: Home, web: Web) -> None:
    console = await web.console(home.office.house, "cashier")
    account = (await console.get(f"{home.office.console}/ledger/accounts/{home.unit}")).text
    assert f"/billing/statements/units/{home.unit}" in account
    page = f"{home.office.console}/statements/units/{home.unit}"
    assert "No links yet" in (await console.get(page)).text
    assert (await console.post(page, data={"party_id": str(home.party)})).status_code == 303
    assert "王丽华" in (await console.get(page)).text
    soon = await console.post(page, data={"party_id": str(home.party)})
    assert soon.status_code == 429
    assert "This household has been sent a link already" in soon.text


async def test_each_payment_has_the_number_of_its_receipt(
    home: Home, cashier: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    """BIL-8: what was paid can be told from what the household has in its hands."""
    new = NewPayment(
        key="one", unit_id=home.unit, party_id=home.party, means="cash", amount_fen=4_321, parts=(), identified=True
    )
    async with home.office.work("cashier") as work:
        taken = await counter.take(home.office.lodge.platform, work, home.office.site, new)
    link = await home.link(cashier)

    told = await phone.post(link, data={"code": await home.code(phone, link)})

    assert told.text.count(taken.receipt.number) == 1
    assert told.text.index("43.21") > told.text.index(taken.receipt.number)
