"""The page of a goal: why it is due when it is, as a picture of its days and in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.i18n import msgid
from core.platform import Platform
from core.policies.calendar import WEEKDAYS
from core.policies.service import Origin
from core.sla import Segment
from core.tenancy.directory import Site
from core.tickets.explain import Explanation, Terms, WorkingTime, explain
from core.web.console import words
from core.web.view import View
from core.web.views import Word
from core.web.views.explanation import Bar, BarKind, Day, GoalLife, Picture, Source, Stretch, Tick
from core.work import Work

_LEFT, _HOUR, _ROW, _TOP = 104, 36, 52, 22
_LABEL = 110  # the width that the words of a mark may take
_FIRST, _LAST = 10, 21  # days shown of a long life
_STATES: Final[dict[str, Word]] = {
    "running": Word("running", msgid("Counted"), "info"),
    "overrun": Word("overrun", msgid("Counted, overdue"), "breach"),
    "closed": Word("closed", msgid("Outside working time")),
    "paused": Word("paused", msgid("Paused"), "paused"),
    "forgotten": Word("forgotten", msgid("Counted, then set to zero")),
}
_MARKS: Final = {
    "start": msgid("taken in"),
    "pause": msgid("paused"),
    "resume": msgid("resumed"),
    "stop": msgid("stopped"),
    "reopen": msgid("reopened"),
    "retarget": msgid("new promise"),
    "calendar": msgid("new working time"),
}


@get("/tickets/{ticket_id:uuid}/goals/{goal:str}", permission="ticket.view")
async def goal_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    goal: FromPath[str],
) -> Response[str]:
    found = await explain(work, platform.policies, site, ticket_id, goal)
    return await view.html("tickets/explanation.html", life=life(found, site, view))


def life(found: Explanation, site: Site, view: View) -> GoalLife:
    """An explanation as its page shows it."""
    row = found.goal
    return GoalLife(
        number=found.number,
        title=found.description.partition("\n")[0],
        back=f"/s/{site.slug}/tickets/{found.ticket_id}",
        goal=words.goal_title(row.name),
        state=words.GOAL_STATES[row.state],
        amount=row.amount,
        unit=row.unit,
        used=row.used,
        due=row.due_at,
        breached=row.breached_at,
        kept=row.state == "met",
        around_the_clock=row.clock == "elapsed" and row.unit in ("minutes", "hours"),
        as_of=found.as_of,
        picture=_picture(found, ZoneInfo(found.calendars[-1].timezone)),
        stretches=tuple(_stretches(found)),
        terms=tuple(_term(terms, view) for terms in found.terms),
        calendars=tuple(
            Source(used.since, _authors(used.revisions, view), tuple(_week(used, view))) for used in found.calendars
        ),
    )


def _picture(found: Explanation, zone: ZoneInfo) -> Picture:
    marks = [(mark.at, _MARKS[mark.kind], "") for mark in found.happened]
    if found.goal.breached_at is not None:
        marks.append((found.goal.breached_at, msgid("deadline missed"), "breach"))
    elif found.goal.due_at is not None:
        marks.append((found.goal.due_at, msgid("deadline"), "risk"))
    if not found.goal.ended:
        marks.append((found.as_of, msgid("now"), "ok"))
    pieces = list(_pieces(found))
    instants = [at for at, _, _ in marks] + [s.since for s, _ in pieces] + [s.until for s, _ in pieces]
    first, last = (moment.astimezone(zone).date() for moment in (min(instants), max(instants)))
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    shown = dates if len(dates) <= _FIRST + _LAST else dates[:_FIRST] + dates[-_LAST:]
    counted = {day for segment in found.segments if not segment.forgotten for day in segment.days}
    days, before = [], first
    for index, day in enumerate(shown):
        midnight = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        days.append(
            Day(
                y=_TOP + index * _ROW,
                date=day.isoformat(),
                weekday=list(WEEKDAYS.values())[day.weekday()],
                bars=tuple(_bars(pieces, midnight, end)),
                ticks=tuple(_ticks(marks, midnight, end)),
                counted=int(day in counted),
                skipped=max(0, (day - before).days - 1),
            )
        )
        before = day
    return Picture(_LEFT + 24 * _HOUR + 24, _TOP + len(shown) * _ROW + 4, _LEFT, _HOUR, tuple(days))


def _ticks(marks: list[tuple[datetime, str, str]], midnight: datetime, end: datetime) -> Iterator[Tick]:
    """The day's marks; words that would cover another's stand below the bar, and a third's are left to the table."""
    free = [0.0, 0.0]  # from where on there is room above and below the bar
    for at, label, tone in sorted(mark for mark in marks if midnight <= mark[0] < end):
        x = _x(at, midnight)
        end_here = x > _LEFT + 20 * _HOUR
        begins = x - _LABEL if end_here else x
        level = next((level for level, room in enumerate(free) if begins >= room), 2)
        if level < 2:
            free[level] = begins + _LABEL
        yield Tick(x, label, at, tone, end_here, level)


