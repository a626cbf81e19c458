"""Quantities over the JSON API, below /api/v1/sites/{site_id}/billing. Values are m² or spaces, as exact decimals."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import WORKBOOK, Site, View, Work, msgid, report
from plugins.billing.permissions import QUANTITY_MANAGE, TARIFF_VIEW
from plugins.billing.tariffs.quantities import book, service
from plugins.billing.tariffs.quantities.model import (
    MOST,
    Missing,
    NewQuantity,
    QuantityChange,
    Taken,
    TakeOver,
    UnitHistory,
    UnitPage,
    UnitQuantity,
)

FROM_ROLL = msgid("from the household roll")


@get("/quantities", permission=TARIFF_VIEW.id)
async def list_quantities(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    text: FromQuery[str | None] = None,
    day: FromQuery[date | None] = None,
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 100,
) -> UnitPage:
    """Units in the roll's order with what they have on a day, today without one; `text` is part of a unit's name."""
    return await service.page(work, site, text or "", cursor, limit, day)


@get("/quantities/missing", permission=TARIFF_VIEW.id)
async def list_missing(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Missing]:
    """Units without a quantity that an item needs which is charged there today."""
    return await service.missing(work, site)


@get("/quantities/export", permission=TARIFF_VIEW.id, media_type=WORKBOOK)
async def export_quantities(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """Areas and spaces of all units, and what is missing, as a workbook."""
    return await exported(work, site, view)


@post("/quantities", permission=QUANTITY_MANAGE.id)
async def add_quantity(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewQuantity]
) -> Response[UnitQuantity]:
    """How much a unit has from a day on, until its next value of that basis."""
    return _answer(await service.add(work, site, data), 201)


@post("/quantities/take-over", permission=QUANTITY_MANAGE.id)
async def take_over_areas(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], data: JSONBody[TakeOver]
) -> Taken:
    """Take the areas of the household roll as built areas, where a unit has none yet."""
    return await service.take_over(work, site, data.valid_from, view.say(FROM_ROLL))


@put("/quantities/{billing_quantity_id:uuid}", permission=QUANTITY_MANAGE.id)
async def change_quantity(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_quantity_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[QuantityChange],
) -> Response[UnitQuantity]:
    """Another value from the same day on, with a reason (BIL-7). Needs If-Match."""
    return _answer(await service.change(work, site, billing_quantity_id, data, if_match))


@delete("/quantities/{billing_quantity_id:uuid}", permission=QUANTITY_MANAGE.id)
async def remove_quantity(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_quantity_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> None:
    """Take away what was entered by mistake. Needs If-Match."""
    await service.remove(work, site, billing_quantity_id, if_match)


@get("/units/{unit_id:uuid}/quantities", permission=TARIFF_VIEW.id)
async def unit_quantities(
    work: NamedDependency[Work], site: NamedDependency[Site], unit_id: FromPath[UUID]
) -> UnitHistory:
    """A unit's quantities with reasons, the latest first."""
    return await service.history(work, site, unit_id)


async def exported(work: Work, site: Site, view: View) -> Response[bytes]:
    """The workbook, for the console too."""
    units = await service.every(work, site)
    tables = book.tables(view, units, await service.missing(work, site, units))
    name = f"{view.say(msgid('Areas and spaces'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, tables, work.now)


def _answer(quantity: UnitQuantity, status: int = 200) -> Response[UnitQuantity]:
    return Response(quantity, status_code=status, headers={"ETag": f'"{quantity.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_quantities,
    list_missing,
    export_quantities,
    add_quantity,
    take_over_areas,
    change_quantity,
    remove_quantity,
    unit_quantities,
]
