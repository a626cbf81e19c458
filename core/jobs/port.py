"""How work asks for a job: queued in its own transaction, run by any worker (core.jobs.queue)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import msgspec
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries

from core.work import Work


class Payload(msgspec.Struct, frozen=True):
    """Ids only: what they name is read, under its tenant, when the job runs."""

    company_id: UUID
    ids: dict[str, str] = {}


async def enqueue(work: Work, name: str, ids: Mapping[str, str], delay: timedelta | None = None) -> None:
    """Queue a job: it exists if and only if the work commits. `delay` counts from the commit's transaction."""
    payload = msgspec.json.encode(Payload(work.ctx.company_id, dict(ids)))
    connection = await work.uow.open()
    await Queries(AsyncpgDriver(connection)).enqueue(name, payload, execute_after=delay)
