"""The life of a ticket's goals: plays its events over the timeline, reports what is used up and owed when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, TypeVar

from core.sla.calendar import Calendar
from core.sla.model import ClockEvent, Goal, GoalStatus, State, distinct, instant
from core.sla.timeline import LAST_YEAR, Timeline, timeline

_SECONDS = {"minutes": 60, "hours": 3600}
_LAST_INSTANT = instant(datetime(LAST_YEAR - 1, 12, 31, tzinfo=UTC))


@dataclass(slots=True)
class GoalClock:
    """One goal. Whether it runs is the ticket's matter: a live goal is paused exactly while its ticket is."""

    goal: Goal
    started_on: int
    phase: Literal["live", "met", "breached", "cancelled"] = "live"
    counting: bool = True
    seconds: int = 0
    dates: set[int] = field(default_factory=set)  # the dates counted, of a goal in days
    due_at: int | None = None  # as it stood at the stop, of a met goal
    breached_at: int | None = None

    @property
    def in_days(self) -> bool:
        return self.goal.unit not in _SECONDS

    @property
    def used(self) -> int:
        return len(self.dates) if self.in_days else self.seconds

    @property
    def left(self) -> int:
        return self.goal.amount * _SECONDS.get(self.goal.unit, 1) - self.used

    def deadline(self, line: Timeline, since: int) -> int | None:
        """When the goal is used up if it runs from `since` on; a day that ends at `since` counts if it has not yet."""
        if self.in_days:
            ends = line.day_ends(since, working=self.goal.unit == "working_days")
            return next(islice((at for at, day in ends if self._counts(day)), self.left - 1, None), None)
        if self.left <= 0:
            return since
        if self.goal.clock == "working":
            return line.spent(since, self.left)
        return since + self.left if since + self.left <= _LAST_INSTANT else None

    def run(self, line: Timeline, since: int, until: int) -> None:
        """Counts `[since, until)`. An amount used up at `until` itself is left to `settle`: an event may come first."""
        if self.in_days:
            self._count_days(line, since, until)
            return
        working = self.goal.clock == "working"
        gained = line.worked(since, until) if working else until - since
        if self.phase == "live" and gained >= self.left:
            end = line.spent(since, self.left, until) if working else since + self.left
            if end is not None and end < until:
                self.breach(end)
        self.seconds += gained

    def settle(self, line: Timeline, at: int, *, paused: bool) -> None:
        """No event is left at this instant: a day that ends at it is counted, an amount used up by it is breached."""
        if self.in_days and not paused:
            self._count_days(line, at, at + 1)
        elif self.phase == "live" and self.left <= 0:
            self.breach(at)

    def breach(self, at: int) -> None:
        self.phase, self.breached_at = "breached", at

    def stop(self, due_at: int | None) -> None:
        if self.phase == "live":
            self.phase, self.due_at = "met", due_at
        self.counting = False

    def reopen(self, at: int, today: int, *, restart: bool) -> None:
        if self.phase != "met":
            return
        if restart:
            self._reset(today)
        self.phase, self.counting = "live", True
        self._breach_if_used_up(at)

    def retarget(self, goal: Goal | None, at: int, today: int) -> None:
        if self.phase != "live":
            return
        if goal is None:
            self.phase, self.counting = "cancelled", False
            return
        if _kind(goal) != _kind(self.goal):
            self._reset(today)
        self.goal = goal
        self._breach_if_used_up(at)

    def report(self, line: Timeline, now: int, *, paused: bool) -> GoalStatus:
        """The goal after `settle` at `now`."""
        state: State
        due_at: int | None = None
        if self.phase == "live":
            state = "paused" if paused else "running"
            due_at = None if paused else self.deadline(line, now)
        else:
            state = self.phase
            due_at = self.breached_at if state == "breached" else self.due_at if state == "met" else None
        return GoalStatus(state, self.used, _moment(due_at), _moment(self.breached_at))

    def _counts(self, day: int) -> bool:
        return day > self.started_on and day not in self.dates

    def _count_days(self, line: Timeline, since: int, until: int) -> None:
        for at, day in line.day_ends(since, until, working=self.goal.unit == "working_days"):
            if self._counts(day):
                self.dates.add(day)
                if self.phase == "live" and self.left <= 0:
                    self.breach(at)

    def _breach_if_used_up(self, at: int) -> None:
        if self.left <= 0:
            self.breach(at)

    def _reset(self, today: int) -> None:
        self.seconds, self.dates, self.started_on = 0, set(), today


