"""A company whose people sign in by an identity provider, and browsers on their way through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from core.identity.model import Provider, ProviderEntry
from core.notify.model import Contacts
from core.platform import Platform
from tests.support.lodge import House, Lodge, SettableClock, Staff
from tests.support.provider import CLIENT, CLIENT_SECRET, Forger, forger
from tests.support.web import Web

_PLACES = count(1)  # wrong answers are counted by address, which tests must not share


class Company:
    """The house with its provider."""

    def __init__(self, web: Web, lodge: Lodge, house: House, forger: Forger) -> None:
        self.web, self.lodge, self.house, self.forger = web, lodge, house, forger
        self.platform = lodge.platform
        self.entry = ProviderEntry(
            title="Linli account", issuer=forger.issuer, client_id=CLIENT, client_secret=CLIENT_SECRET, active=True
        )

    @property
    def path(self) -> str:
        return f"/sign-in/{self.house.slug}"

    async def set(self, **changed: Any) -> Provider:
        """Set the provider up, or change it; the secret stays."""
        self.entry = msgspec.structs.replace(self.entry, **changed)
        company = await self.platform.directory.company(self.house.company_id)
        assert company is not None
        async with self.lodge.work(self.house, "admin") as work:
            providers = self.platform.identities.providers
            found = await providers.set(work, company, self.entry, (await providers.get(work)).version)
        self.entry = msgspec.structs.replace(self.entry, client_secret=None)
        return found

    async def reached(self, staff: Staff, email: str, *, confirmed: bool = True, house: House | None = None) -> None:
        """Where somebody is reached."""
        company_id = (house or self.house).company_id
        contacts = msgspec.json.encode(Contacts(email, email_confirmed=confirmed))
        sealed = self.platform.sealer.seal(company_id, staff.membership_id, contacts)
        async with self.lodge.owner.begin(company_id) as uow:
            await uow.execute(
                "INSERT INTO notify_preference (company_id, member_id, settings, contacts_sealed, version, updated_at) "
                "VALUES ($1, $2, '{}', $3, 1, now())",
                company_id,
                staff.membership_id,
                sealed,
            )

    async def browser(self, **headers: str) -> Browser:
        """A browser at an address of its own."""
        client = await self.web.anonymous(**{"accept-language": "en", **headers})
        return Browser(self, client)

    async def trial(self, role: str = "admin") -> httpx.Response:
        """What somebody is answered who tries the provider."""
        client = await self.web.console(self.house, role)
        page = (await client.get("/admin/sign-in")).text
        begun = re.search(r'href="(/sign-in/[^"]+/start\?trial=[^"]+)"', page)
        assert begun is not None, page
        away = await client.get(begun[1])
        back = urlsplit(self.forger.authorize(away.headers["location"]))
        return await client.get(f"{back.path}?{back.query}")


class Browser:
    """One person's."""

    def __init__(self, company: Company, client: httpx.AsyncClient) -> None:
        self.company, self.client = company, client

    async def away(self, next: str = "/me") -> str:
        """To the provider: the request that it comes there with."""
        answer = await self.client.get(f"{self.company.path}/start", params={"next": next})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def back(self, url: str) -> httpx.Response:
        """With the provider's answer."""
        return await self.client.get(url.removeprefix(self.company.platform.settings.public_url))

    async def through(self, next: str = "/me", **answer: str) -> httpx.Response:
        return await self.back(self.company.forger.authorize(await self.away(next), **answer))

    async def name(self) -> str | None:
        """Who is signed in."""
        answer = await self.client.get("/me", headers={"accept": "text/html"})
        return answer.text if answer.status_code == 200 else None


async def refused(browser: Browser, text: str, **answer: str) -> None:
    """Back from the provider one is not signed in, and told why."""
    told = await browser.through(**answer)
    assert told.status_code == 401 and text in told.text, told.text
    assert await browser.name() is None


@pytest.fixture(autouse=True)
def places(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider runs on this machine, as an operator's own may in a network that is named; each test asks from an
    address of its own."""
    monkeypatch.setattr(platform.notify.egress, "_allowed", (ip_network("127.0.0.0/8"),))
    place = f"2001:db8:1d:{next(_PLACES):x}::1"
    monkeypatch.setattr("core.web.console.company_door.client_address", lambda *_: place)


@pytest.fixture
def provider(clock: SettableClock) -> Iterator[Forger]:
    with forger() as made:
        made.now = int(clock.now.timestamp())
        yield made


@pytest.fixture
async def company(web: Web, lodge: Lodge, house: House, provider: Forger) -> Company:
    """Its provider is in use and knows the clerk."""
    company = Company(web, lodge, house, provider)
    await company.set()
    await company.reached(house.staff["clerk"], "clerk@example.com")
    provider.claims = {"email": "Clerk@Example.com", "email_verified": True}
    return company
