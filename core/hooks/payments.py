"""How plugins offer payment providers: who makes codes that people pay by, and says that they did.

A provider's settings are a struct of texts; those that are secrets say so, `Meta(extra={"secret": True})`, and are kept
sealed. What a callback says counts only once its signature holds, and its amount is that of the order.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import msgspec

from core.i18n import msgid
from core.notify.egress import Answer, Egress, Refused, Unreachable
from core.tenancy.context import TenantContext

LONGEST: Final = 100_000  # bytes of an answer
AT_ONCE: Final = 4  # requests of one company: a provider that is slow keeps nobody else waiting
THREADS: Final = 16


class PaymentFailed(Exception):
    """The provider gave no answer that is any use. The text is a message id, or a status, and holds no secret."""


class PaymentUntrue(Exception):
    """A callback whose signature does not hold, or that is none."""


class PaymentOrder(msgspec.Struct, frozen=True):
    """What is to be paid, once. `number` is ours, 24 letters and digits; the provider calls back at `notify_url`."""

    number: str
    amount_fen: int
    description: str
    expires_at: datetime
    notify_url: str


class PaymentState(msgspec.Struct, frozen=True):
    """How an order stands with the provider; `unknown`: it has none of that number. Of a paid one, what was paid and
    what the provider knows the payment by."""

    status: Literal["waiting", "paid", "closed", "unknown"]
    amount_fen: int = 0
    reference: str = ""


class PaymentNotice(msgspec.Struct, frozen=True):
    """That an order was paid: its number, what was paid, and what the provider knows the payment by."""

    number: str
    amount_fen: int
    reference: str


class PaymentDoor:
    """The way to a provider: through the guarded door, in threads of its own, few requests at once for a company."""

    def __init__(self, egress: Egress, threads: ThreadPoolExecutor, busy: Counter[UUID], company_id: UUID) -> None:
        self._egress, self._threads, self._busy, self._company_id = egress, threads, busy, company_id

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """What a GET is answered with, whatever its status. Raises PaymentFailed."""
        return await self._ask(lambda: self._egress.get(url, headers, most=LONGEST))

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """What a POST is answered with, whatever its status. Raises PaymentFailed."""
        return await self._ask(lambda: self._egress.post(url, content, headers, most=LONGEST))

    async def _ask(self, ask: Callable[[], Answer]) -> Answer:
        if self._busy[self._company_id] >= AT_ONCE:
            raise PaymentFailed(msgid("too many requests wait for it already"))
        self._busy[self._company_id] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (Refused, Unreachable) as error:
            raise PaymentFailed(str(error)) from None
        finally:
            self._busy[self._company_id] -= 1
            if not self._busy[self._company_id]:
                del self._busy[self._company_id]


class PaymentProvider(ABC):
    """What a plugin offers. One object serves all companies; `settings` of a call are those of the site that asks.

    What is asked twice must be the same once: `order` with a number that it has answers with that order's code.
    """

    id: ClassVar[str]  # `<plugin id>.noun`
    title: ClassVar[str]  # a message id of the plugin's
    settings: ClassVar[type[msgspec.Struct]]
    thanks: ClassVar[tuple[str, bytes]] = ("text/plain", b"success")  # media type and body for a callback that is in

    @abstractmethod
    async def order(self, door: PaymentDoor, settings: Any, order: PaymentOrder) -> str:
        """Have a code made; the text that the QR code shows. Raises PaymentFailed."""

    @abstractmethod
    async def query(self, door: PaymentDoor, settings: Any, number: str) -> PaymentState:
        """How the order stands. Raises PaymentFailed."""

    @abstractmethod
    async def close(self, door: PaymentDoor, settings: Any, number: str) -> None:
        """Have nobody pay it any more. Raises PaymentFailed, also where it has been paid."""

    @abstractmethod
    def read(self, settings: Any, headers: Mapping[str, str], body: bytes) -> PaymentNotice:
        """What a callback says, once its signature was found to hold; names of headers are in small letters. Raises
        PaymentUntrue."""


class PaymentProviders:
    """What the running plugins offer. `is_on(ctx, plugin_id, site_id)` says whether a plugin is on there."""

    def __init__(
        self,
        offered: Iterable[tuple[str, PaymentProvider]],
        is_on: Callable[[TenantContext, str, UUID | None], bool],
        egress: Egress,
    ) -> None:
        self._offered = {provider.id: (plugin, provider) for plugin, provider in offered}
        self._is_on, self._egress = is_on, egress
        self._threads = ThreadPoolExecutor(THREADS, "payments")
        self._busy: Counter[UUID] = Counter()

    def offered(self, ctx: TenantContext, site_id: UUID) -> list[tuple[str, PaymentProvider]]:
        """Plugins and providers of those that are on at the site."""
        return [found for found in self._offered.values() if self._is_on(ctx, found[0], site_id)]

    def find(self, id: str, ctx: TenantContext, site_id: UUID) -> PaymentProvider | None:
        """The provider; None where no plugin offers it, or the one that does is off at the site."""
        plugin, provider = self._offered.get(id, ("", None))
        return provider if provider is not None and self._is_on(ctx, plugin, site_id) else None

    def door(self, company_id: UUID) -> PaymentDoor:
        """The way to providers for a company."""
        return PaymentDoor(self._egress, self._threads, self._busy, company_id)


class SettingField(msgspec.Struct, frozen=True):
    """A text that a provider has to be told; `title` and `help` are message ids."""

    name: str
    title: str
    help: str
    required: bool
    secret: bool


def setting_fields(settings: type[msgspec.Struct]) -> tuple[SettingField, ...]:
    """What there is to set. Raises TypeError for a field that is no text."""
    told = msgspec.inspect.type_info(settings)
    assert isinstance(told, msgspec.inspect.StructType)  # it is one
    found = []
    for field in told.fields:
        kind, extra, words = field.type, dict[str, Any](), dict[str, Any]()
        if isinstance(kind, msgspec.inspect.Metadata):
            extra, words, kind = kind.extra or {}, kind.extra_json_schema or {}, kind.type
        if not isinstance(kind, msgspec.inspect.StrType):
            raise TypeError(f"{settings.__name__}.{field.name} is no text")
        title, help = str(words.get("title", field.name)), str(words.get("description", ""))
        found.append(SettingField(field.name, title, help, field.required, bool(extra.get("secret"))))
    return tuple(found)
