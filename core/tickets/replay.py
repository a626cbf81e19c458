"""What past and open tickets would have come to under a draft of their terms. Pure: it reads what happened, no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from core.sla import Calendar, ClockEvent, Goal, evaluate
from core.tickets.clocks import project
from core.tickets.goals import base
from core.tickets.lifecycle import clock_instant
from core.tickets.model import GoalRow, Severity, Status
from core.tickets.relive import Draft, relive, terms_at
from core.tickets.terms import owed


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A timeline entry that did something to the clocks, or would have under other terms; `details` say what else it
    changed, where that matters to them."""

    kind: str
    at: datetime
    clock: tuple[ClockEvent, ...]
    details: dict[str, str] = {}


class Past(msgspec.Struct, frozen=True):
    """A ticket as it was handled: `goals` as they stand, `initial` and `entries` from which that follows."""

    id: UUID
    site_id: UUID
    type: str
    category: str
    severity: Severity
    status: Status
    paused_from: Status | None
    due_at: datetime | None
    calendar: Calendar
    initial: tuple[Goal, ...]
    entries: tuple[Entry, ...]
    goals: tuple[GoalRow, ...]

    @property
    def events(self) -> list[ClockEvent]:
        """What happened to its clocks."""
        return [event for entry in self.entries for event in entry.clock]


class Tally(msgspec.Struct):
    """How many kept their promise, and how many missed it, as it was and under the draft; the others are undecided."""

    kept_before: int = 0
    missed_before: int = 0
    kept_after: int = 0
    missed_after: int = 0


class CategoryTally(Tally):
    """Tickets of a category by whether they kept every promise, and the same for each of their goals."""

    tickets: int = 0
    goals: dict[str, Tally] = {}

    def add(self, other: CategoryTally) -> None:
        """Take in what other tickets came to."""
        self.tickets += other.tickets
        _add(self, other)
        for goal, more in other.goals.items():
            _add(self.goals.setdefault(goal, Tally()), more)


class Result(msgspec.Struct):
    """What a draft comes to, by category. `lost` would miss a goal that they did not, `gained` miss one less; `turned`
    are both, of the `open` ones some would be due `sooner` or `later` if they were held to the draft now."""

    categories: dict[str, CategoryTally] = {}
    turned: int = 0
    gained: int = 0
    lost: int = 0
    open: int = 0
    sooner: int = 0
    later: int = 0

    def add(self, other: Result) -> None:
        """Take in what other tickets came to."""
        for category, tally in other.categories.items():
            self.categories.setdefault(category, CategoryTally()).add(tally)
        for name in ("turned", "gained", "lost", "open", "sooner", "later"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Outcome(msgspec.Struct, frozen=True):
    """A ticket that comes out differently: goals that it would miss, and would no longer miss; or an open one whose
    next deadline would be another (null: none) if it were held to the draft now."""

    id: UUID
    site_id: UUID
    missed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    moves: bool = False
    due_before: datetime | None = None
    due_after: datetime | None = None


Verdicts = Mapping[str, str]
"""By goal, rounds of one being one: `kept`, `missed` or, where that is open, something else."""


def simulate(
    tickets: Iterable[Past], drafts: Mapping[UUID, Draft], now: datetime
) -> tuple[dict[UUID, Result], list[Outcome]]:
    """Judge the tickets as they were handled, but under the draft of their site from their first second on; and what
    holding the open ones to it now would move. By site, and the tickets that come out differently."""
    results: dict[UUID, Result] = {}
    outcomes = []
    for past in tickets:
        result = results.setdefault(past.site_id, Result())
        outcome = _judged(past, drafts[past.site_id], now, result)
        if outcome is not None:
            outcomes.append(outcome)
    return results, outcomes


def _judged(past: Past, draft: Draft, now: datetime, result: Result) -> Outcome | None:
    before = _verdicts((row.name, _missed(row, now), row.state == "met") for row in past.goals)
    after = before if draft.spares(past) else _under(past, draft, now)
    tally = result.categories.setdefault(past.category, CategoryTally())
    tally.tickets += 1
    _count(tally, _whole(before), _whole(after))
    for goal in {**before, **after}:
        _count(tally.goals.setdefault(goal, Tally()), before.get(goal), after.get(goal))
    missed, kept = _changed(after, before), _changed(before, after)
    result.turned += bool(missed or kept)
    result.lost += bool(missed)
    result.gained += bool(kept)
    moves, due_after = False, None
    if past.status != "closed":
        result.open += 1
        moves, due_after = _preview(past, draft, now)
        sooner = moves and due_after is not None and (past.due_at is None or due_after < past.due_at)
        result.sooner += sooner
        result.later += moves and not sooner
    if not (missed or kept or moves):
        return None
    return Outcome(past.id, past.site_id, missed, kept, moves, past.due_at if moves else None, due_after)


def _missed(row: GoalRow, now: datetime) -> bool:
    """A deadline that has passed counts as missed though its timer may not have noticed yet."""
    return row.state == "breached" or (row.state == "running" and row.due_at is not None and row.due_at < now)


def _under(past: Past, draft: Draft, now: datetime) -> Verdicts:
    goals, events = relive(past, draft)
    at = max(now.replace(microsecond=0), events[-1].at)
    statuses = evaluate(draft.calendar or past.calendar, goals, events, at)
    return _verdicts((name, each.state == "breached", each.state == "met") for name, each in statuses.items())


def _verdicts(rounds: Iterable[tuple[str, bool, bool]]) -> Verdicts:
    """A goal is missed if one of its rounds was, else it stands as its last one does."""
    found: dict[str, str] = {}
    for name, missed, met in rounds:
        goal = base(name)
        if found.get(goal) != "missed":
            found[goal] = "missed" if missed else "kept" if met else "open"
    return found


def _whole(verdicts: Verdicts) -> str:
    """The ticket's own: every promise kept, or one missed."""
    values = set(verdicts.values())
    return "missed" if "missed" in values else "kept" if "kept" in values else "open"


def _changed(one: Verdicts, other: Verdicts) -> tuple[str, ...]:
    """What one misses and the other does not."""
    return tuple(sorted(goal for goal, verdict in one.items() if verdict == "missed" != other.get(goal)))


def _count(tally: Tally, before: str | None, after: str | None) -> None:
    tally.kept_before += before == "kept"
    tally.missed_before += before == "missed"
    tally.kept_after += after == "kept"
    tally.missed_after += after == "missed"


def _add(mine: Tally, more: Tally) -> None:
    for name in Tally.__struct_fields__:
        setattr(mine, name, getattr(mine, name) + getattr(more, name))


def _preview(past: Past, draft: Draft, now: datetime) -> tuple[bool, datetime | None]:
    """Whether its next deadline would move, and where to."""
    at = max(clock_instant(now), past.events[-1].at)
    if draft.calendar is not None:
        event = ClockEvent(at, "calendar", calendar=draft.calendar)
    elif draft.promises is not None:
        promised, further = terms_at(past, draft)
        goals = owed(past.goals, promised, past.status, past.paused_from, further)
        if goals is None:
            return False, None
        event = ClockEvent(at, "retarget", goals=goals)
    else:
        return False, None  # a ticket keeps the kind that it was taken in as
    after = project(past.calendar, past.initial, [*past.events, event], now).deadlines.due_at
    return after != past.due_at, after
