"""Contact sheets in the console, below /s/{site_id}/repairs/sheets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Invalid,
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    document,
    msgid,
    report,
    signature_of,
    views,
)
from plugins.repairs.permissions import CONTRACTOR, SHEET, SHEET_VIEW
from plugins.repairs.sheets import contractors, outlets, screens, service
from plugins.repairs.sheets.forms import read_form
from plugins.repairs.sheets.model import NewSheet, NewStep, Wanted
from plugins.repairs.sheets.printing import paper

_MOST = 5000  # rows of a workbook
_HEADINGS = (
    msgid("Number"),
    msgid("Ticket"),
    msgid("Builder"),
    msgid("Where"),
    msgid("Defect"),
    msgid("State"),
    msgid("Issued"),
    msgid("Promised for"),
    msgid("Ask again on"),
    msgid("Round"),
    msgid("Accepted by"),
    msgid("Closed at"),
)


@get("/sheets", permission=SHEET_VIEW.id)
async def sheet_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Contact sheets, at first those to ask about today (REP-4)."""
    query = {name: text for name in ("which", "contractor_id", "q") if (text := view.query.get(name, "").strip())}
    found = await service.page(work, site, _wanted({**query, "before": view.query.get("before", "")}))
    builders = await contractors.listed(work, site)
    address = f"/s/{site.slug}/repairs/sheets?"
    following = address + urlencode({**query, "before": found.before.isoformat()}) if found.before else None
    everybody = (views.Choice("", msgid("All builders")), *(views.Choice(str(b.id), b.name) for b in builders))
    which = tuple(views.Choice(code, label) for code, label in screens.WHICH.items())
    return await view.html(
        "repairs/sheets.html",
        filters=views.Filters(
            text=query.get("q", ""),
            selects=(
                views.Field("which", msgid("State"), "select", query.get("which", "due"), choices=which),
                views.Field(
                    "contractor_id",
                    msgid("Builder"),
                    "select",
                    query.get("contractor_id", ""),
                    choices=everybody,
                ),
            ),
        ),
        rows=tuple(screens.row(site, sheet, work.now) for sheet in found.items),
        pager_view=views.Pager(
            len(found.items), "", following, address + urlencode(query) if view.query.get("before") else None
        ),
        export=f"/s/{site.slug}/repairs/sheets/export?{urlencode(query)}",
        manages=CONTRACTOR.id in work.ctx.permissions,
    )


@get("/sheets/count", permission=SHEET_VIEW.id)
async def sheet_count(work: NamedDependency[Work], site: NamedDependency[Site]) -> Response[str]:
    """The number beside the entry in the navigation: sheets to ask about today; nothing for none."""
    return Response(str(await service.due(work, site) or ""), media_type="text/html")


@get("/sheets/new", permission=SHEET.id)
async def new_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromQuery[UUID],
) -> Response[str]:
    """The form for a sheet about a ticket."""
    return await _form(platform, work, site, view, ticket_id, {})


@post("/sheets", permission=SHEET.id, status_code=200)
async def issue_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Issue it. A refusal comes back with the form as it was filled in."""
    values = await view.form()
    names = ("ticket_id", "contractor_id", "place", "matter", "promised_on")
    try:
        new = read_form({name: values.get(name, "").strip() for name in names}, NewSheet)
        sheet = await service.issue(platform, work, site, new)
    except Invalid as refused:
        try:
            ticket_id = UUID(values.get("ticket_id", ""))
        except ValueError:
            raise Malformed from refused
        return await _form(platform, work, site, view, ticket_id, values, refused)
    return view.redirect(f"/s/{site.slug}/repairs/sheets/{sheet.id}")


# not a GET: that somebody took the list with them is put on record
@post("/sheets/export", permission=SHEET_VIEW.id, status_code=200)
async def sheet_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The narrowed list as a workbook."""
    query = {name: view.query.get(name, "") for name in ("which", "contractor_id", "q")}
    say, local = view.say, screens.local
    rows = [
        (
            sheet.number,
            sheet.ticket_number,
            sheet.contractor,
            sheet.place,
            sheet.matter,
            say(screens.STATES[sheet.status].label),
            local(site, sheet.issued_at),
            sheet.promised_on,
            sheet.chase_on,
            sheet.round,
            sheet.accepted_by,
            local(site, sheet.closed_at),
        )
        for sheet in await service.whole(work, site, _wanted(query), _MOST)
    ]
    title = say(msgid("Work contact sheets"))
    table = ReportTable(title, [say(heading) for heading in _HEADINGS], rows)
    name = f"{title}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, [table], work.now)


