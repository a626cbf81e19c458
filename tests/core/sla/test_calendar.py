"""What is a calendar and what is not; calendars, goals and events as values."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
import pytest

from core.sla import Calendar, ClockEvent, Goal, GoalStatus, promise

DAY = (("08:30", "12:00"), ("13:30", "17:30"))
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
GOAL = Goal("response", 1, "hours", "working")

REFUSED = {
    "an unknown zone": ("Asia/Lodge", {}, {}, "timezone: 'Asia/Lodge' is not an IANA time zone"),
    "a folder of zones": ("America", {}, {}, "timezone: 'America' is not"),
    "no zone": ("", {}, {}, "timezone: '' is not"),
    "a path": ("../../etc/passwd", {}, {}, "timezone: "),
    "a full weekday name": ("UTC", {"monday": DAY}, {}, "week: 'monday' is not a weekday; write one of mon, tue"),
    "a shift that ends as it starts": ("UTC", {"mon": (("08:00", "08:00"),)}, {}, "week.mon: the shift 08:00–08:00"),
    "a shift over midnight": ("UTC", {"mon": (("22:00", "06:00"),)}, {}, "week.mon: the shift 22:00–06:00"),
    "a shift from 24:00": ("UTC", {"mon": (("24:00", "24:00"),)}, {}, "week.mon: the shift 24:00–24:00"),
    "overlapping shifts": (
        "UTC",
        {"tue": (("13:00", "17:00"), ("08:00", "13:01"))},
        {},
        "week.tue: the shifts 08:00–13:01 and 13:00–17:00 overlap",
    ),
    "overlapping shifts of a date": ("UTC", {}, {"2026-10-01": (*DAY, ("09:00", "10:00"))}, "exceptions.2026-10-01: "),
    "an hour of one digit": ("UTC", {"mon": (("8:30", "12:00"),)}, {}, "week.mon: '8:30' is not a wall time"),
    "seconds": ("UTC", {"mon": (("08:30:00", "12:00"),)}, {}, "week.mon: '08:30:00' is not a wall time"),
    "a minute past 24:00": ("UTC", {"mon": (("08:30", "24:01"),)}, {}, "week.mon: '24:01' is not a wall time"),
    "hour 25": ("UTC", {"mon": (("08:30", "25:00"),)}, {}, "week.mon: '25:00' is not a wall time"),
    "minute 60": ("UTC", {"mon": (("08:60", "12:00"),)}, {}, "week.mon: '08:60' is not a wall time"),
    "digits of another script": ("UTC", {"mon": (("٠٨:٠٠", "12:00"),)}, {}, "is not a wall time"),
    "a date that does not exist": ("UTC", {}, {"2026-02-29": ()}, "exceptions: '2026-02-29' is not a date"),
    "a date without hyphens": ("UTC", {}, {"20261001": ()}, "exceptions: '20261001' is not a date"),
    "a week date": ("UTC", {}, {"2026-W40-4": ()}, "exceptions: '2026-W40-4' is not a date"),
}


@pytest.mark.parametrize(("timezone", "week", "exceptions", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_calendar_is_refused_by_place(timezone, week, exceptions, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Calendar(timezone, week, exceptions)


def test_shifts_may_touch_and_come_in_any_order() -> None:
    calendar = Calendar("UTC", {"mon": (("12:00", "24:00"), ("00:00", "12:00"))})
    assert promise(calendar, [Goal("response", 13, "hours", "working")], MONDAY) == {
        "response": MONDAY.replace(hour=13)
    }


def test_calendars_of_equal_content_are_one_value() -> None:
    first = Calendar("UTC", {"mon": DAY, "tue": DAY}, {"2026-10-01": (), "2026-10-02": DAY})
    second = Calendar("UTC", {"tue": DAY, "mon": DAY}, {"2026-10-02": DAY, "2026-10-01": ()})
    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second, Calendar("UTC", {"mon": DAY}, {})}) == 2


def test_equal_zones_or_dates_alone_do_not_share_a_compiled_calendar() -> None:
    due_at = {
        promise(calendar, [GOAL], MONDAY)["response"]
        for calendar in (
            Calendar("UTC", {"mon": DAY}),
            Calendar("Asia/Shanghai", {"mon": DAY}),
            Calendar("UTC", {"tue": DAY}),
            Calendar("UTC", {"mon": DAY}, {"2026-11-23": ()}),
        )
    }
    assert len(due_at) == 4


@pytest.mark.parametrize(
    "value",
    [
        Calendar("Asia/Shanghai", {"mon": DAY}, {"2026-10-01": ()}),
        GOAL,
        ClockEvent(MONDAY, "reopen", goal="response", restart=True),
        ClockEvent(MONDAY, "retarget", goals=(GOAL,)),
        ClockEvent(MONDAY, "calendar", calendar=Calendar("UTC", {"sun": DAY})),
        GoalStatus("breached", 3600, MONDAY, MONDAY),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_survives_json_and_refuses_unknown_fields(value) -> None:
    text = msgspec.json.encode(value)
    assert msgspec.json.decode(text, type=type(value)) == value
    spoilt = msgspec.json.encode(msgspec.to_builtins(value) | {"colour": "red"})
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        msgspec.json.decode(spoilt, type=type(value))


def test_an_event_is_stored_without_what_it_does_not_use() -> None:
    assert msgspec.json.encode(ClockEvent(MONDAY, "pause")) == b'{"at":"2026-11-23T00:00:00Z","type":"pause"}'


def test_an_event_needs_an_instant_with_a_zone() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        ClockEvent(MONDAY.replace(tzinfo=None), "start")
    with pytest.raises(ValueError, match="has no time zone"):
        promise(Calendar("UTC", {}), [GOAL], MONDAY.replace(tzinfo=None))


def test_a_retarget_names_no_goal_twice() -> None:
    with pytest.raises(ValueError, match="goals: 'response' is there twice"):
        ClockEvent(MONDAY, "retarget", goals=(GOAL, GOAL))
