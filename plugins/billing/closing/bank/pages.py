"""Bank statements in the console, below /s/{site_id}/billing/cash/bank, and months, below …/reconciliation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    Invalid,
    LodgeError,
    Malformed,
    PreconditionFailed,
    ReportTable,
    Site,
    TooLarge,
    View,
    Work,
    local_month,
    msgid,
    read_form,
    report,
    sees_amounts,
    views,
)
from plugins.billing.closing import forms
from plugins.billing.closing.bank import months, service
from plugins.billing.closing.bank.matching import Why
from plugins.billing.closing.bank.model import MonthDetail, Settle, Sign, State, Taken
from plugins.billing.closing.pages import words
from plugins.billing.ledger.service import following
from plugins.billing.permissions import BANK_RECONCILE

_ROWS: Final = 50
STATES: Final[Mapping[State, views.Word]] = {
    "open": views.Word("open", msgid("To be settled"), "warn"),
    "reconciled": views.Word("reconciled", msgid("In the ledger"), "ok"),
    "set_aside": views.Word("set_aside", msgid("Set aside")),
}
WHYS: Final[Mapping[Why, str]] = {
    "unit_and_payer": msgid("The unit is named, and the payer is of it"),
    "unit": msgid("The unit is named"),
    "payer": msgid("The payer is of this unit"),
    "amount": msgid("Nobody else owes exactly this"),
}
_LINES: Final = (
    msgid("Day"),
    msgid("Serial number"),
    msgid("Payer"),
    msgid("Remark"),
    msgid("Amount (yuan)"),
)
REOPENED: Final = {
    "undone": msgid("Open again: the entry that it was has been undone."),
    "taken_back": msgid("Open again: what was said of it was taken back."),
}
_ENTRIES: Final = (msgid("Day"), msgid("Unit"), msgid("Payer"), msgid("Amount (yuan)"), msgid("Number"))


@get("/cash/bank", permission=BANK_RECONCILE.id)
async def bank_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The lines that are to be settled, with whose payment they may be, and where a statement is taken in."""
    return await _list(work, site, view)


@post("/cash/bank", permission=BANK_RECONCILE.id, status_code=200)
async def bank_take_in(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Take a statement in, and tell what came of it."""
    values = await view.form()
    try:
        async with work.savepoint():
            file = await view.file("file")
            if file is None or not file[1]:
                raise Invalid.field("file", "Choose a file.")
            taken = await service.take_in(work, site, values.get("account", ""), *file)
    except (Invalid, TooLarge) as refused:
        return await _list(work, site, view, values, refused)
    return await _list(work, site, view, taken=taken)


@post("/cash/bank/matching", permission=BANK_RECONCILE.id, status_code=200)
async def bank_match(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Look for open lines in the ledger once more."""
    await service.match(work, site)
    return view.redirect(f"/s/{site.slug}/billing/cash/bank")


@get("/cash/bank/{billing_bank_line_id:uuid}", permission=BANK_RECONCILE.id)
async def bank_line_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_bank_line_id: FromPath[UUID],
) -> Response[str]:
    """A line, and what it may be."""
    return await _line(work, site, view, billing_bank_line_id)


