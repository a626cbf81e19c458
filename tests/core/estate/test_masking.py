"""Phones and ID numbers as those see them who have not asked for more (PI-2)."""

from __future__ import annotations

import pytest

from core.estate.masking import mask_id_number, mask_phone

PHONES = {
    "13817626207": "138****6207",
    "021-56807071": "021-****7071",
    "0512-5680707": "0512-****707",
    "021-56807071-8001": "021-****7071",
    "56807071": "****7071",
    "5680707": "****707",
    "4008001234": "****1234",
    "+14155550123": "+14****0123",
    "110": "****",
}


@pytest.mark.parametrize(("phone", "masked"), PHONES.items())
def test_a_phone_shows_its_ends_and_hides_at_least_four_digits(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize("masked", PHONES.values())
def test_masking_what_is_masked_changes_nothing(masked: str) -> None:
    assert mask_phone(masked) == masked


def test_an_id_number_shows_its_tail_alone() -> None:
    assert mask_id_number("1234") == "**************1234"
    assert mask_id_number("") == ""
