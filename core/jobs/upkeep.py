"""Core's own scheduled jobs: throwing away what has served, and proving the counters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from core.hooks.types import JobSpec
from core.tenancy.context import TenantContext
from core.work import Work

log = structlog.get_logger(__name__)

_COUNT_AGAIN = """
WITH counted AS (
    SELECT site_id, status, count(*)::int AS tickets FROM ticket WHERE company_id = $1 GROUP BY site_id, status
), wrong AS (
    SELECT coalesce(c.site_id, k.site_id) AS site_id, coalesce(c.status, k.status) AS status,
           coalesce(c.tickets, 0) AS tickets
    FROM counted c FULL JOIN (SELECT * FROM ticket_counter WHERE company_id = $1) k
        ON k.site_id = c.site_id AND k.status = c.status
    WHERE coalesce(c.tickets, 0) <> coalesce(k.tickets, 0)
)
INSERT INTO ticket_counter AS t (company_id, site_id, status, tickets) SELECT $1, site_id, status, tickets FROM wrong
ON CONFLICT (company_id, site_id, status) DO UPDATE SET tickets = excluded.tickets
"""


async def purge(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """Idempotency keys live two days, event receipts and links for passwords thirty, invitations ninety; forgiven
    guesses one. Secrets that have been succeeded are forgotten. The rest is `core.privacy`'s."""
    for sql, days in (
        ("DELETE FROM idempotency_key WHERE company_id = $1 AND created_at < $2", 2),
        ("DELETE FROM event_receipt WHERE company_id = $1 AND at < $2", 30),
        ("DELETE FROM password_reset WHERE company_id = $1 AND expires_at < $2", 30),
        ("DELETE FROM invitation WHERE company_id = $1 AND expires_at < $2", 90),
    ):
        await work.uow.execute(sql, ctx.company_id, work.now - timedelta(days=days))
    await work.uow.execute(
        "UPDATE webhook SET former_sealed = NULL, former_until = NULL WHERE company_id = $1 AND former_until <= $2",
        ctx.company_id,
        work.now,
    )
    # no tenant's table: the first company's job clears it for all
    await work.uow.execute("DELETE FROM sign_in_failure WHERE window_start < $1", work.now - timedelta(days=1))


async def verify_counters(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """Count the tickets and put right a counter that differs: it should never have to."""
    # counters change with every ticket; nobody may create or move one between counting and writing
    await work.uow.execute(
        "SELECT 1 FROM ticket_counter WHERE company_id = $1 ORDER BY site_id, status FOR UPDATE", ctx.company_id
    )
    wrong = await work.uow.execute(_COUNT_AGAIN, ctx.company_id)
    if wrong:
        log.error("ticket counters were wrong", company=str(ctx.company_id), counters=wrong)
        work.announce("ticket", None)
        work.audit("counters.repaired", "ticket_counter", ctx.company_id, {"counters": wrong})


CORE_JOBS = (
    JobSpec("core.purge", purge, every=3600),
    JobSpec("core.verify_counters", verify_counters, every=86400, made_up=True),
)
