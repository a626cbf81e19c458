"""Text messages to residents: to the number on the roll, sealed until they are sent, and only where there is a way."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.db.ids import new_id
from core.notify.channels import provider
from core.notify.channels.provider import Chat
from core.notify.egress import Egress
from core.notify.endpoints import NewProvider
from core.notify.outgoing import Result
from tests.core.notify.post import Office
from tests.core.notify.test_confirmation import TWILIO


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Chat]:
    """What went out to the provider."""
    taken: list[Chat] = []

    def send(egress: Egress, chat: Chat) -> Result:
        taken.append(chat)
        return Result(200)

    monkeypatch.setattr(provider, "send", send)
    return taken


async def party(office: Office, phone: str) -> UUID:
    company_id, site_id, party_id = office.house.company_id, office.house.sites[0].id, new_id()
    async with office.lodge.owner.begin(company_id) as uow:
        await uow.execute(
            "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', '王丽华')",
            company_id, party_id, site_id,
        )  # fmt: skip
        if phone:
            await uow.execute(
                "INSERT INTO contact (company_id, id, site_id, party_id, phone) VALUES ($1, $2, $3, $4, $5)",
                company_id, new_id(), site_id, party_id, phone,
            )  # fmt: skip
    return party_id


async def text_service(office: Office) -> None:
    async with office.lodge.work(office.house, "admin") as work:
        sites = [office.house.sites[0].id]
        sms = NewProvider(name="短信", scheme="twilio", site_ids=sites, settings=TWILIO)
        await office.lodge.platform.notify.endpoints.add_provider(work, sms)


async def say(office: Office, party_id: UUID, site: int = 0) -> bool:
    async with office.lodge.work(office.house) as work:
        residents, site_id = office.lodge.platform.notify.residents, office.house.sites[site].id
        told = await residents.send(work, site_id, party_id, "周航来访，请确认")
        assert told is False or await residents.reachable(work, site_id)
        return told


async def test_a_resident_is_told_at_the_number_on_the_roll_and_the_text_lies_sealed_until_then(
    office: Office, sent: list[Chat]
) -> None:
    await text_service(office)
    party_id = await party(office, "13817626207")

    assert await say(office, party_id)

    [(payload,)] = await office.rows("SELECT payload FROM notify_delivery WHERE company_id = $1")
    assert "周航" not in payload and "13817626207" not in payload
    await office.send()
    assert [(chat.to, chat.text) for chat in sent] == [("13817626207", "周航来访，请确认")]


async def test_nothing_is_queued_without_a_service_a_number_or_at_another_site(
    office: Office, sent: list[Chat]
) -> None:
    known, nameless = await party(office, "13817626207"), await party(office, "")
    assert not await say(office, known)
    await text_service(office)

    assert not await say(office, nameless)
    assert not await say(office, known, site=1)
    assert not await say(office, new_id())

    assert await office.send() == 0 and sent == []
