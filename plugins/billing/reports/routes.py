"""Reports over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from datetime import date

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import Site, Work
from plugins.billing.permissions import REPORT_VIEW
from plugins.billing.reports import service
from plugins.billing.reports.model import Report


@get("/reports", permission=REPORT_VIEW.id)
async def get_report(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> Report:
    """What was charged, received and is open, by item, building and month, and who took how much; both days included,
    this year so far where none are named. 422 for days that are none, or more than five years."""
    return await service.report(work, site, since, until)


HANDLERS: list[HTTPRouteHandler] = [get_report]
