"""A counter whose site has a payment provider, installed from a package of its own, that speaks to a real server."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.hooks.manager import PluginHost
from core.platform import Platform
from core.sdk import Site, new_id
from plugins.billing.counter.model import NewPayment
from plugins.billing.payments import providers, service, work
from plugins.billing.payments.model import NewProvider, Order, Provider
from tests.plugins.billing.counter.conftest import Home, Till, till
from tests.plugins.billing.ledger.conftest import Office, office
from tests.plugins_src.install import importable, install
from tests.support.lodge import NOW, Databases, Lodge, SettableClock, lodge_on
from tests.support.web import Web, web_on

__all__ = ["office", "till"]  # fixtures
KEY = "the-secret-of-the-merchant"
_ON = "INSERT INTO plugin_switch (company_id, site_id, plugin, enabled) VALUES ($1, $2, 'scanpay', true)"
_SUBSCRIBED = """
INSERT INTO subscription (company_id, id, site_id, plugin, starts_on) VALUES ($1, $2, $3, 'scanpay', $4)
"""

_ITEM = """
INSERT INTO billing_item (company_id, id, site_id, code, title, basis, cycle, payer, due_days)
VALUES ($1, $2, $3, 'property', '物业费', 'charged', 'month', 'owner', 10)
"""


class Bank:
    """The service behind the provider: it keeps orders, and says what it is told to."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.closed: list[str] = []
        self.asked: list[str] = []
        self.down = False
        self.meanwhile: Any = None  # called while an order is being made
        bank = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = bank.answer(self.path, body, self.headers["x-scanpay-signature"])
                self.send_response(status)
                self.end_headers()
                self.wfile.write(msgspec.json.encode(answer))

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str, body: bytes, signature: str) -> tuple[int, dict[str, Any]]:
        from lodge_scanpay.provider import signed

        self.asked.append(path)
        if self.down:
            return 503, {}
        if signature != signed(KEY, body):
            return 401, {}
        asked = msgspec.json.decode(body)
        number = asked["number"]
        match path:
            case "/orders":
                self.orders[number] = asked
                if self.meanwhile is not None:
                    self.meanwhile(number)
                return 200, {"code": f"scan://{number}"}
            case "/query":
                waiting = {"status": "waiting" if number in self.orders else "unknown"}
                return 200, self.states.get(number, waiting)
            case _:
                if self.states.get(number, {}).get("status") == "paid":
                    return 409, {}
                self.closed.append(number)
                self.states[number] = {"status": "closed"}
                return 200, {}

    def paid(self, number: str, fen: int | None = None, reference: str = "T1") -> None:
        """Somebody pays, and the callback is lost."""
        fen = self.orders[number]["amount"] if fen is None else fen
        self.states[number] = {"status": "paid", "amount": fen, "reference": reference}

    def notice(
        self, number: str, fen: int | None = None, reference: str = "T1", key: str = KEY
    ) -> tuple[str, bytes, dict[str, str]]:
        """The callback: path, body, headers."""
        from lodge_scanpay.provider import SIGNATURE, signed

        self.paid(number, fen, reference)
        told = {"number": number, "amount": self.states[number]["amount"], "reference": reference}
        body = msgspec.json.encode(told)
        path = "/" + self.orders[number]["notify"].split("/", 3)[3]
        return path, body, {SIGNATURE: signed(key, body), "content-type": "application/json"}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Desk(msgspec.Struct, frozen=True):
    """The counter with its provider."""

    till: Till
    bank: Bank
    web: Web

    @property
    def site(self) -> Site:
        return self.till.site

    @property
    def platform(self) -> Platform:
        return self.till.office.lodge.platform

    @property
    def api(self) -> str:
        return f"/api/v1/sites/{self.site.slug}/billing/payments"

    @property
    def console(self) -> str:
        return f"/s/{self.site.slug}/billing/payments"

    def as_(self, role: str) -> Any:
        return self.till.office.lodge.work(self.till.office.house, role)

    async def set_up(self, **more: Any) -> Provider:
        told = {"address": self.bank.address, "merchant": "M-1", "key": KEY, **more}
        async with self.as_("manager") as work:
            return await providers.add(self.platform, work, self.site, NewProvider("scanpay.code", told))

    def payment(self, home: Home, fen: int | None = None, **more: Any) -> NewPayment:
        return self.till.payment(home, fen, **{"means": "qr", **more})

    async def make(self, new: NewPayment, role: str = "cashier") -> Order:
        async with self.as_(role) as work:
            return await service.make(self.platform, work, self.site, new)

    async def check(self, order: Order, role: str = "cashier") -> Order:
        async with self.as_(role) as work:
            return await service.check(self.platform, work, self.site, order.id)

    async def cancel(self, order: Order) -> Order:
        async with self.as_("cashier") as work:
            return await service.cancel(self.platform, work, self.site, order.id)

    async def get(self, order: Order) -> Order:
        async with self.till.office.lodge.work(self.till.office.house, "cashier", read_only=True) as work:
            return await service.get(work, self.site, order.id)

    async def ask(self) -> None:
        """The job that asks about orders which wait."""
        ctx = await self.platform.system_context(self.till.office.house.company_id, None, plugin="billing")
        assert ctx is not None
        async with self.platform.work(ctx) as job:
            await work.ask(job, ctx, {}, self.platform)

    async def tell(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """What the provider's callback is answered with."""
        client = await self.web.anonymous()
        return await client.post(path, content=body, headers=headers)

    async def actions(self) -> list[str]:
        """What is on record, of payments by code."""
        sql = "SELECT action FROM audit_entry WHERE company_id = $1 AND action ~ '^billing.(order|notice)' ORDER BY id"
        return [action for (action,) in await self.till.office.rows(sql)]


@pytest.fixture(scope="package")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluginHost]:
    with importable(install(tmp_path_factory.mktemp("scanpay"), "lodge_scanpay")):
        yield PluginHost.load(["billing", "scanpay"], strict=True)


