"""Exporting the list of tickets: the dialog that asks for columns and telephone numbers, and the workbook."""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream

from core.errors import Malformed
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.export import EXPORT_COLUMNS, MOST, REVEAL, NewExport
from core.web import views
from core.web.console import listing, workbook
from core.web.console.workbook import LABELS
from core.web.view import View
from core.web.views import Choice
from core.work import Work


@get("/tickets/export", permission="ticket.export")
async def export_form(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The dialog, with the list's own columns and the number ticked."""
    wanted, columns = listing.wanted(view.query), listing.columns(view.query)
    shown = views.ExportDialog(
        action=f"/s/{site.slug}/tickets/export",
        address=listing.address(wanted, columns),
        columns=tuple((Choice(key, LABELS[key]), key in columns or key == "number") for key in EXPORT_COLUMNS),
        reveals=REVEAL in work.ctx.permissions,
        most=MOST,
    )
    return await view.html("tickets/_export.html", dialog=shown)


@post("/tickets/export", permission="ticket.export", status_code=200)
async def export_file(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Stream:
    """The workbook of what the list shows."""
    form = await view.form_lists()
    one = {name: values[0] for name, values in form.items()}
    try:
        new = msgspec.convert(
            {
                "wanted": listing.wanted(dict(parse_qsl(one.get("list", "")))),
                "columns": form.get("col", list(EXPORT_COLUMNS)),
                "full_phones": bool(one.get("full_phones")),
                "reason": one.get("reason", ""),
            },
            NewExport,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error
    return await workbook.answer(platform, work, site, view, new)


HANDLERS = [export_form, export_file]
