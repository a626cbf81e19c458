"""Work orders over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import Site, Work
from plugins.repairs.kinds import Item
from plugins.repairs.orders import service
from plugins.repairs.orders.model import Orders, Wanted, Which
from plugins.repairs.permissions import VIEW


@get("/orders", permission=VIEW.id)
async def list_orders(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "open",
    item: FromQuery[Item] = "",
    mine: FromQuery[bool] = False,
    q: FromQuery[str] = "",
    before: FromQuery[datetime | None] = None,
) -> Orders:
    """Work orders, the latest first, a hundred a page."""
    return await service.listed(work, site, Wanted(which, item, mine, q, before))


HANDLERS: list[HTTPRouteHandler] = [list_orders]
