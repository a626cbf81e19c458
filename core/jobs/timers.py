"""Wakes for tickets whose next instant has passed, breaches first. What was due while nobody ran is due still."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from core.db.uow import unavailable

if TYPE_CHECKING:
    from core.platform import Platform

log = structlog.get_logger(__name__)
_RETRY = timedelta(seconds=30)  # a ticket whose timer failed is left alone for so long
BATCH = 200  # tickets dealt with in one pass
_DUE = """
SELECT company_id, ticket_id, kind FROM ticket_timer WHERE due_at < $1 AND ticket_id <> ALL ($2::uuid[])
ORDER BY due_at, kind LIMIT $3
"""


class Timers:
    """One pass over what is due; several workers may run it, the ticket's lock makes each breach noticed once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._failed: dict[UUID, datetime] = {}

    async def run_once(self) -> int:
        """How many timeline entries that made: breaches noticed, steps taken."""
        now = self._platform.clock()
        self._failed = {ticket_id: until for ticket_id, until in self._failed.items() if until > now}
        async with self._platform.dispatch.begin(None) as uow:
            due: list[tuple[UUID, UUID, str]] = await uow.fetch(
                lambda *timer: timer, _DUE, now, list(self._failed), BATCH
            )
        written = 0
        for company_id, ticket_id, kind in due:
            try:
                written += await self._wake(company_id, ticket_id, kind)
            except Exception as error:
                if unavailable(error) is not None:
                    raise  # nobody's failure: all is taken up again
                self._failed[ticket_id] = now + _RETRY
                log.error("timer failed", ticket=str(ticket_id), kind=kind, exc_info=error)
        return written

    async def _wake(self, company_id: UUID, ticket_id: UUID, kind: str) -> int:
        ctx = await self._platform.system_context(company_id, None)
        if ctx is None:
            return 0
        async with self._platform.work(ctx) as work:
            return await self._platform.tickets.wake(work, ticket_id, kind)
