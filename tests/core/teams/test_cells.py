"""What may be written into a cell of a roster, and how it is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policies.duty import DUTY_SHIFTS
from core.teams.cells import read, write

KINDS = DUTY_SHIFTS.default.shifts


def m(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("  ", ()),
        ("休", ()),
        ("早", ((m(8), m(16)),)),
        ("中", ((m(16), 0),)),
        ("早 晚", ((m(8), m(16)), (m(20), m(8)))),
        ("8-20", ((m(8), m(20)),)),
        ("08:30-12:00、13-17:30", ((m(8, 30), m(12)), (m(13), m(17, 30)))),
        ("0830-1200", ((m(8, 30), m(12)),)),
        ("20-8", ((m(20), m(8)),)),
        ("16-24", ((m(16), 0),)),
        ("８：３０～１２：００，１３到１７", ((m(8, 30), m(12)), (m(13), m(17)))),  # as an input method leaves it
    ],
)
def test_a_cell_is_read_as_people_write_it(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert read(text, KINDS) == spans


@pytest.mark.parametrize("text", ["8", "8-", "25-26", "24-8", "8:60-9", "8-24:30", "x", "早班", "8-12-16", "-8-12"])
def test_what_is_no_shift_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text, KINDS)


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), max_size=4, unique=True).map(sorted))
def test_what_is_written_is_read_back(spans: list[tuple[int, int]]) -> None:
    assert list(read(write(spans, KINDS), KINDS)) == spans


def test_named_shifts_are_written_by_their_names() -> None:
    assert write([(m(20), m(8)), (m(9), m(12))], KINDS) == "09:00-12:00 晚"
