"""Expenses to and from a workbook, looked at before they are entered, below …/billing/disclosures/expenses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import FieldError, Invalid, Malformed, Site, TooLarge, View, Work, local_month, msgid, report, views
from plugins.billing.arrears.screens import money
from plugins.billing.disclosure import book, service
from plugins.billing.disclosure.model import MOST, Expense, NewExpense
from plugins.billing.permissions import EXPENSE_ENTER, REPORT_VIEW

_EXPORTED: Final = 20_000  # rows of a workbook, which is made in memory
_sent = msgspec.json.Decoder(list[NewExpense]).decode


@get("/disclosures/expenses/export", permission=REPORT_VIEW.id)
async def expense_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """Expenses as a workbook, the latest month first; of one month where it is named."""
    try:
        month = local_month(view.query.get("month", ""))
    except Malformed:
        month = None
    rows: list[Expense] = []
    found = await service.expenses(work, site, month, limit=MOST)
    rows += found.items
    while found.cursor and len(rows) < _EXPORTED:
        found = await service.expenses(work, site, month, found.cursor, MOST)
        rows += found.items
    name = f"{view.say(msgid('Expenses'))}-{site.name}-{month or site.today(work.now):%Y%m}"
    return await asyncio.to_thread(report, name, [book.table(view, rows, work.ctx.permissions)], work.now)


@get("/disclosures/expenses/import", permission=EXPENSE_ENTER.id)
async def expense_upload(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Where a workbook with expenses is uploaded."""
    return await _page(view)


@post("/disclosures/expenses/import", permission=EXPENSE_ENTER.id, status_code=200)
async def expense_look(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What is in the workbook and what would be left out, before anything is entered."""
    try:
        sent = await view.file("file")
        if sent is None:
            raise Invalid.field("file", "Choose a workbook.")
        rows = await book.read(view, sent[1], await service.categories(work, site), site.today(work.now))
    except Invalid as refused:
        return await _page(view, refused.fields or (FieldError("file", refused.message, refused.params),))
    except TooLarge as refused:
        return await _page(view, [FieldError("file", refused.message, refused.params)])
    fits = [row.expense for row in rows if row.expense is not None]
    return await view.html(
        "billing/expenses_import.html",
        upload=None,
        told=None,
        name=sent[0],
        rows=sorted(rows, key=lambda row: not row.problem),  # mistakes first
        counts=(
            views.Count(msgid("Expenses that fit"), len(fits)),
            views.Count(msgid("Rows left out"), len(rows) - len(fits), "breach" if len(rows) > len(fits) else ""),
        ),
        total=money(work)(sum(each.amount_fen for each in fits)),
        expenses=msgspec.json.encode(fits).decode() if fits else "",
    )


@post("/disclosures/expenses/import/confirm", permission=EXPENSE_ENTER.id, status_code=200)
async def expense_confirm(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Enter what was looked at."""
    try:
        rows = _sent((await view.form()).get("expenses", ""))
    except msgspec.DecodeError:
        raise Malformed from None
    if not 0 < len(rows) <= book.MANY:
        raise Malformed
    try:
        async with work.savepoint():
            await service.add_expenses(work, site, rows)
    except Invalid as refused:
        return await _page(view, [FieldError("file", each.message, each.params) for each in refused.fields])
    return await _page(view, told=views.Notice("ok", msgid("Expenses entered: {n}."), {"n": len(rows)}))


async def _page(view: View, errors: Iterable[FieldError] = (), told: views.Notice | None = None) -> Response[str]:
    wrong = next(iter(errors), None)
    said: dict[str, Any] = {"error": wrong.message, "params": wrong.params} if wrong else {}
    return await view.html(
        "billing/expenses_import.html",
        status=422 if wrong else 200,
        upload=views.Field(
            "file",
            msgid("Workbook"),
            "file",
            accept=".xlsx",
            required=True,
            help=msgid("With columns for month, category and amount, as in the workbook of the expenses page."),
            **said,
        ),
        told=told,
        name="",
        rows=[],
        counts=(),
        total="",
        expenses="",
    )


HANDLERS: list[HTTPRouteHandler] = [expense_export, expense_upload, expense_look, expense_confirm]
