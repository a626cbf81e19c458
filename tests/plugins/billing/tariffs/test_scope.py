"""Where and when an item is charged: the narrower place counts, and no day is charged twice (BIL-1)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.spans import DAY, Days
from plugins.billing.tariffs.scope import Assigned, Lines, charged_days

UNIT, OTHER = UUID(int=1), UUID(int=2)
START = date(2026, 1, 1)
WITHIN = Days(START, START + timedelta(days=60))
days = st.integers(-20, 80).map(lambda n: START + timedelta(days=n))


@st.composite
def lines(draw: st.DrawFn) -> Assigned:
    building, unit = draw(st.sampled_from([("", None), ("1", None), ("2", None), ("", UNIT), ("", OTHER)]))
    since = draw(days)
    until = draw(st.none() | st.integers(0, 50).map(lambda n: since + timedelta(days=n)))
    return Assigned(building, unit, since, until, draw(st.booleans()))


# as the table has them: one line a place and first day
rolls = st.lists(lines(), max_size=12, unique_by=lambda row: (row.building, row.unit_id, row.since))


def naive(rows: list[Assigned], day: date) -> bool:
    """Whether the day is charged, place by place from the narrowest."""
    for place in ({"unit_id": UNIT}, {"building": "1"}, {"building": ""}):
        of_place = [
            row
            for row in rows
            if row.unit_id == place.get("unit_id")
            and ("building" not in place or row.building == place["building"])
            and row.since <= day
            and (row.until is None or day <= row.until)
        ]
        if of_place:
            return max(of_place, key=lambda row: row.since).charged
    return False


@given(rolls)
def test_spans_are_in_order_and_do_not_touch(rows: list[Assigned]) -> None:
    spans = charged_days(rows, UNIT, "1", WITHIN)

    assert all(one.last + DAY < other.first for one, other in pairwise(spans))
    assert all(WITHIN.first <= span.first and span.last <= WITHIN.last for span in spans)


@given(rolls)
def test_each_day_is_as_its_narrowest_line_says(rows: list[Assigned]) -> None:
    charged = {span.first + n * DAY for span in charged_days(rows, UNIT, "1", WITHIN) for n in range(len(span))}

    every = [WITHIN.first + n * DAY for n in range(len(WITHIN))]
    assert charged == {day for day in every if naive(rows, day)}


@given(rolls, st.randoms())
def test_the_order_of_lines_does_not_matter(rows: list[Assigned], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert charged_days(shuffled, UNIT, "1", WITHIN) == charged_days(rows, UNIT, "1", WITHIN)


@given(rolls)
def test_lines_by_place_come_to_the_same(rows: list[Assigned]) -> None:
    assert Lines(rows).days(UNIT, "1", WITHIN) == charged_days(rows, UNIT, "1", WITHIN)


def test_a_unit_that_is_exempt_for_a_while_falls_back_to_its_building() -> None:
    site = Assigned("", None, START, None, charged=True)
    empty = Assigned("", UNIT, START + 10 * DAY, START + 19 * DAY, charged=False)

    assert charged_days([site, empty], UNIT, "1", WITHIN) == (
        Days(START, START + 9 * DAY),
        Days(START + 20 * DAY, WITHIN.last),
    )


def test_nothing_is_charged_where_no_line_is() -> None:
    assert charged_days([Assigned("2", None, START, None, charged=True)], UNIT, "1", WITHIN) == ()


def test_lines_without_end_reach_the_last_day_there_is() -> None:
    line = Assigned("", None, START, date.max, charged=True)

    assert charged_days([line], UNIT, "1", Days(START, date.max)) == (Days(START, date.max),)
