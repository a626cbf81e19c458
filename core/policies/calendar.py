"""`core.calendar`: a site's working time, which `working` clocks and working days count by."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec

from core.errors import FieldError
from core.policies import public_holidays
from core.policies.spec import PolicySpec
from core.policies.values import Shifts, Unfit
from core.sla import Calendar

OFFICE_HOURS: Shifts = (("08:30", "12:00"), ("13:30", "17:30"))


PublicHolidays = Literal["none", "china"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _shift_problem(name: str, shifts: Shifts) -> list[FieldError]:
    """`[start, end)` in wall time; times compare as text because they are zero-padded."""
    ordered = sorted(shifts)
    overlap = any(later[0] < earlier[1] for earlier, later in pairwise(ordered))
    if not overlap and all(start < end for start, end in shifts):
        return []
    return [FieldError(name, "Let every shift end after it starts, and none overlap.")]


class Week(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shifts per weekday; empty: closed."""

    mon: Annotated[Shifts, msgspec.Meta(title="Monday")] = ()
    tue: Annotated[Shifts, msgspec.Meta(title="Tuesday")] = ()
    wed: Annotated[Shifts, msgspec.Meta(title="Wednesday")] = ()
    thu: Annotated[Shifts, msgspec.Meta(title="Thursday")] = ()
    fri: Annotated[Shifts, msgspec.Meta(title="Friday")] = ()
    sat: Annotated[Shifts, msgspec.Meta(title="Saturday")] = ()
    sun: Annotated[Shifts, msgspec.Meta(title="Sunday")] = ()

    def __post_init__(self) -> None:
        problems = [problem for day in self.__struct_fields__ for problem in _shift_problem(day, getattr(self, day))]
        if problems:
            raise Unfit(*problems)


class WorkingTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a site works: what `working` clocks and working days count by."""

    timezone: Annotated[
        str, msgspec.Meta(title="Time zone", description="Name in the IANA database, such as Asia/Shanghai.")
    ]
    week: Annotated[Week, msgspec.Meta(title="Weekly shifts", description="For example 08:30-12:00, 13:30-17:30.")]
    public_holidays: Annotated[
        PublicHolidays,
        msgspec.Meta(
            title="Public holidays",
            description="With those of mainland China the site is closed on them and works on the make-up days.",
            extra={"labels": {"none": "Not observed", "china": "Mainland China, with make-up days"}},
        ),
    ] = "none"
    make_up_like: Annotated[
        Weekday,
        msgspec.Meta(
            title="Make-up days work like",
            description="Which weekday's shifts a Saturday or Sunday has that is worked in exchange.",
            extra={"labels": WEEKDAYS},
        ),
    ] = "mon"
    exceptions: Annotated[
        dict[date, Shifts],
        msgspec.Meta(
            title="Special days",
            description="Closures (no shifts) and extra working days; they win over public holidays and weekly shifts.",
            max_length=1000,
            extra={"mend": "Give a date like 2026-10-01."},
        ),
    ] = {}

    def __post_init__(self) -> None:
        problems = [
            problem
            for day, shifts in self.exceptions.items()
            for problem in _shift_problem(f"exceptions.{day.isoformat()}", shifts)
        ]
        if self.timezone not in _timezones():
            problems.append(FieldError("timezone", "Use the IANA name of a time zone, such as Asia/Shanghai."))
        if problems:
            raise Unfit(*problems)


def to_calendar(policy: WorkingTime) -> Calendar:
    """The calendar that deadlines are computed with: weekly shifts, over them public holidays, over all own days."""
    week: dict[str, Shifts] = {day: getattr(policy.week, day) for day in policy.week.__struct_fields__}
    days: dict[date, Shifts] = {}
    if policy.public_holidays == "china":
        days |= dict.fromkeys(public_holidays.closed_days(), ())
        days |= dict.fromkeys(public_holidays.make_up_days(), week[policy.make_up_like])
    days |= policy.exceptions
    return Calendar(policy.timezone, week, {day.isoformat(): days[day] for day in sorted(days)})


CALENDAR = PolicySpec(
    name="core.calendar",
    struct=WorkingTime,
    default=WorkingTime(
        timezone="Asia/Shanghai",
        week=Week(mon=OFFICE_HOURS, tue=OFFICE_HOURS, wed=OFFICE_HOURS, thu=OFFICE_HOURS, fri=OFFICE_HOURS),
    ),
    title="Working time",
    help="When the site works. Goals on working time, and all working days, count by it.",
    permission="policy.manage",
)
