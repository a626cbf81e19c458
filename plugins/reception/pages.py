"""The console pages, mounted below /s/{site_id}/reception."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

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
    views,
    words,
)
from plugins.reception import cards, intake, repository, screens, service
from plugins.reception.intake import Intake
from plugins.reception.permissions import TAKE, VIEW
from plugins.reception.policies import ANSWERING
from plugins.reception.schemas import Call, Filter, Link

_COUNTED = 1001  # so that the pager can say 1,000+


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
    """The front desk, in eleven statements: figures, the call, the form, the queue."""
    shown = await _call(work, site, call)
    form = await intake.build(platform, work, site, view, await intake.from_call(platform, work, site, shown))
    return await _workbench(request, work, site, platform, principal, view, shown, form)


@get("/kpis", permission=TAKE.id)
async def figures(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The figures alone, for live refreshing."""
    return await view.html("reception/_kpis.html", kpis=await _kpis(work, site, platform, view))


@get("/card", permission=TAKE.id)
async def card(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[str]:
    """The card of the call that concerns the clerk."""
    return await _card(work, site, platform, principal, view, await service.current(work, site))


@get("/intake", permission=TAKE.id)
async def intake_form(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    call: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The form, filled in from a call."""
    found = await service.get(work, site, call) if call else None
    values = await intake.from_call(platform, work, site, found)
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
        filled = intake.read(values)
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
        shown = await _call(work, site, _uuid(values.get("call_id", "")))
        return await _workbench(request, work, site, platform, principal, view, shown, form, int(refused.status))
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


@get("/calls", permission=VIEW.id)
async def call_log(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    status: FromQuery[str] = "",
    since: Annotated[str, QueryParameter(name="from")] = "",
    until: Annotated[str, QueryParameter(name="to")] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """The work log of calls, visits and letters (REC-1)."""
    try:
        wanted = msgspec.convert(
            {
                "status": status or None,
                "since": _day(since, site),
                "until": _day(until, site, days=1),
                "text": q.strip() or None,
                "cursor": after or None,
            },
            Filter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error
    found, following = await service.calls(work, site, wanted)
    total = await repository.count(work.uow, site.id, wanted, _COUNTED)
    query = {k: v for k, v in {"status": status, "from": since, "to": until, "q": q}.items() if v}
    address = f"/s/{site.slug}/reception/calls?"
    return await view.html(
        "reception/calls.html",
        filters=views.Filters(
            text=q,
            selects=(
                views.Field(
                    "status",
                    msgid("Outcome"),
                    "select",
                    status,
                    choices=words.choices(screens.OUTCOMES, msgid("All outcomes")),
                ),
                views.Field("from", msgid("From"), "date", since),
                views.Field("to", msgid("To"), "date", until),
            ),
        ),
        rows=[screens.row(site, call) for call in found],
        pager_view=views.Pager(
            len(found),
            "1,000+" if total == _COUNTED else f"{total:,}",
            address + urlencode({**query, "after": following}) if following else None,
            address + urlencode(query) if after else None,
        ),
    )


@post("/calls", permission=TAKE.id, status_code=200)
async def take_down(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    """Write down a call, a visitor or a letter; its card."""
    form = await view.form()
    channel = next((c for c in ("call", "visit", "letter") if c == form.get("channel")), None)
    if channel is None:
        raise Malformed
    call = await service.take_down(platform, work, site, form.get("q", ""), channel)
    return await _card(work, site, platform, principal, view, call)


@post("/calls/{call_id:uuid}/answer", permission=TAKE.id, status_code=200)
async def answer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    return await _card(work, site, platform, principal, view, await service.answer(work, site, call_id))


@post("/calls/{call_id:uuid}/end", permission=TAKE.id, status_code=200)
async def end(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    outcome = (await view.form()).get("outcome", "ended")
    call = await service.end(work, site, call_id, abandoned=outcome == "abandoned")
    return await _card(work, site, platform, principal, view, call)


@post("/calls/{call_id:uuid}/caller", permission=TAKE.id, status_code=200)
async def identify(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    """Choose who it is, of several that it may be."""
    unit, _, party = (await view.form()).get("candidate", "").partition(".")
    to = Link(unit_id=_uuid(unit), party_id=_uuid(party))
    call = await service.link(platform, work, site, call_id, to)
    return await _card(work, site, platform, principal, view, call)


async def _workbench(
    request: Request[Any, Any, Any],
    work: Work,
    site: Site,
    platform: Platform,
    principal: Principal,
    view: View,
    call: Call | None,
    form: Intake,
    status: int = 200,
) -> Response[str]:
    query = {k: v for k, v in request.query_params.items() if isinstance(v, str)}
    return await view.html(
        "reception/workbench.html",
        status=status,
        kpis=await _kpis(work, site, platform, view),
        card=screens.card(site, await cards.build(platform, work, site, principal, call) if call else None),
        intake=form,
        queue=await ticket_queue.build(platform, work, site, {**query, "view": "reception"}),
    )


async def _card(
    work: Work, site: Site, platform: Platform, principal: Principal, view: View, call: Call | None
) -> Response[Any]:
    """The call's card; without htmx the workbench with it."""
    if call is not None and not view.htmx and not work.uow.read_only:
        return view.redirect(f"/s/{site.slug}/reception?call={call.id}")
    shown = await cards.build(platform, work, site, principal, call) if call else None
    return await view.html("reception/_card.html", card=screens.card(site, shown))


async def _call(work: Work, site: Site, call_id: UUID | None) -> Call | None:
    return await service.get(work, site, call_id) if call_id else await service.current(work, site)


async def _kpis(work: Work, site: Site, platform: Platform, view: View) -> tuple[screens.Kpi, ...]:
    goal = (await platform.policies.value(work, ANSWERING, site.id)).goal_seconds
    return screens.kpis(await service.figures(platform, work, site), goal, view)


async def _told(platform: Platform, work: Work, site: Site, category: str, severity: str) -> screens.Told:
    categories = {c.key: c for c in await platform.tickets.categories(work, site)}
    if category not in categories:
        raise Malformed
    read = intake.read_severity(severity)
    promises = await platform.tickets.promise(work, site, category, read)
    title = ticket_queue.title(categories[category], work.ctx.locale)
    return screens.told(promises, title, words.SEVERITIES[read].label)


async def _promised(platform: Platform, work: Work, site: Site, view: View, ticket: Ticket) -> str:
    told = await _told(platform, work, site, ticket.category, ticket.severity)
    if not told.goals:
        return view.say(msgid("Saved as {number}."), number=ticket.number)
    promise = screens.promise_in_words(told, view)
    return view.say(msgid("Saved as {number}. Promised: {promise}"), number=ticket.number, promise=promise)


def _day(text: str, site: Site, days: int = 0) -> datetime | None:
    """Midnight of a date at the site, or of `days` after it. Raises Malformed."""
    try:
        return (
            datetime.combine(date.fromisoformat(text), time.min, ZoneInfo(site.timezone)) + timedelta(days)
            if text
            else None
        )
    except (ValueError, OverflowError):
        raise Malformed from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None


HANDLERS: list[HTTPRouteHandler] = [
    workbench,
    figures,
    card,
    intake_form,
    take_in,
    promise,
    call_log,
    take_down,
    answer,
    end,
    identify,
]
