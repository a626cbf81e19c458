"""Charges, agreements and photos over the JSON API, below /api/v1/sites/{site_id}/repairs."""

from __future__ import annotations

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from core.sdk import Platform, Site, Work
from plugins.repairs.charges import service
from plugins.repairs.charges.model import Counter, NewConsent, NewLine, Pause, PhotoMark, Signing, Waiver
from plugins.repairs.orders import order
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.state import Line
from plugins.repairs.permissions import CHARGE, HANDLE, WAIVE


@post("/orders/{ticket_id:uuid}/lines", permission=HANDLE.id)
async def add_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewLine],
) -> Line:
    """Write down materials or labour, at today's price."""
    return await service.add(platform, work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/lines/{line_id:uuid}/counter", permission=HANDLE.id, status_code=204)
async def counter_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    line_id: FromPath[UUID],
    data: JSONBody[Counter],
) -> None:
    """Take a line back by an entry against it; both stay."""
    await service.counter(platform, work, site, ticket_id, line_id, data.note)


@post("/orders/{ticket_id:uuid}/consents", permission=CHARGE.id)
async def record_consent(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewConsent],
) -> Order:
    """Record that the resident agrees, without signing, to what the order comes to: the estimate, or the charge."""
    return await service.agree(platform, work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/signatures", permission=CHARGE.id)
async def sign_order(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[Signing],
) -> Order:
    """Keep the resident's signature under the sum they were shown: with it they agree. Conflict if it has changed."""
    return await service.sign(platform, work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/waiver", permission=WAIVE.id)
async def waive_charge(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[Waiver],
) -> Order:
    """Record that what is due is not charged, with the reason."""
    return await service.waive(platform, work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/photos", permission=HANDLE.id, status_code=204)
async def mark_photo(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    ticket_id: FromPath[UUID],
    data: JSONBody[PhotoMark],
) -> None:
    """Say whether a picture among the ticket's files shows the place before or after the work."""
    await service.mark(work, site, ticket_id, data)


@post("/orders/{ticket_id:uuid}/pause", permission="ticket.handle", status_code=200)
async def pause_order(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    data: JSONBody[Pause],
) -> Order:
    """Have the work wait, for one of the site's reasons. Needs If-Match, like the actions of every ticket."""
    ticket = await service.pause(platform, work, site, ticket_id, data, if_match)
    return await order.of(platform, work, site, ticket)


HANDLERS: list[HTTPRouteHandler] = [
    add_line,
    counter_line,
    record_consent,
    sign_order,
    waive_charge,
    mark_photo,
    pause_order,
]
