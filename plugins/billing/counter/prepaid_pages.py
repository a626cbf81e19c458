"""Prepaid money used for arrears: over the JSON API and in the console, with a slip to be printed (BIL-3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    LodgeError,
    Malformed,
    NotFound,
    Site,
    View,
    Work,
    amount_for,
    document,
    local_text,
    msgid,
    new_id,
    read_form,
    views,
)
from plugins.billing.counter import forms, prepaid
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered
from plugins.billing.counter.pages import LOOK, shower
from plugins.billing.counter.plan import Ticked
from plugins.billing.counter.prepaid import NewUse, Slip, Use
from plugins.billing.ledger import reading
from plugins.billing.ledger.entries import Open
from plugins.billing.ledger.model import Posted, UnitAccount
from plugins.billing.permissions import COUNTER_TAKE, RECEIPT_VIEW
from plugins.billing.telling import yuan

_NAMES: Final = {"parts": "amount", "amount_fen": "amount"}


class SlipRow(msgspec.Struct, frozen=True):
    """A line on paper."""

    item: str
    period: str
    amount: str


class SlipPaper(msgspec.Struct, frozen=True):
    """What stands on the slip."""

    company: str
    site: str
    unit: str
    payer: str
    day: str
    cashier: str
    lines: tuple[SlipRow, ...]
    amount: str
    capital: str
    undone: bool
    printed: str


@post("/counter/prepaid", permission=COUNTER_TAKE.id)
async def use_prepaid(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewUse]) -> Posted:
    """Pay charges of a unit from what a party has prepaid for it, in fen (BIL-3). The same `key` again answers with the
    same entry (MO-3). 409 for more than is prepaid or open by now, and where the month is closed (MO-4, MO-7)."""
    return await prepaid.use(work, site, data)


@get("/counter/prepaid/{billing_entry_id:uuid}", permission=RECEIPT_VIEW.id)
async def get_slip(work: NamedDependency[Work], site: NamedDependency[Site], billing_entry_id: FromPath[UUID]) -> Slip:
    """What prepaid money was used for, in fen. 409 for entries of another kind."""
    return await prepaid.slip(work, site, billing_entry_id)


@get("/counter/units/{unit_id:uuid}/prepaid", permission=COUNTER_TAKE.id)
async def prepaid_form(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
    party_id: FromQuery[str] = "",
) -> Response[str]:
    """What is prepaid beside what is open, all of it ticked."""
    account = await reading.account(work, site, unit_id)
    first = str(account.prepaid[0].party_id) if account.prepaid else ""
    ticked = tuple(str(charge.charge_id) for charge in account.charges)
    form = Entered({"key": str(new_id()), "party_id": party_id or first}, ticked)
    return await _form(work, view, account, form)


@post("/counter/units/{unit_id:uuid}/prepaid/plan", permission=COUNTER_TAKE.id, status_code=200)
async def prepaid_plan(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], unit_id: FromPath[UUID]
) -> Response[str]:
    """What the prepaid money that is being entered would pay."""
    form = forms.entered(await view.form_lists())
    account = await reading.account(work, site, unit_id)
    planned, faults = _planned(account, form)
    return await view.html("billing/_use.html", **_shown(work, account, form, planned, faults))


@post("/counter/units/{unit_id:uuid}/prepaid", permission=COUNTER_TAKE.id, status_code=200)
async def prepaid_use(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], unit_id: FromPath[UUID]
) -> Response[Any]:
    """Use it as it was shown. What was not shown yet, or has changed meanwhile, is shown first."""
    form = forms.entered(await view.form_lists())
    if not form.shown:
        return await _form(
            work, view, await reading.account(work, site, unit_id), form, told=view.say(LOOK), status=422
        )
    try:
        async with work.savepoint():
            posted = await prepaid.use(work, site, _read(unit_id, form))
    except (Invalid, Conflict, NotFound) as refused:
        account = await reading.account(work, site, unit_id)
        return await _form(work, view, account, form, refused)
    return view.redirect(f"/s/{site.slug}/billing/counter/prepaid/{posted.id}")


@get("/counter/prepaid/{billing_entry_id:uuid}", permission=RECEIPT_VIEW.id)
async def slip_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_entry_id: FromPath[UUID],
) -> Response[str]:
    """What prepaid money was used for."""
    found = await prepaid.slip(work, site, billing_entry_id)
    may = COUNTER_TAKE.id in work.ctx.permissions
    return await view.html("billing/slip.html", slip=found, may_take=may, amount=shower(work))


@get("/counter/prepaid/{billing_entry_id:uuid}/paper", permission=RECEIPT_VIEW.id)
async def slip_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_entry_id: FromPath[UUID],
) -> Response[bytes]:
    """The slip as a PDF, shown to be printed."""
    found = await prepaid.slip(work, site, billing_entry_id)
    return await document(view, "billing/slip.typ", str(found.id), _paper(work, site, view, found))


async def _form(
    work: Work,
    view: View,
    account: UnitAccount,
    form: Entered,
    refused: LodgeError | None = None,
    told: str = "",
    status: int = 200,
) -> Response[str]:
    planned, faults = _planned(account, form)
    wrong = {_NAMES.get(e.field, e.field): e for e in (refused.fields if refused else ())}
    people = tuple(
        views.Choice(str(each.party_id), f"{each.party} {shower(work)(each.amount_fen)}") for each in account.prepaid
    )

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        said = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, form.values.get(name, ""), **{**more, **said})

    return await view.html(
        "billing/use.html",
        status=refused.status if refused else status,
        account=account,
        fields={
            "party_id": field("party_id", msgid("Whose prepayment"), "select", choices=people, required=True),
            "amount": field("amount", msgid("Amount (yuan)"), help=msgid("Empty: as much as is prepaid and ticked.")),
        },
        ticked=set(form.charges),
        key=form.values.get("key", ""),
        told=view.reason(refused) if refused and not wrong else told,
        **_shown(work, account, form, planned, faults),
    )


def _planned(account: UnitAccount, form: Entered) -> tuple[Use | None, list[FieldError]]:
    wanted = form.ticked
    ticked = [
        Ticked(account.unit_id, Open(each.charge_id, each.item_id, each.due_on, each.open_fen))
        for each in account.charges
        if each.charge_id in wanted
    ]
    whose = form.values.get("party_id", "")
    there = sum(each.amount_fen for each in account.prepaid if str(each.party_id) == whose)
    try:
        return prepaid.spread(ticked, there, forms.fen_of(form.values.get("amount", ""), "amount")), []
    except Invalid as refused:
        return None, list(refused.fields)


def _shown(
    work: Work, account: UnitAccount, form: Entered, planned: Use | None, faults: Iterable[FieldError]
) -> Mapping[str, Any]:
    """What `_use.html` shows."""
    known = {charge.charge_id: charge for charge in account.charges}
    parts = planned.parts if planned else ()
    hidden = [("part", f"{account.unit_id}:{part.charge_id}:{part.amount_fen}") for part in parts]
    return {
        "plan": planned,
        "rows": [(known[part.charge_id], part.amount_fen) for part in parts],
        "hidden": [("shown", form.mark), *hidden],
        "faults": tuple(faults) if account.charges and account.prepaid else (),
        "amount": shower(work),
    }


def _read(unit_id: UUID, form: Entered) -> NewUse:
    """What was shown. Raises Invalid, Malformed."""
    parts = []
    for text in form.parts:
        _, _, rest = text.partition(":")
        charge_id, _, fen = rest.partition(":")
        if not (fen.isascii() and fen.isdecimal() and len(fen) < 15):
            raise Malformed
        parts.append({"charge_id": charge_id, "amount_fen": int(fen)})
    whose = form.values.get("party_id", "")
    return read_form(
        {"key": form.values.get("key", ""), "unit_id": unit_id, "party_id": whose, "parts": tuple(parts)}, NewUse
    )


def _paper(work: Work, site: Site, view: View, slip: Slip) -> SlipPaper:
    held = work.ctx.permissions
    lines = tuple(
        SlipRow(
            line.item,
            f"{line.first_day} – {line.last_day}" if line.first_day else "",
            amount_for(held, yuan(line.amount_fen)),
        )
        for line in slip.lines
    )
    return SlipPaper(
        view.page.brand,
        site.name,
        slip.unit,
        slip.payer,
        local_text(site, slip.at),
        slip.by_name,
        lines,
        amount_for(held, yuan(slip.amount_fen)),
        amount_for(held, capitals(slip.amount_fen)),
        slip.undone,
        view.say(msgid("{at}, {name}"), at=local_text(site, work.now), name=work.ctx.actor.name),
    )


API: list[HTTPRouteHandler] = [use_prepaid, get_slip]
PAGES: list[HTTPRouteHandler] = [prepaid_form, prepaid_plan, prepaid_use, slip_page, slip_paper]
