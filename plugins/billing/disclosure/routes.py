"""Expenses and disclosures over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, View, Work
from plugins.billing.disclosure import paper, service
from plugins.billing.disclosure.model import (
    MOST,
    Draft,
    EditionDetail,
    EditionPage,
    Expense,
    ExpensePage,
    ItemHeading,
    Kind,
    NewCategory,
    NewDisclosure,
    NewExpense,
    OwnCategory,
    ReverseExpense,
    SetHeading,
)
from plugins.billing.permissions import DISCLOSURE_PUBLISH, EXPENSE_ENTER, REPORT_VIEW


@get("/expenses", permission=REPORT_VIEW.id)
async def list_expenses(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    month: FromQuery[date | None] = None,
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> ExpensePage:
    """What the site has spent, in fen, the latest month first; or of the month that begins on that day."""
    return await service.expenses(work, site, month, cursor, limit)


@post("/expenses", permission=EXPENSE_ENTER.id)
async def enter_expense(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewExpense]
) -> Expense:
    """Enter an expense of a month by its category. It stays as it is: what is wrong is taken back, and entered anew.
    422 names the field."""
    [id] = await service.add_expenses(work, site, [data])
    return await service.get_expense(work, site, id)


@post("/expenses/{billing_expense_id:uuid}/reversal", permission=EXPENSE_ENTER.id)
async def reverse_expense(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_expense_id: FromPath[UUID],
    data: JSONBody[ReverseExpense],
) -> Expense:
    """Take an expense back, by an entry of the other sign in the same month. 409 where it is taken back already."""
    return await service.reverse(work, site, billing_expense_id, data.reason)


@get("/expense-categories", permission=REPORT_VIEW.id)
async def list_expense_categories(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[OwnCategory]:
    """The categories that the company has besides those that everybody has; 200 at most."""
    return await service.categories(work, site)


@post("/expense-categories", permission=DISCLOSURE_PUBLISH.id)
async def add_expense_category(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewCategory]
) -> OwnCategory:
    """Another category, for all sites of the company. 409 for one that there is."""
    return await service.add_category(work, site, data.title)


@get("/headings", permission=REPORT_VIEW.id)
async def list_headings(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[ItemHeading]:
    """Under which heading of the disclosure each fee item's money is told (BIL-8)."""
    return await service.headings(work, site)


@put("/headings/{billing_item_id:uuid}", permission=DISCLOSURE_PUBLISH.id)
async def set_heading(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_item_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[SetHeading],
) -> Response[ItemHeading]:
    """Tell an item's money under another heading, in editions from now on. Needs If-Match with the heading's version,
    0 where nobody has said one yet."""
    found = await service.set_heading(work, site, billing_item_id, data.heading, if_match)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@get("/disclosures", permission=REPORT_VIEW.id)
async def list_disclosures(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> EditionPage:
    """What was published of income and expenses, in fen, the latest first; editions that were replaced too (BIL-8)."""
    return await service.editions(work, site, cursor, limit)


@get("/disclosures/preview", permission=REPORT_VIEW.id)
async def preview_disclosure(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    day: FromQuery[date | None] = None,
    kind: FromQuery[Kind] = "month",
) -> Draft:
    """What would be published of the month, quarter or year that the day is in, or of the last one that is over, in
    fen: income by item as charged and as received, expenses by category, what was left over before and is after. 422
    where it has not begun."""
    return await service.draft(platform, work, site, kind, day)


@post("/disclosures", permission=DISCLOSURE_PUBLISH.id)
async def publish_disclosure(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewDisclosure],
) -> EditionDetail:
    """Publish the draft with that digest (BIL-8). It is kept as it is; another edition says why it replaces it. 409
    where the period is not over or the figures have changed since."""
    id = await service.publish(platform, work, site, data)
    return await service.edition(work, site, id)


@get("/disclosures/{billing_disclosure_id:uuid}", permission=REPORT_VIEW.id)
async def get_disclosure(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_disclosure_id: FromPath[UUID]
) -> EditionDetail:
    """An edition with its lines, as it was published."""
    return await service.edition(work, site, billing_disclosure_id)


@get("/disclosures/{billing_disclosure_id:uuid}/paper", permission=REPORT_VIEW.id, media_type="application/pdf")
async def get_disclosure_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_disclosure_id: FromPath[UUID],
) -> Response[bytes]:
    """An edition on A4 as a PDF, to be hung up, in the language that is asked for."""
    found = await service.edition(work, site, billing_disclosure_id)
    return await paper.printed(view, view.page.brand, site, found, work.now, save=True)


HANDLERS: list[HTTPRouteHandler] = [
    list_expenses,
    enter_expense,
    reverse_expense,
    list_expense_categories,
    add_expense_category,
    list_headings,
    set_heading,
    list_disclosures,
    preview_disclosure,
    publish_disclosure,
    get_disclosure,
    get_disclosure_paper,
]
