"""Webhooks: signed after Standard Webhooks, tried again with the same id and body, parked in the end, sent by hand."""

from __future__ import annotations

import asyncio
import base64
import hmac
from uuid import uuid4

import msgspec
import pytest

from core.errors import Conflict, Invalid, NotFound
from core.jobs.upkeep import purge
from core.notify import log, sender
from core.notify.channels.webhook import signature
from core.notify.endpoints import NewWebhook
from core.notify.messages import DELAYS
from core.notify.sender import LEASE
from tests.core.notify.post import Office

STATES = "SELECT state, attempts, last_status, last_error FROM notify_delivery WHERE company_id = $1"


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_an_event_is_posted_with_a_signature_that_its_secret_proves(office: Office) -> None:
    _, secret = await office.webhook("ticket.created.v1")
    ticket = await office.ticket()
    await office.deliver()
    await office.send()

    [request] = office.receiver.requests
    told = msgspec.json.decode(request.body)
    assert (told["type"], told["data"]["id"], told["data"]["number"]) == (
        "ticket.created.v1",
        str(ticket.id),
        ticket.number,
    )
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert int(request.headers["webhook-timestamp"]) == int(office.clock().timestamp())
    assert await office.rows(STATES) == [("sent", 1, 204, None)]


async def test_a_new_secret_signs_beside_the_former_one_for_a_day(office: Office) -> None:
    webhook_id, former = await office.webhook()
    async with office.lodge.work(office.house, "admin") as work:
        secret = await office.lodge.platform.notify.endpoints.succeed_secret(work, webhook_id)

    async def signed_with(*secrets: str) -> bool:
        await office.ticket()
        await office.deliver()
        await office.send()
        sent = office.receiver.requests[-1]
        id, at = sent.headers["webhook-id"], int(sent.headers["webhook-timestamp"])
        raw = [base64.b64decode(each.removeprefix("whsec_")) for each in secrets]
        return sent.headers["webhook-signature"] == " ".join(signature(each, id, at, sent.body) for each in raw)

    assert await signed_with(secret, former)
    office.clock.advance(days=1)
    assert await signed_with(secret)
    ctx = await office.lodge.platform.system_context(office.house.company_id, None)
    assert ctx is not None
    async with office.lodge.platform.work(ctx) as work:
        await purge(work, ctx, {})
    assert await office.rows("SELECT former_sealed FROM webhook WHERE company_id = $1") == [(None,)]


async def test_a_test_is_sent_once_also_to_what_is_switched_off(office: Office) -> None:
    webhook_id, _ = await office.webhook()
    async with office.lodge.work(office.house, "admin") as work:
        off = NewWebhook(
            url=office.receiver.url,
            event_types=["ticket.created.v1"],
            site_ids=[site.id for site in office.house.sites],
            active=False,
        )
        await office.lodge.platform.notify.endpoints.set_webhook(work, webhook_id, off, 1)
    trials = office.lodge.platform.notify.trials
    for status, state in ((503, "parked"), (204, "sent")):
        office.receiver.status = status
        async with office.lodge.work(office.house, "admin") as work:
            await trials.webhook(work, webhook_id)
            with pytest.raises(Conflict):
                await trials.webhook(work, webhook_id)
        assert await office.send() == 1
        assert msgspec.json.decode(office.receiver.requests[-1].body)["type"] == "lodge.test.v1"
        newest = f"{STATES} ORDER BY created_at DESC, id DESC LIMIT 1"
        assert [row[:3] for row in await office.rows(newest)] == [(state, 1, status)]
        office.clock.advance(days=1)
        assert await office.send() == 0, "not tried again"


async def test_only_the_events_and_sites_that_were_chosen_are_posted(office: Office) -> None:
    here, there = office.house.sites
    async with office.lodge.work(office.house, "admin") as work:
        new = NewWebhook(url=office.receiver.url, event_types=["ticket.created.v1"], site_ids=[there.id])
        await office.lodge.platform.notify.endpoints.add_webhook(work, new)
    await office.webhook("ticket.closed.v1")
    assert (await office.ticket()).site_id == here.id
    await office.deliver()
    assert await office.send() == 0


async def test_a_failed_post_is_tried_again_with_the_same_id_and_body_until_it_is_parked(office: Office) -> None:
    await office.webhook()
    await office.ticket()
    await office.deliver()
    office.receiver.status = 503
    for delay in DELAYS:
        assert await office.send() == 1
        assert await office.send() == 0, "not before its time"
        office.clock.advance(seconds=delay.total_seconds())
    assert await office.send() == 1
    office.clock.advance(days=30)
    assert await office.send() == 0

    attempts = len(DELAYS) + 1
    assert await office.rows(STATES) == [("parked", attempts, 503, "the receiver answered with an error")]
    assert len(office.receiver.requests) == attempts
    assert len({(r.headers["webhook-id"], r.body) for r in office.receiver.requests}) == 1


