"""Why a goal is due when it is: its stretches, the promises and calendars that produced them, and whose those are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.policies.revisions import Origin, Revision
from core.sla import Calendar, ClockEvent, Goal, Segment, segments
from core.sla.calendar import Shifts
from core.tenancy.directory import Site
from core.tickets.clocks import project
from core.tickets.model import GoalRow
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

REVISIONS = "revisions"

Mark = Literal["start", "pause", "resume", "stop", "reopen", "retarget", "calendar"]


class Happened(msgspec.Struct, frozen=True):
    """What an event did to the goal's clock, and whose doing it was."""

    at: datetime
    kind: Mark
    who: str


class Terms(msgspec.Struct, frozen=True):
    """What was owed from `since` on (`goal` null: nothing), and the policy revisions that said so."""

    since: datetime
    goal: Goal | None
    revisions: tuple[Origin, ...]


class WorkingTime(msgspec.Struct, frozen=True):
    """The calendar counted by from `since` on, and the policy revisions that made it; `exceptions` of its life only."""

    since: datetime
    timezone: str
    week: dict[str, Shifts]
    exceptions: dict[str, Shifts]
    revisions: tuple[Origin, ...]


class Explanation(msgspec.Struct, frozen=True):
    """A goal's life up to `as_of`. Segments number their `terms` and `calendars`; no revision: the house default."""

    ticket_id: UUID
    number: str
    description: str
    goal: GoalRow
    as_of: datetime
    segments: tuple[Segment, ...]
    happened: tuple[Happened, ...]
    terms: tuple[Terms, ...]
    calendars: tuple[WorkingTime, ...]


class _Entry(msgspec.Struct, array_like=True):
    actor_name: str
    details: dict[str, str]
    clock: tuple[ClockEvent, ...]


class _Life(msgspec.Struct):
    number: str
    description: str
    calendar_id: UUID
    entries: tuple[_Entry, ...]


@dataclass
class _Changes:
    """The terms and calendars that a goal went through; the lists of numbers lead to them from the nth retarget, and
    from the nth calendar event, 0 being the ticket's start."""

    terms: list[tuple[datetime, Goal | None, _Entry]]
    calendars: list[tuple[datetime, Calendar, _Entry]]
    terms_of: list[int]
    calendars_of: list[int]


# The ticket must be the site's; only entries that did something to the clocks.
_LIFE = """
SELECT t.number, t.description, t.calendar_id,
    (SELECT jsonb_agg(jsonb_build_array(e.actor_name, e.details, e.clock) ORDER BY e.seq)::text FROM ticket_event e
     WHERE e.company_id = $1 AND e.ticket_id = t.id AND (e.clock <> '[]' OR e.seq = 1))
FROM ticket t WHERE t.company_id = $1 AND t.site_id = $2 AND t.id = $3
"""
_entries = msgspec.json.Decoder(tuple[_Entry, ...]).decode


async def explain(work: Work, policies: Policies, site: Site, ticket_id: UUID, name: str) -> Explanation:
    """How the goal came to where it stands. Raises NotFound, also for a goal the ticket does not have."""
    life = await work.uow.fetch_one(_life, _LIFE, work.ctx.company_id, site.id, ticket_id)
    if life is None:
        raise NotFound
    initial = msgspec.json.decode(life.entries[0].details["goals"], type=tuple[Goal, ...])
    calendar = await policies.calendar_by_id(work, life.calendar_id)
    events = [event for entry in life.entries for event in entry.clock]
    goal = next((row for row in project(calendar, initial, events, work.now).goals if row.name == name), None)
    if goal is None:
        raise NotFound
    until = max(work.now.replace(microsecond=0), events[-1].at)
    changes = _changes(life.entries, initial, calendar, name, counts_days_off=_by_calendar(goal))
    lived = _renumbered(segments(calendar, initial, events, until)[name], changes)
    origins = {
        origin.id: origin
        for origin in await policies.origins(work, {id for entry in life.entries for id in _revisions(entry)})
    }
    return Explanation(
        ticket_id,
        life.number,
        life.description,
        goal,
        until,
        lived,
        tuple(_happened(life.entries, name, changes)),
        tuple(Terms(at, terms, _of(entry, "core.sla_targets", origins)) for at, terms, entry in changes.terms),
        tuple(_calendars(changes, origins, until)),
    )


