"""Orders in the console, below /s/{site_id}/billing/payments: the code that is shown, what came of it, the list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Invalid,
    LodgeError,
    Malformed,
    Platform,
    PreconditionFailed,
    ReportTable,
    Site,
    View,
    Work,
    local_day,
    local_text,
    msgid,
    read_form,
    report,
    sees_amounts,
    views,
)
from plugins.billing.counter.pages import shower
from plugins.billing.payments import service, settling
from plugins.billing.payments.model import Order, Settlement, Wanted
from plugins.billing.permissions import COUNTER_TAKE, ORDER_SETTLE, PROVIDER_SET, RECEIPT_VIEW

STATUS_WORDS: Final = {
    "waiting": msgid("waits to be paid"),
    "paid": msgid("paid"),
    "expired": msgid("expired"),
    "cancelled": msgid("cancelled"),
    "failed": msgid("no code"),
    "problem": msgid("to be decided"),
    "settled": msgid("settled elsewhere"),
}
TONES: Final = {
    **dict.fromkeys(STATUS_WORDS, ""),
    **{"waiting": "warn", "paid": "ok", "problem": "breach", "failed": "breach"},
}
PROBLEM_WORDS: Final = {
    "amount": msgid("Another amount was paid than was asked for. Nothing of it is posted."),
    "refused": msgid(
        "It was paid, and could not be posted: the household or the month is closed, or is there no more."
    ),
    "twice": msgid("It was paid a second time. The second payment is not posted."),
}
HOW_WORDS: Final = {
    "prepaid": msgid("Book it as prepaid, with a receipt"),
    "elsewhere": msgid("It was settled elsewhere, such as paid back at the provider's"),
}
_EXPORTED: Final = 5_000
_PAGE: Final = 50
_HEADINGS: Final = (
    msgid("Number"),
    msgid("Time"),
    msgid("Unit"),
    msgid("Payer"),
    msgid("Amount (yuan)"),
    msgid("State"),
    msgid("Paid at"),
    msgid("Number of the slip or transfer"),
    msgid("Came otherwise (yuan)"),
    msgid("Cashier"),
    msgid("Decision"),
)


@get("/payments", permission=RECEIPT_VIEW.id)
async def order_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Orders, the newest first; those that wait for a decision are one choice away."""
    wanted, cursor = _wanted(view.query), view.query.get("cursor") or None
    found = await service.page(work, site, wanted, cursor, _PAGE)
    query = {name: view.query.get(name, "") for name in ("status", "since", "until", "q")}
    here, kept = f"/s/{site.slug}/billing/payments", urlencode(query)
    choices = (views.Choice("", msgid("All states")), *(views.Choice(*each) for each in STATUS_WORDS.items()))
    return await view.html(
        "billing/orders.html",
        orders=found.items,
        days=(
            views.Field("since", msgid("From day"), "date", query["since"] if wanted.since else ""),
            views.Field("until", msgid("Until"), "date", query["until"] if wanted.until else ""),
        ),
        state=views.Field("status", msgid("All states"), "select", wanted.status or "", choices=choices),
        text=query["q"],
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{kept}&cursor={found.cursor}" if found.cursor else None,
            f"{here}?{kept}" if cursor else None,
        ),
        export=f"{here}/export?{kept}",
        sets=PROVIDER_SET.id in work.ctx.permissions,
        **_words(work),
    )


