"""Shifts over the JSON API, below /api/v1/sites/{site_id}/billing/shifts. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.closing import service
from plugins.billing.closing.model import (
    PAGE,
    CountedShift,
    Handover,
    NewHandover,
    NewShift,
    Shift,
    ShiftDetail,
    ShiftPage,
)
from plugins.billing.permissions import CASH_VIEW, SHIFT_KEEP


@get("/shifts", permission=CASH_VIEW.id)
async def list_shifts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> ShiftPage:
    """The site's shifts with what the ledger says and how much the count differs, in fen, the latest first (BIL-4)."""
    return await service.listed(work, site, cursor, limit, day)


@post("/shifts", permission=SHIFT_KEEP.id)
async def open_shift(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewShift]) -> Shift:
    """Begin one's shift with a float, in fen. 409 where one is open already (BIL-4)."""
    return await service.open_shift(work, site, data)


@get("/shifts/{billing_shift_id:uuid}", permission=CASH_VIEW.id)
async def get_shift(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_shift_id: FromPath[UUID]
) -> Response[ShiftDetail]:
    """A shift: what the ledger says by means, what was counted, what was handed over, in fen (BIL-4)."""
    return _answer(await service.get(work, site, billing_shift_id))


@post("/shifts/{billing_shift_id:uuid}/closing", permission=SHIFT_KEEP.id, status_code=200)
async def close_shift(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    billing_shift_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[CountedShift],
) -> Response[ShiftDetail]:
    """Close a shift for good with what was counted, in fen (BIL-4). 422 without a reason where it differs, 403 for a
    colleague's, 409 where it is closed. Needs If-Match."""
    return _answer(await service.close(platform, work, site, billing_shift_id, if_match, data))


@post("/shifts/{billing_shift_id:uuid}/handovers", permission=SHIFT_KEEP.id)
async def hand_over_cash(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_shift_id: FromPath[UUID],
    data: JSONBody[NewHandover],
) -> Handover:
    """Cash of a closed shift goes to finance, who says so, or to the bank with a deposit slip, in fen (BIL-4). 409 for
    more than is in the drawer."""
    return await service.hand_over(work, site, billing_shift_id, data)


def _answer(detail: ShiftDetail) -> Response[ShiftDetail]:
    return Response(detail, headers={"ETag": f'"{detail.shift.version}"'})


HANDLERS: list[HTTPRouteHandler] = [list_shifts, open_shift, get_shift, close_shift, hand_over_cash]
