"""Discounts over the JSON API, below /api/v1/sites/{site_id}/billing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.discounts import service
from plugins.billing.discounts.model import MOST, AskedFor, Discount, DiscountPage, End, NewDiscount
from plugins.billing.permissions import DISCOUNT_APPROVE, DISCOUNT_ASK, TARIFF_VIEW


@get("/discounts", permission=TARIFF_VIEW.id)
async def list_discounts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    text: FromQuery[str] = "",
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> DiscountPage:
    """Discounts that were agreed to, the latest first; `text` is part of a unit's name (BIL-1)."""
    return await service.page(work, site, text, cursor, limit)


@post("/discounts", permission=DISCOUNT_ASK.id)
async def ask_for_discount(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewDiscount],
) -> AskedFor:
    """Ask for a discount, a part of the price or a fixed sum in fen. It counts for runs from when a second person has
    agreed (ARC-3); of several on a day the smallest factor and the largest sum count. What is billed already stays."""
    return AskedFor(await service.ask(platform, work, site, data))


@put("/discounts/{billing_discount_id:uuid}", permission=DISCOUNT_APPROVE.id)
async def end_discount(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_discount_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[End],
) -> Response[Discount]:
    """An earlier last day of a discount; what is billed already stays. Needs If-Match."""
    found = await service.end(work, site, billing_discount_id, data, if_match)
    return Response(found, headers={"ETag": f'"{found.version}"'})


HANDLERS: list[HTTPRouteHandler] = [list_discounts, ask_for_discount, end_discount]
