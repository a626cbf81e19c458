"""Runs over the JSON API, below /api/v1/sites/{site_id}/billing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Site, Work
from plugins.billing.permissions import RUN_APPROVE, RUN_CREATE, RUN_ISSUE, RUN_VIEW
from plugins.billing.runs import service
from plugins.billing.runs.model import DifferencePage, Explained, LinePage, NewRun, RunSummary, SkipPage
from plugins.billing.runs.service import MOST


@get("/runs", permission=RUN_VIEW.id)
async def list_runs(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[RunSummary]:
    """The runs of the site with what each item comes to, in fen, the latest first; 100 at most (BIL-2)."""
    return await service.listed(work, site)


@post("/runs", permission=RUN_CREATE.id)
async def create_run(
    work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewRun]
) -> Response[RunSummary]:
    """Compute the items of a month in the background. What is billed already stays: a rerun only fills gaps (BIL-2)."""
    return _answer(await service.create(work, site, data), 201)


@get("/runs/{billing_run_id:uuid}", permission=RUN_VIEW.id)
async def get_run(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_run_id: FromPath[UUID]
) -> Response[RunSummary]:
    """A run, how far it is, and what each item comes to in fen beside the period before."""
    return _answer(await service.get(work, site, billing_run_id))


@post("/runs/{billing_run_id:uuid}/approval", permission=RUN_APPROVE.id, status_code=200)
async def approve_run(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[RunSummary]:
    """Agree to a preview; not by whoever had it computed (BIL-2). Needs If-Match."""
    return _answer(await service.approve(work, site, billing_run_id, if_match))


@post("/runs/{billing_run_id:uuid}/issue", permission=RUN_ISSUE.id, status_code=200)
async def issue_run(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[RunSummary]:
    """Post what was approved to the ledger, in the background and once (MO-1, MO-2). Needs If-Match."""
    return _answer(await service.issue(work, site, billing_run_id, if_match))


@post("/runs/{billing_run_id:uuid}/discard", permission=RUN_CREATE.id, status_code=200)
async def discard_run(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[RunSummary]:
    """Throw away a run that was not issued, with its lines. Needs If-Match."""
    return _answer(await service.discard(work, site, billing_run_id, if_match))


@get("/runs/{billing_run_id:uuid}/lines", permission=RUN_VIEW.id)
async def list_lines(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    unit: FromQuery[str] = "",
    item_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> LinePage:
    """Lines of a run by unit, in fen; `unit` is part of a unit's name."""
    return await service.lines(work, site, billing_run_id, unit=unit, item_id=item_id, cursor=cursor, limit=limit)


@get("/runs/{billing_run_id:uuid}/skips", permission=RUN_VIEW.id)
async def list_skips(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    unit: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> SkipPage:
    """What a run did not charge, for which days and why (BIL-2)."""
    return await service.skips(work, site, billing_run_id, unit=unit, cursor=cursor, limit=limit)


@get("/runs/{billing_run_id:uuid}/differences", permission=RUN_VIEW.id)
async def list_differences(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_run_id: FromPath[UUID],
    unit: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> DifferencePage:
    """Units whose amount differs from the period before by more than `billing.run` allows, in fen (BIL-2)."""
    return await service.differences(work, site, billing_run_id, unit=unit, cursor=cursor, limit=limit)


@get("/lines/{billing_charge_id:uuid}", permission=RUN_VIEW.id)
async def explain_line(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_charge_id: FromPath[UUID]
) -> Explained:
    """How a line came about, told from what it keeps, and whether computing it anew comes to the same (BIL-2)."""
    explained, *_ = await service.explain(work, site, billing_charge_id)
    return explained


def _answer(run: RunSummary, status: int = 200) -> Response[RunSummary]:
    return Response(run, status_code=status, headers={"ETag": f'"{run.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_runs,
    create_run,
    get_run,
    approve_run,
    issue_run,
    discard_run,
    list_lines,
    list_skips,
    list_differences,
    explain_line,
]
