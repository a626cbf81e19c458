"""Damages in the console: charged and waived from a household's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Conflict, FieldError, Invalid, Platform, Site, View, Work, msgid
from plugins.billing.arrears.damages import service
from plugins.billing.arrears.household import household
from plugins.billing.permissions import DAMAGES_CHARGE


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


HANDLERS: list[HTTPRouteHandler] = [damages_charge, damages_waive]
