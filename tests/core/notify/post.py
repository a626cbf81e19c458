"""A house whose messages really leave: to a mail server and an HTTP receiver on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.estate.sealing import Sealer
from core.events.delivery import Delivery
from core.notify import repository
from core.notify.endpoints import NewWebhook
from core.notify.model import NewPreferences, Preferences
from core.notify.sender import Sender
from core.tickets.model import NewTicket, Ticket
from core.tickets.service import Step
from tests.support.lodge import SECRET, House, Lodge, SettableClock


class Mailbox:
    """What an SMTP server took in; `refuse` is the answer it gives instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: str | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server(mailbox: Mailbox, port: int) -> Iterator[None]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class Request(msgspec.Struct, frozen=True):
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """An HTTP server that keeps what is posted to it and answers `status`, with `headers`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.body = b""
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                sent = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append(Request(self.path, sent, body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    @contextmanager
    def serving(self) -> Iterator[Receiver]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class Office:
    """The house, its mailbox and receiver, and the workers run by hand."""

    def __init__(self, lodge: Lodge, house: House, clock: SettableClock, mailbox: Mailbox, receiver: Receiver) -> None:
        self.lodge, self.house, self.clock, self.mailbox, self.receiver = lodge, house, clock, mailbox, receiver
        self.sender: Sender = lodge.platform.notify.sender(lodge.platform)

    async def ticket(self, *, assignee: str | None = "technician", severity: str = "urgent") -> Ticket:
        assignee_id = self.house.staff[assignee].membership_id if assignee else None
        new = NewTicket(
            description="厨房漏水了",
            category="plumbing_electric",
            place="3-1802",
            severity=severity,  # type: ignore[arg-type]
            assignee_id=assignee_id,
        )
        async with self.lodge.work(self.house) as work:
            return await self.lodge.platform.tickets.create(work, self.house.sites[0], new)

    async def act(self, ticket: Ticket, name: str, text: str = "", *, role: str = "supervisor") -> Ticket:
        async with self.lodge.work(self.house, role) as work:
            tickets = self.lodge.platform.tickets
            return await tickets.act(work, self.house.sites[0], ticket.id, name, Step(text), None)

    async def deliver(self) -> None:
        """Take every event from the outbox."""
        while await Delivery(self.lodge.platform).run_once():
            pass

    async def send(self) -> int:
        """Send what is due; how many messages were taken up."""
        taken = 0
        while found := await self.sender.run_once():
            taken += found
            await self.sender.finish()
        return taken

    async def reach(
        self, role: str, email: str = "", phone: str | None = None, preferences: Preferences | None = None
    ) -> None:
        """Set how that member of staff is told, at addresses that are confirmed."""
        async with self.lodge.work(self.house, role) as work:
            notices = self.lodge.platform.notify.notices
            version = (await notices.preferences(work)).version
            new = NewPreferences(preferences=preferences or Preferences(), email=email, phone=phone)
            await notices.set_preferences(work, new, version)
            member_id = self.house.staff[role].membership_id
            found = await repository.preferences(work.uow, member_id)
            contacts = notices.contacts(self.house.company_id, member_id, found[1] if found else None)
            both = msgspec.json.encode(contacts.confirmed("email").confirmed("sms"))
            sealed = Sealer(SECRET).seal(self.house.company_id, member_id, both)
            company_id = self.house.company_id
            await work.uow.execute(
                "UPDATE notify_preference SET contacts_sealed = $3 WHERE company_id = $1 AND member_id = $2",
                company_id,
                member_id,
                sealed,
            )
            await work.uow.execute(
                "DELETE FROM notify_delivery WHERE company_id = $1 AND kind = 'confirm'",
                company_id,
            )

    async def webhook(self, *events: str, url: str | None = None) -> tuple[UUID, str]:
        """A webhook of the receiver's, or of another address: its id and secret."""
        new = NewWebhook(
            url=url or self.receiver.url,
            event_types=list(events) or ["ticket.created.v1"],
            site_ids=[site.id for site in self.house.sites],
        )
        async with self.lodge.work(self.house, "admin") as work:
            return await self.lodge.platform.notify.endpoints.add_webhook(work, new)

    async def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        """What the house has in the database."""
        async with self.lodge.owner.begin(self.house.company_id, read_only=True) as uow:
            return await uow.fetch(lambda *row: row, sql, self.house.company_id, *args)
