"""What teams and rosters are to services, API and console."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.teams.roster import Shift

Role = Literal["lead", "member"]
Note = Annotated[str, msgspec.Meta(max_length=100)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class MemberEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A colleague of the site as a member of a team."""

    membership_id: UUID
    role: Role = "member"


class TeamEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A team as it is to be. `categories` are keys of the site's; none: it takes any. An inactive team gets nothing."""

    name: Annotated[str, msgspec.Meta(max_length=30)]
    categories: Annotated[tuple[str, ...], msgspec.Meta(max_length=30)] = ()
    members: Annotated[tuple[MemberEntry, ...], msgspec.Meta(max_length=200)] = ()
    active: bool = True


class Member(msgspec.Struct, frozen=True):
    membership_id: UUID
    name: str
    role: Role


class Team(msgspec.Struct, frozen=True):
    """A team of a site, its leads first."""

    id: UUID
    name: str
    categories: tuple[str, ...]
    active: bool
    version: int
    members: tuple[Member, ...]

    def name_of(self, membership_id: UUID) -> str | None:
        return next((m.name for m in self.members if m.membership_id == membership_id), None)


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who works at the site."""

    membership_id: UUID
    name: str


class OnDuty(msgspec.Struct, frozen=True):
    """Somebody on duty for a team."""

    team_id: UUID
    team_name: str
    membership_id: UUID
    name: str
    since: datetime
    until: datetime


class DayEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is planned for one date; `note` says why it differs from the pattern."""

    shifts: Annotated[tuple[Shift, ...], msgspec.Meta(max_length=200)] = ()
    note: Note = ""


class WeekEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole plan of the week that `day` is in. Days that say what the pattern says follow it as before."""

    day: date
    mon: DayEntry = DayEntry()
    tue: DayEntry = DayEntry()
    wed: DayEntry = DayEntry()
    thu: DayEntry = DayEntry()
    fri: DayEntry = DayEntry()
    sat: DayEntry = DayEntry()
    sun: DayEntry = DayEntry()

    @property
    def days(self) -> tuple[DayEntry, ...]:
        return tuple(getattr(self, name) for name in WEEKDAYS)


_Shifts = Annotated[tuple[Shift, ...], msgspec.Meta(max_length=200)]


class PatternEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The shifts of every week from the one that `since` is in; dated days stay."""

    since: date
    mon: _Shifts = ()
    tue: _Shifts = ()
    wed: _Shifts = ()
    thu: _Shifts = ()
    fri: _Shifts = ()
    sat: _Shifts = ()
    sun: _Shifts = ()

    @property
    def week(self) -> tuple[tuple[Shift, ...], ...]:
        return tuple(getattr(self, name) for name in WEEKDAYS)


class WeekRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The week that `day` is in."""

    day: date


class Swap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`taker_id` takes over the giver's shifts of `day`; with `back_on`, the giver takes the taker's of that day."""

    day: date
    giver_id: UUID
    taker_id: UUID
    back_on: date | None = None


class DayOut(msgspec.Struct, frozen=True):
    """The plan in force for a date; `dated`: it replaces what the pattern says."""

    day: date
    shifts: tuple[Shift, ...]
    note: str
    dated: bool


class PatternOut(msgspec.Struct, frozen=True):
    """The pattern in force in a week, Monday first."""

    since: date
    week: tuple[tuple[Shift, ...], ...]


class Week(msgspec.Struct, frozen=True):
    """A team's week. `names` are those of everybody who has a shift in it, by id."""

    team: Team
    monday: date
    days: tuple[DayOut, ...]
    pattern: PatternOut | None
    names: dict[UUID, str]
