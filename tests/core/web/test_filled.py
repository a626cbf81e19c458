"""What people fill in is read as they write it, or refused."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Malformed
from core.web.filled import local_month


@pytest.mark.parametrize(
    "text",
    ["2026-11", "2026/11", "2026.11", "2026 11", "202611", "2026年11月", "２０２６－１１", " 2026-11 ", "2026-11-22"],
)
def test_a_month_is_read_as_a_field_has_it_and_as_people_type_it(text: str) -> None:
    assert local_month(text) == date(2026, 11, 1)


def test_a_month_of_one_digit_and_none() -> None:
    assert (local_month("2026-1"), local_month("2026年1月"), local_month(" ")) == (
        date(2026, 1, 1),
        date(2026, 1, 1),
        None,
    )


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "11-2026", "1899-12", "9999-12", "2026-11-22x", "next"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        local_month(text)
