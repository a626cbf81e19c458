"""Prepayment offers over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Site, Work
from plugins.billing.offers import service
from plugins.billing.offers.model import MOST, NewOffer, Offer, OfferEnd, OfferPage, Quote, Taken, Taking
from plugins.billing.permissions import COUNTER_TAKE, TARIFF_MANAGE, TARIFF_VIEW


@get("/offers", permission=TARIFF_VIEW.id)
async def list_offers(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    day: FromQuery[date | None] = None,
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> OfferPage:
    """Offers to whoever pays months ahead, the latest first; with `day` those that can be taken on it (BIL-1)."""
    return await service.page(work, site, day, cursor, limit)


@post("/offers", permission=TARIFF_MANAGE.id)
async def publish_offer(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewOffer]
) -> Response[Offer]:
    """Publish an offer: its months never change (BIL-1)."""
    made = await service.add(work, site, data)
    return Response(made, status_code=201, headers={"ETag": f'"{made.version}"'})


@put("/offers/{billing_offer_id:uuid}", permission=TARIFF_MANAGE.id)
async def end_offer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_offer_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[OfferEnd],
) -> Response[Offer]:
    """Another last day on which an offer can be taken; what was taken stays. Needs If-Match."""
    found = await service.end(work, site, billing_offer_id, data, if_match)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@get("/counter/units/{unit_id:uuid}/offers/{billing_offer_id:uuid}", permission=COUNTER_TAKE.id)
async def quote_offer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    unit_id: FromPath[UUID],
    billing_offer_id: FromPath[UUID],
    first_day: FromQuery[date | None] = None,
) -> Quote:
    """What an offer costs at a unit, in fen, as runs will charge its months; without `first_day` from the month after
    the last that is charged. 409 where it cannot be taken, or the months have no price."""
    return await service.quote(work, site, billing_offer_id, unit_id, first_day)


@post("/counter/offers", permission=COUNTER_TAKE.id)
async def take_offer(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Taking]
) -> Response[Taken]:
    """Take the money of an offer's months, in fen, with a receipt; the months after them are free (BIL-1, BIL-3). The
    same `key` again answers with the same (MO-3). 409 where the price is another, or the months are taken."""
    taken = await service.take(work, site, data)
    return Response(taken, status_code=201, headers={"ETag": f'"{taken.receipt.receipt.version}"'})


HANDLERS: list[HTTPRouteHandler] = [list_offers, publish_offer, end_offer, quote_offer, take_offer]
