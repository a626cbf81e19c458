"""The counter over the JSON API, below /api/v1/sites/{site_id}/billing/counter. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, View, Work, document
from plugins.billing.counter import reading, refunds, service
from plugins.billing.counter.model import (
    ROWS,
    AskedRefund,
    Invoice,
    InvoiceStatus,
    IssuedInvoice,
    MeansSum,
    NewInvoice,
    NewPayment,
    NewRefund,
    PaidRefund,
    Receipt,
    ReceiptDetail,
    ReceiptPage,
    Refund,
    RefundPage,
    Status,
    Void,
    Wanted,
)
from plugins.billing.counter.paper import paper
from plugins.billing.ledger.entries import Means
from plugins.billing.permissions import COUNTER_TAKE, INVOICE_ISSUE, RECEIPT_VIEW, RECEIPT_VOID


@post("/counter/payments", permission=COUNTER_TAKE.id)
async def take_payment(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewPayment],
) -> Response[ReceiptDetail]:
    """Take money on accounts of one or several units and give a receipt, in fen (BIL-3). The same `key` again answers
    with the same receipt (MO-3). 409 for more than is open by now, and where the month is closed (MO-4, MO-7)."""
    taken = await service.take(platform, work, site, data)
    return Response(taken, status_code=201, headers={"ETag": f'"{taken.receipt.version}"'})


@get("/counter/receipts", permission=RECEIPT_VIEW.id)
async def list_receipts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cashier_id: FromQuery[UUID | None] = None,
    means: FromQuery[Means | None] = None,
    status: FromQuery[Status | None] = None,
    text: FromQuery[str] = "",
    invoice: FromQuery[InvoiceStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS)] = 50,
) -> ReceiptPage:
    """The register, the newest first: of days (both included), a cashier, a means, valid or void, with the text in
    number or name, with an invoice that is asked for or issued."""
    wanted = Wanted(since, until, cashier_id, means, status, text, invoice)
    return await reading.register(work, site, wanted, cursor, limit)


@get("/counter/sums", permission=RECEIPT_VIEW.id)
async def list_sums(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cashier_id: FromQuery[UUID | None] = None,
) -> list[MeansSum]:
    """What valid receipts of these days and that cashier come to by means, in fen."""
    return await reading.sums(work, site, Wanted(since, until, cashier_id))


@get("/counter/receipts/{billing_receipt_id:uuid}", permission=RECEIPT_VIEW.id)
async def get_receipt(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_receipt_id: FromPath[UUID]
) -> Response[ReceiptDetail]:
    """A receipt with its lines and its invoice."""
    found = await service.get(work, site, billing_receipt_id)
    return Response(found, headers={"ETag": f'"{found.receipt.version}"'})


@post("/counter/receipts/{billing_receipt_id:uuid}/void", permission=RECEIPT_VOID.id, status_code=200)
async def void_receipt(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_receipt_id: FromPath[UUID],
    data: JSONBody[Void],
    if_match: NamedDependency[int],
) -> Response[Receipt]:
    """Undo all that was posted with a receipt; it stays in the register (MO-1). Needs If-Match. 409 where later entries
    build on it, or an invoice is out."""
    receipt = await service.void(work, site, billing_receipt_id, data.reason, if_match)
    return Response(receipt, headers={"ETag": f'"{receipt.version}"'})


@post(
    "/counter/receipts/{billing_receipt_id:uuid}/prints",
    permission=RECEIPT_VIEW.id,
    status_code=200,
    media_type="application/pdf",
)
async def print_receipt(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_receipt_id: FromPath[UUID],
) -> Response[bytes]:
    """The receipt as a PDF. Each print is on record; all but the first are marked."""
    detail = await service.printed(work, site, billing_receipt_id)
    return await document(
        view, "billing/receipt.typ", detail.receipt.number, paper(work, site, view, detail), save=True
    )


@post("/counter/receipts/{billing_receipt_id:uuid}/invoice", permission=COUNTER_TAKE.id, status_code=200)
async def ask_invoice(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_receipt_id: FromPath[UUID],
    data: JSONBody[NewInvoice],
) -> Response[Invoice]:
    """Ask for an invoice, or put right what was asked for; 409 once it is out."""
    made = await service.ask_invoice(work, site, billing_receipt_id, data)
    return Response(made, headers={"ETag": f'"{made.version}"'})


@post("/counter/receipts/{billing_receipt_id:uuid}/invoice/number", permission=INVOICE_ISSUE.id, status_code=200)
async def issue_invoice(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_receipt_id: FromPath[UUID],
    data: JSONBody[IssuedInvoice],
    if_match: NamedDependency[int],
) -> Response[Invoice]:
    """Record the number of the invoice that was issued elsewhere. Needs If-Match, of the invoice."""
    made = await service.issue_invoice(work, site, billing_receipt_id, data, if_match)
    return Response(made, headers={"ETag": f'"{made.version}"'})


@get("/counter/refunds", permission=RECEIPT_VIEW.id)
async def list_refunds(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS)] = 50,
) -> RefundPage:
    """Refunds that a second person has agreed to, the newest first, in fen."""
    return await refunds.listed(work, site, cursor, limit)


@post("/counter/refunds", permission=COUNTER_TAKE.id)
async def ask_refund(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: JSONBody[NewRefund],
) -> AskedRefund:
    """Ask for a refund of what is prepaid, in fen; a second person has to agree. 409 for more than there is."""
    return await refunds.ask(platform, work, site, data)


@post("/counter/refunds/{billing_refund_id:uuid}/payment", permission=COUNTER_TAKE.id, status_code=200)
async def pay_refund(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_refund_id: FromPath[UUID],
    data: JSONBody[PaidRefund],
) -> Refund:
    """Give the money back that was agreed to, once (MO-5). 409 after that, and where it is not there any more."""
    return await refunds.pay(work, site, billing_refund_id, data)


HANDLERS: list[HTTPRouteHandler] = [
    take_payment,
    list_receipts,
    list_sums,
    get_receipt,
    void_receipt,
    print_receipt,
    ask_invoice,
    issue_invoice,
    list_refunds,
    ask_refund,
    pay_refund,
]
