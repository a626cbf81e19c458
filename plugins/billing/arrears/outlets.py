"""What arrears add to core's pages: on a household's card, what it owes (REC-5)."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import AMOUNT, Fragment, HouseholdCard, TenantContext, Work, sees_amounts
from plugins.billing.arrears import repository
from plugins.billing.permissions import ARREARS_VIEW
from plugins.billing.telling import yuan


async def of_household(work: Work, ctx: TenantContext, card: HouseholdCard) -> Sequence[Fragment]:
    """What the household owes and since when, for whoever sees amounts; nothing where it owes nothing."""
    if not sees_amounts(work.ctx.permissions):
        return []
    found = await repository.of_unit(work.uow, sorted(ctx.site_ids), card.unit_id, work.now)
    if found is None:
        return []
    today, (owed, overdue, oldest) = found[0], found[1:]
    context = {
        "unit_id": card.unit_id,
        "owed": yuan(owed),
        "overdue": yuan(overdue),
        "since": oldest,
        "days": max(0, (today - oldest).days),
        "link": ARREARS_VIEW.id in work.ctx.permissions,
    }
    return [Fragment(template="billing/arrears_card.html", context=context, order=40, permission=AMOUNT)]
