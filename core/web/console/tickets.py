"""The page of a ticket, and each action on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, Invalid, PreconditionFailed
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.causes import say as say_cause
from core.tickets.fields import AMEND
from core.tickets.model import Ticket, TicketDetail, TimelineEntry
from core.tickets.types import Types
from core.web import views
from core.web.console import agenda, carried, causes, fields, queue, repeats, words
from core.web.console.actions import amended, classified, dialog, notices, own, refused_in, step_of
from core.web.view import View
from core.web.views import TicketView
from core.work import Work


@get("/tickets/{ticket_id:uuid}", permission="ticket.view")
async def ticket_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[str]:
    shown, detail = await _view(work, site, platform, view, ticket_id)
    return await view.html("tickets/detail.html", ticket=shown, outlets=_outlets(detail))


@post("/tickets/{ticket_id:uuid}/{action:str}", permission="ticket.view", status_code=200)
async def ticket_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    action: FromPath[str],
) -> Response[Any]:
    """Take a step. A refusal comes back with the form as it was filled in, and why."""
    form = await view.form()
    step, version = step_of(form, site)
    if action == AMEND:
        kind = platform.tickets.types.find(fields.type_in(form))
        step = msgspec.structs.replace(step, fields=fields.posted(kind, form))
    try:
        await platform.tickets.act(work, site, ticket_id, action, step, version)
    except (Invalid, Conflict, PreconditionFailed) as refused:
        if not view.htmx:
            raise
        shown, detail = await _view(work, site, platform, view, ticket_id)
        return await view.html(
            "tickets/_detail.html",
            status=int(refused.status),
            toast=view.say(refused.message, **refused.params),
            ticket=msgspec.structs.replace(
                shown,
                actions=refused_in(shown.actions, action, form, refused),
                amend=next(iter(refused_in((shown.amend,), action, form, refused)), None) if shown.amend else None,
            ),
            outlets=_outlets(detail),
        )
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/tickets/{ticket_id}")
    shown, detail = await _view(work, site, platform, view, ticket_id)
    return await view.html(
        "tickets/_detail.html", toast=view.say(msgid("Saved")), ticket=shown, outlets=_outlets(detail)
    )


@post("/tickets/{ticket_id:uuid}/goals/{goal:str}/cause", permission="ticket.cause", status_code=200)
async def ticket_cause(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    goal: FromPath[str],
) -> Response[Any]:
    """Say why a goal was missed. A refusal comes back with the dialog as it was filled in, and why."""
    form = await view.form()
    said, version = causes.said_in(form)
    refused: Invalid | PreconditionFailed | None = None
    try:
        await say_cause(work, platform.policies, site, ticket_id, goal, said, version)
    except (Invalid, PreconditionFailed) as error:
        if not view.htmx:
            raise
        refused = error
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/tickets/{ticket_id}")
    shown, detail = await _view(work, site, platform, view, ticket_id)
    if refused is not None:
        shown = msgspec.structs.replace(shown, missed=causes.refused_in(shown.missed, goal, form, refused))
    return await view.html(
        "tickets/_detail.html",
        status=int(refused.status) if refused else 200,
        toast=view.say(refused.message, **refused.params) if refused else view.say(msgid("Saved")),
        ticket=shown,
        outlets=_outlets(detail),
    )


async def _view(
    work: Work, site: Site, platform: Platform, view: View, ticket_id: UUID
) -> tuple[TicketView, TicketDetail]:
    detail = await platform.tickets.detail(work, site, ticket_id)
    ticket, types = detail.ticket, platform.tickets.types
    kind = types.find(ticket.type)
    titles = {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    why = await causes.titles_of(platform, work, site)
    staff = (
        platform.directory.colleagues(work.ctx.company_id, site) if {"assign", "offer"} & set(detail.actions) else []
    )

    def say(text: str) -> str:
        return titles.get(text) or view.say(text)

    facts = [
        (msgid("Place"), ticket.place),
        (msgid("Category"), titles.get(ticket.category, ticket.category)),
        (msgid("Kind"), types.title(ticket.type)),
        (msgid("Channel"), words.CHANNELS[ticket.channel]),
        (msgid("Reported by"), ticket.reporter_name),
        (msgid("Convenient time"), ticket.convenient_time),
        (msgid("First asked"), ticket.owner_name),
        (msgid("Team"), ticket.team_name),
        (msgid("Handled by"), ticket.assignee_name),
        (msgid("Colleague concerned"), ticket.concerns_name),
    ]
    shown = TicketView(
        id=str(ticket.id),
        number=ticket.number,
        title=ticket.description.partition("\n")[0],
        description=ticket.description,
        state=words.state(ticket, types.stage(ticket)),
        severity=words.SEVERITIES[ticket.severity],
        version=ticket.version,
        facts=tuple((name, text) for name, text in [*facts, *fields.fields_of(kind, ticket)] if text),
        phone=ticket.reporter_phone,
        clock=views.Clock(ticket.due_at, ticket.due_seconds or 1, paused=ticket.status == "paused")
        if ticket.due_at or ticket.status == "paused"
        else None,
        goals=tuple(
            words.goal(g, _span(detail, g.due_at), types.goal_title(ticket.type, g.name)) for g in detail.goals
        ),
        missed=causes.missed(work, detail, why, types),
        actions=tuple(
            own(transition)
            if (transition := types.transition(ticket, name))
            else classified(dialog(name, staff, ticket, site, work.now), ticket, titles)
            for name in detail.actions
            if name != AMEND
        ),
        amend=amended(kind, ticket, site, work.now) if AMEND in detail.actions else None,
        timeline=tuple(
            words.happened(
                entry,
                say,
                **fields.changed(kind, entry, say),
                **causes.named(entry, why),
                **_goal(types, ticket, entry),
            )
            for entry in reversed(detail.timeline)
        ),
        owed=notices(detail.sections.owed),
        carried=carried.of(work, site, detail, titles, signs=kind is None or not kind.signed),
        repeat=await repeats.mark(platform, work, site, detail),
        agenda=agenda.raising(work, site, ticket),
    )
    return shown, detail


def _outlets(detail: TicketDetail) -> dict[str, object]:
    return {"ticket.main": detail.ticket, "ticket.side": detail.ticket}


def _goal(types: Types, ticket: Ticket, entry: TimelineEntry) -> dict[str, str]:
    """What an entry's goal is called, where it is one that the ticket's type has of its own."""
    title = types.goal_title(ticket.type, entry.details["goal"]) if "goal" in entry.details else None
    return {"goal": title} if title else {}


def _span(detail: TicketDetail, due_at: Any) -> int:
    return max(1, int((due_at - detail.ticket.created_at).total_seconds())) if due_at else 1


HANDLERS = [ticket_page, ticket_act, ticket_cause]
