"""Return visits over the JSON API, below /api/v1/sites/{site_id}/returnvisits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import NewSignature, Platform, Site, Work
from plugins.returnvisits.permissions import ASSIGN, RECORD, VIEW
from plugins.returnvisits.visits import added, service
from plugins.returnvisits.visits.model import (
    MOST,
    Assign,
    Attempt,
    Cancel,
    Measure,
    NewVisit,
    Outcome,
    Visit,
    VisitDetail,
    VisitPage,
    Which,
)


@get("/visits", permission=VIEW.id)
async def list_visits(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "open",
    mine: FromQuery[bool] = False,
    rule: FromQuery[str | None] = None,
    area_id: FromQuery[UUID | None] = None,
    visitor_id: FromQuery[UUID | None] = None,
    failed: FromQuery[bool | None] = None,
    text: FromQuery[str | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> VisitPage:
    """Visits that are owed, the earliest deadline first, or those made and cancelled, the latest first."""
    wanted = service.wanted(
        which=which,
        mine=mine,
        rule=rule,
        area_id=area_id,
        visitor_id=visitor_id,
        failed=failed,
        text=text,
        since=since,
        until=until,
        cursor=cursor,
        limit=limit,
    )
    return VisitPage(*await service.page(work, site, wanted))


@post("/visits", permission=ASSIGN.id)
async def add_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewVisit],
) -> Response[Visit]:
    """Have a visit made besides those that are drawn; it counts for no share."""
    return _answer(await added.add(platform, work, site, data), 201)


@get("/visits/{returnvisits_visit_id:uuid}", permission=VIEW.id)
async def get_visit(
    work: NamedDependency[Work], site: NamedDependency[Site], returnvisits_visit_id: FromPath[UUID]
) -> Response[VisitDetail]:
    """A visit with what happened with it, and what may be done now."""
    found = await service.detail(work, site, returnvisits_visit_id)
    return Response(found, headers={"ETag": f'"{found.visit.version}"'})


@post("/visits/{returnvisits_visit_id:uuid}/attempts", permission=RECORD.id, status_code=200)
async def try_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    returnvisits_visit_id: FromPath[UUID],
    data: JSONBody[Attempt],
) -> Response[Visit]:
    """Nobody was reached."""
    return _answer(await service.attempt(platform, work, site, returnvisits_visit_id, data, None))


@put("/visits/{returnvisits_visit_id:uuid}/outcome", permission=RECORD.id)
async def finish_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    returnvisits_visit_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[Outcome],
) -> Response[Visit]:
    """What the household says. Nobody does that for their own work. Needs If-Match."""
    return _answer(await service.finish(platform, work, site, returnvisits_visit_id, data, if_match))


@post("/visits/{returnvisits_visit_id:uuid}/signature", permission=RECORD.id, status_code=200)
async def sign_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    returnvisits_visit_id: FromPath[UUID],
    data: JSONBody[NewSignature],
) -> Response[Visit]:
    """The household signs what it said."""
    return _answer(await service.sign(platform, work, site, returnvisits_visit_id, data))


@put("/visits/{returnvisits_visit_id:uuid}/visitor", permission=ASSIGN.id)
async def assign_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    returnvisits_visit_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[Assign],
) -> Response[Visit]:
    """Give the visit to a colleague. Needs If-Match."""
    return _answer(await service.assign(platform, work, site, returnvisits_visit_id, data, if_match))


@post("/visits/{returnvisits_visit_id:uuid}/cancel", permission=ASSIGN.id, status_code=200)
async def cancel_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    returnvisits_visit_id: FromPath[UUID],
    data: JSONBody[Cancel],
) -> Response[Visit]:
    """The visit is not made."""
    return _answer(await service.cancel(work, site, returnvisits_visit_id, data, None))


@put("/visits/{returnvisits_visit_id:uuid}/measure", permission=ASSIGN.id)
async def answer_visit(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    returnvisits_visit_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[Measure],
) -> Response[Visit]:
    """What is done about a visit that failed, by whom and until when. Needs If-Match."""
    return _answer(await service.measure(platform, work, site, returnvisits_visit_id, data, if_match))


def _answer(visit: Visit, status: int = 200) -> Response[Visit]:
    return Response(visit, status_code=status, headers={"ETag": f'"{visit.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_visits,
    add_visit,
    get_visit,
    try_visit,
    finish_visit,
    sign_visit,
    assign_visit,
    cancel_visit,
    answer_visit,
]
