"""Why a goal is due when it is: its stretches, the promises and calendars that produced them, and whose those are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.policies.service import Origin, Revision
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
    lived = segments(calendar, initial, events, until)[name]
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
        tuple(_happened(life.entries, name)),
        tuple(_terms(life.entries, initial, name, origins)),
        tuple(_calendars(life.entries, calendar, origins, until)),
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


def _happened(entries: tuple[_Entry, ...], name: str) -> list[Happened]:
    return [
        Happened(event.at, event.type, entry.actor_name)
        for entry in entries
        for event in entry.clock
        if event.goal in (None, name)
    ]


def _terms(
    entries: tuple[_Entry, ...], initial: tuple[Goal, ...], name: str, origins: dict[UUID, Origin]
) -> list[Terms]:
    changes = [(entries[0].clock[0].at, initial, entries[0])]
    changes += [
        (event.at, event.goals or (), entry) for entry in entries for event in entry.clock if event.type == "retarget"
    ]
    return [
        Terms(at, next((goal for goal in goals if goal.name == name), None), _of(entry, "core.sla_targets", origins))
        for at, goals, entry in changes
    ]


def _calendars(
    entries: tuple[_Entry, ...], calendar: Calendar, origins: dict[UUID, Origin], until: datetime
) -> list[WorkingTime]:
    start = entries[0].clock[0].at
    changes = [(start, calendar, entries[0])]
    changes += [(e.at, e.calendar, entry) for entry in entries for e in entry.clock if e.calendar is not None]
    first, last = start.date().isoformat(), until.date().isoformat()
    return [
        WorkingTime(
            at,
            used.timezone,
            used.week,
            {day: shifts for day, shifts in used.exceptions.items() if first <= day <= last},
            _of(entry, "core.calendar", origins),
        )
        for at, used, entry in changes
    ]
