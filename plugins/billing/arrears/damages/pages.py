"""Damages in the console: charged and waived from a household's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Conflict, FieldError, Invalid, Platform, Site, View, Work, msgid, read_form, views
from plugins.billing.arrears.damages import service
from plugins.billing.arrears.damages.model import MOST, Charged, ChargeDamages
from plugins.billing.arrears.household import household
from plugins.billing.arrears.screens import money
from plugins.billing.permissions import ARREARS_VIEW, DAMAGES_CHARGE


@post("/arrears/units/{unit_id:uuid}/damages", permission=DAMAGES_CHARGE.id, status_code=200)
async def damages_charge(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Charge a household's damages until today."""
    try:
        charged = await service.charge(platform, work, site, [unit_id])
        if not charged.charges:
            raise Conflict(msgid("All damages until today have been charged."))
    except Conflict as refused:
        return await household(platform, work, site, view, unit_id, "damages", {}, (FieldError("", refused.message),))
    return view.redirect(f"/s/{site.slug}/billing/arrears/units/{unit_id}")


@post("/arrears/units/{unit_id:uuid}/damages/waiver", permission=DAMAGES_CHARGE.id, status_code=200)
async def damages_waive(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[Any]:
    """Ask a second person to agree to a waiver."""
    values = await view.form()
    try:
        if len(reason := values.get("reason", "")) > 200:
            raise Invalid.field("reason", msgid("Use at most {n} characters."), n=200)
        await service.ask_waiver(platform, work, site, unit_id, reason)
    except Invalid as refused:
        return await household(platform, work, site, view, unit_id, "waiver", values, tuple(refused.fields))
    return view.redirect(f"/s/{site.slug}/billing/arrears/units/{unit_id}")


@get("/arrears/damages", permission=ARREARS_VIEW.id)
async def damages_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Households whose damages can be charged, and the form that charges those that are ticked."""
    return await _list(platform, work, site, view)


@post("/arrears/damages", permission=DAMAGES_CHARGE.id, status_code=200)
async def damages_charge_all(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Charge the damages of those that are ticked until today: pressing twice charges nothing more."""
    units = (await view.form_lists()).get("unit_ids", [])
    try:
        if not units:
            raise Invalid.field("unit_ids", msgid("Tick at least one household."))
        if len(units) > MOST:
            raise Invalid.field("unit_ids", msgid("Tick at most {n} households at once."), n=MOST)
        asked = read_form({"unit_ids": units}, ChargeDamages)
        charged = await service.charge(platform, work, site, asked.unit_ids)
    except (Invalid, Conflict) as refused:
        return await _list(platform, work, site, view, refused=refused)
    return await _list(platform, work, site, view, charged)


async def _list(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    charged: Charged | None = None,
    refused: Invalid | Conflict | None = None,
) -> Response[str]:
    cursor = view.query.get("after") or None
    found = await service.listed(platform, work, site, cursor, MOST)
    here = f"/s/{site.slug}/billing/arrears/damages"
    following = f"{here}?{urlencode({'after': found.cursor})}" if found.cursor else None
    return await view.html(
        "billing/damages.html",
        status=422 if refused else 200,
        found=found,
        rows=found.items,
        charges=DAMAGES_CHARGE.id in work.ctx.permissions and found.chargeable,
        charged=charged,
        refused=view.reason(refused) if refused else "",
        pager_view=views.Pager(len(found.items), "", following, here if cursor else None),
        amount=money(work),
    )


HANDLERS: list[HTTPRouteHandler] = [damages_list, damages_charge_all, damages_charge, damages_waive]
