"""The desk's summary over the JSON API and in the console: on screen, printed, as a workbook."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import (
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    local_day,
    local_month,
    msgid,
    report,
    ticket_queue,
    views,
)
from plugins.reception.permissions import VIEW
from plugins.reception.screens import CHANNELS
from plugins.reception.summaries import service
from plugins.reception.summaries.answering import Answered
from plugins.reception.summaries.service import Contacts, Span, Summary

_TOPICS = (msgid("Topic"), msgid("Taken in"), msgid("Still open"), msgid("Resolved"), msgid("Closed"))
_CONTACTS = (
    msgid("Channel"),
    msgid("Number"),
    msgid("Answered"),
    msgid("Missed"),
    msgid("Caller hung up"),
    msgid("Average answer (s)"),
)
_ANSWERING = (
    msgid("By"),
    msgid("Number"),
    msgid("Answered"),
    msgid("In time"),
    msgid("In time (%)"),
    msgid("Average answer (s)"),
    msgid("Longest answer (s)"),
    msgid("Missed"),
    msgid("Caller hung up"),
    msgid("Called back"),
)
_VISITORS = (
    msgid("Day"),
    msgid("Visitors"),
    msgid("Turned away"),
    msgid("Let in as registered"),
    msgid("Met inside without registration"),
    msgid("Counted at the gate"),
    msgid("Registered (%)"),
)
_MESSAGES = (msgid("Messages"), msgid("Done"), msgid("Callbacks missed"))


@get("/summary", permission=VIEW.id)
async def get_summary(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    span: FromQuery[Span] = "day",
    day: FromQuery[date | None] = None,
) -> Summary:
    """A day at the desk, or the month it lies in: calls and visits, topics and outcomes, what is still open."""
    return await service.summary(platform, work, site, span, day)


@get("/summary", permission=VIEW.id)
async def summary_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    span: FromQuery[Span] = "day",
    day: FromQuery[str] = "",
) -> Response[str]:
    """The summary on screen (REC-12); it prints as it is."""
    shown = await service.summary(platform, work, site, span, _day(day))
    here = f"/s/{site.slug}/reception/summary?span={span}&day="
    return await view.html(
        "reception/summary.html",
        summary=shown,
        span=span,
        contacts=tuple((CHANNELS[each.channel], each) for each in shown.contacts),
        topics=await _topics(platform, work, site, shown),
        before=f"{here}{shown.since - timedelta(days=1)}" if shown.since.year > 2000 else "",
        after=f"{here}{shown.until}" if shown.until <= site.today(work.now) else "",
        export=f"/s/{site.slug}/reception/summary/export?span={span}&day={shown.since}",
        choose=views.Field("day", msgid("Month"), "month", f"{shown.since:%Y-%m}")
        if span == "month"
        else views.Field("day", msgid("Day"), "date", str(shown.since)),
    )


@get("/summary/export", permission=VIEW.id)
async def summary_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    span: FromQuery[Span] = "day",
    day: FromQuery[str] = "",
) -> Response[bytes]:
    """The summary as a workbook; it names nobody."""
    shown = await service.summary(platform, work, site, span, _day(day))
    say = view.say
    tables = [
        ReportTable(
            say(msgid("Calls and visits")),
            [say(heading) for heading in _CONTACTS],
            [(say(CHANNELS[c.channel]), c.count, *_outcome(c)) for c in shown.contacts],
        ),
        ReportTable(
            say(msgid("Topics")),
            [say(heading) for heading in _TOPICS],
            [
                (title, t.taken_in, t.open, t.resolved, t.closed)
                for title, t in await _topics(platform, work, site, shown)
            ],
        ),
        ReportTable(
            say(msgid("Visitors")),
            [say(heading) for heading in _VISITORS],
            [(d.day, d.came, d.turned_away, d.registered, d.found, d.counted, d.share) for d in shown.visitors],
        ),
        ReportTable(
            say(msgid("Messages")),
            [say(heading) for heading in _MESSAGES],
            [(shown.messages, shown.messages_done, shown.messages_missed)],
        ),
        ReportTable(
            say(msgid("Answering of calls")),
            [say(heading) for heading in _ANSWERING],
            [
                (
                    label,
                    a.count,
                    a.answered,
                    a.in_time,
                    a.share,
                    _seconds(a.average_wait),
                    a.longest_wait,
                    a.missed,
                    a.abandoned,
                    a.called_back,
                )
                for label, a in _answering(view, shown)
            ],
        ),
    ]
    name = f"{say(msgid('Front desk summary'))}-{site.name}-{shown.since}"
    return await asyncio.to_thread(report, name, tables, work.now)


async def _topics(platform: Platform, work: Work, site: Site, shown: Summary) -> tuple[tuple[str, service.Topic], ...]:
    """Each topic with its category's title; one that was taken out of the list keeps its key."""
    titles = {c.key: ticket_queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    return tuple((titles.get(topic.category, topic.category), topic) for topic in shown.topics)


def _answering(view: View, shown: Summary) -> list[tuple[str, Answered]]:
    """The whole, then by clerk, by hour and by day."""
    found = shown.answering
    whole = [(view.say(msgid("All calls")), found.all)] if found.all else []
    return [
        *whole,
        *((each.key or "—", each) for each in found.clerks),
        *((f"{each.key}:00", each) for each in found.hours),
        *((each.key, each) for each in found.days),
    ]


def _outcome(each: Contacts) -> tuple[float | None, ...]:
    """Answered, missed, given up and the seconds it rang: of calls; whoever comes or writes does not ring."""
    if each.channel != "call":
        return None, None, None, None
    return each.answered, each.missed, each.abandoned, _seconds(each.average_wait)


def _day(text: str) -> date | None:
    """A day or a month: the form still holds the one when the other is chosen. Raises Malformed."""
    try:
        return local_day(text)
    except Malformed:
        return local_month(text)


def _seconds(wait: float | None) -> float | None:
    return None if wait is None else round(wait, 1)


API: list[HTTPRouteHandler] = [get_summary]
PAGES: list[HTTPRouteHandler] = [summary_page, summary_export]
