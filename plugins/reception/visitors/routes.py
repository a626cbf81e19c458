"""The visitor register and the blacklist over the JSON API, below /api/v1/sites/{site_id}/reception."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.reception.permissions import BAR, VISIT, VISIT_VIEW
from plugins.reception.schemas import MOST, Instant
from plugins.reception.visitors import barred, log, service, steps
from plugins.reception.visitors.model import (
    Barred,
    DayShare,
    GateCount,
    Lift,
    NewBarred,
    NewStep,
    NewVisit,
    Status,
    Visit,
    VisitDetail,
    VisitFilter,
    VisitPage,
)


@get("/visits", permission=VISIT_VIEW.id)
async def list_visits(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    status: FromQuery[Status | None] = None,
    since: FromQuery[Instant | None] = None,
    until: FromQuery[Instant | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> VisitPage:
    """The register, latest first, page by page; phones are masked."""
    asked = {"status": status, "since": since, "until": until, "text": q, "cursor": cursor, "limit": limit}
    found, following = await log.page(work, site, msgspec.convert(asked, VisitFilter))
    return VisitPage([service.shown(visit) for visit in found], following)


@post("/visits", permission=VISIT.id)
async def register_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewVisit],
) -> Visit:
    """Register a visitor, or an appointment with `expected_at`."""
    return service.shown(await service.register(platform, work, site, data))


@get("/visits/here", permission=VISIT_VIEW.id)
async def visits_here(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Visit]:
    """Who is in the house or waits, whose badge is still out, and who is expected today."""
    return [service.shown(visit) for visit in await service.here(work, site)]


@get("/visits/badges", permission=VISIT.id)
async def free_badges(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> list[str]:
    """The lowest badges that can be handed out."""
    return await service.badges(platform, work, site)


@get("/visits/days", permission=VISIT_VIEW.id)
async def visit_days(
    work: NamedDependency[Work], site: NamedDependency[Site], since: FromQuery[date], until: FromQuery[date]
) -> list[DayShare]:
    """Each day with visitors: how many came, and the share of outsiders who were registered; both dates included."""
    return [
        DayShare(day.day, day.came, day.registered, day.found, day.turned_away, day.counted, day.share)
        for day in await log.days(work, site, since, until)
    ]


@post("/visits/counts", permission=VISIT.id, status_code=204)
async def count_gate(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[GateCount]) -> None:
    """How many outsiders the guard counted through the gate on a day; said again, it replaces what was said."""
    await log.count(work, site, data)


@get("/visits/{visit_id:uuid}", permission=VISIT_VIEW.id)
async def get_visit(work: NamedDependency[Work], site: NamedDependency[Site], visit_id: FromPath[UUID]) -> VisitDetail:
    """A visit with all that happened in it."""
    detail = await service.detail(work, site, visit_id)
    return msgspec.structs.replace(detail, visit=service.shown(detail.visit))


@post("/visits/{visit_id:uuid}/steps", permission=VISIT.id, status_code=200)
async def take_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    visit_id: FromPath[UUID],
    data: JSONBody[NewStep],
) -> Visit:
    """What happens next in a visit: the household answers, the visitor is let in, leaves, is refused …"""
    return service.shown(await steps.step(platform, work, site, visit_id, data))


@get("/barred", permission=VISIT_VIEW.id)
async def list_barred(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Barred]:
    """Whom not to let in, by name; phones are masked."""
    return await barred.listed(work, site)


@post("/barred", permission=BAR.id)
async def add_barred(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewBarred]) -> Barred:
    """Put somebody on the blacklist."""
    return await barred.add(work, site, data)


@post("/barred/{barred_id:uuid}/lift", permission=BAR.id, status_code=204)
async def lift_barred(
    work: NamedDependency[Work], site: NamedDependency[Site], barred_id: FromPath[UUID], data: JSONBody[Lift]
) -> None:
    """Take somebody off the blacklist."""
    await barred.lift(work, site, barred_id, data)


HANDLERS: list[HTTPRouteHandler] = [
    list_visits,
    register_visit,
    visits_here,
    free_badges,
    visit_days,
    count_gate,
    get_visit,
    take_step,
    list_barred,
    add_barred,
    lift_barred,
]
