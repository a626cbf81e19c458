"""Wall times that clocks skip or show twice, days of 23 and 25 hours, searches that must end. All instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.sla import Calendar, ClockEvent, Goal, evaluate, promise

DAILY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _promise(timezone: str, shift: str, goal: str, start: str) -> datetime | None:
    shifts = tuple(tuple(part.split("-")) for part in shift.split())
    amount, unit, clock = goal.split()
    calendar = Calendar(timezone, dict.fromkeys(DAILY, shifts))  # type: ignore[arg-type]
    return promise(calendar, [Goal("g", int(amount), unit, clock)], _utc(start))["g"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("timezone", "shift", "goal", "start", "due_at"),
    [
        # Berlin, 2026-03-29: 02:00 to 03:00 is skipped, at 01:00 UTC
        ("Europe/Berlin", "01:30-05:00", "150 minutes working", "2026-03-28 20:00", "2026-03-29 03:00"),
        ("Europe/Berlin", "02:30-04:00", "60 minutes working", "2026-03-28 20:00", "2026-03-29 02:00"),
        ("Europe/Berlin", "01:00-02:30", "60 minutes working", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "02:15-02:45", "30 minutes working", "2026-03-28 20:00", "2026-03-30 00:45"),
        ("Europe/Berlin", "02:15-02:45", "1 working_days working", "2026-03-28 20:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "", "1 days working", "2026-03-28 20:00", "2026-03-29 22:00"),
        # Berlin, 2026-10-25: 02:00 to 03:00 comes twice, for the second time at 01:00 UTC
        ("Europe/Berlin", "02:30-03:30", "120 minutes working", "2026-10-24 20:00", "2026-10-25 02:30"),
        ("Europe/Berlin", "01:00-02:30", "90 minutes working", "2026-10-24 20:00", "2026-10-25 00:30"),
        ("Europe/Berlin", "02:00-03:00", "120 minutes working", "2026-10-24 20:00", "2026-10-25 02:00"),
        ("Europe/Berlin", "02:15-02:45", "1 working_days working", "2026-10-24 20:00", "2026-10-25 00:45"),
        ("Europe/Berlin", "00:00-24:00", "25 hours working", "2026-10-24 22:00", "2026-10-25 23:00"),
        ("Europe/Berlin", "", "1 days working", "2026-10-24 20:00", "2026-10-25 23:00"),
        # Santiago: 2026-09-06 has no midnight; on 2026-04-04 the hour to midnight comes twice
        ("America/Santiago", "16:00-24:00", "1 working_days working", "2026-09-04 15:00", "2026-09-06 04:00"),
        ("America/Santiago", "00:00-01:00", "1 working_days working", "2026-09-05 15:00", "2026-09-06 04:00"),
        ("America/Santiago", "23:00-24:00", "120 minutes working", "2026-04-04 12:00", "2026-04-05 04:00"),
        ("America/Santiago", "", "1 days working", "2026-04-03 15:00", "2026-04-05 04:00"),
        # Havana, 2026-11-01: midnight comes twice; the first ends the date
        ("America/Havana", "", "1 days working", "2026-10-30 15:00", "2026-11-01 04:00"),
        ("America/Havana", "00:00-01:00", "120 minutes working", "2026-10-31 15:00", "2026-11-01 06:00"),
        # St John's, 2006-10-29: from 00:01 back to 23:01 of the day before
        ("America/St_Johns", "", "1 days working", "2006-10-27 15:00", "2006-10-29 02:30"),
        ("America/St_Johns", "", "1 days working", "2006-10-29 02:45", "2006-10-30 03:30"),
        ("America/St_Johns", "00:00-01:00", "90 minutes working", "2006-10-29 02:00", "2006-10-29 04:00"),
        # Lord Howe, 2026-10-04: half an hour is skipped, at 15:30 UTC the day before
        ("Australia/Lord_Howe", "01:30-03:00", "60 minutes working", "2026-10-03 14:00", "2026-10-03 16:00"),
        # over the end of a year
        ("Asia/Shanghai", "22:00-24:00", "3 hours working", "2026-12-31 13:00", "2027-01-01 15:00"),
        ("Asia/Shanghai", "22:00-24:00", "1 working_days working", "2026-12-30 13:00", "2026-12-31 16:00"),
        ("Asia/Shanghai", "", "1 days working", "2026-12-30 13:00", "2026-12-31 16:00"),
    ],
)
def test_a_wall_time_skipped_is_the_end_of_the_gap_and_one_that_comes_twice_the_first(
    timezone, shift, goal, start, due_at
) -> None:
    assert _promise(timezone, shift, goal, start) == _utc(due_at)


def test_a_day_that_ends_at_the_year_s_first_instant_can_still_be_stopped_then() -> None:
    calendar = Calendar("UTC", dict.fromkeys(DAILY, (("08:00", "24:00"),)))
    goals = [Goal("visit", 1, "working_days", "working"), Goal("feedback", 1, "days", "working")]
    new_year = _utc("2027-01-01 00:00")
    events = [ClockEvent(_utc("2026-12-30 09:00"), "start")]
    assert {status.breached_at for status in evaluate(calendar, goals, events, new_year).values()} == {new_year}
    events += [ClockEvent(new_year, "stop", goal=goal.name) for goal in goals]
    stopped = evaluate(calendar, goals, events, new_year)
    assert {(status.state, status.used, status.due_at) for status in stopped.values()} == {("met", 0, new_year)}


HOUR = Goal("hour", 1, "hours", "working")
TWO_HOURS = Goal("two_hours", 2, "hours", "working")
VISIT = Goal("visit", 1, "working_days", "working")
ALL = (HOUR, TWO_HOURS, VISIT)


def _open_on(*days: str) -> Calendar:
    return Calendar("UTC", {}, dict.fromkeys(days, (("09:00", "10:00"),)))


@pytest.mark.parametrize(
    ("days", "start", "due_at"),
    [
        ([], "2026-01-01 12:00", [None, None, None]),
        (["2026-01-01"], "2026-01-01 12:00", [None, None, None]),
        (["2031-01-01"], "2026-01-01 12:00", ["2031-01-01 10:00", None, "2031-01-01 10:00"]),
        (["2031-01-02"], "2026-01-01 12:00", [None, None, None]),
        (["2031-01-02"], "2026-01-02 12:00", ["2031-01-02 10:00", None, "2031-01-02 10:00"]),
        (["2029-02-28"], "2024-02-29 12:00", ["2029-02-28 10:00", None, "2029-02-28 10:00"]),
        # each search for the next working time has five years
        (
            ["2026-06-01", "2031-05-01"],
            "2026-01-01 12:00",
            ["2026-06-01 10:00", "2031-05-01 10:00", "2026-06-01 10:00"],
        ),
        (["2026-06-01", "2031-06-02"], "2026-01-01 12:00", ["2026-06-01 10:00", None, "2026-06-01 10:00"]),
    ],
)
def test_a_search_for_working_time_is_given_up_after_five_years(days, start, due_at) -> None:
    expected = {goal.name: at and _utc(at) for goal, at in zip(ALL, due_at, strict=True)}
    assert promise(_open_on(*days), ALL, _utc(start)) == expected


def test_what_no_search_foretold_is_counted_when_it_comes() -> None:
    calendar, events = _open_on("2033-03-01", "2039-03-01"), [ClockEvent(_utc("2026-01-01 12:00"), "start")]
    before, after = (evaluate(calendar, ALL, events, _utc(now)) for now in ("2028-01-01", "2039-03-02"))
    assert [status.due_at for status in before.values()] == [None, None, None]
    assert [(status.used, status.breached_at) for status in after.values()] == [
        (7200, _utc("2033-03-01 10:00")),
        (7200, _utc("2039-03-01 10:00")),
        (2, _utc("2033-03-01 10:00")),
    ]


def test_an_amount_longer_than_five_years_has_its_deadline() -> None:
    calendar = Calendar("UTC", {"mon": (("09:00", "10:00"),)})
    goals = [Goal("hours", 522, "hours", "working"), Goal("visits", 522, "working_days", "working")]
    # 522 Mondays from 2026-01-05 on end with 2035-12-31
    assert promise(calendar, goals, _utc("2026-01-01")) == dict.fromkeys(("hours", "visits"), _utc("2035-12-31 10:00"))


def test_an_absurd_amount_has_no_deadline_and_its_search_ends() -> None:
    calendar = Calendar("Europe/Berlin", dict.fromkeys(DAILY, (("09:00", "10:00"),)))
    goals = [
        Goal(f"{unit} {clock}", 2**31 - 1, unit, clock)  # type: ignore[arg-type]
        for unit in ("hours", "days", "working_days")
        for clock in ("working", "elapsed")
    ]
    assert set(promise(calendar, goals, _utc("2026-01-01")).values()) == {None}
