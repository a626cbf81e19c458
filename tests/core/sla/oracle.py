"""A slow second opinion on deadlines: walks time in steps of 15 minutes and asks of every step what holds in it.

Shares no code with core.sla but its words. Instants, shifts and clock changes must lie on whole steps.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.sla import Calendar, ClockEvent, Goal, GoalStatus

STEP = timedelta(minutes=15)
HORIZON = timedelta(days=20)
_SECONDS = {"minutes": 60, "hours": 3600}


@lru_cache(maxsize=100_000)
def _reached(timezone: str, at: datetime) -> datetime:
    """The furthest local wall time the clocks have shown by `at`.

    So a skipped wall time is reached when the gap ends, and one that occurs twice at its first occurrence.
    """
    zone = ZoneInfo(timezone)
    return max((at - STEP * back).astimezone(zone).replace(tzinfo=None) for back in range(12))


def _wall(day: date, text: str) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001


def _shifts(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
    shifts = calendar.exceptions.get(day.isoformat(), calendar.week.get(weekday, ()))
    return [(_wall(day, start), _wall(day, end)) for start, end in shifts]


@dataclass
class _Goal:
    goal: Goal
    born: date
    state: str = "live"
    over: bool = False
    used: int = 0
    days: set[date] = field(default_factory=set)
    due_at: datetime | None = None
    breached_at: datetime | None = None

    def amount(self) -> int:
        return self.goal.amount * _SECONDS.get(self.goal.unit, 1)

    def breach_if_used_up(self, at: datetime) -> None:
        if self.state == "live" and self.used >= self.amount():
            self.state, self.breached_at = "breached", at


class Oracle:
    """The goals of a ticket, walked from its start to `now`."""

    def __init__(self, calendar: Calendar, goals: list[Goal], events: list[ClockEvent]) -> None:
        self.calendar = calendar
        self.events = events
        self.paused = False
        self.at = events[0].at
        self.goals = {goal.name: _Goal(goal, self._today()) for goal in goals}

    def statuses(self, now: datetime) -> dict[str, GoalStatus]:
        """Statuses at `now`; a deadline later than HORIZON after it shows as None."""
        pending = [event for event in self.events[1:] if event.at <= now]
        while True:
            while pending and pending[0].at == self.at:
                self._apply(pending.pop(0))
            self._fall_due()
            if self.at == now:
                break
            self._step()
        return {name: self._status(name) for name in self.goals}

    def _today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.calendar.timezone)).date()

    def _status(self, name: str) -> GoalStatus:
        goal = self.goals[name]
        state, due_at = goal.state, goal.due_at
        if state == "live":
            state = "paused" if self.paused else "running"
            due_at = None if self.paused else self._deadline(name)
        elif state == "breached":
            due_at = goal.breached_at
        return GoalStatus(state, goal.used, due_at, goal.breached_at)  # type: ignore[arg-type]

    def _deadline(self, name: str) -> datetime | None:
        future = copy.copy(self)
        future.goals = {name: copy.deepcopy(self.goals[name])}
        while future.at <= self.at + HORIZON:
            future._fall_due()
            if (breached_at := future.goals[name].breached_at) is not None:
                return breached_at
            future._step()
        return None

    def _step(self) -> None:
        reached = _reached(self.calendar.timezone, self.at)
        open_now = any(start <= reached < end for start, end in _shifts(self.calendar, reached.date()))
        for goal in self.goals.values():
            if goal.over or self.paused or goal.goal.unit not in _SECONDS:
                continue
            if goal.goal.clock == "elapsed" or open_now:
                goal.used += STEP.seconds
        self.at += STEP

    def _fall_due(self) -> None:
        before = _reached(self.calendar.timezone, self.at - STEP)
        reached = _reached(self.calendar.timezone, self.at)
        for back in (2, 1, 0):
            day = reached.date() - timedelta(days=back)
            shifts = _shifts(self.calendar, day)
            closes = bool(shifts) and before < max(end for _, end in shifts) <= reached
            ends = before < _wall(day, "24:00") <= reached
            for goal in self.goals.values():
                happens = {"working_days": closes, "days": ends}.get(goal.goal.unit, False)
                if happens and not goal.over and not self.paused and day > goal.born and day not in goal.days:
                    goal.days.add(day)
                    goal.used += 1
        for goal in self.goals.values():
            goal.breach_if_used_up(self.at)

    def _apply(self, event: ClockEvent) -> None:
        if event.type in ("pause", "resume"):
            self.paused = event.type == "pause"
        elif event.type == "calendar":
            assert event.calendar is not None
            self.calendar = event.calendar
        elif event.type == "retarget":
            self._retarget(list(event.goals or ()))
        else:
            assert event.goal is not None
            goal = self.goals[event.goal]
            if event.type == "stop":
                if goal.state == "live":
                    goal.due_at = None if self.paused else self._deadline(event.goal)
                    goal.state = "met"
                goal.over = True
            elif goal.state == "met":
                goal.state, goal.over, goal.due_at = "live", False, None
                if event.restart:
                    goal.used, goal.days, goal.born = 0, set(), self._today()
                goal.breach_if_used_up(self.at)

    def _retarget(self, goals: list[Goal]) -> None:
        listed = {goal.name: goal for goal in goals}
        for name, goal in self.goals.items():
            if goal.state == "live" and name not in listed:
                goal.state, goal.over = "cancelled", True
            elif goal.state == "live":
                new, old = listed[name], goal.goal
                in_seconds = new.unit in _SECONDS and old.unit in _SECONDS
                if not (in_seconds and new.clock == old.clock) and (in_seconds or new.unit != old.unit):
                    goal.used, goal.days, goal.born = 0, set(), self._today()
                goal.goal = new
                goal.breach_if_used_up(self.at)
        for name, new in listed.items():
            if name not in self.goals:
                self.goals[name] = _Goal(new, self._today())
