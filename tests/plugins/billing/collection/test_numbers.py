"""The numbers of a receipt book: pure functions (BIL-3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.collection.numbers import Paper, State, Written, label, read, runs, tally

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STATES = get_args(State)


def paper(number: int, state: State) -> Paper:
    return Paper(number, state, None, "", 0, "", NOW, "陈静")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A0001001", Written("A", 1001, 7)),
        (" a 0001 001 ", Written("A", 1001, 7)),
        ("Ａ０００１", Written("A", 1, 4)),
        ("沪财-2026/0007", Written("沪财-2026/", 7, 4)),
        ("0012", Written("", 12, 4)),
        ("", None),
        ("A", None),
        ("A12B", None),
        ("A1234567890", None),
        ("A\0001", None),
    ],
)
def test_a_number_is_read_however_it_is_typed(text: str, written: Written | None) -> None:
    assert read(text) == written
    if written is not None:
        assert read(label(written.prefix, written.number, written.digits)) == written


@given(
    st.integers(0, 1000).flatmap(
        lambda first: st.tuples(
            st.just(first),
            st.integers(first, first + 60),
            st.dictionaries(st.integers(0, 60), st.sampled_from([state for state in STATES if state != "unused"])),
        )
    )
)
def test_every_number_is_in_exactly_one_run_and_the_counts_are_the_range(
    book: tuple[int, int, dict[int, State]],
) -> None:
    first, last, fates = book
    known = {first + n: state for n, state in fates.items() if first + n <= last}
    papers = [paper(number, state) for number, state in known.items()]

    found = list(runs(first, last, papers))
    counted = tally(first, last, known.values())

    numbers = [number for run in found for number in range(run.first, run.last + 1)]
    assert numbers == list(range(first, last + 1))
    assert {n: run.state for run in found for n in range(run.first, run.last + 1) if n in known} == known
    assert all(run.state == "unused" for run in found if run.paper is None)
    assert counted.used + counted.spoiled + counted.lost + counted.unused == last - first + 1
    assert counted.unused == sum(run.last - run.first + 1 for run in found if run.state == "unused")
    latest = max(known, default=first)
    assert all(run.skipped == (run.state == "unused" and run.last < latest) for run in found)


def test_unused_slips_before_a_used_one_are_a_gap() -> None:
    found = list(runs(1, 10, [paper(3, "used"), paper(4, "spoiled"), paper(7, "lost")]))

    assert [(run.first, run.last, run.state, run.skipped) for run in found] == [
        (1, 2, "unused", True),
        (3, 3, "used", False),
        (4, 4, "spoiled", False),
        (5, 6, "unused", True),
        (7, 7, "lost", False),
        (8, 10, "unused", False),
    ]
