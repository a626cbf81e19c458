"""Sends what is queued: takes messages up by their ids, sends outside of any transaction, records what came of it.

A message that was taken up is left alone for `LEASE`; if its worker dies, it comes back after that and goes out under
the same id, by which its receiver can tell that it has it already. No company waits for another's slow receiver.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from core.notify import messages
from core.notify.channels import email, provider, webhook
from core.notify.egress import Egress
from core.notify.messages import Composer, Message
from core.notify.outgoing import Failed, Result
from core.settings import Smtp

if TYPE_CHECKING:
    from core.platform import Platform

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=50)  # a killed worker's messages go out within a minute
PATIENCE = 40.0  # seconds that sending may take: what came of it is recorded while the message is still ours
AT_ONCE = 24  # messages under way in one process
PER_COMPANY = 4

# For each company in turn, beginning after the one that was served last, a few of its messages that are due: the index
# is walked by company, not through the backlog.
_CLAIM = """
WITH RECURSIVE waiting (company_id) AS (
    (SELECT company_id FROM notify_due ORDER BY company_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.company_id FROM notify_due d WHERE d.company_id > w.company_id ORDER BY d.company_id LIMIT 1)
    FROM waiting w WHERE w.company_id IS NOT NULL
), turns AS MATERIALIZED (
    SELECT company_id FROM waiting WHERE company_id <> ALL ($4::uuid[]) ORDER BY company_id <= $6, company_id
), due AS (
    SELECT d.company_id, d.delivery_id FROM turns t CROSS JOIN LATERAL (
        SELECT company_id, delivery_id FROM notify_due
        WHERE company_id = t.company_id AND due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
    ) d LIMIT $5
)
UPDATE notify_due n SET due_at = $2 FROM due
WHERE n.company_id = due.company_id AND n.delivery_id = due.delivery_id RETURNING n.company_id, n.delivery_id
"""


Start = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]


class Sender:
    """One for the process; `start` makes its tasks. `run_once` takes up what is due and returns while it is being
    sent; `finish` waits."""

    def __init__(self, platform: Platform, composer: Composer, egress: Egress, smtp: Smtp | None, start: Start) -> None:
        self._platform = platform
        self._composer = composer
        self._egress = egress
        self._smtp = smtp
        self._start = start
        self._running: dict[asyncio.Task[None], UUID] = {}
        self._served = UUID(int=0)

    async def run_once(self) -> int:
        """How many messages were taken up."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return 0
        now = self._platform.clock()
        per_company = Counter(self._running.values())
        busy = [company_id for company_id, running in per_company.items() if running >= PER_COMPANY]
        async with self._platform.dispatch.begin(None) as uow:
            taken: list[tuple[UUID, UUID]] = await uow.fetch(
                lambda *ids: ids, _CLAIM, now, now + LEASE, PER_COMPANY, busy, free, self._served
            )
        if taken:
            served = self._served
            _, self._served = max((company_id <= served, company_id) for company_id, _ in taken)  # last of the turns
        for company_id, delivery_id in taken:
            task = self._start(self._send(company_id, delivery_id))
            self._running[task] = company_id
            task.add_done_callback(self._running.pop)
        return len(taken)

    async def finish(self) -> None:
        """Wait for what is being sent."""
        while self._running:
            await asyncio.wait(self._running)

    async def _send(self, company_id: UUID, delivery_id: UUID) -> None:
        try:
            ctx = await self._platform.system_context(company_id, None)
            if ctx is None:
                return
            async with self._platform.work(ctx) as work:
                message = await self._composer.take_up(work, delivery_id)
            if message is None:
                return
            outcome = await self._try(message)
            async with self._platform.work(ctx) as work:
                if isinstance(outcome, Failed):
                    await messages.fail(work, delivery_id, outcome)
                else:
                    await messages.end(work, delivery_id, "sent", outcome.status, None)
        except Exception as error:
            # nothing is lost: it is due again when its lease is over
            log.error("message not dealt with", delivery=str(delivery_id), exc_info=error)

    async def _try(self, message: Message) -> Result | Failed:
        try:
            async with asyncio.timeout(PATIENCE):
                return await _in_thread(self._how(message))
        except Failed as failed:
            return failed
        except TimeoutError:
            return Failed("no answer in time")

    def _how(self, message: Message) -> Callable[[], Result]:
        match message:
            case email.Mail():
                return partial(email.send, self._smtp, message)
            case webhook.Post():
                return partial(webhook.send, self._egress, message)
            case provider.Chat():
                return partial(provider.send, self._egress, message)


async def _in_thread(call: Callable[[], Result]) -> Result:
    """The answer of a call that blocks, in a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if error is not None:
            answer.set_exception(error)
        elif result is not None:
            answer.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="lodge-send", daemon=True).start()
    return await answer
