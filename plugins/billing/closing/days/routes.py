"""Closings of days and weeks over the JSON API, below /api/v1/sites/{site_id}/billing/closings. Amounts are fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.closing.days import service
from plugins.billing.closing.days.model import ClosingDetail, ClosingKind, ClosingPage, NewClosing, Preview
from plugins.billing.closing.model import PAGE
from plugins.billing.permissions import CASH_CLOSE, CASH_VIEW


@get("/closings", permission=CASH_VIEW.id)
async def list_closings(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    kind: FromQuery[ClosingKind | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> ClosingPage:
    """Days and weeks of cash that are closed, in fen, the latest first (BIL-4)."""
    return await service.listed(work, site, kind, cursor, limit)


@get("/closings/preview", permission=CASH_VIEW.id)
async def preview_closing(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    day: FromQuery[date | None] = None,
    kind: FromQuery[ClosingKind] = "day",
) -> Preview:
    """What closing a day, today without one, or its week would come to, in fen, and what comes before (BIL-4)."""
    return await service.preview(platform, work, site, kind, day or site.today(work.now))


@post("/closings", permission=CASH_CLOSE.id)
async def close_cash(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewClosing],
) -> ClosingDetail:
    """Close a day or a week for good (BIL-4). 409 for what is closed or has something before it, 403 for whoever took
    the day's cash, 422 without a note where something is out of the ordinary."""
    return await service.close(platform, work, site, data)


@get("/closings/{billing_closing_id:uuid}", permission=CASH_VIEW.id)
async def get_closing(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_closing_id: FromPath[UUID]
) -> ClosingDetail:
    """A closing with its sums by means and item, and with what was out of the ordinary, in fen (BIL-4)."""
    return await service.get(work, site, billing_closing_id)


HANDLERS: list[HTTPRouteHandler] = [list_closings, preview_closing, close_cash, get_closing]
