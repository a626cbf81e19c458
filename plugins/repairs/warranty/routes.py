"""Warranties over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core.sdk import Platform, Site, Work
from plugins.repairs.kinds import Item
from plugins.repairs.permissions import TERM, VIEW, WARRANTY
from plugins.repairs.warranty import service
from plugins.repairs.warranty.model import Assessment, Decision, NewTerm, TermRow


class NewTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dates of units that are entered together: all, or none."""

    terms: Annotated[tuple[NewTerm, ...], msgspec.Meta(min_length=1, max_length=5000)]


@get("/terms", permission=VIEW.id)
async def list_terms(work: NamedDependency[Work], site: NamedDependency[Site], q: FromQuery[str] = "") -> list[TermRow]:
    """Handover dates and exceptions of units whose names begin so; 500 at most."""
    return await service.listed(work, site, q)


@post("/terms", permission=TERM.id, status_code=204)
async def enter_terms(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[NewTerms]) -> None:
    """Enter handover dates and exceptions; one for the same unit and item is replaced."""
    await service.put(work, site, data.terms)


@delete("/terms/{term_id:uuid}", permission=TERM.id)
async def remove_term(work: NamedDependency[Work], site: NamedDependency[Site], term_id: FromPath[UUID]) -> None:
    """Take a date away."""
    await service.remove(work, site, term_id)


@get("/warranty", permission=VIEW.id)
async def get_warranty(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    unit_id: FromQuery[UUID],
    item: FromQuery[Item],
) -> Assessment:
    """How an item of a unit stands today, before an order is taken in."""
    return await service.preview(platform, work, site, unit_id, item)


@post("/orders/{ticket_id:uuid}/warranty", permission=WARRANTY.id, status_code=204)
async def decide_warranty(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[Decision],
) -> None:
    """Decide on an order's warranty, with the reason; a later decision takes its place."""
    await service.decide(platform, work, site, ticket_id, data)


HANDLERS: list[HTTPRouteHandler] = [list_terms, enter_terms, remove_term, get_warranty, decide_warranty]
