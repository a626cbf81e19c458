"""Refunds of prepaid money in the console: asked for at a household, paid from a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Conflict,
    Forbidden,
    Invalid,
    LodgeError,
    Platform,
    Site,
    View,
    Work,
    msgid,
    read_form,
    views,
)
from plugins.billing.counter import refunds
from plugins.billing.counter.forms import fen_of
from plugins.billing.counter.model import NewRefund, PaidRefund
from plugins.billing.counter.pages import shower
from plugins.billing.ledger import reading
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import COUNTER_TAKE, RECEIPT_VIEW
from plugins.billing.telling import typed

_PAGE = 50


@get("/counter/refunds", permission=RECEIPT_VIEW.id)
async def refund_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """Refunds that a second person has agreed to; those that are not paid yet can be."""
    return await _list(work, site, view, cursor)


@post("/counter/refunds/{billing_refund_id:uuid}", permission=COUNTER_TAKE.id, status_code=200)
async def refund_pay(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_refund_id: FromPath[UUID],
) -> Response[Any]:
    """Give the money back."""
    means = (await view.form()).get("means", "")
    try:
        async with work.savepoint():
            await refunds.pay(work, site, billing_refund_id, read_form({"means": means}, PaidRefund))
    except (Conflict, Invalid) as refused:
        return await _list(work, site, view, "", refused)
    return view.redirect(f"/s/{site.slug}/billing/counter/refunds")


@get("/counter/units/{unit_id:uuid}/refund", permission=COUNTER_TAKE.id)
async def refund_form(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], unit_id: FromPath[UUID]
) -> Response[str]:
    """What is prepaid at a household, and the form that asks for it back."""
    return await _form(work, site, view, unit_id, {})


@post("/counter/units/{unit_id:uuid}/refund", permission=COUNTER_TAKE.id, status_code=200)
async def refund_ask(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Ask a second person to agree to a refund."""
    values = await view.form()
    try:
        fen = fen_of(values.get("amount", ""), "amount")
        if not fen:
            raise Invalid.field("amount", msgid("Enter an amount above nought."))
        asked = {"unit_id": unit_id, "party_id": values.get("party_id", ""), "amount_fen": fen}
        new = read_form({**asked, "reason": values.get("reason", "")}, NewRefund)
        async with work.savepoint():
            approval = await refunds.ask(platform, work, site, new)
    except (Invalid, Conflict, Forbidden) as refused:
        return await _form(work, site, view, unit_id, values, refused)
    return view.redirect(f"/s/{site.slug}/approvals/{approval.approval_id}")


async def _list(work: Work, site: Site, view: View, cursor: str, refused: LodgeError | None = None) -> Response[str]:
    found = await refunds.listed(work, site, cursor or None, _PAGE)
    here = f"/s/{site.slug}/billing/counter/refunds"
    following = f"{here}?cursor={found.cursor}" if found.cursor else None
    return await view.html(
        "billing/refunds.html",
        status=refused.status if refused else 200,
        refunds=found.items,
        told=view.reason(refused) if refused else "",
        pays=COUNTER_TAKE.id in work.ctx.permissions,
        means=[views.Choice(code, label) for code, label in MEANS_WORDS.items()],
        means_words=MEANS_WORDS,
        pager_view=views.Pager(len(found.items), "", following, here if cursor else None),
        amount=shower(work),
    )


async def _form(
    work: Work,
    site: Site,
    view: View,
    unit_id: UUID,
    values: Mapping[str, str],
    refused: LodgeError | None = None,
) -> Response[str]:
    account = await reading.account(work, site, unit_id)
    wrong = {e.field.replace("amount_fen", "amount"): e for e in (refused.fields if refused else ())}

    def field(name: str, label: str, kind: Any = "text", value: str = "", **more: Any) -> views.Field:
        said = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, values.get(name, value), required=True, **{**more, **said})

    people = tuple(views.Choice(str(each.party_id), each.party) for each in account.prepaid)
    most = account.prepaid[0].amount_fen if account.prepaid else 0
    return await view.html(
        "billing/refund.html",
        status=refused.status if refused else 200,
        account=account,
        told=view.reason(refused) if refused and not wrong else "",
        fields=(
            field("party_id", msgid("Payer"), "select", choices=people),
            field("amount", msgid("Amount (yuan)"), value=typed(most), maximum=20),
            field("reason", msgid("Why is it paid back?"), "textarea", maximum=200),
        ),
        amount=shower(work),
    )


HANDLERS: list[HTTPRouteHandler] = [refund_list, refund_pay, refund_form, refund_ask]