@pytest.fixture(scope="package")
async def lodge(
    databases: Databases, provided: PluginHost, shared_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lodge]:
    home = tmp_path_factory.mktemp("payments")
    async with lodge_on(await databases.migrated(), provided, shared_clock, home) as lodge:
        yield lodge


@pytest.fixture(scope="package")
def platform(lodge: Lodge) -> Platform:
    return lodge.platform


@pytest.fixture(scope="package")
async def serving(platform: Platform) -> AsyncIterator[Web]:
    async with web_on(platform) as web:
        yield web


@pytest.fixture
def clock(shared_clock: SettableClock, lodge: Lodge) -> Iterator[SettableClock]:
    yield shared_clock
    shared_clock.now = NOW
    lodge.forget()


@pytest.fixture
def bank(provided: PluginHost) -> Iterator[Bank]:
    made = Bank()
    yield made
    made.stop()


@pytest.fixture
async def desk(till: Till, bank: Bank, web: Web, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A counter where the provider's plugin is on and not set up yet; the service runs on this machine."""
    monkeypatch.setattr(platform.notify.egress, "_allowed", (ip_network("127.0.0.0/8"),))
    house: Any = till.office.house
    async with till.office.lodge.owner.begin(house.company_id) as uow:
        for site in house.sites:
            await uow.execute(_SUBSCRIBED, house.company_id, new_id(), site.id, date(2020, 1, 1))
            await uow.execute(_ON, house.company_id, site.id)
    till.office.lodge.forget()
    await platform.directory.company(house.company_id)
    return Desk(till, bank, web)


async def receipts(desk: Desk) -> list[tuple[UUID, str, int]]:
    sql = "SELECT id, by_name, amount_fen FROM billing_receipt WHERE company_id = $1 ORDER BY id"
    return [tuple(row) for row in await desk.till.office.rows(sql)]  # type: ignore[misc]


@pytest.fixture
async def till_elsewhere(desk: Desk) -> Desk:
    """Another company's counter, with the same provider and, by mistake, the same key."""
    lodge = desk.till.office.lodge
    house = await lodge.house(sites=2, plugins=["billing", "scanpay"])
    items = {"property": new_id()}
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(_ITEM, house.company_id, items["property"], house.sites[0].id)
    return Desk(Till(Office(lodge, house, items)), desk.bank, desk.web)
