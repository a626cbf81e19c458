"""What a ticket's page shows of its contact sheets, and where the next one is issued."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import Fragment, Platform, Ticket, Work
from plugins.repairs.kinds import ORDER
from plugins.repairs.permissions import SHEET, SHEET_VIEW
from plugins.repairs.sheets import repository, screens


async def of_ticket(work: Work, platform: Platform, ticket: Ticket) -> Sequence[Fragment]:
    """One fragment for repairs, and for whatever has a sheet."""
    if SHEET_VIEW.id not in work.ctx.permissions:
        return []
    company = platform.directory.known(work.ctx.company_id)
    site = company.site(str(ticket.site_id)) if company else None
    if site is None:
        return []
    found = await repository.of_ticket(work.uow, site.id, ticket.id)
    issues = SHEET.id in work.ctx.permissions and ticket.type in (ORDER, "repair") and ticket.status != "closed"
    if not found and not issues:
        return []
    context = {
        "rows": tuple(screens.row(site, sheet, work.now) for sheet in found),
        "issue": f"/s/{site.slug}/repairs/sheets/new?ticket_id={ticket.id}" if issues else "",
    }
    return [Fragment(template="repairs/ticket_sheets.html", context=context, order=60, permission=SHEET_VIEW.id)]