class Clocks:
    """The goals of one ticket from its start on, and the instant up to which they are counted."""

    def __init__(self, calendar: Calendar, goals: Iterable[Goal], at: int) -> None:
        self.line = timeline(calendar)
        self.at = at
        self.paused = False
        self.clocks = {goal.name: GoalClock(goal, self.line.date(at)) for goal in goals}

    def advance(self, to: int) -> None:
        """Counts up to, not including, `to`. Events at one instant all apply before anything falls due at it."""
        if to == self.at:
            return
        self.settle()
        if not self.paused:
            for clock in self.clocks.values():
                if clock.counting:
                    clock.run(self.line, self.at, to)
        self.at = to

    def settle(self) -> None:
        for clock in self.clocks.values():
            if clock.counting:
                clock.settle(self.line, self.at, paused=self.paused)

    def apply(self, event: ClockEvent) -> None:
        """Applies an event at the instant reached; ValueError for a second start or a goal the ticket never had."""
        match event:
            case ClockEvent(type="pause"):
                self.paused = True
            case ClockEvent(type="resume"):
                self.paused = False
            case ClockEvent(type="stop", goal=str(name)):
                clock = self._named(name)
                clock.stop(None if self.paused or clock.phase != "live" else clock.deadline(self.line, self.at))
            case ClockEvent(type="reopen", goal=str(name), restart=restart):
                self._named(name).reopen(self.at, self.line.date(self.at), restart=restart)
            case ClockEvent(type="retarget", goals=tuple(goals)):
                self._retarget({goal.name: goal for goal in goals})
            case ClockEvent(type="calendar", calendar=Calendar() as calendar):
                self.line = timeline(calendar)
            case _:
                raise ValueError("the ticket has started already")

    def _retarget(self, goals: dict[str, Goal]) -> None:
        today = self.line.date(self.at)
        for name, clock in self.clocks.items():
            clock.retarget(goals.get(name), self.at, today)
        for name, goal in goals.items():
            if name not in self.clocks:
                self.clocks[name] = GoalClock(goal, today)

    def _named(self, name: str) -> GoalClock:
        if name not in self.clocks:
            raise ValueError(f"the ticket has no goal {name!r}")
        return self.clocks[name]


T = TypeVar("T", bound=Clocks)


def evaluate(
    calendar: Calendar, goals: Sequence[Goal], events: Sequence[ClockEvent], now: datetime
) -> dict[str, GoalStatus]:
    """The state at `now` of each goal by name, those brought by a retarget included; none before the ticket's start.

    `events` come in time order, the first is `start`; several at one instant apply in the order given, those later than
    `now` not at all. A fraction of a second is dropped from every instant. Raises ValueError naming the event
    (`events[2]`) that is out of order, comes before the start, starts again or names a goal the ticket never had, and
    for two goals of one name.
    """
    until = instant(now)
    ticket = replay(Clocks, calendar, goals, events, until)
    if ticket is None:
        return {}
    return {name: clock.report(ticket.line, until, paused=ticket.paused) for name, clock in ticket.clocks.items()}


def replay(
    kind: type[T], calendar: Calendar, goals: Sequence[Goal], events: Sequence[ClockEvent], until: int
) -> T | None:
    """The clocks after all that happened up to `until`; None before the ticket's start. Raises as `evaluate` does."""
    distinct(goals)
    ticket: T | None = None
    previous: int | None = None
    for index, event in enumerate(events):
        at = instant(event.at)
        try:
            if previous is not None and at < previous:
                raise ValueError("earlier than the event before it")
            if index == 0 and event.type != "start":
                raise ValueError("the first event must be the start")
            previous = at
            if at > until:
                continue
            if ticket is None:
                ticket = kind(calendar, goals, at)
            else:
                ticket.advance(at)
                ticket.apply(event)
        except ValueError as error:
            raise ValueError(f"events[{index}] ({event.type}): {error}") from error
    if ticket is not None:
        ticket.advance(until)
        ticket.settle()
    return ticket


def promise(calendar: Calendar, goals: Sequence[Goal], at: datetime) -> dict[str, datetime | None]:
    """The deadline of each goal by name if all start at `at` and nothing pauses them; None where none can be found."""
    distinct(goals)
    start = instant(at)
    line = timeline(calendar)
    today = line.date(start)
    return {goal.name: _moment(GoalClock(goal, today).deadline(line, start)) for goal in goals}


def _kind(goal: Goal) -> str:
    """What must stay the same for a retargeted goal to keep what it has used up."""
    return goal.clock if goal.unit in _SECONDS else goal.unit


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
