"""Damages over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import NotFound, Platform, Site, Work
from plugins.billing.arrears.damages import repository, service
from plugins.billing.arrears.damages.model import MOST, Asked, Charged, ChargeDamages, DamagesPage, UnitDamages, Waive
from plugins.billing.permissions import ARREARS_VIEW, DAMAGES_CHARGE


@get("/arrears/units/{unit_id:uuid}/damages", permission=ARREARS_VIEW.id)
async def get_damages(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
) -> UnitDamages:
    """A household's damages until today, charge by charge, and those that were charged and are open."""
    if await repository.label(work.uow, site.id, unit_id) is None:
        raise NotFound
    return await service.of_unit(platform, work, site, unit_id)


@get("/arrears/damages", permission=ARREARS_VIEW.id)
async def list_damages(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> DamagesPage:
    """Households whose damages until today can be charged, by unit, in fen (BIL-5)."""
    return await service.listed(platform, work, site, cursor, limit)


@post("/arrears/damages", permission=DAMAGES_CHARGE.id, status_code=200)
async def charge_damages(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[ChargeDamages],
) -> Charged:
    """Charge the damages of up to 200 households until today, less what was charged of them before (MO-2). 409 where
    the site has chosen no item for them."""
    return await service.charge(platform, work, site, data.unit_ids)


@post("/arrears/units/{unit_id:uuid}/damages/waiver", permission=DAMAGES_CHARGE.id, status_code=202)
async def ask_waiver(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
    data: JSONBody[Waive],
) -> Asked:
    """Ask a second person to agree that a household's open damages need not be paid (ARC-3). 409 where none are."""
    return Asked(await service.ask_waiver(platform, work, site, unit_id, data.reason))


HANDLERS: list[HTTPRouteHandler] = [get_damages, list_damages, charge_damages, ask_waiver]