async def test_a_parked_message_is_sent_again_by_hand_under_its_id(office: Office) -> None:
    await office.webhook()
    await office.ticket()
    await office.deliver()
    office.receiver.status = 410  # gone for good
    assert await office.send() == 1
    [(delivery_id, state)] = await office.rows("SELECT id, state FROM notify_delivery WHERE company_id = $1")
    assert state == "parked"

    office.receiver.status = 200
    async with office.lodge.work(office.house, "admin") as work:
        await log.send_again(work, delivery_id)
    async with office.lodge.work(office.house, "admin") as work:
        with pytest.raises(Conflict):
            await log.send_again(work, delivery_id)
        with pytest.raises(NotFound):
            await log.send_again(work, uuid4())
    assert await office.send() == 1
    assert [r.headers["webhook-id"] for r in office.receiver.requests] == [str(delivery_id)] * 2
    assert await office.rows(STATES) == [("sent", 1, 200, None)]


async def test_ss_1_a_redirect_is_a_failure_and_is_not_followed(office: Office) -> None:
    """SS-1"""
    await office.webhook()
    await office.ticket()
    await office.deliver()
    office.receiver.status, office.receiver.headers = 302, {"location": f"{office.receiver.url}/elsewhere"}
    await office.send()
    assert [r.path for r in office.receiver.requests] == ["/hook"]
    assert await office.rows(STATES) == [("waiting", 1, 302, "the receiver answered with an error")]


async def test_a_worker_killed_while_sending_loses_nothing_and_its_message_keeps_its_id(office: Office) -> None:
    """JB-1"""
    await office.webhook()
    await office.ticket()
    await office.deliver()
    assert await office.sender.run_once() == 1
    for task in list(office.sender._running):  # after the claim, before anything is recorded
        task.cancel()
    await office.sender.finish()
    assert await office.send() == 0, "another worker leaves it alone while it may still be at work"

    office.clock.advance(seconds=LEASE.total_seconds())
    assert await office.send() == 1
    assert len({r.headers["webhook-id"] for r in office.receiver.requests}) == 1
    [(state, *_)] = await office.rows(STATES)
    assert state == "sent"


async def test_two_workers_do_not_send_the_same_message(office: Office) -> None:
    """JB-2"""
    await office.webhook()
    for _ in range(6):
        await office.ticket()
    await office.deliver()
    other = office.lodge.platform.notify.sender(office.lodge.platform)
    taken = 0
    while found := sum([await office.sender.run_once(), await other.run_once()]):
        taken += found
        await office.sender.finish()
        await other.finish()
    assert taken == 6
    assert len({r.headers["webhook-id"] for r in office.receiver.requests}) == len(office.receiver.requests) == 6


async def test_what_another_worker_takes_up_is_left_to_it(office: Office) -> None:
    """JB-2"""
    await office.webhook()
    await office.ticket()
    await office.deliver()
    async with office.lodge.owner.begin(office.house.company_id) as another:
        await another.execute("SELECT FROM notify_due FOR UPDATE")

        assert await asyncio.wait_for(office.sender.run_once(), 10) == 0


async def test_companies_with_many_messages_take_turns(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """JB-5: however many of them there are before one in the order of their ids."""
    monkeypatch.setattr(sender, "AT_ONCE", 4)
    offices = [office]
    for _ in range(3):
        house = await office.lodge.house()
        offices.append(Office(office.lodge, house, office.clock, office.mailbox, office.receiver))
    for each in offices:
        await each.webhook()
        for _ in range(6):
            await each.ticket()
        await each.deliver()
    for _ in range(len(offices)):
        assert await office.sender.run_once() == 4
        await office.sender.finish()
    sent = [[state for state, *_ in await each.rows(STATES)].count("sent") for each in offices]
    assert sent == [4] * len(offices)


async def test_a_company_with_many_messages_does_not_keep_another_waiting(office: Office) -> None:
    """JB-5"""
    await office.webhook()
    for _ in range(12):
        await office.ticket()
    await office.deliver()
    small = Office(office.lodge, await office.lodge.house(), office.clock, office.mailbox, office.receiver)
    await small.webhook()
    await small.ticket()
    await small.deliver()
    assert await office.sender.run_once() < 12
    await office.sender.finish()
    assert [state for state, *_ in await small.rows(STATES)] == ["sent"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://10.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://169.254.169.254/latest",
        "https://user:secret@example.com/x",
        "https://example.com\\@10.0.0.1/",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "nonsense",
        "https://example.com/a b",
    ],
)
async def test_ss_1_addresses_that_can_never_be_posted_to_are_refused_at_once(office: Office, url: str) -> None:
    """SS-1"""
    with pytest.raises(Invalid) as refused:
        await office.webhook(url=url)
    assert [fault.field for fault in refused.value.fields] == ["url"]


async def test_se_1_the_secret_is_sealed_where_it_is_kept(office: Office) -> None:
    """SE-1"""
    _, secret = await office.webhook()
    [(sealed,)] = await office.rows("SELECT secret_sealed FROM webhook WHERE company_id = $1")
    plain = base64.b64decode(secret.removeprefix("whsec_"))
    assert [text for text in (plain, secret.encode(), secret.removeprefix("whsec_").encode()) if text in sealed] == []
