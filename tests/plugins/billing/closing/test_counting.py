"""What is counted beside what the ledger says: sums to the fen, means by means (BIL-4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Invalid
from plugins.billing.closing.counting import VALUES, Pieces, Slips, Tally, cash, counted, differing
from plugins.billing.ledger.entries import MEANS

FEN = st.integers(-(10**9), 10**9)


@given(st.dictionaries(st.sampled_from(VALUES), st.integers(0, 10_000)))
def test_notes_and_coins_come_to_their_values(pieces: dict[int, int]) -> None:
    found = cash(Pieces(value, number) for value, number in pieces.items())  # type: ignore[arg-type]
    assert found == sum(value * number for value, number in pieces.items())


def test_each_note_and_means_is_named_once() -> None:
    with pytest.raises(Invalid):
        cash([Pieces(100, 1), Pieces(100, 2)])
    with pytest.raises(Invalid):
        counted(0, [], 0, [Slips("card", 1, 5), Slips("card", 1, 5)])


@given(FEN, st.dictionaries(st.sampled_from(MEANS), FEN), FEN, st.dictionaries(st.sampled_from(MEANS[1:]), FEN))
def test_differences_are_what_was_counted_less_what_should_be_there(
    float_fen: int, ledger: dict[str, int], drawer: int, slips: dict[str, int]
) -> None:
    tallies = [Tally(means, 1, fen) for means, fen in ledger.items()]  # type: ignore[arg-type]
    told = [Slips(means, 1, fen) for means, fen in slips.items()]  # type: ignore[arg-type]
    counts = counted(float_fen, tallies, drawer, told)

    assert [count.means for count in counts] == list(MEANS)
    assert sum(count.ledger_fen for count in counts) == sum(ledger.values())
    whole = drawer + sum(slips.values()) - float_fen - sum(ledger.values())
    assert sum(count.difference_fen for count in counts) == whole
    assert all(count.difference_fen == count.counted_fen - count.expected_fen for count in counts)


def test_what_is_too_much_of_one_means_does_not_make_up_for_another() -> None:
    counts = counted(0, [Tally("cash", 1, 500), Tally("qr", 1, 300)], 400, [Slips("qr", 1, 400)])

    assert [(c.means, c.difference_fen) for c in differing(counts)] == [("cash", -100), ("qr", 100)]
    assert differing(counts, 100) == []
