"""Shared costs over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Site, Work
from plugins.billing.permissions import COST_MANAGE, RUN_VIEW
from plugins.billing.sharing import service
from plugins.billing.sharing.model import MOST, Cost, CostDetail, CostPage, NewCost


@get("/shared-costs", permission=RUN_VIEW.id)
async def list_costs(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> CostPage:
    """Costs that households share, in fen, the latest month first (BIL-1)."""
    return await service.page(work, site, cursor, limit)


@post("/shared-costs", permission=COST_MANAGE.id)
async def add_cost(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewCost]) -> Cost:
    """Settle a month's cost over its units by area, coefficients or equally: the shares are the whole (MO-6). A run of
    the month bills them. 422 names a unit that lacks what it is shared by."""
    return await service.add(work, site, data)


@get("/shared-costs/{billing_cost_id:uuid}", permission=RUN_VIEW.id)
async def get_cost(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_cost_id: FromPath[UUID],
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> CostDetail:
    """A cost with what each unit has of it, in fen, in the roll's order."""
    return await service.detail(work, site, billing_cost_id, cursor, limit)


@delete("/shared-costs/{billing_cost_id:uuid}", permission=COST_MANAGE.id)
async def remove_cost(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_cost_id: FromPath[UUID]
) -> None:
    """Take away a cost that was entered wrongly. 409 where a run charges it: discard that first."""
    await service.remove(work, site, billing_cost_id)


HANDLERS: list[HTTPRouteHandler] = [list_costs, add_cost, get_cost, remove_cost]
