"""What past and open tickets would have come to under a draft of their terms. Pure: it reads what happened, no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from core.sla import Calendar, ClockEvent, Goal, evaluate
from core.tickets.clocks import project
from core.tickets.lifecycle import ACTIONS, clock_instant
from core.tickets.model import GoalRow, Severity, Status
from core.tickets.terms import PROMISED, owed

LISTED = 500  # tickets told one by one; of more only how many


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A timeline entry that did something to the clocks, or would have if there had been such a goal."""

    kind: str
    at: datetime
    clock: tuple[ClockEvent, ...]


class Past(msgspec.Struct, frozen=True):
    """A ticket as it was handled: `goals` as they stand, `initial` and `entries` from which that follows."""

    id: UUID
    number: str
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


class Draft(msgspec.Struct, frozen=True):
    """Terms to try: another calendar, or other promises by category and severity; the other one stays as it was."""

    calendar: Calendar | None = None
    promises: Callable[[str, Severity], tuple[Goal, ...]] | None = None


class Tally(msgspec.Struct):
    """Tickets of a category: how many kept every promise, and how many missed one, as it was and under the draft."""

    tickets: int = 0
    kept_before: int = 0
    missed_before: int = 0
    kept_after: int = 0
    missed_after: int = 0


class Turned(msgspec.Struct, frozen=True):
    """A ticket that comes out differently: goals that it would miss, and goals that it would no longer miss."""

    id: UUID
    number: str
    category: str
    missed: tuple[str, ...]
    kept: tuple[str, ...]


class Moved(msgspec.Struct, frozen=True):
    """An open ticket whose next deadline would be another one if it were held to the draft now; null: none."""

    id: UUID
    number: str
    before: datetime | None
    after: datetime | None


class Result(msgspec.Struct):
    """What a draft comes to: verdicts by category, tickets that turn (those listed, and all), open ones that move."""

    categories: dict[str, Tally] = {}
    turned: list[Turned] = []
    turned_count: int = 0
    open_count: int = 0
    moved: list[Moved] = []
    sooner: int = 0
    later: int = 0

    def add(self, other: Result) -> None:
        """Take in what another batch came to."""
        for category, tally in other.categories.items():
            mine = self.categories.setdefault(category, Tally())
            for name in tally.__struct_fields__:
                setattr(mine, name, getattr(mine, name) + getattr(tally, name))
        self.turned = [*self.turned, *other.turned][:LISTED]
        self.moved = [*self.moved, *other.moved][:LISTED]
        self.turned_count += other.turned_count
        self.open_count += other.open_count
        self.sooner += other.sooner
        self.later += other.later


def simulate(tickets: Iterable[Past], draft: Draft, now: datetime) -> Result:
    """Judge the tickets as they were handled, but under the draft from their first second on; and what holding the
    open ones to it now would move."""
    result = Result()
    for past in tickets:
        before = {row.name for row in past.goals if _missed(row, now)}
        after, met = _verdict(past, draft, now)
        tally = result.categories.setdefault(past.category, Tally())
        tally.tickets += 1
        tally.missed_before += bool(before)
        tally.kept_before += not before and any(row.state == "met" for row in past.goals)
        tally.missed_after += bool(after)
        tally.kept_after += not after and met
        if before != after:
            result.turned_count += 1
            turned = Turned(
                past.id, past.number, past.category, tuple(sorted(after - before)), tuple(sorted(before - after))
            )
            result.turned.append(turned)
        if past.status != "closed":
            _preview(past, draft, now, result)
    return result


def _missed(row: GoalRow, now: datetime) -> bool:
    """A deadline that has passed counts as missed though its timer may not have noticed yet."""
    return row.state == "breached" or (row.state == "running" and row.due_at is not None and row.due_at < now)


def _verdict(past: Past, draft: Draft, now: datetime) -> tuple[set[str], bool]:
    """The goals it would have missed, and whether it would have met any."""
    goals, events = _under(past, draft)
    at = max(now.replace(microsecond=0), events[-1].at)
    statuses = evaluate(draft.calendar or past.calendar, goals, events, at)
    missed = {name for name, status in statuses.items() if status.state == "breached"}
    return missed, any(status.state == "met" for status in statuses.values())


def _under(past: Past, draft: Draft) -> tuple[Sequence[Goal], list[ClockEvent]]:
    """Goals and events as they would have been: a step stops the goals it would have stopped, had they been owed."""
    if draft.promises is None:
        return past.initial, [event for event in past.events if event.type != "calendar"]
    promised = draft.promises(past.category, past.severity)
    goals = _with_others(promised, past.initial)
    owed_names = {goal.name for goal in goals}
    for event in past.events:
        owed_names |= {goal.name for goal in event.goals or ()} - PROMISED
    recorded = {event.goal for event in past.events if event.type == "stop"}
    missing = {goal.name for goal in promised} - recorded
    events: list[ClockEvent] = []
    for entry in past.entries:
        for event in entry.clock:
            if event.goals is not None:
                events.append(msgspec.structs.replace(event, goals=_with_others(promised, event.goals)))
            elif event.goal is None or event.goal in owed_names:
                events.append(event)
        action = ACTIONS.get(entry.kind)
        if action is not None and missing:
            stopped = [goal for goal in action.stops if goal in missing]
            missing -= set(stopped)
            at = max(clock_instant(entry.at), events[-1].at)
            events += [ClockEvent(at, "stop", goal=goal) for goal in stopped]
    return goals, events


def _with_others(promised: tuple[Goal, ...], recorded: Iterable[Goal]) -> tuple[Goal, ...]:
    """The draft's promises, and the goals no promise is about as they were."""
    return (*promised, *(goal for goal in recorded if goal.name not in PROMISED))


def _preview(past: Past, draft: Draft, now: datetime, result: Result) -> None:
    result.open_count += 1
    at = max(clock_instant(now), past.events[-1].at)
    if draft.calendar is not None:
        event = ClockEvent(at, "calendar", calendar=draft.calendar)
    else:
        assert draft.promises is not None  # a draft is one or the other
        goals = owed(past.goals, draft.promises(past.category, past.severity), past.status, past.paused_from)
        if goals is None:
            return
        event = ClockEvent(at, "retarget", goals=goals)
    after = project(past.calendar, past.initial, [*past.events, event], now).deadlines.due_at
    if after != past.due_at:
        sooner = past.due_at is None or (after is not None and after < past.due_at)
        result.sooner += sooner
        result.later += not sooner
        result.moved.append(Moved(past.id, past.number, past.due_at, after))
