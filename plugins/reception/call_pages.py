"""Calls in the console: the work log, and what a clerk does with a call. Mounted like the other pages."""

from __future__ import annotations

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

from core.sdk import Malformed, Platform, Principal, Site, View, Work, msgid, views, words
from plugins.reception import cards, log, screens, service
from plugins.reception.intake import read_channel, read_id
from plugins.reception.permissions import TAKE, VIEW
from plugins.reception.schemas import Call, Filter, Link

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
    asked = {"status": status, "channel": channel, "text": q.strip(), "cursor": after}
    try:
        wanted = msgspec.convert(
            {
                **{name: text for name, text in asked.items() if text},
                "since": _day(since, site),
                "until": _day(until, site, days=1),
            },
            Filter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error
    found, following = await service.calls(work, site, wanted)
    total = await log.count(work.uow, site.id, wanted, _COUNTED)
    fields = (
        _chosen("status", msgid("Outcome"), status, words.choices(screens.OUTCOMES, msgid("All outcomes"))),
        _chosen("channel", msgid("Channel"), channel, words.choices(screens.CHANNELS, msgid("All channels"))),
        views.Field("from", msgid("From"), "date", since),
        views.Field("to", msgid("To"), "date", until),
    )
    query = {name: text for name, text in [*((f.name, f.value) for f in fields), ("q", q)] if text}
    address = f"/s/{site.slug}/reception/calls?"
    return await view.html(
        "reception/calls.html",
        filters=views.Filters(text=q, selects=fields),
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
    call = await service.take_down(platform, work, site, form.get("q", ""), read_channel(form.get("channel", "")))
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


HANDLERS: list[HTTPRouteHandler] = [call_log, take_down, answer, end, identify]
