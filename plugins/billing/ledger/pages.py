"""The ledger in the console: journal, households' accounts, months, below /s/{site_id}/billing/ledger."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Conflict,
    Invalid,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_day,
    local_month,
    msgid,
    report,
    sees_amounts,
    views,
)
from plugins.billing.ledger import reading, service
from plugins.billing.ledger.model import KINDS, Entry, Period, Wanted
from plugins.billing.permissions import (
    ARREARS_VIEW,
    ENTRY_REVERSE,
    LEDGER_VIEW,
    PERIOD_CLOSE,
    RECEIPT_VIEW,
    STATEMENT_SEND,
)
from plugins.billing.telling import yuan

KIND_WORDS: Final = {
    "charge": msgid("Charge"),
    "payment": msgid("Payment"),
    "allocation": msgid("Paid from prepayment"),
    "deposit": msgid("Deposit taken"),
    "deposit_return": msgid("Deposit returned"),
    "refund": msgid("Refund"),
    "waiver": msgid("Waiver"),
    "adjustment": msgid("Adjustment"),
    "reversal": msgid("Reversal"),
}
ACCOUNT_WORDS: Final = {
    "receivable": msgid("Receivable"),
    "prepayment": msgid("Prepayment"),
    "deposit": msgid("Deposit"),
    "clearing": msgid("Clearing"),
    "income": msgid("Income"),
}
MEANS_WORDS: Final = {
    "cash": msgid("Cash"),
    "card": msgid("Card"),
    "transfer": msgid("Transfer"),
    "qr": msgid("QR code"),
}
_HEADINGS: Final = (
    msgid("Day"),
    msgid("Kind"),
    msgid("Unit"),
    msgid("Account"),
    msgid("Fee item"),
    msgid("Means"),
    msgid("Debit (yuan)"),
    msgid("Credit (yuan)"),
    msgid("Remark"),
    msgid("By"),
    msgid("Number"),
)
_EXPORTED: Final = 5_000  # entries of a workbook
_PAGE: Final = 50


@get("/ledger", permission=LEDGER_VIEW.id)
async def journal_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    kind: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """The journal, the newest entry first."""
    wanted = _wanted(kind, since, until, q)
    found = await reading.journal(work, site, wanted, cursor or None, _PAGE)
    query = urlencode({"kind": wanted.kind or "", "since": since, "until": until, "q": q})
    here = f"/s/{site.slug}/billing/ledger"
    choices = (views.Choice("", msgid("All kinds")), *(views.Choice(k, KIND_WORDS[k]) for k in KINDS))
    pager = views.Pager(
        len(found.items),
        "",
        f"{here}?{query}&cursor={found.cursor}" if found.cursor else None,
        f"{here}?{query}" if cursor else None,
    )
    return await view.html(
        "billing/journal.html",
        entries=found.items,
        kinds=views.Field("kind", msgid("Kind"), "select", wanted.kind or "", choices=choices),
        days=(
            views.Field("since", msgid("From day"), "date", since if wanted.since else ""),
            views.Field("until", msgid("Until"), "date", until if wanted.until else ""),
        ),
        text=q,
        pager_view=pager,
        export=f"{here}/export?{query}",
        **_words(work),
    )


@get("/ledger/export", permission=LEDGER_VIEW.id)
async def journal_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    kind: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[bytes]:
    """The journal as a workbook, a row a posting: the newest 5,000 entries of those."""
    found = await reading.listed(work, site, _wanted(kind, since, until, q), None, _EXPORTED)
    rows = [row for entry in found for row in _rows(view, entry, sees_amounts(work.ctx.permissions))]
    title = view.say(msgid("Journal"))
    table = ReportTable(title, [view.say(heading) for heading in _HEADINGS], rows)
    return await asyncio.to_thread(report, f"{title}-{site.name}-{site.today(work.now):%Y%m%d}", [table], work.now)


@get("/ledger/entries/{billing_entry_id:uuid}", permission=LEDGER_VIEW.id)
async def entry_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_entry_id: FromPath[UUID],
) -> Response[str]:
    """An entry with its postings, and the form that undoes it."""
    return await _entry(work, site, view, billing_entry_id)


@post("/ledger/entries/{billing_entry_id:uuid}", permission=ENTRY_REVERSE.id, status_code=200)
async def entry_reverse(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_entry_id: FromPath[UUID],
) -> Response[Any]:
    """Undo an entry."""
    reason = (await view.form()).get("reason", "")
    try:
        if len(reason) > 200:
            raise Invalid.field("reason", msgid("Use at most {n} characters."), n=200)
        posted = await service.reverse(work, site, billing_entry_id, reason)
    except (Invalid, Conflict) as refused:
        return await _entry(work, site, view, billing_entry_id, reason, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/ledger/entries/{posted.id}")


@get("/ledger/accounts/{unit_id:uuid}", permission=LEDGER_VIEW.id)
async def account_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """A household's account, with what happened on it."""
    account = await reading.account(work, site, unit_id)
    history = await reading.journal(work, site, Wanted(unit_id=unit_id), cursor or None, _PAGE)
    here = f"/s/{site.slug}/billing/ledger/accounts/{unit_id}"
    following = f"{here}?cursor={history.cursor}" if history.cursor else None
    pager = views.Pager(len(history.items), "", following, here if cursor else None)
    return await view.html(
        "billing/account.html",
        account=account,
        entries=history.items,
        pager_view=pager,
        sends=STATEMENT_SEND.id in work.ctx.permissions,
        dunned=ARREARS_VIEW.id in work.ctx.permissions,
        **_words(work),
    )


