"""The price list over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from datetime import date

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Site, Work
from plugins.repairs.permissions import PRICE, VIEW
from plugins.repairs.prices import service
from plugins.repairs.prices.model import NewPrices, Price


@get("/prices", permission=VIEW.id)
async def list_prices(
    work: NamedDependency[Work], site: NamedDependency[Site], day: FromQuery[date | None] = None
) -> list[Price]:
    """The list as it holds on a day, today without one."""
    return await service.in_force(work, site, day)


@get("/prices/{code:str}", permission=VIEW.id)
async def price_history(work: NamedDependency[Work], site: NamedDependency[Site], code: FromPath[str]) -> list[Price]:
    """A code's revisions, the latest first."""
    return await service.history(work, site, code)


@post("/prices", permission=PRICE.id)
async def set_prices(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewPrices]) -> list[str]:
    """Set prices from a day on; the codes that change. Orders keep what they were charged."""
    return await service.put(work, site, data)


HANDLERS: list[HTTPRouteHandler] = [list_prices, price_history, set_prices]