@get("/payments/export", permission=RECEIPT_VIEW.id)
async def order_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The newest 5,000 of these orders as a workbook."""
    found = await service.listed(work, site, _wanted(view.query), None, _EXPORTED)
    sees, title = sees_amounts(work.ctx.permissions), view.say(msgid("Payments by code"))
    rows = [_row(view, site, order, sees) for order in found]
    table = ReportTable(title, [view.say(heading) for heading in _HEADINGS], rows)
    return await asyncio.to_thread(report, f"{title}-{site.name}-{site.today(work.now):%Y%m%d}", [table], work.now)


@get("/payments/orders/{billing_order_id:uuid}", permission=RECEIPT_VIEW.id)
async def order_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_order_id: FromPath[UUID],
) -> Response[Any]:
    """The code while it waits; the page asks for itself until it was paid, and goes over to the receipt."""
    return await _page(work, site, view, billing_order_id)


@post("/payments/orders/{billing_order_id:uuid}/check", permission=COUNTER_TAKE.id, status_code=200)
async def order_check(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_order_id: FromPath[UUID],
) -> Response[Any]:
    """Ask the provider now."""
    try:
        order = await service.check(platform, work, site, billing_order_id)
    except Conflict:
        return view.redirect(f"{_here(site, billing_order_id)}?told=silent")
    return view.redirect(_after(site, order, "waits"))


@post("/payments/orders/{billing_order_id:uuid}/cancel", permission=COUNTER_TAKE.id, status_code=200)
async def order_cancel(
    platform: NamedDependency[Platform],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_order_id: FromPath[UUID],
) -> Response[Any]:
    """Close it, with the provider first."""
    try:
        order = await service.cancel(platform, work, site, billing_order_id)
    except Conflict:
        return view.redirect(f"{_here(site, billing_order_id)}?told=silent")
    return view.redirect(_after(site, order))


@post("/payments/orders/{billing_order_id:uuid}/settle", permission=ORDER_SETTLE.id, status_code=200)
async def order_settle(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_order_id: FromPath[UUID],
) -> Response[Any]:
    """Decide on money that came otherwise than asked for."""
    values = await view.form()
    text = values.get("version", "")
    version = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    try:
        new = read_form({"how": values.get("how", ""), "note": values.get("note", "")}, Settlement)
        async with work.savepoint():
            order = await settling.settle(work, site, billing_order_id, new, version)
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await _page(work, site, view, billing_order_id, values, refused)
    return view.redirect(_here(site, order.id))


_TOLD: Final = {
    "silent": msgid("The payment provider cannot be asked at present. The code stays good; try again in a moment."),
    "waits": msgid("The provider has no payment yet."),
}


async def _page(
    work: Work,
    site: Site,
    view: View,
    order_id: UUID,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[Any]:
    order = await service.get(work, site, order_id)
    if view.query.get("wait") and order.receipt_id is not None and not order.moved and not order.problem:
        return view.redirect(_after(site, order))
    wrong = {each.field: each for each in (refused.fields if isinstance(refused, Invalid) else ())}
    told = view.reason(refused) if refused and not wrong else view.say(_TOLD.get(view.query.get("told", ""), ""))
    faulty = wrong.get("note")
    held = work.ctx.permissions
    return await view.html(
        "billing/order.html",
        status=refused.status if refused else 200,
        order=order,
        picture=_picture(order),
        over=order.status == "waiting" and order.expires_at <= work.now,
        told=told if refused or view.query.get("told") in _TOLD else "",
        may_take=COUNTER_TAKE.id in held,
        settles=ORDER_SETTLE.id in held and order.status == "problem",
        fields=(
            views.Field(
                "how",
                msgid("Decision"),
                "select",
                values.get("how", "prepaid"),
                choices=tuple(views.Choice(*each) for each in HOW_WORDS.items()),
            ),
            views.Field(
                "note",
                msgid("What was done about it"),
                "textarea",
                values.get("note", ""),
                maximum=200,
                required=True,
                error=faulty.message if faulty else "",
            ),
        ),
        show=bool(wrong),
        problem_words=PROBLEM_WORDS,
        **_words(work),
    )


def _picture(order: Order) -> str:
    """The code as a data URI; '' where there is nothing to scan any more."""
    if order.status != "waiting" or not order.code:
        return ""
    return segno.make_qr(order.code, error="m").svg_data_uri(border=2, scale=6, light="#fff")


def _here(site: Site, order_id: UUID) -> str:
    return f"/s/{site.slug}/billing/payments/orders/{order_id}"


def _after(site: Site, order: Order, told: str = "") -> str:
    """The receipt of what was paid as it was shown, else the order."""
    if order.receipt_id is not None and not order.moved and not order.problem:
        return f"/s/{site.slug}/billing/counter/receipts/{order.receipt_id}"
    return f"{_here(site, order.id)}?told={told}" if told and order.status == "waiting" else _here(site, order.id)


def _words(work: Work) -> dict[str, Any]:
    return {"amount": shower(work), "status_words": STATUS_WORDS, "tones": TONES}


def _wanted(query: Mapping[str, str]) -> Wanted:
    status: Any = query["status"] if query.get("status") in STATUS_WORDS else None
    return Wanted(status, _day(query.get("since", "")), _day(query.get("until", "")), query.get("q", "")[:100])


def _day(text: str) -> date | None:
    try:
        return local_day(text)
    except Malformed:
        return None


def _row(view: View, site: Site, order: Order, sees: bool) -> list[Any]:
    return [
        order.number,
        local_text(site, order.at),
        order.unit,
        order.payer_name,
        order.amount_fen / 100 if sees else None,
        view.say(STATUS_WORDS[order.status]),
        local_text(site, order.paid_at) if order.paid_at else "",
        order.reference or order.problem_reference,
        order.problem_fen / 100 if sees and order.problem_fen else None,
        order.by_name,
        order.settled_note,
    ]


HANDLERS: list[HTTPRouteHandler] = [order_list, order_export, order_page, order_check, order_cancel, order_settle]
