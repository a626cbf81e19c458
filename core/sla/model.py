"""The words of service-level time: goals, the events of their life, and what is reported of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from core.sla.calendar import Calendar
from core.sla.timeline import FIRST_YEAR, LAST_YEAR

Unit = Literal["minutes", "hours", "working_days", "days"]
ClockKind = Literal["working", "elapsed"]
State = Literal["running", "paused", "met", "breached", "cancelled"]
EventType = Literal["start", "pause", "resume", "stop", "reopen", "retarget", "calendar"]

MAX_AMOUNT = 2**31 - 1  # more than the years covered hold, and small enough for an integer column

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NEEDS: dict[EventType, str] = {"stop": "goal", "reopen": "goal", "retarget": "goals", "calendar": "calendar"}


class Goal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something owed by a deadline: `amount` (> 0) of `unit`; `clock` says which time counts, except for day units.

    Raises ValueError naming the field for an empty name or an amount out of range.
    """

    name: str
    amount: int
    unit: Unit
    clock: ClockKind

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("name: a goal needs a name")
        if not 0 < self.amount <= MAX_AMOUNT:
            raise ValueError(f"amount: {self.amount} is not from 1 to {MAX_AMOUNT}")


class ClockEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that happened to the goals of a ticket at an aware instant.

    `stop` and `reopen` name a `goal`, `reopen` may `restart` it, `retarget` brings `goals`, `calendar` a `calendar`;
    the other fields stay unset. Raises ValueError naming the field otherwise, or for an instant out of reach.
    """

    at: datetime
    type: EventType
    goal: str | None = None
    restart: bool = False
    goals: tuple[Goal, ...] | None = None
    calendar: Calendar | None = None

    def __post_init__(self) -> None:
        instant(self.at)
        needed = _NEEDS.get(self.type)
        for field, value in (("goal", self.goal), ("goals", self.goals), ("calendar", self.calendar)):
            if field == needed and value is None:
                raise ValueError(f"{field}: a {self.type} event needs it")
            if field != needed and value is not None:
                raise ValueError(f"{field}: a {self.type} event does not take it")
        if self.restart and self.type != "reopen":
            raise ValueError(f"restart: a {self.type} event does not take it")
        distinct(self.goals or ())


class GoalStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal at an instant; `used` in seconds for minutes and hours, otherwise in days counted.

    `due_at` of a running goal is its deadline if nothing else happens, of a met one the deadline as it stood at the
    stop (null if it was paused then), of a breached one the breach, of any other null; null also if no deadline can be
    found.
    """

    state: State
    used: int
    due_at: datetime | None
    breached_at: datetime | None


def instant(moment: datetime) -> int:
    """Whole seconds since the epoch, a fraction dropped; ValueError for a naive time or a year out of reach."""
    if moment.utcoffset() is None:
        raise ValueError(f"at: {moment.isoformat()} has no time zone; instants are in UTC")
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError(f"at: {moment.isoformat()} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return (moment - _EPOCH) // _SECOND


def distinct(goals: Iterable[Goal]) -> None:
    """ValueError if two goals have the same name."""
    seen: set[str] = set()
    for goal in goals:
        if goal.name in seen:
            raise ValueError(f"goals: {goal.name!r} is there twice")
        seen.add(goal.name)
