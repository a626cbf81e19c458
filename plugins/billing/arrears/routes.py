"""Arrears over the JSON API, below /api/v1/sites/{site_id}/billing/arrears. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.billing.arrears import service
from plugins.billing.arrears.dunning import service as dunning
from plugins.billing.arrears.dunning.model import Record
from plugins.billing.arrears.model import MOST, Ageing, HouseholdPage, Rates, Sort, Wanted
from plugins.billing.permissions import ARREARS_VIEW


@get("/arrears", permission=ARREARS_VIEW.id)
async def list_arrears(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    item_id: FromQuery[UUID | None] = None,
    building: FromQuery[str] = "",
    text: FromQuery[str] = "",
    age: Annotated[int, QueryParameter(ge=0, le=5)] = 0,
    least_fen: Annotated[int, QueryParameter(ge=0, le=10**15)] = 0,
    sort: FromQuery[Sort] = "amount",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> HouseholdPage:
    """Households that owe something, with what is not due yet and what is overdue by age (BIL-5). `age` 1 to 5 asks for
    those whose oldest charge is at least as old; `text` is part of a unit's name."""
    wanted = Wanted(item_id, building, text, age, least_fen, sort)
    return await service.households(platform, work, site, wanted, cursor, limit)


@get("/arrears/ageing", permission=ARREARS_VIEW.id)
async def get_ageing(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Ageing:
    """All that is open at the site by age, in all, by item and by building (BIL-5)."""
    return await service.ageing(platform, work, site)


@get("/arrears/rates", permission=ARREARS_VIEW.id)
async def get_rates(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    year: Annotated[int | None, QueryParameter(ge=2000, le=2199)] = None,
) -> Rates:
    """How much has come in of what was charged for a year, this one by default, by item and month, against the
    targets (BIL-6)."""
    return await service.rates(platform, work, site, year or site.today(work.now).year)


@get("/arrears/units/{unit_id:uuid}", permission=ARREARS_VIEW.id)
async def get_record(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
) -> Record:
    """A household's dunning record: the step that is due, what was done, promised and disputed (BIL-5)."""
    return await dunning.record(platform, work, site, unit_id)


HANDLERS: list[HTTPRouteHandler] = [list_arrears, get_ageing, get_rates, get_record]
