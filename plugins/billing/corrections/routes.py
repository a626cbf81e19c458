"""Corrections over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.corrections import service, similar
from plugins.billing.corrections.model import (
    MOST,
    AskBack,
    Correction,
    CorrectionPage,
    CreditPage,
    Explained,
    LinePage,
    NewCorrection,
)
from plugins.billing.counter.model import AskedRefund
from plugins.billing.permissions import CORRECTION_APPROVE, CORRECTION_CREATE, CORRECTION_VIEW, COUNTER_TAKE
from plugins.billing.tariffs.model import Measured


@get("/corrections", permission=CORRECTION_VIEW.id)
async def list_corrections(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> CorrectionPage:
    """Corrections of the site with what they come to in fen, the latest first (BIL-7)."""
    return await service.listed(work, site, cursor, limit)


@post("/corrections", permission=CORRECTION_CREATE.id)
async def create_correction(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewCorrection]
) -> Response[Correction]:
    """Compute issued charges anew whose days reach `since`, by the facts that are known now: of the site, of an item,
    of a unit. 200 charges at most are looked at before the answer, more of them in the background (BIL-7)."""
    return _answer(await service.create(work, site, data), 201)


@get("/corrections/{billing_correction_id:uuid}", permission=CORRECTION_VIEW.id)
async def get_correction(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_correction_id: FromPath[UUID]
) -> Response[Correction]:
    """A correction, how far it is, and what it comes to in fen."""
    return _answer(await service.get(work, site, billing_correction_id))


@post("/corrections/{billing_correction_id:uuid}/request", permission=CORRECTION_CREATE.id, status_code=200)
async def ask_correction(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_correction_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[Correction]:
    """Ask somebody else to approve what was computed. Needs If-Match."""
    return _answer(await service.ask(work, site, billing_correction_id, if_match))


@post("/corrections/{billing_correction_id:uuid}/approval", permission=CORRECTION_APPROVE.id, status_code=200)
async def approve_correction(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_correction_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[Correction]:
    """Agree, not as whoever had it computed: one adjustment a charge is posted, in the background and once (MO-1,
    MO-3). 409 where the present month is closed. Needs If-Match."""
    return _answer(await service.approve(work, site, billing_correction_id, if_match))


@post("/corrections/{billing_correction_id:uuid}/discard", permission=CORRECTION_CREATE.id, status_code=200)
async def discard_correction(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_correction_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[Correction]:
    """Throw away a correction that nobody has approved: nothing of it is posted. Needs If-Match."""
    return _answer(await service.discard(work, site, billing_correction_id, if_match))


@get("/corrections/{billing_correction_id:uuid}/lines", permission=CORRECTION_VIEW.id)
async def list_correction_lines(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_correction_id: FromPath[UUID],
    unit: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> LinePage:
    """Charges that come to something else: billed, right and the difference in fen; also those whose facts lack."""
    return await service.lines(work, site, billing_correction_id, unit=unit, cursor=cursor, limit=limit)


@get("/corrections/{billing_correction_id:uuid}/credits", permission=CORRECTION_VIEW.id)
async def list_credits(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_correction_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> CreditPage:
    """Households that paid too much: what the correction left them, what they have prepaid by now and can ask back, in
    fen, and how their refund stands."""
    return await service.credits(platform, work, site, billing_correction_id, cursor=cursor, limit=limit)


@post("/corrections/{billing_correction_id:uuid}/credits", permission=COUNTER_TAKE.id, status_code=200)
async def ask_credit_back(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_correction_id: FromPath[UUID],
    data: JSONBody[AskBack],
) -> AskedRefund:
    """Ask a second person to agree that a household gets back what the correction left it, in fen (BIL-7). 409 for more
    than is left, and while the household's refund waits already."""
    return await service.ask_back(platform, work, site, billing_correction_id, data)


@get("/correction-lines/{billing_correction_line_id:uuid}", permission=CORRECTION_VIEW.id)
async def explain_correction_line(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_correction_line_id: FromPath[UUID]
) -> Explained:
    """How a charge came about before and comes about now, told from what was kept and computed anew (BIL-7)."""
    explained, *_ = await service.explain(work, site, billing_correction_line_id)
    return explained


@get("/units/{unit_id:uuid}/similar", permission=CORRECTION_VIEW.id)
async def list_similar(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    unit_id: FromPath[UUID],
    basis: FromQuery[Measured] = "built",
    wrong: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> similar.SimilarPage:
    """Units whose areas or spaces may be as mistaken as this one's were (BIL-7): another value at the same position of
    the building, the value that was `wrong`, a built area that the roll says otherwise."""
    return await similar.similar(work, site, unit_id, basis, wrong, cursor, limit)


def _answer(correction: Correction, status: int = 200) -> Response[Correction]:
    return Response(correction, status_code=status, headers={"ETag": f'"{correction.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_corrections,
    create_correction,
    get_correction,
    ask_correction,
    approve_correction,
    discard_correction,
    list_correction_lines,
    list_credits,
    ask_credit_back,
    explain_correction_line,
    list_similar,
]
