"""The life of a goal, stretch by stretch: what counted, when, under which terms — and that it adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings

from core.sla import Calendar, ClockEvent, Goal, Segment, evaluate, segments
from tests.core.sla.strategies import lives

OFFICE = Calendar("Asia/Shanghai", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "18:00"),)))
EARLY = Calendar("Asia/Shanghai", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("06:00", "18:00"),)))
RESOLVE = Goal("resolution", 4, "hours", "working")


def at(day: int, time: str) -> datetime:
    """An instant of November 2026 in Shanghai; the 23rd is a Monday."""
    return datetime(2026, 11, day, int(time[:2]), int(time[3:]), tzinfo=UTC) - timedelta(hours=8)


def told(segment: Segment) -> tuple[str, str, str, int]:
    """A segment as `(since, until, kind, minutes counted)` in local time."""
    since, until = ((moment + timedelta(hours=8)).strftime("%d %H:%M") for moment in (segment.since, segment.until))
    return since, until, segment.kind, segment.seconds // 60


@settings(deadline=None, max_examples=400, derandomize=True, database=None)
@given(lives())
def test_what_counted_adds_up_to_what_was_used(life) -> None:
    """TKT-4, and the reason a deadline can be opened: the picture and the clock are one computation."""
    calendar, goals, events, now = life
    statuses = evaluate(calendar, goals, events, now)
    told = segments(calendar, goals, events, now)
    assert list(told) == list(statuses)
    for name, life_of in told.items():
        counted = [s for s in life_of if not s.forgotten]
        assert sum(s.seconds + len(s.days) for s in counted) == statuses[name].used
        for earlier, later in pairwise(life_of):
            assert earlier.since <= earlier.until <= later.since
        for segment in life_of:
            assert segment.kind == "running" or not (segment.seconds or segment.days)
            assert segment.seconds in (0, (segment.until - segment.since).total_seconds())


def test_a_night_and_a_wait_are_told_apart_from_the_time_that_counted() -> None:
    events = [
        ClockEvent(at(23, "16:00"), "start"),
        ClockEvent(at(24, "09:30"), "pause"),
        ClockEvent(at(24, "11:00"), "resume"),
    ]
    [life] = segments(OFFICE, [RESOLVE], events, at(24, "12:00")).values()
    assert [told(segment) for segment in life] == [
        ("23 16:00", "23 18:00", "running", 120),
        ("23 18:00", "24 09:00", "closed", 0),
        ("24 09:00", "24 09:30", "running", 30),
        ("24 09:30", "24 11:00", "paused", 0),
        ("24 11:00", "24 12:00", "running", 60),
    ]


def test_each_stretch_says_whose_terms_and_which_calendar_it_ran_under() -> None:
    events = [
        ClockEvent(at(23, "16:00"), "start"),
        ClockEvent(at(23, "17:00"), "retarget", goals=(Goal("resolution", 8, "hours", "working"),)),
        ClockEvent(at(23, "20:00"), "calendar", calendar=EARLY),
        ClockEvent(at(24, "06:20"), "calendar", calendar=OFFICE),
    ]
    [life] = segments(OFFICE, [RESOLVE], events, at(24, "06:30")).values()
    assert (life[0].since, life[-1].until) == (at(23, "16:00"), at(24, "06:30"))
    assert [(*told(s), s.terms, s.calendar) for s in life] == [
        ("23 16:00", "23 17:00", "running", 60, 0, 0),
        ("23 17:00", "23 18:00", "running", 60, 1, 0),
        ("23 18:00", "23 20:00", "closed", 0, 1, 0),
        ("23 20:00", "24 06:00", "closed", 0, 1, 1),
        ("24 06:00", "24 06:20", "running", 20, 1, 1),
        ("24 06:20", "24 06:30", "closed", 0, 1, 2),
    ]


def test_days_are_named_by_the_dates_whose_close_counted() -> None:
    goal = Goal("resolution", 3, "working_days", "working")
    events = [
        ClockEvent(at(23, "16:00"), "start"),
        ClockEvent(at(25, "17:00"), "pause"),
        ClockEvent(at(26, "09:00"), "resume"),
    ]
    [life] = segments(OFFICE, [goal], events, at(26, "18:00")).values()
    assert [(s.kind, s.days) for s in life] == [
        ("running", (date(2026, 11, 24),)),
        ("paused", ()),
        ("running", (date(2026, 11, 26),)),  # a close at the very instant asked for counts
    ]


def test_what_a_restart_forgot_is_still_shown_but_marked() -> None:
    events = [
        ClockEvent(at(23, "09:00"), "start"),
        ClockEvent(at(23, "10:00"), "stop", goal="resolution"),
        ClockEvent(at(23, "14:00"), "reopen", goal="resolution", restart=True),
    ]
    [life] = segments(OFFICE, [RESOLVE], events, at(23, "14:30")).values()
    assert [(*told(s), s.forgotten) for s in life] == [
        ("23 09:00", "23 10:00", "running", 60, True),
        ("23 14:00", "23 14:30", "running", 30, False),
    ]


def test_a_date_that_comes_again_after_a_restart_counts_again() -> None:
    """A calendar of the other side of the date line takes over: its 23rd is still to come."""
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (("06:00", "09:00"),))
    goal = Goal("resolution", 9, "working_days", "working")
    moved = datetime(2026, 11, 22, 21, tzinfo=UTC)  # past the 23rd's close in Auckland, on the 22nd in Los Angeles
    events = [
        ClockEvent(datetime(2026, 11, 21, 20, tzinfo=UTC), "start"),
        ClockEvent(moved, "stop", goal="resolution"),
        ClockEvent(moved, "calendar", calendar=Calendar("America/Los_Angeles", week)),
        ClockEvent(moved, "reopen", goal="resolution", restart=True),
    ]
    [life] = segments(
        Calendar("Pacific/Auckland", week), [goal], events, datetime(2026, 11, 23, 18, tzinfo=UTC)
    ).values()
    assert [(s.days, s.forgotten) for s in life] == [((date(2026, 11, 23),), True), ((date(2026, 11, 23),), False)]
