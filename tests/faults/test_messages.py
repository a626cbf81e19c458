"""A server killed in the middle of telling people (JB-1 to JB-3): nothing is lost, and what comes twice comes under the
same id, by which its receiver knows it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.notify.sender import LEASE
from tests.core.cli.lodge import free_port
from tests.core.notify.post import Mailbox, Receiver, Request, mail_server
from tests.support.served import SECONDS, Served

TICKETS, WRITERS = 40, 8
CODE = re.compile(r"confirm\?code=(\S+)")
LINKS = re.compile(r"/tickets/([0-9a-f-]{36})")
NOW_DUE = (
    "UPDATE notify_due SET due_at = now() WHERE delivery_id IN (SELECT id FROM notify_delivery WHERE kind = 'digest')"
)


class Held(Mailbox):
    """Takes mails in and answers when it may: a server that is killed meanwhile does not know of them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.to_thread(self.gate.wait, SECONDS)
        return answer


class Hook(Receiver):
    """The same for what is posted."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        super().__init__()
        self.requests = _Waiting(self.gate)


class _Waiting(list[Request]):
    """Requests that came in; who adds one is answered when the gate is open."""

    def __init__(self, gate: threading.Event) -> None:
        super().__init__()
        self._gate = gate

    def append(self, request: Request) -> None:
        super().append(request)
        self._gate.wait(SECONDS)


@asynccontextmanager
async def signed_in(server: Served, login: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", timeout=SECONDS) as client:
        answer = await client.post("/auth/tokens", json={"login": login, "password": "linli-demo-2026"})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


async def until(what: Any) -> None:
    """Wait for a condition, which may have to be awaited."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = what()
            if (await found) if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.02)


async def reached_at(server: Served, mailbox: Held, login: str, email: str) -> None:
    """That person is told of assignments there: one at once, the other once a day."""
    when = "now" if login == "wanglei" else "digest"
    async with signed_in(server, login) as client:
        wishes = {"choices": {"assigned": {"email": when}}}
        body = {"preferences": wishes, "email": email}
        saved = await client.put("/notifications/preferences", json=body, headers={"If-Match": '"0"'})
        assert saved.status_code == 200, saved.text
        await until(lambda: any(mail["To"] == email for mail in mailbox.mails))
        found = CODE.search(next(mail for mail in mailbox.mails if mail["To"] == email).get_content())
        assert found is not None
        answer = await client.post("/notifications/preferences/confirm", json={"channel": "email", "code": found[1]})
        assert answer.json() == {"confirmed": True}


async def write(client: httpx.AsyncClient, members: list[UUID]) -> None:
    """Take matters in and give them away, until they are enough or the server is gone."""

    async def clerk(numbers: range) -> None:
        for n in numbers:
            matter = {"description": f"漏水 {n}", "category": "plumbing_electric", "place": "3幢"}
            new = {**matter, "assignee_id": str(members[n % len(members)])}
            try:
                assert (await client.post("/sites/cuihu/tickets", json=new)).status_code == 201
            except httpx.TransportError:
                return

    await asyncio.gather(*(clerk(range(first, TICKETS, WRITERS)) for first in range(WRITERS)))


@asynccontextmanager
async def database(server: Served) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(server.admin_dsn, server_settings={"search_path": "lodge"})
    try:
        yield connection
    finally:
        await connection.close()


async def come_back(server: Served, under_way: set[str]) -> None:
    """Started again, with the time over for which the killed worker's messages were its own."""
    await asyncio.to_thread(server.start)
    async with database(server) as db:
        await db.execute(
            "UPDATE notify_due SET due_at = due_at - $1::interval WHERE delivery_id::text = ANY ($2)",
            LEASE,
            list(under_way),
        )


