"""The dashboard over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Platform, Site, Work
from plugins.billing.dashboard import service
from plugins.billing.dashboard.model import Dashboard
from plugins.billing.permissions import REPORT_VIEW


@get("/dashboard", permission=REPORT_VIEW.id)
async def get_dashboard(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Dashboard:
    """What was charged and received this month, what is open and how old it is, in fen; the rates of this year against
    their targets; today's money by means; and what waits for the reader."""
    return await service.dashboard(platform, work, site)


HANDLERS: list[HTTPRouteHandler] = [get_dashboard]
