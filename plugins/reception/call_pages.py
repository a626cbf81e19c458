"""Calls in the console: the work log, and what a clerk does with a call. Mounted like the other pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from core.sdk import (
    Malformed,
    Platform,
    Principal,
    ReportTable,
    Site,
    View,
    Work,
    local_text,
    masked,
    msgid,
    read_form,
    report,
    views,
    words,
)
from plugins.reception import cards, log, screens, service
from plugins.reception.identity import service as identity
from plugins.reception.identity.service import Confirm
from plugins.reception.intake import read_channel, read_id
from plugins.reception.permissions import LOG_EXPORT, TAKE, VIEW
from plugins.reception.schemas import Call, Filter, Link, Noted

_MOST = 5000  # rows of a workbook
_HEADINGS = (
    msgid("When"),
    msgid("Channel"),
    msgid("Phone"),
    msgid("Who"),
    msgid("Place"),
    msgid("What it was about"),
    msgid("What was answered"),
    msgid("Answered after (s)"),
    msgid("Duration (s)"),
    msgid("Outcome"),
    msgid("Clerk"),
    msgid("Ticket"),
    msgid("Identity confirmed by"),
)
_COUNTED = 1001  # so that the pager can say 1,000+


@get("/calls", permission=VIEW.id)
async def call_log(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    status: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    since: Annotated[str, QueryParameter(name="from")] = "",
    until: Annotated[str, QueryParameter(name="to")] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """The work log of calls, visits and letters (REC-1)."""
    query = {"status": status, "channel": channel, "from": since, "to": until, "q": q.strip(), "after": after}
    wanted = _wanted(site, query)
    found, following = await service.calls(work, site, wanted)
    total = await log.count(work.uow, site.id, wanted, _COUNTED)
    fields = (
        _chosen("status", msgid("Outcome"), status, words.choices(screens.OUTCOMES, msgid("All outcomes"))),
        _chosen("channel", msgid("Channel"), channel, words.choices(screens.CHANNELS, msgid("All channels"))),
        views.Field("from", msgid("From"), "date", since),
        views.Field("to", msgid("To"), "date", until),
    )
    kept = urlencode({name: text for name, text in query.items() if text and name != "after"})
    address = f"/s/{site.slug}/reception/calls?"
    return await view.html(
        "reception/calls.html",
        filters=views.Filters(text=q, selects=fields),
        rows=[screens.row(site, call) for call in found],
        pager_view=views.Pager(
            len(found),
            "1,000+" if total == _COUNTED else f"{total:,}",
            f"{address}{kept}&{urlencode({'after': following})}" if following else None,
            address + kept if after else None,
        ),
        takes=TAKE.id in work.ctx.permissions,
        export=f"/s/{site.slug}/reception/calls/export?{kept}" if LOG_EXPORT.id in work.ctx.permissions else "",
    )


# not a GET: that somebody took the log with them is put on record
@post("/calls/export", permission=LOG_EXPORT.id, status_code=200)
async def log_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The narrowed log as a workbook, phones masked (REC-1)."""
    found = await service.whole_log(work, site, _wanted(site, view.query), _MOST)
    say = view.say
    rows = [
        (
            local_text(site, call.ringing_at),
            say(screens.CHANNELS[call.channel]),
            masked(call.phone),
            call.caller_name,
            call.place,
            call.about,
            call.answer,
            call.waited,
            call.talked,
            say(screens.OUTCOMES[call.status].label),
            call.answered_by_name,
            call.ticket_number,
            view.listed(say(screens.PART_LABELS[part]) for part in call.confirmed),
        )
        for call in found
    ]
    title = say(msgid("Work log"))
    table = ReportTable(title, [say(heading) for heading in _HEADINGS], rows)
    return await asyncio.to_thread(report, f"{title}-{site.name}-{site.today(work.now):%Y%m%d}", [table], work.now)


@post("/calls", permission=TAKE.id, status_code=200)
async def take_down(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    """Write down a call or a visitor; its card. A letter is registered instead."""
    form = await view.form()
    if (channel := read_channel(form.get("channel", ""))) == "letter":
        raise Malformed
    call = await service.take_down(platform, work, site, form.get("q", ""), channel)
    return await card_of(work, site, platform, principal, view, call)


@post("/calls/{call_id:uuid}/answer", permission=TAKE.id, status_code=200)
async def answer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    return await card_of(work, site, platform, principal, view, await service.answer(work, site, call_id))


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
    return await card_of(work, site, platform, principal, view, call)


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
    to = Link(unit_id=read_id(unit), party_id=read_id(party))
    call = await service.link(platform, work, site, call_id, to)
    return await card_of(work, site, platform, principal, view, call)


@post("/calls/{call_id:uuid}/identity", permission=TAKE.id, status_code=200)
async def confirm_identity(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    """Record which of name, address and phone the caller has confirmed (REC-5)."""
    parts = (await view.form_lists()).get("part", [])
    call = await identity.confirm(work, site, call_id, read_form({"parts": parts}, Confirm))
    return await card_of(work, site, platform, principal, view, call)


@post("/calls/{call_id:uuid}/note", permission=TAKE.id, status_code=200)
async def note(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    call_id: FromPath[UUID],
) -> Response[Any]:
    """Write down what it was about and what was answered, where no ticket is needed (REC-1)."""
    form = await view.form()
    said = read_form({name: form.get(name, "") for name in ("matter", "answer")}, Noted)
    return await card_of(work, site, platform, principal, view, await service.note(work, site, call_id, said))


@post("/calls/{call_id:uuid}/called-back", permission=TAKE.id, status_code=200)
async def call_back(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], call_id: FromPath[UUID]
) -> Response[Any]:
    """Called back after all; the log is shown again."""
    await service.call_back(work, site, call_id)
    return view.redirect(f"/s/{site.slug}/reception/calls")


async def card_of(
    work: Work, site: Site, platform: Platform, principal: Principal, view: View, call: Call | None
) -> Response[Any]:
    """The call's card; without htmx the workbench with it."""
    if call is not None and not view.htmx and not work.uow.read_only:
        return view.redirect(f"/s/{site.slug}/reception?call={call.id}")
    if call is None:
        return await view.html("reception/_card.html", card=screens.card(site, None))
    shown = await cards.build(platform, work, site, principal, call, await cards.find(platform, work, site, call))
    return await view.html("reception/_card.html", card=screens.card(site, shown))


def _chosen(name: str, label: str, value: str, choices: tuple[views.Choice, ...]) -> views.Field:
    return views.Field(name, label, "select", value, choices=choices)


def _wanted(site: Site, query: Mapping[str, str]) -> Filter:
    names = {"status": "status", "channel": "channel", "q": "text", "after": "cursor"}
    asked = {field: query[name] for name, field in names.items() if query.get(name)}
    days = {"since": _day(query.get("from", ""), site), "until": _day(query.get("to", ""), site, days=1)}
    try:
        return msgspec.convert({**asked, **days}, Filter)
    except msgspec.ValidationError as error:
        raise Malformed from error


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


HANDLERS: list[HTTPRouteHandler] = [
    call_log,
    log_export,
    take_down,
    answer,
    end,
    identify,
    confirm_identity,
    note,
    call_back,
]
