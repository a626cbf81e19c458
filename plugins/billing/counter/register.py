"""The register of receipts in the console: by day, cashier, means and state, below …/billing/counter/receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Malformed,
    ReportTable,
    Site,
    View,
    Work,
    local_day,
    local_text,
    midnight,
    msgid,
    report,
    sees_amounts,
    views,
)
from plugins.billing.counter import reading
from plugins.billing.counter.model import Receipt, Wanted
from plugins.billing.counter.pages import shower
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import RECEIPT_VIEW

_EXPORTED: Final = 5_000  # receipts of a workbook
_PAGE: Final = 50
_CASHIERS: Final = 92  # days in which somebody gave receipts who is offered to choose
_STATES: Final = {"valid": msgid("valid"), "void": msgid("void")}
_INVOICES: Final = {"asked": msgid("Invoice asked for"), "issued": msgid("Invoice issued")}
_HEADINGS: Final = (
    msgid("Number"),
    msgid("Time"),
    msgid("Payer"),
    msgid("Brought by"),
    msgid("Means"),
    msgid("Slip"),
    msgid("Amount (yuan)"),
    msgid("Rounded off (yuan)"),
    msgid("Cashier"),
    msgid("State"),
    msgid("Remark on the receipt"),
)


@get("/counter/receipts", permission=RECEIPT_VIEW.id)
async def receipt_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The register: today's receipts at first, by day, means and state, with what they come to."""
    today = site.today(work.now)
    query = {name: view.query.get(name, "") for name in ("since", "until", "by", "means", "status", "invoice", "q")}
    if not any(name in view.query for name in query):
        query |= {"since": str(today), "until": str(today)}
    wanted, cursor = _wanted(query), view.query.get("cursor") or None
    found = await reading.register(work, site, wanted, cursor, _PAGE)
    cashiers = await reading.cashiers(work, site, midnight(site, wanted.since or today, -_CASHIERS))
    here, kept = f"/s/{site.slug}/billing/counter/receipts", urlencode(query)
    return await view.html(
        "billing/receipts.html",
        receipts=found.items,
        sums=await reading.sums(work, site, wanted),
        days=(
            views.Field("since", msgid("From day"), "date", query["since"] if wanted.since else ""),
            views.Field("until", msgid("Until"), "date", query["until"] if wanted.until else ""),
        ),
        selects=(
            _select("by", msgid("All cashiers"), cashiers, str(wanted.by_id) if wanted.by_id else None),
            _select("means", msgid("All means"), MEANS_WORDS, wanted.means),
            _select("status", msgid("Valid and void"), _STATES, wanted.status),
            _select("invoice", msgid("With and without invoices"), _INVOICES, wanted.invoice),
        ),
        text=query["q"],
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{kept}&cursor={found.cursor}" if found.cursor else None,
            f"{here}?{kept}" if cursor else None,
        ),
        export=f"{here}/export?{kept}",
        means_words=MEANS_WORDS,
        amount=shower(work),
    )


@get("/counter/receipts/export", permission=RECEIPT_VIEW.id)
async def receipt_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The register as a workbook: the newest 5,000 receipts of those, and what valid ones come to by means."""
    wanted, sees = _wanted(view.query), sees_amounts(work.ctx.permissions)
    found = await reading.listed(work, site, wanted, None, _EXPORTED)
    sums = await reading.sums(work, site, wanted)
    rows = [_row(view, site, receipt, sees) for receipt in found]
    by_means: list[list[Any]] = [
        [view.say(MEANS_WORDS[each.means]), each.receipts, each.amount_fen / 100 if sees else None] for each in sums
    ]
    title = view.say(msgid("Receipts"))
    tables = [
        ReportTable(title, [view.say(heading) for heading in _HEADINGS], rows),
        ReportTable(
            view.say(msgid("By means")),
            [view.say(heading) for heading in (msgid("Means"), msgid("Receipts"), msgid("Amount (yuan)"))],
            by_means,
        ),
    ]
    return await asyncio.to_thread(report, f"{title}-{site.name}-{site.today(work.now):%Y%m%d}", tables, work.now)


def _wanted(query: Mapping[str, str]) -> Wanted:
    def one_of(name: str, words: Mapping[str, str]) -> Any:
        return query[name] if query.get(name) in words else None

    return Wanted(
        _day(query.get("since", "")),
        _day(query.get("until", "")),
        _id(query.get("by", "")),
        one_of("means", MEANS_WORDS),
        one_of("status", _STATES),
        query.get("q", "")[:100],
        one_of("invoice", _INVOICES),
    )


def _day(text: str) -> date | None:
    try:
        return local_day(text)
    except Malformed:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _select(name: str, every: str, words: Mapping[str, str], value: str | None) -> views.Field:
    choices = (views.Choice("", every), *(views.Choice(code, label) for code, label in words.items()))
    return views.Field(name, every, "select", value or "", choices=choices)


def _row(view: View, site: Site, receipt: Receipt, sees: bool) -> list[Any]:
    return [
        receipt.number,
        local_text(site, receipt.at),
        receipt.payer_name,
        receipt.agent_name,
        view.say(MEANS_WORDS[receipt.means]),
        receipt.reference,
        receipt.amount_fen / 100 if sees else None,
        receipt.rounded_fen / 100 if sees else None,
        receipt.by_name,
        view.say(_STATES[receipt.status]),
        receipt.remark,
    ]


HANDLERS: list[HTTPRouteHandler] = [
    receipt_list,
    receipt_export,
]
