"""Requests to identity providers: through the guarded door, in threads of their own, few at once for each company."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from core.i18n import msgid
from core.notify.egress import Answer, Egress, Refused, Unreachable

T = TypeVar("T")
LONGEST: Final = 200_000  # bytes of an answer; key sets with certificates take tens of thousands
AT_ONCE: Final = 4  # requests for one company: a provider that is slow keeps nobody else waiting
THREADS: Final = 16


class Failed(Exception):
    """No answer that is any use. The text says why (a message id, or a status) and holds no secret."""


class Asking:
    """One for the process."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._threads = ThreadPoolExecutor(THREADS, "identity")
        self._busy: Counter[UUID] = Counter()

    def check(self, url: str) -> None:
        """Raises Failed for an address that is none to send anybody to."""
        try:
            self._egress.check(url)
        except Refused as refused:
            raise Failed(str(refused)) from None

    async def get(self, company_id: UUID, url: str, shape: type[T], token: str = "") -> T:
        """The JSON found there, with a bearer `token` if any. Raises Failed."""
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        return await self._ask(company_id, lambda: self._egress.get(url, headers, most=LONGEST), shape)

    async def post(
        self, company_id: UUID, url: str, form: Mapping[str, str], shape: type[T], headers: Mapping[str, str]
    ) -> T:
        """The JSON that a form is answered with. Raises Failed."""
        sent = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **headers}
        content = urlencode(form).encode()
        return await self._ask(company_id, lambda: self._egress.post(url, content, sent, most=LONGEST), shape)

    async def _ask(self, company_id: UUID, ask: Callable[[], Answer], shape: type[T]) -> T:
        if self._busy[company_id] >= AT_ONCE:
            raise Failed(msgid("too many requests wait for it already"))
        self._busy[company_id] += 1
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (Refused, Unreachable) as error:
            raise Failed(str(error)) from None
        finally:
            self._busy[company_id] -= 1
            if not self._busy[company_id]:
                del self._busy[company_id]
        if answer.status != 200:
            raise Failed(f"HTTP {answer.status}")
        try:
            return msgspec.json.decode(answer.body, type=shape)
        except msgspec.DecodeError:  # also for what lacks a field
            raise Failed(msgid("its answer is not what was expected")) from None
