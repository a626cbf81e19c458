"""Rent contracts over the JSON API, below /api/v1/sites/{site_id}/billing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import WORKBOOK, Site, View, Work
from plugins.billing.permissions import RENT_MANAGE, RENT_VIEW
from plugins.billing.rents import book, service
from plugins.billing.rents.model import MOST, Agreed, NewRent, Rent, RentChange, RentDetail, RentPage, Show, Step


@get("/rents", permission=RENT_VIEW.id)
async def list_rents(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    show: FromQuery[Show] = "current",
    text: FromQuery[str] = "",
    item_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> RentPage:
    """Rent contracts that run or are to come, those first that end soonest; or those that have ended, the latest first.
    `text` is part of a unit's name or of a contract's number; prices are yuan a month as exact decimals (BIL-1)."""
    return await service.page(work, site, show, text, item_id, cursor, limit)


@post("/rents", permission=RENT_MANAGE.id)
async def add_rent(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewRent]) -> Response[Rent]:
    """A contract: runs charge its tenant on its days. A day of a unit has one contract for an item: 422 names the one
    that is there already. A lease is good for twenty years at most."""
    return _answer(await service.add(work, site, data), 201)


@post("/rents/steps", permission=RENT_VIEW.id, status_code=200)
async def preview_rent(data: JSONBody[Agreed]) -> list[Step]:
    """From which day what price would be agreed; nothing is kept."""
    service.checked(data)
    return service.steps(data)


@get("/rents/export", permission=RENT_VIEW.id, media_type=WORKBOOK)
async def export_rents(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    show: FromQuery[Show] = "current",
    text: FromQuery[str] = "",
    item_id: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """The same contracts as a workbook, the first 5,000."""
    return await book.exported(work, site, view, show, text, item_id)


@get("/rents/{billing_rent_id:uuid}", permission=RENT_VIEW.id)
async def get_rent(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_rent_id: FromPath[UUID]
) -> Response[RentDetail]:
    """A contract with its prices step by step and the last 24 lines that it was billed, in fen as they are by now."""
    found = await service.detail(work, site, billing_rent_id)
    return Response(found, headers={"ETag": f'"{found.rent.version}"'})


@put("/rents/{billing_rent_id:uuid}", permission=RENT_MANAGE.id)
async def change_rent(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_rent_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[RentChange],
) -> Response[Rent]:
    """Number, note, and an earlier end; nothing else changes. What is billed beyond the end stays until a correction
    gives it back (BIL-7). Needs If-Match."""
    return _answer(await service.change(work, site, billing_rent_id, data, if_match))


def _answer(rent: Rent, status: int = 200) -> Response[Rent]:
    return Response(rent, status_code=status, headers={"ETag": f'"{rent.version}"'})


HANDLERS: list[HTTPRouteHandler] = [list_rents, add_rent, preview_rent, export_rents, get_rent, change_rent]
