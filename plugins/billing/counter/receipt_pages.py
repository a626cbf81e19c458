"""A receipt in the console: read, printed, voided, its invoice asked for and recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    LodgeError,
    PreconditionFailed,
    Site,
    View,
    Work,
    document,
    msgid,
    read_form,
    sees_amounts,
    views,
)
from plugins.billing.counter import service
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.model import IssuedInvoice, NewInvoice, ReceiptDetail, Void
from plugins.billing.counter.pages import shower
from plugins.billing.counter.paper import paper
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import COUNTER_TAKE, INVOICE_ISSUE, RECEIPT_VIEW, RECEIPT_VOID


@get("/counter/receipts/{billing_receipt_id:uuid}", permission=RECEIPT_VIEW.id)
async def receipt_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[str]:
    """A receipt with its lines, and what can be done with it."""
    return await _receipt(work, site, view, billing_receipt_id)


# not a GET: each print is put on record and counted
@post("/counter/receipts/{billing_receipt_id:uuid}/print", permission=RECEIPT_VIEW.id, status_code=200)
async def receipt_print(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[bytes]:
    """The receipt as a PDF, shown to be printed."""
    detail = await service.printed(work, site, billing_receipt_id)
    return await document(view, "billing/receipt.typ", detail.receipt.number, paper(work, site, view, detail))


@post("/counter/receipts/{billing_receipt_id:uuid}/void", permission=RECEIPT_VOID.id, status_code=200)
async def receipt_void(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[Any]:
    """Void the receipt: all that was posted with it is undone."""
    values = await view.form()

    async def act() -> None:
        reason = read_form({"reason": values.get("reason", "")}, Void).reason
        await service.void(work, site, billing_receipt_id, reason, _version(values))

    return await _act(work, site, view, billing_receipt_id, "void", values, act())


@post("/counter/receipts/{billing_receipt_id:uuid}/invoice", permission=COUNTER_TAKE.id, status_code=200)
async def receipt_invoice(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[Any]:
    """Ask for an invoice, or put right what was asked for."""
    values = await view.form()

    async def act() -> None:
        asked = {name: values.get(name, "") for name in ("title", "tax_number")}
        await service.ask_invoice(work, site, billing_receipt_id, read_form(asked, NewInvoice))

    return await _act(work, site, view, billing_receipt_id, "invoice", values, act())


@post("/counter/receipts/{billing_receipt_id:uuid}/invoice/issue", permission=INVOICE_ISSUE.id, status_code=200)
async def receipt_invoice_issue(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[Any]:
    """Record the number of the invoice that was issued."""
    values = await view.form()

    async def act() -> None:
        issued = read_form({"number": values.get("number", "")}, IssuedInvoice)
        await service.issue_invoice(work, site, billing_receipt_id, issued, _version(values))

    return await _act(work, site, view, billing_receipt_id, "issue", values, act())


async def _act(
    work: Work,
    site: Site,
    view: View,
    receipt_id: UUID,
    which: str,
    values: Mapping[str, str],
    act: Awaitable[None],
) -> Response[Any]:
    try:
        async with work.savepoint():
            await act
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await _receipt(work, site, view, receipt_id, which, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/counter/receipts/{receipt_id}")


async def _receipt(
    work: Work,
    site: Site,
    view: View,
    receipt_id: UUID,
    which: str = "",
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    """The receipt; `which` dialog was refused, and comes back as it was filled in."""
    detail = await service.get(work, site, receipt_id)
    fields = refused.fields if isinstance(refused, Invalid) else ()
    told = view.reason(refused) if refused and not fields else ""
    return await view.html(
        "billing/receipt.html",
        status=refused.status if refused else 200,
        detail=detail,
        receipt=detail.receipt,
        capital=capitals(detail.receipt.amount_fen) if sees_amounts(work.ctx.permissions) else "",
        dialogs=_dialogs(work, detail, which if fields else "", values, fields),
        told=told,
        may_take=COUNTER_TAKE.id in work.ctx.permissions,
        means_words=MEANS_WORDS,
        amount=shower(work),
    )


def _dialogs(
    work: Work, detail: ReceiptDetail, which: str, values: Mapping[str, str], errors: tuple[FieldError, ...]
) -> list[dict[str, Any]]:
    """What the reader may do next: name, words, icon, fields, hidden values, whether it is open."""
    receipt, invoice, held = detail.receipt, detail.invoice, work.ctx.permissions
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, value: str = "", **more: Any) -> views.Field:
        made = views.Field(name, label, value=values.get(name, "") if which else value, **more)
        if name in wrong and which:
            made = msgspec.structs.replace(made, error=wrong[name].message, params=wrong[name].params)
        return made

    def dialog(name: str, permission: str, label: str, icon: str, version: int, *fields: views.Field) -> None:
        if permission in held:
            show = which == name
            hidden = [("version", version)]
            found.append({"name": name, "label": label, "icon": icon, "hidden": hidden, "fields": fields, "show": show})

    found: list[dict[str, Any]] = []
    if receipt.status == "void":
        return found
    if invoice is None or invoice.status == "asked":
        given = (invoice.title, invoice.tax_number) if invoice else (receipt.payer_name, "")
        label = msgid("Correct the invoice request") if invoice else msgid("Ask for an invoice")
        title = field("title", msgid("Made out to"), given[0], maximum=100, required=True)
        help_ = msgid("Of a firm; people need none.")
        number = field("tax_number", msgid("Tax number"), given[1], maximum=20, help=help_)
        dialog("invoice", COUNTER_TAKE.id, label, "file-invoice", receipt.version, title, number)
    if invoice is not None and invoice.status == "asked":
        number = field("number", msgid("Number of the invoice"), maximum=40, required=True)
        dialog("issue", INVOICE_ISSUE.id, msgid("Invoice issued"), "file-check", invoice.version, number)
    if invoice is None or invoice.status == "asked":
        reason = field("reason", msgid("Why is it void?"), kind="textarea", maximum=200, required=True)
        dialog("void", RECEIPT_VOID.id, msgid("Void the receipt"), "receipt-off", receipt.version, reason)
    return found


def _version(values: Mapping[str, str]) -> int:
    text = values.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


HANDLERS: list[HTTPRouteHandler] = [
    receipt_page,
    receipt_print,
    receipt_void,
    receipt_invoice,
    receipt_invoice_issue,
]
