"""Trades and visits over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Malformed, Platform, Site, Work
from plugins.repairs.orders.order import Order
from plugins.repairs.permissions import TRADE, VIEW, VISIT
from plugins.repairs.visits import service
from plugins.repairs.visits.model import Cancel, DayPlan, NewVisit, Slot, Technician, TradeEntry


class Trades(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All the trades that somebody has."""

    trades: Annotated[tuple[TradeEntry, ...], msgspec.Meta(max_length=20)]


@get("/technicians", permission=VIEW.id)
async def list_technicians(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Technician]:
    """Who repairs at the site, with their trades."""
    return await service.technicians(work, site)


@post("/technicians/{membership_id:uuid}/trades", permission=TRADE.id, status_code=204)
async def set_trades(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    membership_id: FromPath[UUID],
    data: JSONBody[Trades],
) -> None:
    """Say which trades somebody has; those that are not named they have no more."""
    await service.learn(platform, work, site, membership_id, data.trades)


@get("/orders/{ticket_id:uuid}/slots", permission=VISIT.id)
async def list_slots(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
) -> list[Slot]:
    """The times that can be offered to the resident, with who could come: of a day, or as far ahead as is offered."""
    _within_reach(day)
    return await service.slots(platform, work, site, await platform.tickets.get(work, site, ticket_id), day)


@post("/orders/{ticket_id:uuid}/visits", permission=VISIT.id)
async def book_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewVisit],
) -> Order:
    """Agree on a visit, or move the one that is agreed; the order goes to who comes."""
    return await service.book(platform, work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/visits/{visit_id:uuid}/cancel", permission=VISIT.id, status_code=204)
async def cancel_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[Cancel],
) -> None:
    """Call a visit off, with the reason."""
    await service.cancel(platform, work, site, ticket_id, visit_id, data.reason)


@get("/visits", permission=VIEW.id)
async def day_plan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    day: FromQuery[date | None] = None,
    technician_id: FromQuery[UUID | None] = None,
) -> DayPlan:
    """Who is where on a day, today's without one; by technician and time."""
    return await service.plan(work, site, day, technician_id)


def _within_reach(day: date | None) -> None:
    if day is not None and not 2000 < day.year < 2100:
        raise Malformed


HANDLERS: list[HTTPRouteHandler] = [
    list_technicians,
    set_trades,
    list_slots,
    book_visit,
    cancel_visit,
    day_plan,
]
