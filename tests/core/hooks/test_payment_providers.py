"""Payment providers: found where their plugin is on, and asked through the guarded door (SS-1)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

import msgspec
import pytest

from core.hooks.checks import PluginRefused
from core.hooks.payments import (
    AT_ONCE,
    PaymentDoor,
    PaymentFailed,
    PaymentNotice,
    PaymentOrder,
    PaymentProvider,
    PaymentProviders,
    PaymentState,
    setting_fields,
)
from core.notify.egress import Answer, Egress
from core.tenancy.context import SYSTEM, TenantContext
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.core.hooks.test_manager import answer
from tests.core.hooks.test_services import ELSEWHERE, HERE, is_on


class Settings(msgspec.Struct):
    merchant: Annotated[str, msgspec.Meta(title="Merchant", description="As agreed.")]
    key: Annotated[str, msgspec.Meta(title="Key", extra={"secret": True})]
    place: str = ""


class Coins(PaymentProvider):
    id = "parking.coins"
    title = "Coins"
    settings = Settings

    async def order(self, door: PaymentDoor, settings: Any, order: PaymentOrder) -> str:
        return "code"

    async def query(self, door: PaymentDoor, settings: Any, number: str) -> PaymentState:
        return PaymentState("waiting")

    async def close(self, door: PaymentDoor, settings: Any, number: str) -> None:
        return None

    def read(self, settings: Any, headers: Mapping[str, str], body: bytes) -> PaymentNotice:
        return PaymentNotice("1", 1, "1")


class Alien(Coins):
    id = "archives.coins"


class Numbers(msgspec.Struct):
    merchant: int


class Counted(Coins):
    settings = Numbers


def providers(monkeypatch: pytest.MonkeyPatch, offered: PaymentProvider, egress: Egress) -> PaymentProviders:
    host = host_of(monkeypatch, plugin_of(manifest_of(), register_payment_providers=answer(offered)))
    return PaymentProviders([(p.id, each) for p in host.plugins for each in p.payment_providers], is_on, egress)


def test_register_payment_providers_are_found_where_the_plugin_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    found = providers(monkeypatch, coins := Coins(), Egress())
    ctx = TenantContext(uuid4(), frozenset({HERE, ELSEWHERE}), SYSTEM)

    assert found.find("parking.coins", ctx, HERE) is coins
    assert found.offered(ctx, HERE) == [("parking", coins)]
    assert (found.find("parking.coins", ctx, ELSEWHERE), found.offered(ctx, ELSEWHERE)) == (None, [])
    assert found.find("parking.notes", ctx, HERE) is None


@pytest.mark.parametrize(("offered", "why"), [(Alien(), "must start with"), (Counted(), "Numbers.merchant is no text")])
def test_register_payment_providers_that_do_not_fit_are_refused(
    monkeypatch: pytest.MonkeyPatch, offered: PaymentProvider, why: str
) -> None:
    with pytest.raises(PluginRefused, match=why):
        providers(monkeypatch, offered, Egress())


def test_what_a_provider_has_to_be_told_says_what_is_secret() -> None:
    assert [(f.name, f.title, f.help, f.required, f.secret) for f in setting_fields(Settings)] == [
        ("merchant", "Merchant", "As agreed.", True, False),
        ("key", "Key", "", True, True),
        ("place", "place", "", False, False),
    ]


async def test_ss_1_a_provider_is_asked_through_the_guarded_door(monkeypatch: pytest.MonkeyPatch) -> None:
    door = providers(monkeypatch, Coins(), Egress(resolver=lambda *_: ["10.0.0.1"])).door(uuid4())

    for url in ("http://example.com/", "https://127.0.0.1/", "https://pay.example.com/", "file:///etc/passwd"):
        with pytest.raises(PaymentFailed):
            await door.post(url, b"{}", {})
        with pytest.raises(PaymentFailed):
            await door.get(url, {})


async def test_a_provider_that_is_slow_keeps_no_other_company_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Egress):
        def get(self, url: str, headers: Mapping[str, str], *, most: int = 0) -> Answer:
            gate.wait(20)
            return Answer(200, b"")

    gate = threading.Event()
    found = providers(monkeypatch, Coins(), Slow())
    one, other = uuid4(), uuid4()
    asked = [asyncio.create_task(found.door(one).get("https://example.com", {})) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(PaymentFailed, match="too many"):
        await found.door(one).get("https://example.com", {})
    asked.append(asyncio.create_task(found.door(other).get("https://example.com", {})))
    gate.set()

    assert [each.status for each in await asyncio.gather(*asked)] == [200] * (AT_ONCE + 1)
    assert (await found.door(one).get("https://example.com", {})).status == 200
