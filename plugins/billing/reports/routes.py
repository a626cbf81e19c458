"""Reports over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from datetime import date

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import Principal, Site, Work
from plugins.billing.permissions import REPORT_VIEW
from plugins.billing.reports import service
from plugins.billing.reports.model import CompanyReport, Report


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


@get("/reports/sites", permission=REPORT_VIEW.id)
async def get_company_report(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    principal: NamedDependency[Principal],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> CompanyReport:
    """The same sums by site, of all sites with billing where the reader may see reports; in fen. 422 as for one."""
    return await service.of_company(work, site, service.visible(work, principal, work.now), since, until)


HANDLERS: list[HTTPRouteHandler] = [get_report, get_company_report]
