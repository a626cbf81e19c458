"""How amounts are written for people, and how they stand in a field."""

from __future__ import annotations

import pytest

from plugins.billing.arrears.dunning.forms import fen as asked_fen
from plugins.billing.closing.forms import fen as counted_fen
from plugins.billing.counter.forms import fen_of
from plugins.billing.telling import typed, yuan

WRITTEN = {0: "0.00", 5: "0.05", 99_999: "999.99", 100_000: "1,000.00", 123_456_789: "1,234,567.89"}


@pytest.mark.parametrize("fen", WRITTEN)
def test_thousands_are_told_apart_for_people_and_not_in_a_field(fen: int) -> None:
    assert yuan(fen) == WRITTEN[fen]
    assert typed(fen) == WRITTEN[fen].replace(",", "")
    assert yuan(-fen) == (f"-{WRITTEN[fen]}" if fen else "0.00")


def test_an_amount_that_was_copied_from_a_page_is_understood_in_every_form() -> None:
    text = yuan(1_234_505)
    assert asked_fen(text, "amount") == fen_of(text, "amount") == 1_234_505
    assert counted_fen({"amount": text}, "amount") == 1_234_505
