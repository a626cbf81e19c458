"""What something single costs: so much each time."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from plugins.billing.amounts.rounding import Rounding


class Single(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="single"):
    """Yuan each time, and how many times."""

    price: Fraction
    times: Fraction
    rounding: Rounding


class Singled(msgspec.Struct, frozen=True):
    """What it costs, in fen."""

    amount_fen: int


def single(asked: Single) -> Singled:
    """What is owed for it."""
    return Singled(asked.rounding.fen(asked.price * asked.times))