def named(revisions: Iterable[Revision]) -> dict[str, str]:
    """The detail of a timeline entry that keeps which revisions made what it brought; none for the house defaults."""
    ids = " ".join(str(revision.id) for revision in revisions)
    return {REVISIONS: ids} if ids else {}


def _life(number: str, description: str, calendar_id: UUID, entries: str) -> _Life:
    return _Life(number, description, calendar_id, _entries(entries))


def _revisions(entry: _Entry) -> list[UUID]:
    return [UUID(id) for id in entry.details.get(REVISIONS, "").split()]


def _of(entry: _Entry, policy: str, origins: dict[UUID, Origin]) -> tuple[Origin, ...]:
    found = (origins.get(id) for id in _revisions(entry))
    return tuple(origin for origin in found if origin is not None and origin.policy == policy)


def _by_calendar(goal: GoalRow) -> bool:
    """Whether the goal counts by the site's days at all."""
    return goal.unit == "working_days" or (goal.unit != "days" and goal.clock == "working")


def _changes(
    entries: tuple[_Entry, ...], initial: tuple[Goal, ...], calendar: Calendar, name: str, *, counts_days_off: bool
) -> _Changes:
    """What became of this goal's terms and calendar: a retarget that is about another goal changes nothing here."""
    start, first = entries[0].clock[0].at, entries[0]
    found = _Changes([(start, _named_goal(initial, name), first)], [(start, calendar, first)], [0], [0])
    for entry in entries:
        for event in entry.clock:
            if event.goals is not None:
                if (goal := _named_goal(event.goals, name)) != found.terms[-1][1]:
                    found.terms.append((event.at, goal, entry))
                found.terms_of.append(len(found.terms) - 1)
            elif event.calendar is not None:
                if counts_days_off:
                    found.calendars.append((event.at, event.calendar, entry))
                found.calendars_of.append(len(found.calendars) - 1)
    if found.terms[0][1] is None and len(found.terms) > 1:  # a goal that began later
        found.terms.pop(0)
        found.terms_of = [max(0, number - 1) for number in found.terms_of]
    return found


def _named_goal(goals: tuple[Goal, ...], name: str) -> Goal | None:
    return next((goal for goal in goals if goal.name == name), None)


def _renumbered(lived: Iterable[Segment], changes: _Changes) -> tuple[Segment, ...]:
    """Segments by the terms and calendars that matter here; those that then go on as they were are one."""
    result: list[Segment] = []
    for segment in lived:
        terms, calendar = changes.terms_of[segment.terms], changes.calendars_of[segment.calendar]
        segment = msgspec.structs.replace(segment, terms=terms, calendar=calendar)
        last = result[-1] if result else None
        if last is not None and last.until == segment.since and _sort(last) == _sort(segment):
            result[-1] = msgspec.structs.replace(
                last, until=segment.until, seconds=last.seconds + segment.seconds, days=last.days + segment.days
            )
        else:
            result.append(segment)
    return tuple(result)


def _sort(segment: Segment) -> tuple[str, int, int, bool]:
    return segment.kind, segment.terms, segment.calendar, segment.forgotten


def _happened(entries: tuple[_Entry, ...], name: str, changes: _Changes) -> list[Happened]:
    new_terms = {id(entry) for _, _, entry in (*changes.terms[1:], *changes.calendars[1:])}
    return [
        Happened(event.at, event.type, entry.actor_name)
        for entry in entries
        for event in entry.clock
        if event.goal in (None, name) and (event.type not in ("retarget", "calendar") or id(entry) in new_terms)
    ]


def _calendars(changes: _Changes, origins: dict[UUID, Origin], until: datetime) -> list[WorkingTime]:
    first, last = changes.calendars[0][0].date().isoformat(), until.date().isoformat()
    return [
        WorkingTime(
            at,
            used.timezone,
            used.week,
            {day: shifts for day, shifts in used.exceptions.items() if first <= day <= last},
            _of(entry, "core.calendar", origins),
        )
        for at, used, entry in changes.calendars
    ]