async def test_a_server_killed_while_it_tells_people_loses_nothing_and_doubles_nothing_unknown(tmp_path: Path) -> None:
    mailbox, port = Held(), free_port()
    server = Served(
        tmp_path / "home",
        LODGE_PLUGINS="",
        LODGE_RATE_CLIENT="0",
        LODGE_EGRESS_ALLOW="127.0.0.0/8",
        LODGE_SMTP_URL=f"smtp://127.0.0.1:{port}",
        LODGE_MAIL_FROM="lodge@example.com",
    )
    hook = Hook()

    def message_id(mail: Any) -> str:
        return str(mail["Message-ID"]).strip("<>").partition("@")[0]

    def received() -> set[str]:
        return {request.headers["webhook-id"] for request in hook.requests} | set(map(message_id, mailbox.mails))

    with hook.serving(), mail_server(mailbox, port):
        server.start()
        try:
            await reached_at(server, mailbox, "wanglei", "now@example.com")
            await reached_at(server, mailbox, "majun", "daily@example.com")
            async with signed_in(server, "linan") as admin:
                sites = [site["id"] for site in (await admin.get("/me")).json()["sites"]]
                new = {"url": hook.url, "event_types": ["ticket.created.v1"], "site_ids": sites}
                assert (await admin.post("/webhooks", json=new)).status_code == 201
            async with database(server) as db:
                members = "SELECT m.id FROM membership m JOIN person p ON p.id = m.person_id WHERE p.login = ANY ($1)"
                told = [row[0] for row in await db.fetch(members, ["wanglei", "majun"])]
            mailbox.mails.clear()
            mailbox.gate.clear()

            # events half delivered, messages half sent, requests half answered
            async with signed_in(server, "sunli") as client:
                writing = asyncio.create_task(write(client, told))
                await until(lambda: len(hook.requests) + len(mailbox.mails) >= 4)
                await asyncio.to_thread(server.kill)
                await writing
            held = received()
            hook.gate.set()
            mailbox.gate.set()
            await come_back(server, held)

            async def told_all() -> bool:
                waiting = "SELECT count(*) FROM notify_delivery WHERE state = 'waiting' AND kind <> 'digest'"
                async with database(server) as db:
                    left: int = await db.fetchval(f"SELECT (SELECT count(*) FROM outbox) + ({waiting})")
                return left == 0

            await until(told_all)

            # and the daily digest, with the killed worker's in the mail server's hands already
            mailbox.gate.clear()
            async with database(server) as db:
                await db.execute(NOW_DUE)
            await until(lambda: any(mail["To"] == "daily@example.com" for mail in mailbox.mails))
            await asyncio.to_thread(server.kill)
            mailbox.gate.set()
            await come_back(server, received())

            async def over() -> bool:
                async with database(server) as db:
                    left: int = await db.fetchval("SELECT count(*) FROM notify_delivery WHERE state = 'waiting'")
                return left == 0

            await until(over)
            async with database(server) as db:
                sql = "SELECT id::text, assignee_id FROM ticket WHERE description LIKE '漏水 %'"
                tickets: dict[str, UUID] = {row[0]: row[1] for row in await db.fetch(sql)}
                notices = "SELECT ticket_id::text, member_id FROM notification WHERE kind = 'assigned'"
                noticed = sorted(map(tuple, await db.fetch(notices)))
                states = [row[0] for row in await db.fetch("SELECT DISTINCT state FROM notify_delivery")]
        finally:
            mailbox.gate.set()
            hook.gate.set()
            assert server.stop() == 0

    assert tickets
    assert noticed == sorted(tickets.items())
    assert states == ["sent"]
    posted = defaultdict(set)
    for request in hook.requests:
        posted[msgspec.json.decode(request.body)["data"]["id"]].add(request.headers["webhook-id"])
    assert {ticket_id: len(ids) for ticket_id, ids in posted.items()} == dict.fromkeys(tickets, 1)
    mailed = defaultdict(set)
    for mail in mailbox.mails:
        for ticket_id in LINKS.findall(mail.get_content()):
            mailed[ticket_id].add(message_id(mail))
    assert {ticket_id: len(ids) for ticket_id, ids in mailed.items()} == dict.fromkeys(tickets, 1)
    digests = [mail for mail in mailbox.mails if mail["To"] == "daily@example.com"]
    assert len(digests) == 2
    assert len(set(map(message_id, digests))) == 1
    assert len(hook.requests) + len(mailbox.mails) > len(received()), "the blows came in the middle"
