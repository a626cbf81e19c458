"""The desk's day or month: calls and visits by topic and outcome, and what is still open (REC-12). Callers commit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from core.sdk import Malformed, NotFound, Platform, Site, Work, midnight, ticket_tally
from plugins.reception.policies import ANSWERING
from plugins.reception.summaries.answering import Answering, counted
from plugins.reception.visitors import log
from plugins.reception.visitors.model import Day, share_of
from plugins.reception.visitors.policy import VISITORS

Span = Literal["day", "month"]
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_REST = """
SELECT ARRAY(SELECT ticket_id FROM reception_intake
             WHERE company_id = $1 AND site_id = $2 AND taken_at >= $3 AND taken_at < $4
             UNION SELECT ticket_id FROM reception_call
             WHERE company_id = $1 AND site_id = $2 AND ringing_at >= $3 AND ringing_at < $4 AND ticket_id IS NOT NULL),
    count(*), count(*) FILTER (WHERE done_at IS NOT NULL), count(*) FILTER (WHERE missed_at IS NOT NULL)
FROM reception_message WHERE company_id = $1 AND site_id = $2 AND taken_at >= $3 AND taken_at < $4
"""


class Contacts(msgspec.Struct, frozen=True):
    """Calls, visits or letters: how many, answered, missed, given up, still going on, and the seconds they rang."""

    channel: str
    count: int
    answered: int
    missed: int
    abandoned: int
    going_on: int
    average_wait: float | None


class Topic(msgspec.Struct, frozen=True):
    """A category of what was taken in at the desk, and what came of it; `open` are not resolved yet."""

    category: str
    taken_in: int
    open: int
    resolved: int
    closed: int


class Summary(msgspec.Struct, frozen=True):
    """A day or a month at the desk, as it stands now; `since` is included, `until` is not. `registered_share` is the
    percentage of outsiders who were registered (REC-7); on `days_counted` of the days the gate counted them itself."""

    since: date
    until: date
    contacts: list[Contacts]
    answering: Answering
    topics: list[Topic]
    messages: int
    messages_done: int
    messages_missed: int
    visitors: list[Day]
    registered_share: float | None
    registered_target: int
    days_counted: int


class _Rest(msgspec.Struct, frozen=True):
    tickets: list[UUID]
    messages: int
    done: int
    missed: int


async def summary(platform: Platform, work: Work, site: Site, span: Span, day: date | None) -> Summary:
    """Of the day, or of the month it lies in; today without one. Raises Malformed for a day out of reach."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    day = day or site.today(work.now)
    if not _FIRST <= day <= _LAST:
        raise Malformed
    first = day.replace(day=1) if span == "month" else day
    last = (first + timedelta(days=31)).replace(day=1) if span == "month" else first + timedelta(days=1)
    since, until = midnight(site, first), midnight(site, last)
    goal = (await platform.policies.value(work, ANSWERING, site.id)).goal_seconds
    channels, answering = await counted(work.uow, site.id, since, until, goal, site.timezone)
    contacts = [
        Contacts(each.key, each.count, each.answered, each.missed, each.abandoned, each.going_on, each.average_wait)
        for each in channels
    ]
    rest = await work.uow.fetch_one(_Rest, _REST, work.ctx.company_id, site.id, since, until)
    assert rest is not None  # an aggregate always answers
    tallies = await ticket_tally(work, site, rest.tickets)
    topics: dict[str, Topic] = {}
    for each in tallies:
        known = topics.get(each.category, Topic(each.category, 0, 0, 0, 0))
        state = each.status if each.status in ("resolved", "closed") else "open"
        changed = {"taken_in": known.taken_in + each.count, state: getattr(known, state) + each.count}
        topics[each.category] = msgspec.structs.replace(known, **changed)
    visitors = await log.days(work, site, first, last - timedelta(days=1))
    rules = await platform.policies.value(work, VISITORS, site.id)
    return Summary(
        first,
        last,
        contacts,
        answering,
        sorted(topics.values(), key=lambda topic: -topic.taken_in),
        rest.messages,
        rest.done,
        rest.missed,
        visitors,
        share_of(visitors),
        rules.registered_percent,
        sum(day.counted is not None for day in visitors),
    )
