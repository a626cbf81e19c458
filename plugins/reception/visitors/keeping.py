"""How long the register knows people: after that their names, phones, documents and cars are forgotten for good, those
of the household that was visited too, while instants and counts stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from core.sdk import Platform, TenantContext, Work
from plugins.reception.visitors.policy import VISITORS

BATCH: Final = 2000  # visits of a site in one run
# What is erased is told by the visits' marks, so that a run that ends early goes on where it stopped.
_VISITS = """
WITH old AS (
    SELECT id FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND at < $3 AND erased_at IS NULL
    ORDER BY at LIMIT $5 FOR UPDATE
), told AS (
    UPDATE reception_visit_step SET text = ''
    WHERE company_id = $1 AND visit_id IN (SELECT id FROM old) AND text <> ''
), asked AS (
    UPDATE reception_visit_ask SET asked_name = '' WHERE company_id = $1 AND visit_id IN (SELECT id FROM old)
)
UPDATE reception_visit v SET name = '', phone = '', id_number = '', plate = '', unit_id = NULL, place = '',
    host_name = '', answered_by = '', escort = '', warning = '', erased_at = $4
FROM old WHERE v.company_id = $1 AND v.id = old.id
"""
_BARRED = """
UPDATE reception_barred SET name = '', phone = '', id_number = '', reason = '', lifted_reason = '', erased_at = $4
WHERE company_id = $1 AND site_id = $2 AND erased_at IS NULL
    AND (lifted_at < $3 OR until < ($3 AT TIME ZONE 'UTC')::date)
"""
_TURNS = """
UPDATE reception_turn SET name = '' WHERE company_id = $1 AND site_id = $2 AND taken_at < $3 AND name <> ''
"""


async def forget(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """Erase what each site keeps no longer, on record as a number."""
    for site_id in sorted(ctx.site_ids):
        rules = await platform.policies.value(work, VISITORS, site_id)
        before = work.now - timedelta(days=rules.keep_days)
        which = ctx.company_id, site_id, before
        visits = await work.uow.execute(_VISITS, *which, work.now, BATCH)
        barred = await work.uow.execute(_BARRED, *which, work.now)
        turns = await work.uow.execute(_TURNS, *which)
        if visits or barred or turns:
            counts = {"visits": visits, "barred": barred, "turns": turns, "before": str(before.date())}
            work.audit("reception.visitors.forgotten", "site", site_id, counts, site_id=site_id)
