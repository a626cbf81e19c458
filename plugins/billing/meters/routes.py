"""Meters and readings over the JSON API, below /api/v1/sites/{site_id}/billing. Values are exact decimals in quotes."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import WORKBOOK, Site, View, Work, msgid, report
from plugins.billing.meters import book, service
from plugins.billing.meters.model import (
    MOST,
    Batch,
    Judged,
    Meter,
    MeterChange,
    MeterDetail,
    MeterPage,
    MonthPage,
    NewMeter,
    NewReading,
    SetUp,
    WereSetUp,
)
from plugins.billing.permissions import METER_MANAGE, METER_VIEW, READING_ENTER


@get("/meters", permission=METER_VIEW.id)
async def list_meters(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    item_id: FromQuery[UUID | None] = None,
    text: FromQuery[str] = "",
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> MeterPage:
    """Meters in the roll's order, removed ones too; `text` is part of a unit's name, a number or a place (BIL-1)."""
    return await service.page(work, site, item_id=item_id, text=text, cursor=cursor, limit=limit)


@post("/meters", permission=METER_MANAGE.id)
async def add_meter(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewMeter]
) -> Response[Meter]:
    """A meter of a unit for an item charged by readings, or one without a unit of what households share. A unit has one
    for an item; when it is replaced, that is a reading of it."""
    return _answer(await service.add(work, site, data), 201)


@post("/meters/set-up", permission=METER_MANAGE.id, status_code=200)
async def set_up_meters(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[SetUp]) -> WereSetUp:
    """A meter for each unit where the item is charged and that has none; asked again, it adds what has come since."""
    return await service.set_up(work, site, data)


@get("/meters/{billing_meter_id:uuid}", permission=METER_VIEW.id)
async def get_meter(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_meter_id: FromPath[UUID]
) -> Response[MeterDetail]:
    """A meter with its readings, what took their place included, the latest first."""
    found = await service.detail(work, site, billing_meter_id)
    return Response(found, headers={"ETag": f'"{found.meter.version}"'})


@put("/meters/{billing_meter_id:uuid}", permission=METER_MANAGE.id)
async def change_meter(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_meter_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[MeterChange],
) -> Response[Meter]:
    """Number, place, digits, what a unit is worth, and the last day. Needs If-Match."""
    return _answer(await service.change(work, site, billing_meter_id, data, if_match))


@post("/meters/{billing_meter_id:uuid}/readings", permission=READING_ENTER.id)
async def enter_reading(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_meter_id: FromPath[UUID],
    data: JSONBody[NewReading],
) -> Judged:
    """What the meter showed on a day, that it was replaced, or that there is no reading on that day after all. What
    does not go together with the readings around it is answered 422 with the field; the same again changes nothing."""
    return await service.enter(work, site, billing_meter_id, data)


@get("/readings", permission=METER_VIEW.id)
async def list_readings(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    month: FromQuery[date | None] = None,
    item_id: FromQuery[UUID | None] = None,
    text: FromQuery[str] = "",
    missing: FromQuery[bool] = False,
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> MonthPage:
    """What meters showed in the month of a day (today's without one) and before it, and what was used between;
    `missing`: those alone that have no reading in it."""
    asked = {"item_id": item_id, "text": text, "missing": missing, "cursor": cursor, "limit": limit}
    return await service.month(work, site, month or site.today(work.now), **asked)  # type: ignore[arg-type]


@post("/readings", permission=READING_ENTER.id, status_code=200)
async def enter_readings(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Batch]
) -> list[Judged]:
    """Readings of many meters: those that fit are entered, the others told with why. 404 where one names a meter that
    is not of the site."""
    return await service.enter_many(work, site, data.readings, dry_run=data.dry_run)


@get("/readings/export", permission=METER_VIEW.id, media_type=WORKBOOK)
async def export_readings(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    month: FromQuery[date | None] = None,
) -> Response[bytes]:
    """The meters of a month as a workbook, to be filled in and read back."""
    return await exported(work, site, view, month or site.today(work.now))


async def exported(work: Work, site: Site, view: View, month: date) -> Response[bytes]:
    """The workbook, for the console too."""
    found = await service.month(work, site, month, limit=service.EXPORTED)
    name = f"{view.say(msgid('Meter readings'))}-{site.name}-{month:%Y%m}"
    return await asyncio.to_thread(report, name, [book.table(view, found.items)], work.now)


def _answer(meter: Meter, status: int = 200) -> Response[Meter]:
    return Response(meter, status_code=status, headers={"ETag": f'"{meter.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_meters,
    add_meter,
    set_up_meters,
    get_meter,
    change_meter,
    enter_reading,
    list_readings,
    enter_readings,
    export_readings,
]
