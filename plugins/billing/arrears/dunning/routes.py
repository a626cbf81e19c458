"""Dunning over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, View, Work
from plugins.billing.arrears.dunning import claims, paper, service
from plugins.billing.arrears.dunning.ladder import Step
from plugins.billing.arrears.dunning.model import (
    Dispute,
    NewDispute,
    NewPromise,
    Outcomes,
    Press,
    Record,
    Settle,
    Taken,
    TakeStep,
    Worklist,
)
from plugins.billing.arrears.dunning.service import MOST
from plugins.billing.permissions import ARREARS_VIEW, DISPUTE_SETTLE, DUNNING_PRESS, DUNNING_TAKE


@get("/dunning", permission=ARREARS_VIEW.id)
async def list_due(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    step: FromQuery[Step | None] = None,
    text: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> Worklist:
    """Households that a step of the ladder is due for today, by unit, and how many are due for each step (BIL-5)."""
    return await service.worklist(platform, work, site, step, text, cursor, limit)


@post("/dunning", permission=DUNNING_TAKE.id, status_code=200)
async def take_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[TakeStep],
) -> Outcomes:
    """Send messages, write letters, or note a visit, and put it on the dunning record (BIL-5). Households that are not
    due for the step any more are left out and named."""
    return await service.take(platform, work, site, data)


@post("/dunning/press", permission=DUNNING_PRESS.id, status_code=200)
async def press(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[Press],
) -> Outcomes:
    """Issue formal notices, or note that what is owed was handed over to the lawyer, as on the ladder (BIL-5)."""
    return await service.take(platform, work, site, data)


@get("/dunning/{billing_dunning_id:uuid}", permission=ARREARS_VIEW.id)
async def get_batch(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_dunning_id: FromPath[UUID]
) -> list[Taken]:
    """All that was carried out at once with that step of the record, by unit."""
    return await service.together(work, site, billing_dunning_id)


@get("/dunning/{billing_dunning_id:uuid}/paper", permission=ARREARS_VIEW.id, media_type="application/pdf")
async def get_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
    alone: FromQuery[bool] = False,
) -> Response[bytes]:
    """The letters or notices that were written at once, a page a household, or `alone` that of this one, as a PDF."""
    return await paper.letters(platform, work, site, view, billing_dunning_id, alone=alone, save=True)


@post("/arrears/units/{unit_id:uuid}/promises", permission=DUNNING_TAKE.id)
async def add_promise(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
    data: JSONBody[NewPromise],
) -> Record:
    """Take down a promise to pay so much by a day: nothing is asked for before it (BIL-5)."""
    await claims.promise(work, site, unit_id, data)
    return await service.record(platform, work, site, unit_id)


@post("/arrears/units/{unit_id:uuid}/disputes", permission=DUNNING_TAKE.id)
async def add_dispute(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
    data: JSONBody[NewDispute],
) -> Record:
    """Open a dispute about an item, or about all that a household owes: it is not asked for meanwhile (BIL-5)."""
    await claims.dispute(work, site, unit_id, data)
    return await service.record(platform, work, site, unit_id)


@post("/disputes/{billing_dispute_id:uuid}/settlement", permission=DISPUTE_SETTLE.id, status_code=200)
async def settle_dispute(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_dispute_id: FromPath[UUID],
    data: JSONBody[Settle],
    if_match: NamedDependency[int],
) -> Response[Dispute]:
    """End a dispute, saying what came of it. Needs If-Match; 409 for one that is settled."""
    settled = await claims.settle(work, site, billing_dispute_id, data, if_match)
    return Response(settled, headers={"ETag": f'"{settled.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_due, take_step, press, get_batch, get_paper, add_promise, add_dispute, settle_dispute,
]  # fmt: skip
