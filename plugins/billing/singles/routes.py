"""Single charges over the JSON API, below /api/v1/sites/{site_id}/billing. Amounts are whole fen."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter

from core.sdk import Site, Work
from plugins.billing.permissions import CHARGE_ONCE, LEDGER_VIEW
from plugins.billing.singles import service
from plugins.billing.singles.model import MOST, NewSingle, Single, SinglePage


@get("/singles", permission=LEDGER_VIEW.id)
async def list_singles(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    text: FromQuery[str] = "",
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> SinglePage:
    """What was charged once, in fen, the latest first; `text` is part of a unit's name (BIL-1)."""
    return await service.page(work, site, text, cursor, limit)


@post("/singles", permission=CHARGE_ONCE.id)
async def charge_once(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewSingle]) -> Single:
    """Charge a household something single: it is owed at once, as a line of its account (MO-1). By the item's price on
    that day, or by an amount where it has none. What was wrong is undone in the ledger."""
    return await service.add(work, site, data)


HANDLERS: list[HTTPRouteHandler] = [list_singles, charge_once]
