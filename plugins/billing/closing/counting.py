"""What is counted at the end of a shift beside what the ledger says (BIL-4). Pure functions; amounts in fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, get_args

import msgspec

from core.sdk import Invalid, msgid
from plugins.billing.ledger.entries import MEANS, Means

Value = Literal[10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10]
VALUES: Final[tuple[Value, ...]] = get_args(Value)  # fen: 100, 50, 20, 10, 5, 1, 0.5 and 0.1 yuan
MOST: Final = 10**12  # fen of a sum that somebody enters
SLIPPED: Final[tuple[str, ...]] = tuple(means for means in MEANS if means != "cash")
Slipped = Literal["card", "transfer", "qr"]


class Pieces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many notes or coins of a value."""

    value: Value
    pieces: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Slips(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The slips of a means: how many, and what they come to; below nought where more was given back than taken."""

    means: Slipped
    slips: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    amount_fen: Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)]


class Tally(msgspec.Struct, frozen=True):
    """What the ledger says of a means: entries, and what came less what went."""

    means: Means
    entries: int
    ledger_fen: int


class Count(msgspec.Struct, frozen=True):
    """A means: what the ledger says, what should be there, what was counted. Of cash the float should be there too."""

    means: Means
    entries: int
    ledger_fen: int
    expected_fen: int
    slips: int
    counted_fen: int
    difference_fen: int


def cash(pieces: Iterable[Pieces]) -> int:
    """What notes and coins come to. Raises Invalid for a value that is named twice."""
    each = list(pieces)
    if len({piece.value for piece in each}) < len(each):
        raise Invalid.field("cash", msgid("Name each note and coin once."))
    return sum(piece.value * piece.pieces for piece in each)


def counted(float_fen: int, tallies: Iterable[Tally], cash_fen: int, slips: Iterable[Slips]) -> list[Count]:
    """Each means with what should be there and what is, in the order of MEANS. Raises Invalid for one named twice."""
    each = list(slips)
    found: Mapping[str, Slips] = {slip.means: slip for slip in each}
    if len(found) < len(each):
        raise Invalid.field("slips", msgid("Name each means once."))
    known = {tally.means: tally for tally in tallies}
    counts = []
    for means in get_args(Means):
        tally = known.get(means, Tally(means, 0, 0))
        expected = tally.ledger_fen + (float_fen if means == "cash" else 0)
        there = (0, cash_fen) if means == "cash" else (0, 0)
        if means in found:
            there = found[means].slips, found[means].amount_fen
        counts.append(Count(means, tally.entries, tally.ledger_fen, expected, *there, there[1] - expected))
    return counts


def differing(counts: Iterable[Count], allowed_fen: int = 0) -> list[Count]:
    """Those that differ by more than is allowed: what is too much of one does not make up for what another lacks."""
    return [count for count in counts if abs(count.difference_fen) > allowed_fen]
