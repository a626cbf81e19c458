"""The dashboard in the console, at /s/{site_id}/billing/dashboard."""

from __future__ import annotations

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Platform, Site, View, Work, msgid, sees_amounts
from plugins.billing import permissions
from plugins.billing.arrears.screens import age_words, money, percent
from plugins.billing.dashboard import service
from plugins.billing.dashboard.model import Dashboard, Wait
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import REPORT_VIEW

# What each is called, and the page below the site's where it is done.
WAITS: Final[dict[Wait, tuple[str, str]]] = {
    "runs_approve": (msgid("Runs to be approved"), "billing/runs"),
    "runs_issue": (msgid("Runs to be issued"), "billing/runs"),
    "standing_out": (msgid("Units that stand out in runs"), "billing/runs"),
    "corrections": (msgid("Corrections to be approved"), "billing/corrections"),
    "approvals": (msgid("Second looks"), "approvals"),
    "days": (msgid("Days of cash not closed"), "billing/cash/closings"),
    "bank": (msgid("Open lines of the bank"), "billing/cash/bank"),
}
# Pages that figures lead to, for whoever may open them.
_LINKS: Final = {
    "reports": permissions.REPORT_VIEW.id,
    "ledger": permissions.LEDGER_VIEW.id,
    "arrears": permissions.ARREARS_VIEW.id,
    "cash": permissions.CASH_VIEW.id,
}


@get("/dashboard", permission=REPORT_VIEW.id)
async def dashboard_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """How the site's money stands; each figure leads to its page."""
    found = await service.dashboard(platform, work, site)
    held = work.ctx.permissions
    return await view.html(
        "billing/dashboard.html",
        board=found,
        ages=age_words(view, found.last_days),
        waits=WAITS,
        opens={name for name, permission in _LINKS.items() if permission in held},
        cash=_cash(found),
        means_words=MEANS_WORDS,
        percent=percent,
        money=money(work),
        sees=sees_amounts(held),
    )


def _cash(found: Dashboard) -> int:
    return sum(each.in_fen - each.out_fen for each in found.means)


HANDLERS: list[HTTPRouteHandler] = [dashboard_page]