@get("/ledger/periods", permission=LEDGER_VIEW.id)
async def period_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The months, and which of them can be closed."""
    return await _periods(work, site, view)


@post("/ledger/periods", permission=PERIOD_CLOSE.id, status_code=200)
async def period_close(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Close a month."""
    month = local_month((await view.form()).get("month", ""))
    try:
        if month is None:
            raise Invalid.field("month", msgid("Choose a month."))
        await service.close(work, site, month)
    except (Invalid, Conflict) as refused:
        return await _periods(work, site, view, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/ledger/periods")


async def _entry(
    work: Work, site: Site, view: View, entry_id: UUID, reason: str = "", told: str | None = None
) -> Response[str]:
    entry = await reading.entry(work, site, entry_id)
    may = ENTRY_REVERSE.id in work.ctx.permissions and entry.kind != "reversal" and entry.reversed_by is None
    field = views.Field("reason", msgid("Why is it undone?"), "textarea", reason, required=True, maximum=200)
    return await view.html(
        "billing/entry.html",
        status=422 if told else 200,
        toast=told,
        entry=entry,
        receipt=await reading.receipt(work, site, entry) if RECEIPT_VIEW.id in work.ctx.permissions else None,
        reason=field if may else None,
        show=told is not None,
        **_words(work),
    )


async def _periods(work: Work, site: Site, view: View, told: str | None = None) -> Response[str]:
    def row(period: Period) -> dict[str, object]:
        missing = ""
        if period.missing == "not_over":
            missing = view.say(msgid("Can be closed from {day} on."), day=service.following(period.month))
        elif period.missing == "earlier":
            missing = view.say(msgid("Close {month} first."), month=f"{period.first:%Y-%m}")
        return {"period": period, "missing": missing}

    return await view.html(
        "billing/periods.html",
        status=422 if told else 200,
        toast=told,
        rows=[row(period) for period in await reading.periods(work, site)],
        closes=PERIOD_CLOSE.id in work.ctx.permissions,
        **_words(work),
    )


def _wanted(kind: str, since: str, until: str, text: str) -> Wanted:
    of: Any = kind if kind in KINDS else None
    return Wanted(of, _day(since), _day(until), None, text[:100])


def _day(text: str) -> date | None:
    try:
        return local_day(text)
    except Invalid:
        return None


def _words(work: Work) -> dict[str, Any]:
    held = work.ctx.permissions

    def amount(fen: int) -> str:
        return amount_for(held, yuan(fen))

    return {"amount": amount, "kind_words": KIND_WORDS, "account_words": ACCOUNT_WORDS, "means_words": MEANS_WORDS}


def _rows(view: View, entry: Entry, seen: bool) -> list[list[Any]]:
    return [
        [
            entry.posted_on,
            view.say(KIND_WORDS[entry.kind]),
            line.unit,
            view.say(ACCOUNT_WORDS[line.account]),
            line.item,
            view.say(MEANS_WORDS[line.means]) if line.means in MEANS_WORDS else "",
            line.amount_fen / 100 if seen and line.amount_fen > 0 else None,
            -line.amount_fen / 100 if seen and line.amount_fen < 0 else None,
            entry.note,
            entry.by_name or view.say(msgid("System")),
            str(entry.id),
        ]
        for line in entry.lines
    ]


HANDLERS: list[HTTPRouteHandler] = [
    journal_page,
    journal_export,
    entry_page,
    entry_reverse,
    account_page,
    period_list,
    period_close,
]
