"""Collection at home over the JSON API, below /api/v1/sites/{site_id}/billing/collection. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, View, Work
from plugins.billing.collection import books, paper, service, taking
from plugins.billing.collection.model import (
    ROWS,
    BookStatus,
    ChangedVisit,
    HomeVisit,
    HomeVisitPage,
    NewCollection,
    NewHomeVisit,
    NewReceiptBook,
    NumberMark,
    ReceiptBookDetail,
    ReceiptBookPage,
    ReturnedBook,
    VisitOutcome,
    VisitStatus,
)
from plugins.billing.counter.model import ReceiptDetail
from plugins.billing.permissions import BOOK_ISSUE, COLLECTION_TAKE, COLLECTION_VIEW


@get("/collection/visits", permission=COLLECTION_VIEW.id)
async def list_visits(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    day: FromQuery[date | None] = None,
    collector_id: FromQuery[UUID | None] = None,
    status: FromQuery[VisitStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS)] = 50,
) -> HomeVisitPage:
    """Visits of a day (today's without one) by building and unit, with what each unit owes by now, in fen (BIL-3)."""
    return await service.listed(work, site, day, collector_id, status, cursor, limit)


@post("/collection/visits", permission=COLLECTION_TAKE.id)
async def agree_visit(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewHomeVisit],
) -> Response[HomeVisit]:
    """Note a visit that a household agrees to (BIL-3): the site's day and wall time, who goes."""
    made = await service.agree(platform, work, site, data)
    return Response(made, status_code=201, headers={"ETag": f'"{made.version}"'})


@get("/collection/visits/{billing_visit_id:uuid}", permission=COLLECTION_VIEW.id)
async def get_visit(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_visit_id: FromPath[UUID]
) -> Response[HomeVisit]:
    """A visit with what the unit owes by now, in fen."""
    found = await service.get(work, site, billing_visit_id)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@put("/collection/visits/{billing_visit_id:uuid}", permission=COLLECTION_TAKE.id)
async def change_visit(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_visit_id: FromPath[UUID],
    data: JSONBody[ChangedVisit],
    if_match: NamedDependency[int],
) -> Response[HomeVisit]:
    """Another time, or somebody else who goes. Needs If-Match. 409 once the visit is over."""
    changed = await service.change(platform, work, site, billing_visit_id, data, if_match)
    return Response(changed, headers={"ETag": f'"{changed.version}"'})


@post("/collection/visits/{billing_visit_id:uuid}/not-paid", permission=COLLECTION_TAKE.id, status_code=200)
async def leave_unpaid(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_visit_id: FromPath[UUID],
    data: JSONBody[VisitOutcome],
    if_match: NamedDependency[int],
) -> Response[HomeVisit]:
    """Somebody went, and nothing was paid. Needs If-Match. 409 once the visit is over."""
    changed = await service.not_paid(work, site, billing_visit_id, data, if_match)
    return Response(changed, headers={"ETag": f'"{changed.version}"'})


@post("/collection/visits/{billing_visit_id:uuid}/calling-off", permission=COLLECTION_TAKE.id, status_code=200)
async def call_off_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_visit_id: FromPath[UUID],
    data: JSONBody[VisitOutcome],
    if_match: NamedDependency[int],
) -> Response[HomeVisit]:
    """Nobody goes. Needs If-Match. 409 once the visit is over."""
    changed = await service.call_off(work, site, billing_visit_id, data, if_match)
    return Response(changed, headers={"ETag": f'"{changed.version}"'})


@post("/collection/visits/{billing_visit_id:uuid}/payment", permission=COLLECTION_TAKE.id)
async def enter_collection(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_visit_id: FromPath[UUID],
    data: JSONBody[NewCollection],
) -> Response[ReceiptDetail]:
    """Post what was collected, in fen, on a printed number of a book that the collector has (BIL-3). The same again
    answers with the same receipt (MO-3). 409 where the visit is over, the number is used, spoiled or lost, or the month
    is closed."""
    taken = await taking.collect(work, site, billing_visit_id, data)
    return Response(taken, status_code=201, headers={"ETag": f'"{taken.receipt.version}"'})


@get("/collection/sheet", permission=COLLECTION_VIEW.id, media_type="application/pdf")
async def get_sheet(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    day: FromQuery[date | None] = None,
    collector_id: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """The route sheet of a day as a PDF: what is still agreed, with what is owed as of now."""
    return await paper.route(work, site, view, day or site.today(work.now), collector_id, save=True)


@get("/collection/books", permission=COLLECTION_VIEW.id)
async def list_books(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    status: FromQuery[BookStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS)] = 50,
) -> ReceiptBookPage:
    """Receipt books, the latest handed out first, with how their numbers stand and what they came to in fen."""
    return await books.listed(work, site, status, cursor, limit)


@post("/collection/books", permission=BOOK_ISSUE.id)
async def hand_out_book(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewReceiptBook],
) -> Response[ReceiptBookDetail]:
    """Hand a book to a collector who has signed for it, somebody else than oneself (BIL-3). 409 where another book of
    the site has one of its numbers."""
    made = await books.hand_out(platform, work, site, data)
    return Response(made, status_code=201, headers={"ETag": f'"{made.book.version}"'})


@get("/collection/books/{billing_book_id:uuid}", permission=COLLECTION_VIEW.id)
async def get_book(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_book_id: FromPath[UUID]
) -> Response[ReceiptBookDetail]:
    """A book with what became of each of its numbers, and what the ledger has of their receipts in fen."""
    found = await books.get(work, site, billing_book_id)
    return Response(found, headers={"ETag": f'"{found.book.version}"'})


@post("/collection/books/{billing_book_id:uuid}/marks", permission=COLLECTION_TAKE.id)
async def mark_numbers(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_book_id: FromPath[UUID],
    data: JSONBody[NumberMark],
) -> ReceiptBookDetail:
    """Report numbers spoiled or lost, with the reason: all of them or none. 409 where one is accounted for already."""
    return await books.mark(work, site, billing_book_id, data)


@post("/collection/books/{billing_book_id:uuid}/return", permission=BOOK_ISSUE.id, status_code=200)
async def take_book_back(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_book_id: FromPath[UUID],
    data: JSONBody[ReturnedBook],
    if_match: NamedDependency[int],
) -> Response[ReceiptBookDetail]:
    """Take a book back for good: the unused slips that were counted are those of the record, and its receipts come to
    what the ledger has. Needs If-Match; not by who had it."""
    back = await books.take_back(work, site, billing_book_id, data, if_match)
    return Response(back, headers={"ETag": f'"{back.book.version}"'})


@get("/collection/books/{billing_book_id:uuid}/paper", permission=COLLECTION_VIEW.id, media_type="application/pdf")
async def get_book_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_book_id: FromPath[UUID],
) -> Response[bytes]:
    """The sheet of a book as a PDF: its numbers, who has it, places to sign."""
    return await paper.book(work, site, view, billing_book_id, save=True)


HANDLERS: list[HTTPRouteHandler] = [
    list_visits,
    agree_visit,
    get_visit,
    change_visit,
    leave_unpaid,
    call_off_visit,
    enter_collection,
    get_sheet,
    list_books,
    hand_out_book,
    get_book,
    mark_numbers,
    take_book_back,
    get_book_paper,
]
