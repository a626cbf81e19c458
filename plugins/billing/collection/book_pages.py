"""Receipt books in the console: handed out, accounted for, taken back; below /s/{site_id}/billing/collection/books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Forbidden,
    Invalid,
    LodgeError,
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    msgid,
    read_form,
    views,
)
from plugins.billing.collection import books, forms, paper
from plugins.billing.collection.model import BookStatus, NewReceiptBook, NumberMark, ReturnedBook
from plugins.billing.collection.numbers import State
from plugins.billing.collection.pages import staff, words
from plugins.billing.permissions import BOOK_ISSUE, COLLECTION_TAKE, COLLECTION_VIEW

_ROWS: Final = 50
BOOK_STATES: Final[dict[BookStatus, views.Word]] = {
    "out": views.Word("out", msgid("with the collector"), "info"),
    "returned": views.Word("returned", msgid("returned"), "ok"),
}
NUMBER_STATES: Final[dict[State, views.Word]] = {
    "unused": views.Word("unused", paper.STATES["unused"]),
    "used": views.Word("used", paper.STATES["used"], "ok"),
    "spoiled": views.Word("spoiled", paper.STATES["spoiled"], "warn"),
    "lost": views.Word("lost", paper.STATES["lost"], "breach"),
}


@get("/collection/books", permission=COLLECTION_VIEW.id)
async def book_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The site's books, and the form that hands one out."""
    return await _list(platform, work, site, view)


@post("/collection/books", permission=BOOK_ISSUE.id, status_code=200)
async def book_hand_out(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Hand a book to a collector."""
    values = await view.form()
    try:
        given = {name: values.get(name, "") for name in ("first", "last", "holder_id")}
        new = read_form({**given, "signed": values.get("signed") == "true"}, NewReceiptBook)
        async with work.savepoint():
            made = await books.hand_out(platform, work, site, new)
    except (Invalid, Conflict, Forbidden) as refused:
        return await _list(platform, work, site, view, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/collection/books/{made.id}")


@get("/collection/books/{billing_book_id:uuid}", permission=COLLECTION_VIEW.id)
async def book_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_book_id: FromPath[UUID],
) -> Response[str]:
    """A book with all its numbers."""
    return await _book(work, site, view, billing_book_id)


@post("/collection/books/{billing_book_id:uuid}/marks", permission=COLLECTION_TAKE.id, status_code=200)
async def book_mark(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_book_id: FromPath[UUID],
) -> Response[Any]:
    """Report numbers spoiled or lost."""
    values = await view.form()
    try:
        given = {name: values.get(name, "") for name in ("state", "first", "last", "reason")}
        new = read_form(given, NumberMark)
        async with work.savepoint():
            await books.mark(work, site, billing_book_id, new)
    except (Invalid, Conflict) as refused:
        return await _book(work, site, view, billing_book_id, "marks", values, refused)
    return view.redirect(f"/s/{site.slug}/billing/collection/books/{billing_book_id}")


@post("/collection/books/{billing_book_id:uuid}/return", permission=BOOK_ISSUE.id, status_code=200)
async def book_return(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_book_id: FromPath[UUID],
) -> Response[Any]:
    """Take a book back."""
    values = await view.form()
    try:
        back = read_form({"unused": values.get("unused", "")}, ReturnedBook)
        async with work.savepoint():
            await books.take_back(work, site, billing_book_id, back, forms.version_of(values))
    except (Invalid, Conflict, Forbidden, PreconditionFailed) as refused:
        return await _book(work, site, view, billing_book_id, "return", values, refused)
    return view.redirect(f"/s/{site.slug}/billing/collection/books/{billing_book_id}")


@get("/collection/books/{billing_book_id:uuid}/paper", permission=COLLECTION_VIEW.id, media_type="application/pdf")
async def book_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_book_id: FromPath[UUID],
) -> Response[bytes]:
    """The sheet of a book, shown to be printed and signed."""
    return await paper.book(work, site, view, billing_book_id, save=False)


async def _list(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    after = view.query.get("after") or None
    status: Any = view.query["status"] if view.query.get("status") in BOOK_STATES else None
    found = await books.listed(work, site, status, after, _ROWS)
    here = f"/s/{site.slug}/billing/collection/books"
    kept = f"status={status or ''}"
    errors = refused.fields if isinstance(refused, Invalid) else ()
    return await view.html(
        "billing/books.html",
        status=refused.status if refused else 200,
        books=found.items,
        chosen=status or "",
        fields=forms.handing(values, errors, staff(platform, work, site)),
        show=bool(errors),
        told=view.reason(refused) if refused and not errors else "",
        book_states=BOOK_STATES,
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{kept}&after={found.cursor}" if found.cursor else None,
            f"{here}?{kept}" if after else None,
        ),
        **words(work),
    )


async def _book(
    work: Work,
    site: Site,
    view: View,
    book_id: UUID,
    which: str = "",
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    detail = await books.get(work, site, book_id)
    errors = refused.fields if isinstance(refused, Invalid) else ()

    def of(name: str) -> tuple[Mapping[str, str], Any]:
        return (values, errors) if errors and which == name else ({}, ())

    return await view.html(
        "billing/book.html",
        status=refused.status if refused else 200,
        detail=detail,
        book=detail.book,
        state=BOOK_STATES[detail.book.status],
        number_states=NUMBER_STATES,
        marks=forms.marking(*of("marks")),
        back=forms.returning(*of("return")),
        show=which if errors else "",
        own=detail.book.holder_id == work.ctx.actor.id,
        told=view.reason(refused) if refused and not errors else "",
        **words(work),
    )


HANDLERS: list[HTTPRouteHandler] = [book_list, book_hand_out, book_page, book_mark, book_return, book_paper]
