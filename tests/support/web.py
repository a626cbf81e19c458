"""The application over real HTTP: one granian server in the session's loop, and clients signed in as somebody."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from ipaddress import IPv4Network
from uuid import UUID

import httpx
import msgspec
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from core.auth import service_accounts
from core.auth.service_accounts import AccountEntry, NewAccountToken
from core.auth.sign_in import Membership
from core.platform import Platform
from core.tenancy.context import Actor, TenantContext
from core.web import cookies, limits
from core.web.app import create_app
from tests.support.lodge import House, Staff

JSON = {"accept": "application/json"}
_ADDRESSES = IPv4Network("127.1.0.0/16").hosts()


class Web:
    """A serving platform. Clients are closed where the block ends that made it, and come from one loopback address:
    what is tried from an address is counted over all tests, whose clock stands still."""

    def __init__(self, platform: Platform, base_url: str, clients: AsyncExitStack, address: str = "127.0.0.1") -> None:
        self.platform = platform
        self.base_url = base_url
        self.address = address
        self._clients = clients

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[Web]:
        """The same platform for the block, from an address of its own; its clients are closed with it."""
        async with AsyncExitStack() as clients:
            yield Web(self.platform, self.base_url, clients, str(next(_ADDRESSES)))

    async def anonymous(self, **headers: str) -> httpx.AsyncClient:
        """Nobody. Redirects are not followed, so that tests see them."""
        transport = httpx.AsyncHTTPTransport(local_address=self.address)
        client = httpx.AsyncClient(base_url=self.base_url, headers=headers, timeout=20, transport=transport)
        return await self._clients.enter_async_context(client)

    async def api(self, house: House, who: str | Staff) -> httpx.AsyncClient:
        """The JSON API as a role of the house, or as one of its staff, by bearer token."""
        tokens = await self.platform.sign_in.open(self._membership(house, who), "tests")
        return await self.anonymous(**JSON, authorization=f"Bearer {tokens.access}")

    async def token(self, house: House, permissions: Sequence[str], site_ids: Sequence[UUID] = ()) -> httpx.AsyncClient:
        """The JSON API as a service account with exactly these permissions, at all sites unless named."""
        sites = frozenset(site.id for site in house.sites)
        everything = frozenset(permission.id for permission in self.platform.permissions)
        admin = house.staff["admin"]
        ctx = TenantContext(house.company_id, sites, Actor("person", admin.membership_id, admin.name), everything)
        async with self.platform.work(ctx) as work:
            entry = AccountEntry("tests", list(permissions), list(site_ids or sites))
            account = await service_accounts.make(work, entry)
            _, text = await service_accounts.issue(work, account.id, NewAccountToken("tests"))
        return await self.anonymous(**JSON, authorization=f"Bearer {text}")

    async def console(self, house: House, who: str | Staff, *, csrf: bool = True) -> httpx.AsyncClient:
        """The console as a browser signed in, English; `csrf` sends the session's token with every request."""
        tokens = await self.platform.sign_in.open(self._membership(house, who), "tests")
        headers = {"x-csrf-token": self.platform.signer.csrf(tokens.session_id)} if csrf else {}
        client = await self.anonymous(**headers)
        access, refresh = cookies.names(self.platform.settings)
        client.cookies.update({access: tokens.access, refresh: tokens.refresh or "", "locale": "en"})
        return client

    @staticmethod
    def _membership(house: House, who: str | Staff) -> Membership:
        staff = house.staff[who] if isinstance(who, str) else who
        return Membership(house.company_id, staff.membership_id, house.slug)


@asynccontextmanager
async def web_on(platform: Platform) -> AsyncIterator[Web]:
    """Serve the platform on a free port of 127.0.0.1 until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = Server(
        create_app(platform),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        backpressure=limits.CONNECTIONS,
    )
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(timedelta(milliseconds=20).total_seconds())
        writer.close()
        async with AsyncExitStack() as clients:
            yield Web(platform, f"http://127.0.0.1:{port}", clients)
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({serving}, timeout=10)


def problem(response: httpx.Response) -> dict[str, object]:
    """The problem details of an answer."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    found: dict[str, object] = msgspec.json.decode(response.content, type=dict[str, object])
    return found
