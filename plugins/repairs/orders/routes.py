"""Work orders over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Platform, Site, Work
from plugins.repairs.kinds import Item
from plugins.repairs.orders import order, rework, service
from plugins.repairs.orders.model import Orders, Urgent, Wanted, Which
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.rework import NewRework
from plugins.repairs.orders.state import Rework
from plugins.repairs.permissions import REWORK, VIEW


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


@get("/urgent", permission=VIEW.id)
async def list_urgent(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Urgent]:
    """Urgent and critical orders that are not done, the most pressing first, with how long is left to be on site."""
    return await service.urgent(work, site)


@get("/orders/{ticket_id:uuid}", permission=VIEW.id)
async def get_order(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Order:
    """What an order has besides its ticket: warranty, visits, materials, agreements, photos, what is missing."""
    return await order.get(platform, work, site, ticket_id)


@post("/orders/{ticket_id:uuid}/reworks", permission=REWORK.id)
async def begin_rework(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewRework],
) -> Rework:
    """Have the work of a done order done again: a new order of the same place, matter and reporter, tied to it."""
    return await rework.begin(platform, work, site, ticket_id, data)


HANDLERS: list[HTTPRouteHandler] = [list_orders, list_urgent, get_order, begin_rework]
