"""Trying drafts of policies, in the JSON API: at a site, and for the company at all of its sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.auth.principals import Principal
from core.exchange.sheet import MEDIA_TYPE
from core.platform import Platform
from core.policies.administration import tried_layer
from core.tickets.simulations import PAGE, SimulatedTicket, Simulation, Turn
from core.web.console import trial_book
from core.web.state import state_of
from core.web.view import View
from core.work import Work

AnyRequest = Request[Any, Any, Any]


class NewSimulation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draft to be tried: all that the layer would override."""

    overrides: dict[str, Any]


class SimulatedTickets(msgspec.Struct, frozen=True):
    """Tickets that come out differently; `next` is the `after` of the following page, null at the end."""

    tickets: list[SimulatedTicket]
    next: UUID | None


class TrialExport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tickets the workbook is of."""

    turn: Turn = "turned"


@post("/policies/{name:str}/simulations", permission="policy.view")
async def start_simulation(
    request: AnyRequest,
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    name: FromPath[str],
    data: JSONBody[NewSimulation],
) -> Response[Simulation]:
    """Try a draft on the tickets of the last ninety days and the open ones; nothing is changed. A company's draft is
    tried at all of its sites, by those who may enter them all."""
    site = state_of(request.scope).site_or_none
    site_id, spec = tried_layer(work, principal.company, site), platform.policies.registry.get(name)
    simulation = await platform.simulations.start(work, site_id, spec, data.overrides)
    path = f"/api/v1/sites/{site.slug}" if site else "/api/v1"
    location = f"{path}/policies/{name}/simulations/{simulation.id}"
    return Response(simulation, status_code=201, headers={"Location": location})


@get("/policies/{name:str}/simulations/{simulation_id:uuid}", permission="policy.view")
async def get_simulation(
    request: AnyRequest,
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
) -> Simulation:
    """How far a simulation is, and what it came to so far. It is kept for a day."""
    return await _get(request, work, principal, platform, name, simulation_id)


@get("/policies/{name:str}/simulations/{simulation_id:uuid}/tickets", permission="policy.view")
async def list_simulated_tickets(
    request: AnyRequest,
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
    turn: FromQuery[Turn] = "turned",
    after: FromQuery[UUID | None] = None,
) -> SimulatedTickets:
    """The tickets that come out differently: all (`turned`), those that would miss more (`lost`) or less (`gained`), or
    open ones that would be due at another time (`moved`). 200 a page, the oldest first."""
    simulation = await _get(request, work, principal, platform, name, simulation_id)
    found = await platform.simulations.tickets(work, simulation, turn, after, PAGE + 1)
    return SimulatedTickets(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


@post(
    "/policies/{name:str}/simulations/{simulation_id:uuid}/export",
    permission="ticket.export",
    status_code=200,
    media_type=MEDIA_TYPE,
)
async def export_simulated_tickets(
    request: AnyRequest,
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
    data: JSONBody[TrialExport],
) -> Response[bytes]:
    """The same tickets as .xlsx, on record."""
    simulation = await _get(request, work, principal, platform, name, simulation_id)
    return await trial_book.answer(view, simulation, data.turn)


@delete("/policies/{name:str}/simulations/{simulation_id:uuid}", permission="policy.view")
async def cancel_simulation(
    request: AnyRequest,
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
) -> None:
    """Stop a simulation; what it came to so far can still be read."""
    site_id = tried_layer(work, principal.company, state_of(request.scope).site_or_none)
    await platform.simulations.cancel(work, site_id, name, simulation_id)


async def _get(
    request: AnyRequest, work: Work, principal: Principal, platform: Platform, name: str, id: UUID
) -> Simulation:
    site_id = tried_layer(work, principal.company, state_of(request.scope).site_or_none)
    return await platform.simulations.get(work, site_id, name, id)


HANDLERS = [
    start_simulation,
    get_simulation,
    list_simulated_tickets,
    export_simulated_tickets,
    cancel_simulation,
]
