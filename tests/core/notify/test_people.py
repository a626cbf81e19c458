"""Who is told what, and how it reaches them: the bell, e-mail by a real server, the daily digest."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from core.auth.sign_in import Membership
from core.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from core.jobs.timers import Timers
from core.notify.endpoints import NewProvider
from core.notify.messages import DELAYS
from core.notify.model import Choice, Inbox, NewPreferences, Preferences
from core.notify.texts import page_of
from core.tenancy.context import Actor
from core.tickets.service import Step
from tests.core.notify.post import Office
from tests.support.lodge import NOW

STATES = "SELECT channel, state, attempts FROM notify_delivery WHERE company_id = $1 ORDER BY created_at, channel"


async def inbox(office: Office, role: str) -> Inbox:
    async with office.lodge.work(office.house, role, read_only=True) as work:
        return await office.lodge.platform.notify.notices.inbox(work)


async def told(office: Office, role: str) -> list[str]:
    return [notice.kind for notice in (await inbox(office, role)).items]


async def test_whom_a_ticket_is_given_to_is_told_and_nobody_else(office: Office) -> None:
    ticket = await office.ticket(assignee="technician")
    await office.deliver()
    assert await told(office, "technician") == ["assigned"]
    assert await told(office, "clerk") == await told(office, "supervisor") == []
    [notice] = (await inbox(office, "technician")).items
    assert (notice.ticket_id, notice.params["number"], notice.read_at) == (ticket.id, ticket.number, None)


async def test_who_takes_a_ticket_is_not_told_of_it(office: Office) -> None:
    ticket = await office.ticket(assignee=None)
    async with office.lodge.work(office.house, "supervisor") as work:
        mine = Step(assignee_id=office.house.staff["supervisor"].membership_id)
        await office.lodge.platform.tickets.act(work, office.house.sites[0], ticket.id, "assign", mine, None)
    await office.deliver()
    assert await told(office, "supervisor") == []


async def test_a_matter_resolved_without_an_answer_is_told_to_its_owner(office: Office) -> None:
    """TKT-3"""
    ticket = await office.ticket(assignee=None)
    await office.act(ticket, "resolve", "换了阀门")
    await office.deliver()
    assert await told(office, "clerk") == ["answer_due"]

    answered = await office.ticket(assignee=None)
    await office.act(answered, "answer", "已告知")
    await office.act(answered, "resolve", "换了阀门")
    await office.deliver()
    assert await told(office, "clerk") == ["answer_due"]


async def test_a_missed_goal_and_a_step_up_are_told_to_whom_they_concern(office: Office) -> None:
    """TKT-6"""
    await office.ticket(assignee="technician")
    office.clock.advance(minutes=11)
    timers = Timers(office.lodge.platform)
    while await timers.run_once():
        pass
    await office.deliver()
    assert await told(office, "technician") == ["breached", "escalated", "assigned"]
    assert await told(office, "clerk") == ["breached"]
    assert await told(office, "supervisor") == ["escalated"]


async def test_an_event_delivered_again_tells_nobody_twice(office: Office) -> None:
    """JB-3"""
    await office.webhook("ticket.created.v1")
    await office.reach("technician", "t@example.com")
    await office.ticket(assignee="technician")
    await asyncio.gather(office.deliver(), office.deliver())
    async with office.lodge.owner.begin(office.house.company_id) as uow:
        await uow.execute("DELETE FROM event_receipt WHERE company_id = $1", office.house.company_id)
    await office.deliver()
    assert await told(office, "technician") == ["assigned"]
    assert [channel for channel, *_ in await office.rows(STATES)] == ["email", "webhook"]


async def test_news_comes_by_e_mail_in_the_persons_language_with_a_link_and_nothing_about_residents(
    office: Office,
) -> None:
    await office.reach("technician", "t@example.com", preferences=Preferences(locale="en"))
    ticket = await office.ticket(assignee="technician")
    await office.deliver()
    assert await office.send() == 1

    [mail] = office.mailbox.mails
    text = mail.get_content()
    [(delivery_id,)] = await office.rows("SELECT id FROM notify_delivery WHERE company_id = $1")
    assert mail["To"] == "t@example.com"
    assert mail["Message-ID"] == f"<{delivery_id}@example.com>"
    assert mail["Subject"] == f"{office.house.slug}: Ticket {ticket.number} was assigned to you."
    assert f"https://lodge.example.com/s/{office.house.sites[0].slug}/tickets/{ticket.id}" in text
    assert ticket.description not in text
    assert await office.rows(STATES) == [("email", "sent", 1)]


async def test_a_sign_in_on_a_new_device_is_told_at_the_bell_and_by_mail_to_nobody_else(office: Office) -> None:
    clerk, sign_in = office.house.staff["clerk"], office.lodge.platform.sign_in
    await office.reach("clerk", "c@example.com")
    group = NewProvider(
        name="group",
        scheme="wecom",
        kinds=["told"],
        site_ids=[site.id for site in office.house.sites],
        settings={"key": "group-key"},
    )
    async with office.lodge.work(office.house, "admin") as work:
        await office.lodge.platform.notify.endpoints.add_provider(work, group)
    mine = Membership(office.house.company_id, clerk.membership_id, office.house.slug)
    for device in ("desk", "desk", "telephone"):
        await sign_in.open(mine, "browser", "192.0.2.1", device=device)
    await office.deliver()
    assert await office.send() == 1

    [notice] = (await inbox(office, "clerk")).items
    assert page_of("park", notice.ticket_id, notice.params) == "/account/security"
    [mail] = office.mailbox.mails
    assert mail["To"] == "c@example.com" and "https://lodge.example.com/account/security" in mail.get_content()
    assert await office.rows(STATES) == [("email", "sent", 1)], "no group reads of it"


async def test_a_mail_server_that_is_busy_is_asked_again_later(office: Office) -> None:
    await office.reach("technician", "t@example.com")
    await office.ticket(assignee="technician")
    await office.deliver()
    office.mailbox.refuse = "451 later"
    await office.send()
    office.mailbox.refuse = None
    office.clock.advance(seconds=DELAYS[0].total_seconds())
    await office.send()
    assert len(office.mailbox.mails) == 1
    assert await office.rows(STATES) == [("email", "sent", 2)]


async def test_what_was_read_meanwhile_is_not_sent(office: Office) -> None:
    await office.reach("technician", "t@example.com")
    await office.ticket(assignee="technician")
    await office.deliver()
    async with office.lodge.work(office.house, "technician") as work:
        assert await office.lodge.platform.notify.notices.read_all(work) == 1
    await office.send()
    assert office.mailbox.mails == []
    assert await office.rows(STATES) == [("email", "dropped", 1)]


async def test_nothing_is_sent_to_who_has_left_the_site(office: Office) -> None:
    await office.reach("technician", "t@example.com")
    await office.ticket(assignee="technician")
    await office.deliver()
    async with office.lodge.owner.begin(office.house.company_id) as uow:
        sql = "UPDATE membership SET all_sites = false WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, office.house.company_id, office.house.staff["technician"].membership_id)
    await office.send()
    assert office.mailbox.mails == []


async def test_the_digest_collects_what_was_wished_for_and_what_quiet_hours_held_back(office: Office) -> None:
    wishes = Preferences(quiet_from="09:00", quiet_until="11:00", choices={"assigned": Choice("now")})
    await office.reach("technician", "t@example.com", preferences=wishes)  # it is ten o'clock: quiet
    first = await office.ticket(assignee="technician")
    await office.deliver()
    await office.reach("technician", "t@example.com", preferences=Preferences(choices={"assigned": Choice("digest")}))
    second = await office.ticket(assignee="technician")
    await office.deliver()
    assert await office.send() == 0

    office.clock.now = NOW + timedelta(hours=22, minutes=30)  # half past eight the next morning
    assert await office.send() == 1
    [mail] = office.mailbox.mails
    assert first.number in mail.get_content()
    assert second.number in mail.get_content()
    assert office.house.sites[0].name in mail["Subject"]

    third = await office.ticket(assignee="technician")
    await office.deliver()
    office.clock.advance(days=3)
    assert await office.send() == 1, "what fell due while nobody ran goes out then"
    assert third.number in office.mailbox.mails[1].get_content()
    assert first.number not in office.mailbox.mails[1].get_content(), "what one digest had the next does not repeat"


async def test_an_empty_digest_is_not_sent(office: Office) -> None:
    await office.reach("technician", "t@example.com", preferences=Preferences(choices={"assigned": Choice("digest")}))
    await office.ticket(assignee="technician")
    await office.deliver()
    async with office.lodge.work(office.house, "technician") as work:
        await office.lodge.platform.notify.notices.read_all(work)
    office.clock.advance(days=1)
    await office.send()
    assert office.mailbox.mails == []


async def test_a_notification_is_its_readers_alone(office: Office) -> None:
    """TI-10"""
    await office.ticket(assignee="technician")
    await office.deliver()
    [notice] = (await inbox(office, "technician")).items
    notices = office.lodge.platform.notify.notices
    for role in ("clerk", "admin"):
        async with office.lodge.work(office.house, role) as work:
            with pytest.raises(NotFound):
                await notices.read(work, notice.id)
    async with office.lodge.work(office.house, "technician", office.house.sites[1]) as work:
        with pytest.raises(NotFound):
            await notices.read(work, notice.id)
        assert (await notices.inbox(work)).items == []
    async with office.lodge.work(office.house, "technician") as work:
        assert (await notices.read(work, notice.id)).read_at == office.clock.now
        assert await notices.unread(work) == 0
        with pytest.raises(NotFound):
            await notices.read(work, uuid4())


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("email", {"email": "nobody"}),
        ("email", {"email": "a@b.c\r\nBcc: x@example.com"}),
        ("phone", {"phone": "call me"}),
        ("quiet_until", {"preferences": Preferences(quiet_from="22:00")}),
    ],
)
async def test_wishes_that_cannot_be_fulfilled_are_refused(office: Office, field: str, new: dict[str, object]) -> None:
    async with office.lodge.work(office.house, "clerk") as work:
        with pytest.raises(Invalid) as refused:
            wishes = NewPreferences(**{"preferences": Preferences(), **new})  # type: ignore[arg-type]
            await office.lodge.platform.notify.notices.set_preferences(work, wishes, 0)
    assert [fault.field for fault in refused.value.fields] == [field]


async def test_wishes_are_changed_by_the_person_alone_and_by_who_saw_their_version(office: Office) -> None:
    """CC-1"""
    await office.reach("clerk", "c@example.com", "138 0000 0001")
    notices = office.lodge.platform.notify.notices
    async with office.lodge.work(office.house, "clerk") as work:
        for stale in (0, 2):
            with pytest.raises(PreconditionFailed):
                await notices.set_preferences(work, NewPreferences(preferences=Preferences()), stale)
        await notices.set_preferences(work, NewPreferences(preferences=Preferences(locale="en")), 1)
        found = await notices.preferences(work)
        assert (found.version, found.email, found.phone) == (2, "c@example.com", "13800000001")
    ctx = office.lodge.ctx(office.house, "clerk")
    token = type(ctx)(ctx.company_id, ctx.site_ids, Actor("token", uuid4(), "meter"), ctx.permissions)
    async with office.lodge.platform.work(token) as work:
        with pytest.raises(Forbidden):
            await notices.set_preferences(work, NewPreferences(preferences=Preferences()), 0)


async def test_addresses_are_sealed_where_they_are_kept(office: Office) -> None:
    """SE-1"""
    await office.reach("clerk", "c@example.com", "13800000001")
    [(sealed,)] = await office.rows("SELECT contacts_sealed FROM notify_preference WHERE company_id = $1")
    assert b"example" not in sealed
    assert b"13800000001" not in sealed
