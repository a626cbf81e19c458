"""Takes events from the outbox to core's hearers and the plugins: at least once, in order per aggregate.

Each handler's effect is there once. Companies take turns, so that none waits for another's flood (JB-5).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog

from core.db.uow import unavailable
from core.hooks.types import Event

if TYPE_CHECKING:
    from core.platform import Platform

log = structlog.get_logger(__name__)
AT_ONCE = 20  # events of one pass
PER_COMPANY, NEXT = 5, 200  # taken of a company in its turn, and looked at for that
ATTEMPTS = 12  # then the event is parked; with doubling delays that is after about two hours
_LONGEST = timedelta(hours=1)


class _Pending(msgspec.Struct):
    company_id: UUID
    id: UUID
    site_id: UUID | None
    aggregate_id: UUID
    type: str
    payload: str
    attempts: int


# A few events of each company in turn, beginning after the one that was served last: the index is walked by company,
# not through a backlog. Only the oldest event of an aggregate may go; it is looked for among the company's next, so
# that many behind one cost no more than few. A parked one no longer blocks those after it.
_CLAIM = """
WITH RECURSIVE waiting (company_id) AS (
    (SELECT company_id FROM outbox WHERE dead_at IS NULL ORDER BY company_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.company_id FROM outbox o WHERE o.dead_at IS NULL AND o.company_id > w.company_id
            ORDER BY o.company_id LIMIT 1)
    FROM waiting w WHERE w.company_id IS NOT NULL
), turns AS MATERIALIZED (
    SELECT company_id FROM waiting WHERE company_id IS NOT NULL ORDER BY company_id <= $2, company_id
)
SELECT due.* FROM turns t CROSS JOIN LATERAL (
    SELECT company_id, id, site_id, aggregate_id, type, payload, attempts FROM outbox o
    WHERE company_id = t.company_id AND dead_at IS NULL AND available_at <= $1
    AND id = ANY (ARRAY(SELECT n.id FROM outbox n WHERE n.company_id = t.company_id AND n.dead_at IS NULL
                        AND n.available_at <= $1 ORDER BY n.available_at, n.id LIMIT $5))
    AND id = (SELECT e.id FROM outbox e WHERE e.company_id = o.company_id AND e.aggregate_id = o.aggregate_id
              AND e.dead_at IS NULL ORDER BY e.id LIMIT 1)
    ORDER BY available_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
) due LIMIT $4
"""
_DONE = "DELETE FROM outbox WHERE company_id = $1 AND id = $2"
# Those behind a failed one wait with it, so that they do not stand before other aggregates' meanwhile.
_FAILED = """
WITH behind AS (
    UPDATE outbox SET available_at = $3
    WHERE company_id = $1 AND aggregate_id = $6 AND id > $2 AND dead_at IS NULL AND available_at < $3
    AND $5::timestamptz IS NULL
)
UPDATE outbox SET attempts = attempts + 1, available_at = $3, last_error = $4, dead_at = $5
WHERE company_id = $1 AND id = $2
"""
_RECEIPT = """
INSERT INTO event_receipt (company_id, event_id, handler, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""


class Delivery:
    """Several workers share the outbox without meeting: a claimed event is locked until it is dealt with."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._served = UUID(int=0)

    async def run_once(self) -> int:
        """Deliver what is due; how many events were taken up.

        A crash after a handler's commit and before ours delivers again; the receipts keep its effect single.
        """
        now = self._platform.clock()
        async with self._platform.dispatch.begin(None) as claims:
            pending = await claims.fetch(_Pending, _CLAIM, now, self._served, PER_COMPANY, AT_ONCE, NEXT)
            if pending:
                self._served = pending[-1].company_id
            for event in pending:
                error = await self._deliver(event, now)
                if error is None:
                    await claims.execute(_DONE, event.company_id, event.id)
                    continue
                delay = min(timedelta(seconds=2**event.attempts), _LONGEST)
                dead_at = now if event.attempts + 1 >= ATTEMPTS else None
                log.error(
                    "event not delivered", type=event.type, id=str(event.id), parked=bool(dead_at), exc_info=error
                )
                reason = repr(error)[:500]
                await claims.execute(
                    _FAILED, event.company_id, event.id, now + delay, reason, dead_at, event.aggregate_id
                )
        return len(pending)

    async def _deliver(self, pending: _Pending, now: datetime) -> Exception | None:
        """Call core's hearers and the plugins that listen, each in a transaction with a receipt; the first error."""
        platform = self._platform
        ctx = await platform.system_context(pending.company_id, pending.site_id)
        if ctx is None:
            return None  # the company is gone
        payload = msgspec.json.decode(pending.payload, type=dict[str, str | int | float | bool | None])
        event = Event(pending.type, pending.site_id, pending.aggregate_id, payload)
        first: Exception | None = None
        takers = [(name, partial(hear, event=event, event_id=pending.id)) for name, hear in platform.hearers.items()]
        for plugin_id in platform.hooks.takers("event_deliver", ctx, pending.site_id):
            call = partial(platform.hooks.each, "event_deliver", ctx, pending.site_id, only=plugin_id, event=event)
            takers.append((plugin_id, call))
        for name, take in takers:
            try:
                async with platform.work(ctx) as work:
                    if await work.uow.execute(_RECEIPT, ctx.company_id, pending.id, name, now):
                        await take(work=work)
            except Exception as error:
                if unavailable(error) is not None:
                    raise  # nobody's failure: it costs no attempt, and all is taken up again
                first = first or error
        return first
