"""A site on China's public holidays: closed on the announced dates, open on the days worked in exchange (调休)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.policies import public_holidays
from core.policies.calendar import CALENDAR, OFFICE_HOURS, to_calendar
from core.policies.layers import Overrides, validate

# From the notices of the State Council's General Office on the arrangement of each year's holidays:
# the rests, first to last, and the weekend days that are worked.
NOTICES = {
    2024: (
        "0101-0101 0210-0217 0404-0406 0501-0505 0610-0610 0915-0917 1001-1007",
        "0204 0218 0407 0428 0511 0914 0929 1012",
    ),
    2025: ("0101-0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008", "0126 0208 0427 0928 1011"),
    2026: (
        "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
        "0104 0214 0228 0509 0920 1010",
    ),
}


def _date(year: int, day: str) -> date:
    return date(year, int(day[:2]), int(day[2:]))


def _rests(year: int, spans: str) -> set[date]:
    rests = set()
    for span in spans.split():
        first, last = (_date(year, day) for day in span.split("-"))
        rests |= {first + timedelta(n) for n in range((last - first).days + 1)}
    return rests


@pytest.mark.parametrize("year", NOTICES)
def test_the_days_are_those_of_the_notice(year: int) -> None:
    rests, worked = NOTICES[year]
    assert {day for day in public_holidays.closed_days() if day.year == year} == _rests(year, rests)
    assert {d for d in public_holidays.make_up_days() if d.year == year} == {_date(year, d) for d in worked.split()}


def _shifts(overrides: Overrides, day: str) -> object:
    return to_calendar(validate(CALENDAR, overrides)).exceptions.get(day)


@pytest.mark.parametrize(
    ("overrides", "day", "shifts"),
    [
        ({}, "2026-10-01", None),
        ({"public_holidays": "china"}, "2026-10-01", ()),
        ({"public_holidays": "china"}, "2026-10-04", ()),  # a Sunday within the rest: also for who works on Sundays
        ({"public_holidays": "china"}, "2026-10-10", OFFICE_HOURS),
        (
            {"public_holidays": "china", "make_up_like": "fri", "week": {"fri": [["09:00", "15:00"]]}},
            "2026-10-10",
            (("09:00", "15:00"),),
        ),
        (
            {"public_holidays": "china", "exceptions": {"2026-10-01": [["09:00", "12:00"]]}},
            "2026-10-01",
            (("09:00", "12:00"),),
        ),
        ({"public_holidays": "china", "exceptions": {"2026-10-10": []}}, "2026-10-10", ()),
        ({"public_holidays": "china"}, "2026-10-12", None),
    ],
)
def test_own_days_win_over_public_ones_and_those_over_the_week(overrides: Overrides, day: str, shifts: object) -> None:
    assert _shifts(overrides, day) == shifts


def test_a_year_is_either_announced_or_has_no_days() -> None:
    """Nothing is guessed: lunar dates could be computed, the exchange of days is decided year by year."""
    following = public_holidays.announced_until() + 1
    assert not list(public_holidays.breaks(following))
    assert not [day for day in public_holidays.make_up_days() if day.year >= following]


def test_a_holiday_names_its_rest_and_the_days_worked_for_it() -> None:
    found = {b.name: b for b in public_holidays.breaks(2026)}
    assert found["National Day"] == public_holidays.Break(
        "National Day", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))
    )
    assert "Mid-autumn Festival" not in {b.name for b in public_holidays.breaks(2025)}  # within the National Day's rest
