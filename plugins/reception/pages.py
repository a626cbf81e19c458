"""The console pages, mounted below /s/{site_id}/reception."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    Invalid,
    Malformed,
    Platform,
    Principal,
    Site,
    Ticket,
    View,
    Work,
    masked,
    msgid,
    ticket_queue,
    words,
)
from plugins.reception import cards, intake, screens, service
from plugins.reception.call_pages import card_of
from plugins.reception.intake import Intake
from plugins.reception.permissions import LETTER, TAKE
from plugins.reception.policies import ANSWERING
from plugins.reception.schemas import Day


@get("/", permission=TAKE.id)
async def workbench(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The front desk, in six statements: figures, the call, the form, the queue."""
    return await _workbench(request, work, site, platform, principal, view, call)


@get("/kpis", permission=TAKE.id)
async def figures(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The figures alone, for live refreshing."""
    return await view.html(
        "reception/_kpis.html", kpis=await _kpis(work, site, platform, view, await service.today(work, site))
    )


@get("/card", permission=TAKE.id)
async def card(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[str]:
    """The card of the call that concerns the clerk."""
    return await card_of(work, site, platform, principal, view, await service.current(work, site))


@get("/households/{unit_id:uuid}", permission=TAKE.id)
async def household(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    unit_id: FromPath[UUID],
) -> Response[str]:
    """What other modules know of a household: part of the card of a call (REC-5)."""
    known = await platform.estate.household(work, site, unit_id)
    return await view.html("reception/_modules.html", outlets={"household.card": known})


@get("/intake", permission=TAKE.id)
async def intake_form(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    call: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The form, filled in from a call."""
    values: dict[str, str] = {}
    if call is not None:
        shown = await service.get(work, site, call)
        values = intake.from_call(shown, (await cards.find(platform, work, site, shown)).who)
    return await view.html("reception/_intake.html", intake=await intake.build(platform, work, site, view, values))


@post("/intake", permission=TAKE.id, status_code=200)
async def take_in(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    """Make a ticket of the form, in six statements. A refusal comes back with the form as it was filled in, and why."""
    values = await view.form()
    try:
        filled = await intake.read(platform, work, site, values)
        new = filled.ticket
        if "*" in new.reporter_phone and filled.call_id:  # shown masked after the call had ended
            call = await service.get(work, site, filled.call_id)
            if masked(call.phone) == new.reporter_phone:
                new = msgspec.structs.replace(new, reporter_phone=call.phone)
        ticket = await service.take_in(platform, work, site, filled.form_id, filled.call_id, new)
    except Invalid as refused:
        form = await intake.build(platform, work, site, view, values, refused.fields)
        if view.htmx:
            return await view.html("reception/_intake.html", status=int(refused.status), intake=form)
        call_id = intake.read_id(values.get("call_id", ""))
        return await _workbench(request, work, site, platform, principal, view, call_id, form, int(refused.status))
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/reception")
    toast = await _promised(platform, work, site, view, ticket)
    return await view.html("reception/_taken.html", toast=toast, call_id=values.get("call_id", ""))


@get("/promise", permission=TAKE.id)
async def promise(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    category: FromQuery[str],
    severity: FromQuery[str] = "routine",
) -> Response[str]:
    """What may be promised for such a matter, before it is saved (TKT-4)."""
    told = await _told(platform, work, site, category, severity)
    return await view.html("reception/_promise.html", promise=told)


async def _workbench(
    request: Request[Any, Any, Any],
    work: Work,
    site: Site,
    platform: Platform,
    principal: Principal,
    view: View,
    call_id: UUID | None,
    form: Intake | None = None,
    status: int = 200,
) -> Response[str]:
    """The whole page; `form` as it was filled in, else filled in from the call."""
    query = {k: v for k, v in request.query_params.items() if isinstance(v, str)}
    day, call = await service.desk(work, site, call_id)
    card: cards.CallCard | None = None
    values: dict[str, str] = {}
    if call is not None:
        found = await cards.find(platform, work, site, call)
        card = await cards.build(platform, work, site, principal, call, found)
        values = intake.from_call(call, found.who)
    return await view.html(
        "reception/workbench.html",
        status=status,
        kpis=await _kpis(work, site, platform, view, day),
        card=screens.card(site, card),
        intake=form or await intake.build(platform, work, site, view, values),
        queue=await ticket_queue.build(platform, work, site, {**query, "view": "reception"}),
        letters=LETTER.id in work.ctx.permissions,
    )


async def _kpis(work: Work, site: Site, platform: Platform, view: View, day: Day) -> tuple[screens.Kpi, ...]:
    goal = (await platform.policies.value(work, ANSWERING, site.id)).goal_seconds
    return screens.kpis(await service.figures(platform, work, site, day), goal, view)


async def _told(platform: Platform, work: Work, site: Site, category: str, severity: str) -> screens.Told:
    categories = {c.key: c for c in await platform.tickets.categories(work, site)}
    if category not in categories:
        raise Malformed
    read = intake.read_severity(severity)
    promises = await platform.tickets.promise(work, site, category, read)
    title = ticket_queue.title(categories[category], work.ctx.locale)
    own = partial(platform.tickets.types.goal_title, categories[category].ticket_type)
    return screens.told(promises, title, words.SEVERITIES[read].label, own)


async def _promised(platform: Platform, work: Work, site: Site, view: View, ticket: Ticket) -> str:
    told = await _told(platform, work, site, ticket.category, ticket.severity)
    if not told.goals:
        return view.say(msgid("Saved as {number}."), number=ticket.number)
    promise = screens.promise_in_words(told, view)
    return view.say(msgid("Saved as {number}. Promised: {promise}"), number=ticket.number, promise=promise)


HANDLERS: list[HTTPRouteHandler] = [workbench, figures, card, household, intake_form, take_in, promise]
