"""Trying a policy's draft from its form: started, watched, cancelled. Fragments of the policy's page."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Invalid
from core.platform import Platform
from core.policies.forms import parse_form
from core.tenancy.directory import Site
from core.tickets.simulations import Simulation
from core.web.console import words
from core.web.console.policies import categories_of, find, layer_of
from core.web.view import View
from core.web.views.admin import Trial, TrialMove, TrialRow, TrialTurn
from core.work import Work


@post("/policies/{name:str}/simulations", permission="policy.view", status_code=200)
async def simulation_start(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    name: FromPath[str],
) -> Response[str]:
    """Begin with what the form holds. A draft that could not be saved says so."""
    spec = find(view, name)
    layer = await layer_of(view, spec)
    try:
        draft = parse_form(spec, await view.form_lists(), layer.inherited, layer.overrides)
        simulation = await platform.simulations.start(work, site, spec, draft)
    except Invalid as refused:
        return await view.html("policies/_trial_refused.html", faults=refused.fields)
    return await _show(view, site, simulation)


@get("/policies/{name:str}/simulations/{simulation_id:uuid}", permission="policy.view")
async def simulation_show(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
) -> Response[str]:
    return await _show(view, site, await platform.simulations.get(work, site, name, simulation_id))


@post("/policies/{name:str}/simulations/{simulation_id:uuid}/cancel", permission="policy.view", status_code=200)
async def simulation_cancel(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    name: FromPath[str],
    simulation_id: FromPath[UUID],
) -> Response[str]:
    return await _show(view, site, await platform.simulations.cancel(work, site, name, simulation_id))


async def _show(view: View, site: Site, simulation: Simulation) -> Response[str]:
    titles = await categories_of(view)
    tickets = f"/s/{site.slug}/tickets"
    found = simulation.result
    shown = Trial(
        href=f"/s/{site.slug}/policies/{simulation.policy}/simulations/{simulation.id}",
        state=simulation.state,
        done=simulation.done,
        total=simulation.total,
        rows=tuple(
            TrialRow(
                titles.get(category, category),
                tally.tickets,
                _share(tally.kept_before, tally.missed_before),
                _share(tally.kept_after, tally.missed_after),
                tally.missed_before,
                tally.missed_after,
            )
            for category, tally in sorted(found.categories.items(), key=lambda pair: -pair[1].tickets)
        ),
        turned=tuple(
            TrialTurn(
                f"{tickets}/{ticket.id}",
                ticket.number,
                titles.get(ticket.category, ticket.category),
                tuple(words.GOALS.get(goal, goal) for goal in ticket.missed),
                tuple(words.GOALS.get(goal, goal) for goal in ticket.kept),
            )
            for ticket in found.turned
        ),
        turned_count=found.turned_count,
        open_count=found.open_count,
        sooner=found.sooner,
        later=found.later,
        moved=tuple(
            TrialMove(f"{tickets}/{ticket.id}", ticket.number, ticket.before, ticket.after) for ticket in found.moved
        ),
    )
    return await view.html("policies/_trial.html", trial=shown)


def _share(kept: int, missed: int) -> int | None:
    """Kept of all that are decided, in percent, rounded down: 100 is said only of all."""
    return kept * 100 // (kept + missed) if kept + missed else None


HANDLERS = [simulation_start, simulation_show, simulation_cancel]
