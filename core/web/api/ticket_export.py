"""Tickets as a workbook, in the JSON API."""

from __future__ import annotations

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from core.exchange.sheet import MEDIA_TYPE
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.export import NewExport as NewExport
from core.web.console import workbook
from core.web.view import View
from core.work import Work


@post("/tickets/export", permission="ticket.export", status_code=200, personal=True, media_type=MEDIA_TYPE)
async def export_tickets(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    data: JSONBody[NewExport],
) -> Stream:
    """The tickets of a list as .xlsx, 50,000 at most. Telephone numbers are masked; full ones take `full_phones`, a
    reason and `estate.contact.reveal`. Every export is on record."""
    return await workbook.answer(platform, work, site, view, data)


HANDLERS = [export_tickets]