def _pieces(found: Explanation) -> Iterator[tuple[Segment, BarKind]]:
    """Segments, the one in which the deadline was missed in two."""
    breach = found.goal.breached_at
    for segment in found.segments:
        kind: BarKind = "forgotten" if segment.forgotten else segment.kind
        if kind != "running" or breach is None or segment.until <= breach:
            yield segment, kind
        elif segment.since >= breach:
            yield segment, "overrun"
        else:
            yield _cut(segment, segment.since, breach), "running"
            yield _cut(segment, breach, segment.until), "overrun"


def _cut(segment: Segment, since: datetime, until: datetime) -> Segment:
    seconds = round((until - since).total_seconds()) if segment.seconds else 0
    day_of = [day for day in segment.days if since.date() <= day <= until.date()]
    return Segment(since, until, segment.kind, seconds, tuple(day_of), segment.terms, segment.calendar)


def _bars(pieces: list[tuple[Segment, BarKind]], midnight: datetime, end: datetime) -> Iterator[Bar]:
    for segment, kind in pieces:
        since, until = max(segment.since, midnight), min(segment.until, end)
        if since < until:
            x = _x(since, midnight)
            width = max(1.0, round(_x(until, midnight) - x, 1))
            counts = kind in ("running", "overrun") and segment.seconds
            yield Bar(x, width, kind, since, until, round((until - since).total_seconds()) if counts else 0)


def _x(at: datetime, midnight: datetime) -> float:
    return round(_LEFT + (at - midnight) / timedelta(hours=1) * _HOUR, 1)


def _stretches(found: Explanation) -> Iterator[Stretch]:
    total = 0
    for segment, kind in _pieces(found):
        counted = segment.seconds + len(segment.days)
        total += 0 if segment.forgotten else counted
        days = tuple(day.isoformat() for day in segment.days)
        yield Stretch(
            segment.since, segment.until, _STATES[kind], counted, total, days, segment.terms, segment.calendar
        )


def _term(terms: Terms, view: View) -> Source:
    authors, goal = _authors(terms.revisions, view), terms.goal
    if goal is None:
        return Source(terms.since, authors, (msgid("No goal"),))
    clock = msgid("around the clock") if goal.clock == "elapsed" else msgid("in working time")
    in_days = goal.unit in ("working_days", "days")
    return Source(terms.since, authors, amount=goal.amount, unit=goal.unit, clock="" if in_days else clock)


def _week(used: WorkingTime, view: View) -> Iterator[str]:
    """The week in groups of days with the same shifts, then the special days that fell into the goal's life."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for day, title in WEEKDAYS.items():
        groups.setdefault(used.week.get(day, ()), []).append(view.say(title))
    for shifts, days in groups.items():
        yield f"{view.listed(days)}: {_shifts(shifts, view)}"
    for special, shifts in used.exceptions.items():
        yield f"{special}: {_shifts(shifts, view)}"


def _shifts(shifts: tuple[tuple[str, str], ...], view: View) -> str:
    return view.listed([f"{start}–{end}" for start, end in shifts]) if shifts else view.say(msgid("closed"))


def _authors(origins: tuple[Origin, ...], view: View) -> tuple[str, ...]:
    return tuple(
        view.say(
            msgid("{scope}, revision {n} of {author}: {reason}"),
            scope=view.say(msgid("This site") if origin.site_id else msgid("Company")),
            n=origin.number,
            author=origin.author_name,
            reason=origin.reason,
        )
        for origin in origins
    )


HANDLERS = [goal_page]
