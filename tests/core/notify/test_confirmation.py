"""Addresses: nothing but the request to confirm them goes there before they are confirmed, by whoever reads it."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec
import pytest

from core.errors import Conflict, TooMany
from core.notify.confirmation import GUESSES, SENDS, WAYS, Prover, Way
from core.notify.endpoints import NewProvider
from core.notify.model import Choice, MyPreferences, NewPreferences, Preferences
from tests.core.notify.post import Office
from tests.support.lodge import SECRET

TWILIO = {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"}


async def save(office: Office, role: str = "technician", **addresses: str) -> None:
    async with office.lodge.work(office.house, role) as work:
        notices = office.lodge.platform.notify.notices
        version = (await notices.preferences(work)).version
        wishes = Preferences(locale="en", choices={"assigned": Choice("now", "now")})
        new = NewPreferences(preferences=wishes, **addresses)
        await notices.set_preferences(work, new, version)


async def confirm(office: Office, code: str, way: Way = "email", role: str = "technician") -> bool:
    async with office.lodge.work(office.house, role) as work:
        return await office.lodge.platform.notify.notices.confirm(work, way, code)


async def ask_again(office: Office, way: Way = "email") -> None:
    async with office.lodge.work(office.house, "technician") as work:
        await office.lodge.platform.notify.notices.ask_again(work, way)


async def mine(office: Office) -> MyPreferences:
    async with office.lodge.work(office.house, "technician", read_only=True) as work:
        return await office.lodge.platform.notify.notices.preferences(work)


async def mailed(office: Office) -> str:
    """The code in the mail that came last."""
    await office.send()
    text = office.mailbox.mails[-1].get_content()
    found = re.search(r"https://lodge\.example\.com/notifications/confirm\?code=(\S+)", text)
    assert found is not None
    return found[1]


async def news(office: Office) -> list[str]:
    """To whom mail about a new ticket goes."""
    before = len(office.mailbox.mails)
    await office.ticket(assignee="technician")
    await office.deliver()
    await office.send()
    return [mail["To"] for mail in office.mailbox.mails[before:]]


async def test_nothing_but_the_link_goes_to_an_address_before_it_is_followed(office: Office) -> None:
    await save(office, email="t@example.com")
    code = await mailed(office)
    assert [mail["To"] for mail in office.mailbox.mails] == ["t@example.com"]
    assert await news(office) == []

    assert await confirm(office, code)

    assert (await mine(office)).email_confirmed
    assert await news(office) == ["t@example.com"]


async def test_what_waits_to_be_sent_does_not_follow_to_an_address_that_is_not_confirmed(office: Office) -> None:
    await save(office, email="t@example.com")
    await confirm(office, await mailed(office))
    await office.ticket(assignee="technician")
    await office.deliver()
    before = len(office.mailbox.mails)
    office.clock.advance(minutes=1)

    await save(office, email="u@example.com")
    await office.send()

    sent = [(mail["To"], mail["Subject"]) for mail in office.mailbox.mails[before:]]
    assert [to for to, _ in sent] == ["u@example.com"], "the link alone"
    assert "confirm" in office.mailbox.mails[-1].get_content()


async def test_a_link_is_good_once_for_its_address_its_reader_and_a_day(office: Office) -> None:
    await save(office, email="t@example.com")
    code = await mailed(office)
    await save(office, "clerk", email="t@example.com")
    assert not await confirm(office, code, role="clerk"), "another's"
    office.clock.advance(minutes=1)
    await save(office, email="u@example.com")
    assert not await confirm(office, code), "for the address before"
    newer = await mailed(office)
    office.clock.advance(days=1)
    assert not await confirm(office, newer), "too late"
    await ask_again(office)
    newest = await mailed(office)
    assert await confirm(office, newest)
    await save(office, email="v@example.com")
    await save(office, email="u@example.com")
    assert not (await mine(office)).email_confirmed, "an address that was given up is asked again"
    assert not await confirm(office, newest), "used"


async def test_a_message_that_was_overtaken_is_not_sent(office: Office) -> None:
    await save(office, email="t@example.com")
    office.clock.advance(minutes=1)
    await ask_again(office)
    assert await office.send() == 2
    assert len(office.mailbox.mails) == 1
    assert await confirm(office, await mailed(office))


async def test_a_mail_sent_again_by_a_worker_holds_the_same_link(office: Office) -> None:
    """JB-3: mail systems drop the second of two messages with one id."""
    await save(office, email="t@example.com")
    code = await mailed(office)
    [(delivery_id,)] = await office.rows("SELECT id FROM notify_delivery WHERE company_id = $1")
    company_id, member_id = office.house.company_id, office.house.staff["technician"].membership_id
    assert Prover(SECRET).code(company_id, member_id, "email", delivery_id, "t@example.com") == code


async def test_asking_again_is_limited(office: Office) -> None:
    await save(office, email="t@example.com")
    with pytest.raises(TooMany):
        await ask_again(office)  # a double click
    for _ in range(SENDS - 1):
        office.clock.advance(minutes=1)
        await ask_again(office)
    office.clock.advance(hours=1)
    with pytest.raises(TooMany):
        await ask_again(office)
    await office.send()
    await save(office, email="victim@example.com")  # another address does not get round it
    await office.send()
    assert "victim@example.com" not in [mail["To"] for mail in office.mailbox.mails]
    office.clock.advance(days=1)
    await ask_again(office)
    assert await mailed(office)


async def test_what_cannot_be_asked_is_said(office: Office) -> None:
    with pytest.raises(Conflict):
        await ask_again(office)
    await office.reach("technician", "t@example.com", "13800000001")
    for way in WAYS:
        with pytest.raises(Conflict):
            await ask_again(office, way)


async def test_a_number_is_confirmed_by_a_code_that_cannot_be_guessed(office: Office) -> None:
    async with office.lodge.work(office.house, "admin") as work:
        sites = [site.id for site in office.house.sites]
        sms = NewProvider(name="短信", scheme="twilio", site_ids=sites, settings=TWILIO)
        await office.lodge.platform.notify.endpoints.add_provider(work, sms)
    await save(office, phone="13800000001")
    [(channel, delivery_id)] = await office.rows("SELECT channel, id FROM notify_delivery WHERE company_id = $1")
    assert channel == "sms"
    code = text_code(office, delivery_id)
    assert re.fullmatch(r"\d{6}", code)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(GUESSES):
        assert not await confirm(office, wrong, "sms")
    assert not await confirm(office, code, "sms"), "guessed at too often"

    office.clock.advance(minutes=1)
    await ask_again(office, "sms")
    [(newer,)] = await office.rows("SELECT delivery_id FROM notify_confirmation WHERE company_id = $1")
    assert await confirm(office, f" {text_code(office, newer)} ", "sms")
    assert (await mine(office)).phone_confirmed


def text_code(office: Office, delivery_id: UUID) -> str:
    member_id = office.house.staff["technician"].membership_id
    return Prover(SECRET).code(office.house.company_id, member_id, "sms", delivery_id, "13800000001")


async def test_what_is_stored_gives_no_code_away(office: Office) -> None:
    """SE-1"""
    await save(office, email="t@example.com")
    code = await mailed(office)
    for table in ("notify_confirmation", "notify_delivery", "audit_entry"):
        rows = await office.rows(f"SELECT t::text FROM {table} t WHERE company_id = $1")
        assert rows
        assert code not in msgspec.json.encode(rows).decode()
