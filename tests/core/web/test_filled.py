"""What people fill in is read as they write it, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from core.errors import Invalid, Malformed
from core.tenancy.directory import Site
from core.web.filled import local_day, local_instant, local_month


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


@pytest.mark.parametrize("text", ["2026-02-30", "1899-12-31", "2200-01-01", "9999-12-31", "next"])
def test_what_is_no_day_that_anybody_means_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        local_day(text)


def test_an_instant_is_the_sites_and_a_typed_one_is_refused_at_its_field() -> None:
    site = Site(UUID(int=1), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
    assert local_instant(site, "2026-11-22T08:00") == datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(Malformed):
        local_instant(site, "tomorrow")
    with pytest.raises(Invalid) as refused:
        local_instant(site, "tomorrow", "starts_at")
    assert [error.field for error in refused.value.fields] == ["starts_at"]
