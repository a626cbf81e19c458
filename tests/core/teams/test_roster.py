"""Who is on duty when: tables of cases, and what must hold for any roster in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.teams.roster import (
    DAY,
    DayPlan,
    Pattern,
    Roster,
    Shift,
    deviations,
    monday_of,
    on_duty,
    overlapping,
    plan_of,
    span_of,
    swapped,
)

ANNA, BERT, CORA = UUID(int=1), UUID(int=2), UUID(int=3)
MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Gaza")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def hours(who: UUID, starts: float, ends: float) -> Shift:
    return Shift(int(starts * 60), int(ends * 60) % DAY, who)


def every_day(*shifts: Shift, since: date = date(2026, 1, 5)) -> Roster:
    return Roster((Pattern(since, (shifts,) * 7),))


def who(roster: Roster, instant: datetime, zone: ZoneInfo = SHANGHAI) -> set[UUID]:
    return {duty.membership_id for duty in on_duty(roster, zone, instant)}


DAYTIME_AND_NIGHT = every_day(hours(ANNA, 8, 20), hours(BERT, 20, 8))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-23 08:00:00", {ANNA}),  # a shift's start is part of it
        ("2026-11-23 07:59:59", {BERT}),
        ("2026-11-23 19:59:59", {ANNA}),
        ("2026-11-23 20:00:00", {BERT}),  # and its end is not
        ("2026-11-24 00:00:00", {BERT}),  # the night belongs to the day it began on
        ("2026-11-24 07:59:59", {BERT}),
    ],
)
def test_a_shift_runs_from_its_start_up_to_its_end(instant: str, expected: set[UUID]) -> None:
    assert who(DAYTIME_AND_NIGHT, at(instant)) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-25 09:00", {CORA}),  # the dated day replaces the pattern's
        ("2026-11-25 07:00", {BERT}),  # but the night before it goes on to its end
        ("2026-11-25 21:00", set()),  # and a night that is not planned is not there
        ("2026-11-26 07:00", set()),
        ("2026-11-26 09:00", {ANNA}),
        ("2026-11-27 12:00", set()),  # a day planned as free
    ],
)
def test_a_dated_day_replaces_what_the_pattern_says_of_it(instant: str, expected: set[UUID]) -> None:
    days = {date(2026, 11, 25): DayPlan((hours(CORA, 8, 20),), dated=True), date(2026, 11, 27): DayPlan(dated=True)}
    assert who(Roster(DAYTIME_AND_NIGHT.patterns, days), at(instant)) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [("2026-11-22 09:00", {ANNA}), ("2026-11-23 09:00", {BERT}), ("2025-12-31 09:00", set())],
)
def test_a_pattern_holds_from_its_day_until_the_next_one(instant: str, expected: set[UUID]) -> None:
    earlier = every_day(hours(ANNA, 8, 20)).patterns[0]
    later = every_day(hours(BERT, 8, 20), since=MONDAY).patterns[0]
    assert who(Roster((earlier, later)), at(instant)) == expected


def test_who_has_two_shifts_at_once_is_named_once_until_the_later_end() -> None:
    roster = every_day(hours(ANNA, 8, 12), hours(ANNA, 10, 18))
    [duty] = on_duty(roster, SHANGHAI, at("2026-11-23 11:00"))
    assert duty.until == at("2026-11-23 18:00")


def test_a_shift_of_a_whole_day_ends_when_it_began() -> None:
    since, until = span_of(hours(ANNA, 8, 8), MONDAY, SHANGHAI)
    assert (since, until) == (at("2026-11-23 08:00"), at("2026-11-24 08:00"))


@pytest.mark.parametrize(
    ("zone", "day", "shift", "begins", "ends"),
    [
        # clocks go from 02:00 to 03:00: a start that is skipped is where the gap ends, the night is an hour shorter
        ("Europe/Berlin", date(2026, 3, 29), hours(ANNA, 2.5, 10), "2026-03-29T01:00Z", "2026-03-29T08:00Z"),
        ("Europe/Berlin", date(2026, 3, 28), hours(ANNA, 22, 6), "2026-03-28T21:00Z", "2026-03-29T04:00Z"),
        # from 03:00 back to 02:00: the first 02:30 counts, the night is an hour longer
        ("Europe/Berlin", date(2026, 10, 25), hours(ANNA, 2.5, 10), "2026-10-25T00:30Z", "2026-10-25T09:00Z"),
        ("Europe/Berlin", date(2026, 10, 24), hours(ANNA, 22, 6), "2026-10-24T20:00Z", "2026-10-25T05:00Z"),
        # midnight itself is skipped
        ("America/Sao_Paulo", date(2018, 11, 4), hours(ANNA, 0, 8), "2018-11-04T03:00Z", "2018-11-04T10:00Z"),
    ],
)
def test_shifts_follow_the_clocks_on_the_wall(zone: str, day: date, shift: Shift, begins: str, ends: str) -> None:
    expected = (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
    assert span_of(shift, day, ZoneInfo(zone)) == expected


instants = st.integers(0, 15 * 365 * DAY).map(lambda n: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
cuts = st.lists(st.integers(0, DAY - 1), min_size=1, max_size=5, unique=True).map(sorted)


@given(instants, cuts, st.sampled_from(ZONES))
def test_shifts_that_join_on_the_clock_leave_no_gap_and_no_double(instant: datetime, cut: list[int], zone: str) -> None:
    """Whatever clocks do, a day cut into shifts has exactly one person on duty at every instant."""
    ends = [*cut[1:], cut[0]]
    shifts = [Shift(start, end, UUID(int=n)) for n, (start, end) in enumerate(zip(cut, ends, strict=True))]
    assert len(on_duty(every_day(*shifts, since=date(2010, 1, 4)), ZoneInfo(zone), instant)) == 1


@given(instants, st.integers(0, DAY - 1), st.integers(0, DAY - 1), st.sampled_from(ZONES))
def test_somebody_is_on_duty_exactly_within_one_of_their_spans(
    instant: datetime, starts: int, ends: int, zone: str
) -> None:
    tz, shift = ZoneInfo(zone), Shift(starts, ends, ANNA)
    roster = every_day(shift, since=date(2010, 1, 4))
    today = instant.astimezone(tz).date()
    spans = [span_of(shift, today + timedelta(days=n), tz) for n in range(-3, 4)]

    found = on_duty(roster, tz, instant)

    assert bool(found) == any(since <= instant < until for since, until in spans)
    assert all(duty.since <= instant < duty.until for duty in found)


week_plans = st.lists(
    st.builds(DayPlan, st.lists(st.builds(Shift, st.integers(0, 3), st.integers(4, 6), st.sampled_from([ANNA, BERT])),
                                max_size=3, unique=True).map(tuple)),
    min_size=7,
    max_size=7,
)  # fmt: skip


@given(week_plans)
def test_only_days_that_differ_from_the_pattern_are_kept_and_the_week_reads_as_it_was_written(
    plans: list[DayPlan],
) -> None:
    pattern = every_day(hours(ANNA, 8, 20))
    kept = deviations(pattern, MONDAY, plans)
    saved = Roster(pattern.patterns, kept)
    for n, plan in enumerate(plans):
        day = MONDAY + timedelta(days=n)
        assert sorted(plan_of(saved, day).shifts) == sorted(plan.shifts)
        assert (day in kept) == (sorted(plan.shifts) != sorted(pattern.patterns[0].week[n]))


def test_a_note_alone_makes_a_day_dated() -> None:
    roster = every_day(hours(ANNA, 8, 20))
    plans = [DayPlan(roster.patterns[0].week[0], "exam") if n == 2 else plan_of(roster, MONDAY) for n in range(7)]
    assert list(deviations(roster, MONDAY, plans)) == [MONDAY + timedelta(days=2)]


def test_a_swap_hands_over_the_givers_shifts_alone_and_says_so() -> None:
    plan = DayPlan((hours(ANNA, 8, 12), hours(BERT, 12, 20), hours(ANNA, 20, 22)), "fair")
    after = swapped(plan, ANNA, CORA, "Anna → Cora")
    assert [shift.membership_id for shift in after.shifts] == [CORA, BERT, CORA]
    assert (after.note, after.dated) == ("fair; Anna → Cora", True)


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ((hours(ANNA, 8, 12), hours(ANNA, 12, 18)), []),
        ((hours(ANNA, 8, 13), hours(ANNA, 12, 18)), [ANNA]),
        ((hours(ANNA, 20, 8), hours(ANNA, 22, 23)), [ANNA]),
        ((hours(ANNA, 8, 13), hours(BERT, 12, 18)), []),
    ],
)
def test_a_persons_shifts_of_a_day_may_join_but_not_overlap(shifts: tuple[Shift, ...], expected: list[UUID]) -> None:
    assert overlapping(shifts) == expected


def test_a_week_begins_on_monday() -> None:
    assert {monday_of(MONDAY + timedelta(days=n)) for n in range(7)} == {MONDAY}
