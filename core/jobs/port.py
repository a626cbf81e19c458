"""How work asks for a job: queued in its own transaction, run by any worker (core.jobs.queue)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries

from core.work import Work


class Payload(msgspec.Struct, frozen=True):
    """Ids only: what they name is read, under its tenant, when the job runs."""

    company_id: UUID
    ids: dict[str, str] = {}


class Turns:
    """Has companies take turns (JB-5): a job comes after as many of the others' as its company asked for before it in
    the same minute. What counts is what this process was asked for, which is enough and costs no statement."""

    def __init__(self) -> None:
        self._minute = datetime.min.replace(tzinfo=UTC)
        self._asked: Counter[UUID] = Counter()

    def priority(self, company_id: UUID, now: datetime) -> int:
        """Of the company's next job: 0 for its first of the minute, then less each time."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._asked.clear()
        self._asked[company_id] += 1
        return 1 - self._asked[company_id]


_turns = Turns()


async def enqueue(work: Work, name: str, ids: Mapping[str, str], delay: timedelta | None = None) -> None:
    """Queue a job: it exists if and only if the work commits. `delay` counts from the commit's transaction."""
    payload = msgspec.json.encode(Payload(work.ctx.company_id, dict(ids)))
    priority = _turns.priority(work.ctx.company_id, work.now)
    connection = await work.uow.open()
    await Queries(AsyncpgDriver(connection)).enqueue(name, payload, priority, execute_after=delay)
