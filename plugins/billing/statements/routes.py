"""Statements by link over the JSON API, below /api/v1/sites/{site_id}/billing."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Platform, Site, Work
from plugins.billing.permissions import STATEMENT_SEND
from plugins.billing.statements import service
from plugins.billing.statements.model import Household, NewStatement, Statement


@get("/units/{unit_id:uuid}/statements", permission=STATEMENT_SEND.id)
async def list_statements(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
) -> Household:
    """Who of a household can be sent its statement, and the latest 50 links with how often they were read (BIL-8)."""
    return await service.household(platform, work, site, unit_id)


@post("/units/{unit_id:uuid}/statements", permission=STATEMENT_SEND.id, status_code=200)
async def send_statement(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromPath[UUID],
    data: JSONBody[NewStatement],
) -> Statement:
    """Send somebody of a household a text message with a link to what they owe and have paid; it opens with a code
    that goes to the same number (BIL-8). 409 without a number or a service, 429 after three a day."""
    return await service.send(platform, work, site, unit_id, data)


HANDLERS: list[HTTPRouteHandler] = [list_statements, send_statement]
