"""The dashboard's figures are those of the pages that they lead to: the ledger's, arrears' and closing's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.sdk import Platform, Site, Work
from plugins.billing import permissions
from plugins.billing.access import enter
from plugins.billing.arrears import service as arrears
from plugins.billing.dashboard import repository
from plugins.billing.dashboard.model import Dashboard, DayReceived, ItemRate, MeansToday, Wait, Waiting

DAYS: Final = 7  # that are shown one by one
# Who may do something about it.
_FOR: Final[dict[Wait, str]] = {
    "runs_approve": permissions.RUN_APPROVE.id,
    "runs_issue": permissions.RUN_ISSUE.id,
    "standing_out": permissions.RUN_VIEW.id,
    "corrections": permissions.CORRECTION_APPROVE.id,
    "approvals": "approval.view",
    "days": permissions.CASH_CLOSE.id,
    "bank": permissions.BANK_RECONCILE.id,
}


async def dashboard(platform: Platform, work: Work, site: Site) -> Dashboard:
    """How the site's money stands today, and what waits for the reader. Raises NotFound."""
    enter(work, site)
    today, held = site.today(work.now), work.ctx.permissions
    month, shown = today.replace(day=1), today - timedelta(days=DAYS - 1)
    sums = await repository.moved(work.uow, site.id, min(month, shown), today)
    waits = await repository.waiting(work.uow, site.id, work.ctx.actor.id, work.now, held, today)
    ageing = await arrears.ageing(platform, work, site)
    rates = await arrears.rates(platform, work, site, today.year)
    received = {each.day: each.fen for each in sums if each.sort == "received"}
    return Dashboard(
        today,
        sum(each.fen for each in sums if each.sort == "charged" and each.day >= month),
        sum(fen for day, fen in received.items() if day >= month),
        ageing.total,
        ageing.last_days,
        [DayReceived(day, received.get(day, 0)) for day in (shown + timedelta(days=n) for n in range(DAYS))],
        [MeansToday(each.means, each.fen, each.out_fen) for each in sums if each.sort == "taken"],
        [
            ItemRate(r.item, r.target_percent, r.charged_fen, r.collected_fen, r.permille, r.reached)
            for r in rates.items
        ],
        [Waiting(kind, getattr(waits, kind)) for kind, permission in _FOR.items() if permission in held],
    )