@get("/sheets/of/{ticket_id:uuid}", permission=SHEET_VIEW.id)
async def sheets_of_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    """The sheets about a ticket, for its page."""
    ticket = await platform.tickets.get(work, site, ticket_id)
    return await view.html("repairs/ticket_sheets.html", **await outlets.shown(work, site, ticket))


@get("/sheets/{sheet_id:uuid}", permission=SHEET_VIEW.id)
async def sheet_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], sheet_id: FromPath[UUID]
) -> Response[str]:
    """A sheet: to whom, about what, what happened, and what is next."""
    detail = await service.detail(work, site, sheet_id)
    return await view.html(
        "repairs/sheet.html",
        row=screens.row(site, detail.sheet, work.now),
        history=screens.history(view, detail.history),
        steps=screens.steps(detail.sheet) if SHEET.id in work.ctx.permissions else (),
    )


@post("/sheets/{sheet_id:uuid}/steps", permission=SHEET.id, status_code=200)
async def take_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    sheet_id: FromPath[UUID],
) -> Response[Any]:
    """The next step; what is refused is said in the dialog's stead as a toast, and the dialog stays open."""
    values = await view.form()
    names = ("kind", "text", "spoke_with", "via", "promised_on", "next_on")
    said = read_form({name: values.get(name, "").strip() for name in names}, NewStep)
    if said.kind == "accept":
        said = msgspec.structs.replace(said, signature=await signature_of(view))
    await service.step(platform, work, site, sheet_id, said)
    return view.redirect(f"/s/{site.slug}/repairs/sheets/{sheet_id}")


# not a GET: each print is put on record and counted
@post("/sheets/{sheet_id:uuid}/print", permission=SHEET_VIEW.id, status_code=200)
async def print_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    sheet_id: FromPath[UUID],
) -> Response[bytes]:
    """The three copies, to be read and printed in the browser."""
    detail = await service.printed(work, site, sheet_id)
    words, files = await paper(platform, work, site, view, detail)
    return await document(view, "repairs/sheet.typ", detail.sheet.number, words, files=files)


async def _form(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    ticket_id: UUID,
    values: Mapping[str, str],
    refused: Invalid | None = None,
) -> Response[str]:
    ticket = await platform.tickets.get(work, site, ticket_id)
    builders = [builder for builder in await contractors.listed(work, site) if builder.active]
    wrong = {error.field: error for error in (refused.fields if refused else ())}

    def field(name: str, label: str, kind: Any = "text", value: str = "", **more: Any) -> views.Field:
        said = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, values.get(name, value), **{**more, **said})

    choices = (views.Choice("", msgid("Choose")), *(views.Choice(str(b.id), b.name) for b in builders))
    return await view.html(
        "repairs/sheet_new.html",
        status=422 if refused else 200,
        ticket=ticket,
        builders=bool(builders),
        manages=CONTRACTOR.id in work.ctx.permissions,
        fields=(
            field("contractor_id", msgid("Builder"), "select", choices=choices, required=True),
            field("place", msgid("Where"), value=ticket.place, maximum=200, required=True),
            field("matter", msgid("Defect"), "textarea", ticket.description[:1000], maximum=1000, required=True),
            field(
                "promised_on",
                msgid("Promised for"),
                "date",
                help=msgid("If the builder has said a date already; otherwise it is asked for."),
            ),
        ),
    )


def _wanted(query: Mapping[str, str]) -> Wanted:
    try:
        return msgspec.convert({name: text for name, text in query.items() if text}, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


HANDLERS: list[HTTPRouteHandler] = [
    sheet_list,
    sheet_count,
    new_sheet,
    issue_sheet,
    sheet_export,
    sheets_of_ticket,
    sheet_page,
    take_step,
    print_sheet,
]
