"""Contact sheets over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Platform, Site, View, Work, document
from plugins.repairs.permissions import CONTRACTOR, SHEET, SHEET_VIEW
from plugins.repairs.sheets import contractors, service
from plugins.repairs.sheets.model import (
    Contractor,
    NewContractor,
    NewSheet,
    NewStep,
    Sheet,
    SheetDetail,
    Sheets,
    Wanted,
    Which,
)
from plugins.repairs.sheets.printing import paper


@get("/contractors", permission=SHEET_VIEW.id)
async def list_contractors(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Contractor]:
    """The builders of the site."""
    return await contractors.listed(work, site)


@post("/contractors", permission=CONTRACTOR.id)
async def add_contractor(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewContractor]
) -> Contractor:
    """Add a builder."""
    return await contractors.add(work, site, data)


@put("/contractors/{contractor_id:uuid}", permission=CONTRACTOR.id)
async def replace_contractor(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    contractor_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[NewContractor],
) -> Contractor:
    """Change a builder. Sheets keep what they were issued with."""
    return await contractors.replace(work, site, contractor_id, data, if_match)


@get("/sheets", permission=SHEET_VIEW.id)
async def list_sheets(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "all",
    contractor_id: FromQuery[UUID | None] = None,
    q: FromQuery[str] = "",
    before: FromQuery[datetime | None] = None,
) -> Sheets:
    """Contact sheets, the latest first, a hundred a page; `due` are those to ask about today (REP-4)."""
    return await service.page(work, site, Wanted(which, contractor_id, q[:100], before))


@post("/sheets", permission=SHEET.id)
async def issue_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewSheet],
) -> Sheet:
    """Issue a contact sheet about a ticket to a builder."""
    return await service.issue(platform, work, site, data)


@get("/sheets/{sheet_id:uuid}", permission=SHEET_VIEW.id)
async def get_sheet(work: NamedDependency[Work], site: NamedDependency[Site], sheet_id: FromPath[UUID]) -> SheetDetail:
    """A sheet with its history."""
    return await service.detail(work, site, sheet_id)


@post("/sheets/{sheet_id:uuid}/steps", permission=SHEET.id, status_code=200)
async def take_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    sheet_id: FromPath[UUID],
    data: JSONBody[NewStep],
) -> Sheet:
    """Record a chase, a promise, that the builder is done, or what the owner says of the work."""
    return await service.step(platform, work, site, sheet_id, data)


@post("/sheets/{sheet_id:uuid}/prints", permission=SHEET_VIEW.id, status_code=200, media_type="application/pdf")
async def print_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    sheet_id: FromPath[UUID],
) -> Response[bytes]:
    """The three copies as a PDF. Each print is on record and has a number."""
    detail = await service.printed(work, site, sheet_id)
    words, files = await paper(platform, work, site, view, detail)
    return await document(view, "repairs/sheet.typ", detail.sheet.number, words, files=files, save=True)


HANDLERS: list[HTTPRouteHandler] = [
    list_contractors,
    add_contractor,
    replace_contractor,
    list_sheets,
    issue_sheet,
    get_sheet,
    take_step,
    print_sheet,
]