@post("/cash/bank/{billing_bank_line_id:uuid}", permission=BANK_RECONCILE.id, status_code=200)
async def bank_line_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_bank_line_id: FromPath[UUID],
) -> Response[Any]:
    """Say what a line is, or take that back."""
    values = await view.form()
    text = values.get("version", "")
    seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    given = {name: values[name] for name in ("unit_id", "party_id", "entry_id", "note") if values.get(name)}
    try:
        async with work.savepoint():
            if values.get("kind") == "reopen":
                await service.take_back(work, site, billing_bank_line_id, seen)
            else:
                await service.settle(work, site, billing_bank_line_id, seen, read_form(given, Settle))
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await _line(work, site, view, billing_bank_line_id, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/bank/{billing_bank_line_id}")


@get("/cash/reconciliation", permission=BANK_RECONCILE.id)
async def month_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """A month of the bank beside the ledger."""
    return await _month(work, site, view, _asked(work, site, view.query.get("month", "")))


@post("/cash/reconciliation", permission=BANK_RECONCILE.id, status_code=200)
async def month_sign(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Sign for a month."""
    values = await view.form()
    month = _asked(work, site, values.get("month", ""))
    try:
        await months.sign(work, site, read_form({"month": month, "note": values.get("note", "")}, Sign))
    except (Invalid, Conflict) as refused:
        return await _month(work, site, view, month, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/reconciliation?month={month:%Y-%m}")


@get("/cash/reconciliation/export", permission=BANK_RECONCILE.id)
async def month_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """What is open in a month, as a workbook."""
    month = _asked(work, site, view.query.get("month", ""))
    found, sees = await months.get(work, site, month), sees_amounts(work.ctx.permissions)

    def amount(fen: int) -> float | None:
        return fen / 100 if sees else None

    lines = [[x.booked_on, x.serial, x.payer, x.remark, amount(x.amount_fen)] for x in [*found.carried, *found.lines]]
    entries = [[x.posted_on, x.unit, x.party, amount(x.amount_fen), str(x.entry_id)] for x in found.entries]
    tables = [
        ReportTable(view.say(msgid("Not in the ledger")), [view.say(each) for each in _LINES], lines),
        ReportTable(view.say(msgid("Not at the bank")), [view.say(each) for each in _ENTRIES], entries),
    ]
    name = f"{view.say(msgid('Reconciliation'))}-{site.name}-{month:%Y%m}"
    return await asyncio.to_thread(report, name, tables, work.now)


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
    taken: Taken | None = None,
) -> Response[str]:
    state: Any = view.query.get("state", "open")
    state = state if state in STATES else None
    after = view.query.get("after", "")
    found = await service.listed(work, site, state, cursor=after or None, limit=_ROWS)
    here = f"/s/{site.slug}/billing/cash/bank"
    query = {"state": state or "all"}
    faults = refused.fields if refused else ()
    every = views.Choice("all", msgid("All lines"))
    choices = (*(views.Choice(name, word.label) for name, word in STATES.items()), every)
    upload = forms.field({}, faults, "file", msgid("Statement"), "file", accept=".xlsx,.csv,.txt", required=True)
    return await view.html(
        "billing/bank.html",
        status=int(refused.status) if refused else 200,
        rows=[(each, STATES[each.status]) for each in found.items],
        proposals=await service.proposed(work, site, found.items),
        whys=WHYS,
        which=views.Field("state", msgid("Which"), "select", state or "all", choices=choices),
        upload=(
            upload,
            forms.field(values, faults, "account", msgid("Bank account, where there are several"), maximum=40),
        ),
        refused=view.reason(refused) if refused and not refused.fields else "",
        show=bool(refused),
        taken=taken,
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode(query | {'after': found.cursor})}" if found.cursor else None,
            f"{here}?{urlencode(query)}" if after else None,
        ),
        **_words(work),
    )


async def _line(
    work: Work,
    site: Site,
    view: View,
    line_id: UUID,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    text = view.query.get("q", "")[:80]
    found = await service.detail(work, site, line_id, text)
    note = forms.field(values, refused.fields if refused else (), "note", msgid("What is it?"), maximum=200)
    return await view.html(
        "billing/bank_line.html",
        status=int(refused.status) if refused else 200,
        found=found,
        line=found.line,
        state=STATES[found.line.status],
        whys=WHYS,
        text=text,
        note=note,
        refused=view.reason(refused) if refused and not isinstance(refused, Invalid) else "",
        **_words(work),
    )


async def _month(
    work: Work,
    site: Site,
    view: View,
    month: date,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    found: MonthDetail = await months.get(work, site, month)
    over = site.today(work.now) >= following(month)
    label = msgid("Why do bank and ledger differ, and what is done about what is open?")
    note = forms.field(values, refused.fields if refused else (), "note", label, "textarea", maximum=200)
    return await view.html(
        "billing/reconciliation.html",
        status=int(refused.status) if refused else 200,
        found=found,
        month=views.Field("month", msgid("Month"), "month", f"{month:%Y-%m}"),
        note=note if over and found.signed is None else None,
        over=over,
        refused=view.reason(refused) if refused and not isinstance(refused, Invalid) else "",
        export=f"/s/{site.slug}/billing/cash/reconciliation/export?month={month:%Y-%m}",
        **_words(work),
    )


def _words(work: Work) -> dict[str, Any]:
    return {**words(work), "reopened": REOPENED}


def _asked(work: Work, site: Site, text: str) -> date:
    try:
        month = local_month(text)
    except Malformed:
        month = None
    return month or months.latest(work, site)


HANDLERS: list[HTTPRouteHandler] = [
    bank_list,
    bank_take_in,
    bank_match,
    bank_line_page,
    bank_line_act,
    month_page,
    month_sign,
    month_export,
]
