"""Duty rosters: who is to work when, and who is on duty at an instant. Pure.

A roster is a weekly pattern with the day it holds from, and dated days that replace the pattern's. Shifts are in the
site's wall time; a shift that does not end after it starts ends on the next day. Where clocks change, a wall time is
the instant that `core.sla` takes it for, so that shifts which join in wall time join in real time too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sla.timeline import instant_of

DAY = 1440  # minutes
_ONE_DAY = timedelta(days=1)

Minute = Annotated[int, msgspec.Meta(ge=0, lt=DAY)]
"""Minutes after midnight in the site's time: 480 is 08:00."""


class Shift(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Somebody's shift: minutes after midnight of its day; not later an end than the start is on the next day."""

    starts: Minute
    ends: Minute
    membership_id: UUID

    @property
    def minutes(self) -> int:
        """How long it is on the clock's face: 1 to 1440."""
        return (self.ends - self.starts) % DAY or DAY


class DayPlan(msgspec.Struct, frozen=True):
    """The shifts that begin on a day. `dated`: made for that very date, and why."""

    shifts: tuple[Shift, ...] = ()
    note: str = ""
    dated: bool = False


class Pattern(msgspec.Struct, frozen=True):
    """Shifts a weekday, Monday first, from the day `since` until a later pattern begins."""

    since: date
    week: tuple[tuple[Shift, ...], ...]


class Roster(msgspec.Struct, frozen=True):
    """What a team's days are planned by. `patterns` ascend by `since`."""

    patterns: tuple[Pattern, ...] = ()
    days: Mapping[date, DayPlan] = {}

    @property
    def kept(self) -> bool:
        """Whether anything was planned at all."""
        return bool(self.patterns or self.days)


class Duty(msgspec.Struct, frozen=True):
    """Somebody on duty, since when and until when."""

    membership_id: UUID
    since: datetime
    until: datetime


def regular(roster: Roster, day: date) -> tuple[Shift, ...]:
    """What the pattern says of that day."""
    pattern = next((p for p in reversed(roster.patterns) if p.since <= day), None)
    return pattern.week[day.weekday()] if pattern else ()


def plan_of(roster: Roster, day: date) -> DayPlan:
    """The plan in force for that day."""
    return roster.days.get(day) or DayPlan(regular(roster, day))


def week_of(roster: Roster, monday: date) -> tuple[DayPlan, ...]:
    """The plans of seven days."""
    return tuple(plan_of(roster, monday + n * _ONE_DAY) for n in range(7))


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - day.weekday() * _ONE_DAY


def deviations(roster: Roster, monday: date, plans: Sequence[DayPlan]) -> dict[date, DayPlan]:
    """Of a week as it is to be, the days that differ from the pattern or say something: these are kept as dated."""
    wanted = {monday + n * _ONE_DAY: plan for n, plan in enumerate(plans)}
    return {
        day: DayPlan(tuple(sorted(plan.shifts)), plan.note, dated=True)
        for day, plan in wanted.items()
        if plan.note or tuple(sorted(plan.shifts)) != tuple(sorted(regular(roster, day)))
    }


def swapped(plan: DayPlan, giver: UUID, taker: UUID, note: str) -> DayPlan:
    """The day with the giver's shifts taken over, and why."""
    shifts = tuple(
        msgspec.structs.replace(shift, membership_id=taker) if shift.membership_id == giver else shift
        for shift in plan.shifts
    )
    return DayPlan(shifts, "; ".join(text for text in (plan.note, note) if text), dated=True)


def overlapping(shifts: Iterable[Shift]) -> list[UUID]:
    """Whose shifts of one day overlap each other."""
    ends: dict[UUID, int] = {}
    found: dict[UUID, None] = {}
    for shift in sorted(shifts):
        if shift.starts < ends.get(shift.membership_id, 0):
            found[shift.membership_id] = None
        ends[shift.membership_id] = shift.starts + shift.minutes
    return list(found)


def span_of(shift: Shift, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a shift of that day really begins and ends."""
    end = shift.starts + shift.minutes
    return _instant(zone, day, shift.starts), _instant(zone, day + end // DAY * _ONE_DAY, end % DAY)


def on_duty(roster: Roster, zone: ZoneInfo, at: datetime) -> tuple[Duty, ...]:
    """Who is on duty at the instant, each once, by end of duty; a shift's end is not part of it."""
    today = at.astimezone(zone).date()
    found: dict[UUID, Duty] = {}
    # A shift lasts a day at most. The day before yesterday is looked at for clocks set over midnight.
    for day in (today - 2 * _ONE_DAY, today - _ONE_DAY, today, today + _ONE_DAY):
        for shift in plan_of(roster, day).shifts:
            since, until = span_of(shift, day, zone)
            known = found.get(shift.membership_id)
            if since <= at < until and (known is None or until > known.until):
                found[shift.membership_id] = Duty(shift.membership_id, since, until)
    return tuple(sorted(found.values(), key=lambda duty: (duty.until, duty.membership_id)))


def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    return datetime.fromtimestamp(instant_of(zone, day.toordinal(), minute * 60), UTC)
