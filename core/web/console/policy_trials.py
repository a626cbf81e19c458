"""Trying a policy's draft from its form: started, watched, cancelled; its tickets. Parts of the policy's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Invalid, Malformed
from core.i18n import msgid
from core.policies.administration import tried_layer
from core.policies.forms import parse_form
from core.tickets.replay import CategoryTally, Result, Tally
from core.tickets.simulations import PAGE, TURNS, Simulation, Turn
from core.web.console import trial_book, words
from core.web.console.policies import base, find, layer_of
from core.web.console.trial_book import titles_of
from core.web.view import View
from core.web.views import Choice
from core.web.views.admin import Trial, TrialRow, TrialTicket, TrialTickets

_TURNS: Final[Mapping[Turn, str]] = {
    "turned": msgid("All that come out differently"),
    "lost": msgid("Would be missed"),
    "gained": msgid("Would be kept"),
    "moved": msgid("Due at another time"),
}


class _Wanted(msgspec.Struct, frozen=True):
    turn: Turn = "turned"
    after: UUID | None = None


@post("/policies/{name:str}/simulations", permission="policy.view", status_code=200)
async def simulation_start(view: NamedDependency[View], name: FromPath[str]) -> Response[str]:
    """Begin with what the form holds. A draft that could not be saved says so."""
    spec, state = find(view, name), view.state
    site_id = tried_layer(state.work, state.principal.company, state.site_or_none)
    layer = await layer_of(view, spec)
    try:
        draft = parse_form(spec, await view.form_lists(), layer.inherited, layer.overrides)
        simulation = await state.platform.simulations.start(state.work, site_id, spec, draft)
    except Invalid as refused:
        return await view.html("policies/_trial_refused.html", faults=refused.fields)
    return await _show(view, simulation)


@get("/policies/{name:str}/simulations/{simulation_id:uuid}", permission="policy.view")
async def simulation_show(
    view: NamedDependency[View], name: FromPath[str], simulation_id: FromPath[UUID]
) -> Response[str]:
    return await _show(view, await _get(view, name, simulation_id))


@get("/policies/{name:str}/simulations/{simulation_id:uuid}/tickets", permission="policy.view")
async def simulation_tickets(
    view: NamedDependency[View], name: FromPath[str], simulation_id: FromPath[UUID]
) -> Response[str]:
    """A page of the tickets that come out differently."""
    try:
        wanted = msgspec.convert(view.query, _Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error
    simulation, state = await _get(view, name, simulation_id), view.state
    found = await state.platform.simulations.tickets(state.work, simulation, wanted.turn, wanted.after, PAGE + 1)
    titles = await titles_of(view, state.site_or_none)
    sites = {site.id: site for site in state.principal.sites}
    result, href = simulation.result, f"{base(view)}/{simulation.policy}/simulations/{simulation.id}"
    counts = {
        "turned": result.turned,
        "lost": result.lost,
        "gained": result.gained,
        "moved": result.sooner + result.later,
    }
    shown = TrialTickets(
        href=f"{href}/tickets",
        export=f"{href}/export",
        turn=wanted.turn,
        turns=tuple((Choice(turn, _TURNS[turn]), counts[turn]) for turn in TURNS),
        rows=tuple(
            TrialTicket(
                f"/s/{sites[ticket.site_id].slug}/tickets/{ticket.id}",
                ticket.number,
                titles.get(ticket.category, ticket.category),
                sites[ticket.site_id].name,
                tuple(map(words.goal_title, ticket.missed)),
                tuple(map(words.goal_title, ticket.kept)),
                ticket.moves,
                ticket.due_before,
                ticket.due_after,
            )
            for ticket in found[:PAGE]
        ),
        next=f"turn={wanted.turn}&after={found[PAGE - 1].id}" if len(found) > PAGE else "",
        exportable="ticket.export" in state.work.ctx.permissions,
        by_site=simulation.site_id is None,
    )
    return await view.html("policies/_trial_tickets.html", tickets=shown)


@post("/policies/{name:str}/simulations/{simulation_id:uuid}/export", permission="ticket.export", status_code=200)
async def simulation_export(
    view: NamedDependency[View], name: FromPath[str], simulation_id: FromPath[UUID]
) -> Response[bytes]:
    """The workbook of what is listed."""
    try:
        wanted = msgspec.convert(await view.form(), _Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error
    return await trial_book.answer(view, await _get(view, name, simulation_id), wanted.turn)


@post("/policies/{name:str}/simulations/{simulation_id:uuid}/cancel", permission="policy.view", status_code=200)
async def simulation_cancel(
    view: NamedDependency[View], name: FromPath[str], simulation_id: FromPath[UUID]
) -> Response[str]:
    state = view.state
    site_id = tried_layer(state.work, state.principal.company, state.site_or_none)
    return await _show(view, await state.platform.simulations.cancel(state.work, site_id, name, simulation_id))


async def _get(view: View, name: str, id: UUID) -> Simulation:
    state = view.state
    site_id = tried_layer(state.work, state.principal.company, state.site_or_none)
    return await state.platform.simulations.get(state.work, site_id, name, id)


async def _show(view: View, simulation: Simulation) -> Response[str]:
    titles = await titles_of(view, view.state.site_or_none)
    names = {site.id: site.name for site in view.state.principal.sites}
    found, by_site = simulation.result, simulation.site_id is None
    shown = Trial(
        href=f"{base(view)}/{simulation.policy}/simulations/{simulation.id}",
        state=simulation.state,
        done=simulation.done,
        total=simulation.total,
        rows=tuple(
            _row(titles.get(category, category), tally, tally.tickets, _goals(tally))
            for category, tally in sorted(found.categories.items(), key=lambda pair: -pair[1].tickets)
        ),
        sites=tuple(_of_site(names[each.site_id], each.result) for each in simulation.sites) if by_site else (),
        turned=found.turned,
        gained=found.gained,
        lost=found.lost,
        open_count=found.open,
        sooner=found.sooner,
        later=found.later,
    )
    return await view.html("policies/_trial.html", trial=shown)


def _of_site(name: str, result: Result) -> TrialRow:
    whole = CategoryTally()
    for tally in result.categories.values():
        whole.add(tally)
    row = _row(name, whole, whole.tickets)
    return msgspec.structs.replace(row, gained=result.gained, lost=result.lost)


def _goals(tally: CategoryTally) -> Iterable[TrialRow]:
    """Promises in the order of their steps, then the goals of types."""
    order = [*words.GOALS, *sorted(tally.goals.keys() - words.GOALS.keys())]
    for name in order:
        if name in tally.goals:
            goal = tally.goals[name]
            decided = max(goal.kept_before + goal.missed_before, goal.kept_after + goal.missed_after)
            yield _row(words.goal_title(name), goal, decided)


def _row(label: str, tally: Tally, tickets: int, goals: Iterable[TrialRow] = ()) -> TrialRow:
    return TrialRow(
        label,
        tickets,
        _share(tally.kept_before, tally.missed_before),
        _share(tally.kept_after, tally.missed_after),
        tally.missed_before,
        tally.missed_after,
        tuple(goals),
    )


def _share(kept: int, missed: int) -> int | None:
    """Kept of all that are decided, in percent, rounded down: 100 is said only of all."""
    return kept * 100 // (kept + missed) if kept + missed else None


HANDLERS = [simulation_start, simulation_show, simulation_tickets, simulation_export, simulation_cancel]
