"""How a goal came to where it stands: each stretch of its life, what counted in it, and under which terms.

Pure, and the same replay as `evaluate`: what counted adds up to what `evaluate` says was used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from core.sla.calendar import Calendar
from core.sla.clock import Clocks, GoalClock, replay
from core.sla.model import ClockEvent, Goal, instant

Stretch = Literal["running", "closed", "paused"]


class Segment(msgspec.Struct, frozen=True):
    """A stretch `[since, until)` of a goal's life.

    `running` counted, `closed` lay outside working time, `paused` stood still. `seconds` are what it counted, for a day
    unit `days` the local dates that ended in it and counted. `terms` and `calendar` number what applied: 0 what the
    ticket began with, n what its nth retarget, or its nth calendar event, brought. `forgotten`: it had counted, until a
    restart or a retarget to another kind of time set the goal to zero.
    """

    since: datetime
    until: datetime
    kind: Stretch
    seconds: int = 0
    days: tuple[date, ...] = ()
    terms: int = 0
    calendar: int = 0
    forgotten: bool = False


def segments(
    calendar: Calendar, goals: Sequence[Goal], events: Sequence[ClockEvent], now: datetime
) -> dict[str, tuple[Segment, ...]]:
    """The life of each goal by name up to `now`, while its clock was not stopped; none before the ticket's start.

    Takes and raises what `evaluate` does.
    """
    ticket = replay(_Traced, calendar, goals, events, instant(now))
    return {} if ticket is None else ticket.finish()


class _Traced(Clocks):
    """Clocks that keep what they went through."""

    def __init__(self, calendar: Calendar, goals: Sequence[Goal], at: int) -> None:
        super().__init__(calendar, goals, at)
        self.terms = self.calendars = 0
        self.lives: dict[str, list[Segment]] = {}
        self.dated: dict[str, set[int]] = {}  # the dates of day units that are in a segment already

    def advance(self, to: int) -> None:
        since = self.at
        counting = {name: clock for name, clock in self.clocks.items() if clock.counting}
        super().advance(to)
        if to > since:
            for name, clock in counting.items():
                self._extend(name, self._lived(name, clock, since, to))

    def apply(self, event: ClockEvent) -> None:
        before = {name: clock.used for name, clock in self.clocks.items()}
        self.terms += event.type == "retarget"
        self.calendars += event.type == "calendar"
        super().apply(event)
        for name, used in before.items():
            if self.clocks[name].used < used:
                self.dated.pop(name, None)
                self.lives[name] = [
                    msgspec.structs.replace(s, forgotten=s.forgotten or bool(s.seconds or s.days))
                    for s in self.lives.get(name, [])
                ]

    def finish(self) -> dict[str, tuple[Segment, ...]]:
        """Each goal's life, after the last `settle`: a day that ended at that very instant belongs to it."""
        for name, clock in self.clocks.items():
            if days := self._new_days(name, clock):
                self._extend(name, [self._segment(self.at, self.at, "running", days=days)])
        return {name: tuple(self.lives.get(name, ())) for name in self.clocks}

    def _lived(self, name: str, clock: GoalClock, since: int, to: int) -> Iterator[Segment]:
        if self.paused:
            yield self._segment(since, to, "paused")
        elif clock.in_days:
            yield self._segment(since, to, "running", days=self._new_days(name, clock))
        elif clock.goal.clock == "elapsed":
            yield self._segment(since, to, "running", to - since)
        else:
            for start, end in self.line.shifts(since, to):
                if start > since:
                    yield self._segment(since, start, "closed")
                yield self._segment(start, end, "running", end - start)
                since = end
            if since < to:
                yield self._segment(since, to, "closed")

    def _new_days(self, name: str, clock: GoalClock) -> tuple[date, ...]:
        known = self.dated.setdefault(name, set())
        days = clock.dates - known
        known |= days
        return tuple(map(date.fromordinal, sorted(days)))

    def _segment(self, since: int, until: int, kind: Stretch, seconds: int = 0, days: tuple[date, ...] = ()) -> Segment:
        return Segment(_moment(since), _moment(until), kind, seconds, days, self.terms, self.calendars)

    def _extend(self, name: str, more: Iterator[Segment] | list[Segment]) -> None:
        """Stretches that go on under the same terms are one."""
        life = self.lives.setdefault(name, [])
        for segment in more:
            last = life[-1] if life else None
            if last is not None and _continues(last, segment):
                life[-1] = msgspec.structs.replace(
                    last, until=segment.until, seconds=last.seconds + segment.seconds, days=last.days + segment.days
                )
            else:
                life.append(segment)


def _continues(last: Segment, following: Segment) -> bool:
    return last.until == following.since and (last.kind, last.terms, last.calendar, last.forgotten) == (
        following.kind,
        following.terms,
        following.calendar,
        following.forgotten,
    )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
