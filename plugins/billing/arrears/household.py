"""A household in the console: what it owes, how it was asked for, what it promised and disputes, damages; below
/s/{site_id}/billing/arrears/units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    Malformed,
    Platform,
    Site,
    View,
    Work,
    local_day,
    msgid,
    read_form,
)
from plugins.billing.arrears.damages import service as damages
from plugins.billing.arrears.dunning import claims, forms, service
from plugins.billing.arrears.dunning.model import NewDispute, NewPromise, Settle
from plugins.billing.arrears.screens import WORDS, money
from plugins.billing.ledger import reading
from plugins.billing.permissions import ARREARS_VIEW, COLLECTION_TAKE, DAMAGES_CHARGE, DISPUTE_SETTLE, DUNNING_TAKE


@get("/arrears/units/{unit_id:uuid}", permission=ARREARS_VIEW.id)
async def household_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """What a household owes, and its dunning record."""
    return await household(platform, work, site, view, unit_id)


@post("/arrears/units/{unit_id:uuid}/promises", permission=DUNNING_TAKE.id, status_code=200)
async def promise_add(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Take down a promise to pay."""
    values = await view.form()
    try:
        given = {"party_id": values.get("party_id", ""), "note": values.get("note", "")}
        amount, day = forms.fen(values.get("amount", ""), "amount"), _day(values.get("promised_on", ""))
        new = read_form({**given, "amount_fen": amount, "promised_on": day}, NewPromise)
        await claims.promise(work, site, unit_id, new)
    except Invalid as refused:
        return await household(platform, work, site, view, unit_id, "promise", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/arrears/units/{unit_id}")


@post("/arrears/units/{unit_id:uuid}/disputes", permission=DUNNING_TAKE.id, status_code=200)
async def dispute_open(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Open a dispute."""
    values = await view.form()
    try:
        given = {name: values.get(name, "") for name in ("party_id", "reason")}
        if not given["reason"].strip():
            raise Invalid.field("reason", msgid("Say what is disputed, and why."))
        new = read_form({**given, "item_id": values.get("item_id") or None}, NewDispute)
        await claims.dispute(work, site, unit_id, new)
    except Conflict as refused:
        wrong = [FieldError("item_id", refused.message)]
        return await household(platform, work, site, view, unit_id, "dispute", values, wrong)
    except Invalid as refused:
        return await household(platform, work, site, view, unit_id, "dispute", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/arrears/units/{unit_id}")


@post("/disputes/{billing_dispute_id:uuid}", permission=DISPUTE_SETTLE.id, status_code=200)
async def dispute_settle(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_dispute_id: FromPath[UUID],
) -> Response[Any]:
    """End a dispute, from the version that the form was made of."""
    values = await view.form()
    version = values.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Malformed
    unit_id, _ = await claims.get(work, site, billing_dispute_id)
    try:
        if not values.get("outcome", "").strip():
            raise Invalid.field("outcome", msgid("Say what came of it."))
        said = read_form({"outcome": values["outcome"]}, Settle)
        await claims.settle(work, site, billing_dispute_id, said, int(version))
    except Invalid as refused:
        return await household(
            platform, work, site, view, unit_id, f"settle-{billing_dispute_id}", values, refused.fields
        )
    return view.redirect(f"/s/{site.slug}/billing/arrears/units/{unit_id}")


async def household(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    unit_id: UUID,
    show: str = "",
    values: Mapping[str, str] = {},
    errors: list[FieldError] | tuple[FieldError, ...] = (),
) -> Response[str]:
    """A household's page; `show` is the dialog that was refused, with what was filled in."""
    account = await reading.account(work, site, unit_id)
    record = await service.record(platform, work, site, unit_id)
    told = await damages.of_unit(platform, work, site, unit_id)
    held = work.ctx.permissions
    return await view.html(
        "billing/household_arrears.html",
        status=422 if show else 200,
        account=account,
        record=record,
        takes=DUNNING_TAKE.id in held,
        collects=COLLECTION_TAKE.id in held,
        settles=DISPUTE_SETTLE.id in held,
        damages=told,
        charges=DAMAGES_CHARGE.id in held,
        waiver=forms.waiver(values if show == "waiver" else {}, errors),
        refused="" if show != "damages" else errors[0].message,
        promise=forms.promise(record, account, values if show == "promise" else {}, errors),
        dispute=forms.dispute(record, account, values if show == "dispute" else {}, errors),
        settle={each.id: forms.settle(values if show == f"settle-{each.id}" else {}, errors)
                for each in record.disputes if each.status == "open"},
        show=show,
        amount=money(work),
        **WORDS,
    )  # fmt: skip


def _day(text: str) -> str:
    try:
        day = local_day(text)
    except Malformed:
        day = None
    if day is None:
        raise Invalid.field("promised_on", msgid("Choose a day."))
    return day.isoformat()


HANDLERS: list[HTTPRouteHandler] = [household_page, promise_add, dispute_open, dispute_settle]
