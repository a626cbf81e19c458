"""The office of a house of the test's own: on a database alone, for workers look across companies."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.hooks.manager import PluginHost
from core.settings import Smtp
from tests.core.notify.post import Mailbox, Office, Receiver, mail_server
from tests.support.lodge import Databases, SettableClock, lodge_on


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[Smtp]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with mail_server(mailbox, port):
        yield Smtp(host="127.0.0.1", port=port, tls=False, user="", password="", sender="lodge@example.com")


@pytest.fixture
async def office(
    databases: Databases,
    host: PluginHost,
    clock: SettableClock,
    tmp_path: Path,
    smtp: Smtp,
    mailbox: Mailbox,
    receiver: Receiver,
) -> AsyncIterator[Office]:
    dsns = await databases.migrated()
    allowed = (ip_network("127.0.0.0/8"),)
    async with lodge_on(
        dsns, host, clock, tmp_path, smtp=smtp, egress=allowed, public_url="https://lodge.example.com"
    ) as lodge:
        yield Office(lodge, await lodge.house(sites=2), clock, mailbox, receiver)
    await databases.drop(dsns)
