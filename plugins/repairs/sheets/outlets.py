"""What a ticket's page shows of its contact sheets, and where the next one is issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.sdk import Fragment, Platform, Site, Ticket, Work
from plugins.repairs.kinds import ORDER
from plugins.repairs.permissions import SHEET, SHEET_VIEW
from plugins.repairs.sheets import repository, screens


def of_ticket(work: Work, platform: Platform, ticket: Ticket) -> Sequence[Fragment]:
    """The place of the sheets, which the page asks for by itself: for repairs, and for whatever has a sheet."""
    if SHEET_VIEW.id not in work.ctx.permissions:
        return []
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(ticket.site_id)) if company else None
    if site is None:
        return []
    path = f"/s/{site.slug}/repairs/sheets/of/{ticket.id}"
    return [Fragment(template="repairs/order_sheets.html", context={"ticket": ticket, "path": path}, order=60)]


async def shown(work: Work, site: Site, ticket: Ticket) -> dict[str, Any]:
    """The context of `ticket_sheets.html`: what there is about a ticket, and where a repair gets the next one."""
    found = await repository.of_ticket(work.uow, site.id, ticket.id)
    issues = SHEET.id in work.ctx.permissions and ticket.type in (ORDER, "repair") and ticket.status != "closed"
    return {
        "rows": tuple(screens.row(site, sheet, work.now) for sheet in found),
        "issue": f"/s/{site.slug}/repairs/sheets/new?ticket_id={ticket.id}" if issues else "",
    }
