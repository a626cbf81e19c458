"""The one rounding of an amount."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

import msgspec

_FEN: Final = {"fen": 1, "jiao": 10, "yuan": 100}


class Rounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To what an amount is rounded, and how: half away from zero, away from zero, towards zero."""

    unit: Literal["fen", "jiao", "yuan"]
    mode: Literal["half_up", "up", "down"]

    def fen(self, yuan: Fraction) -> int:
        """That many yuan in fen."""
        return self.fen_of(yuan.numerator, yuan.denominator)

    def fen_of(self, numerator: int, denominator: int) -> int:
        """That many yuan in fen, the number being a fraction in whatever terms; `denominator` is above 0."""
        unit = _FEN[self.unit]
        whole = denominator * unit
        units, rest = divmod(abs(numerator) * 100, whole)
        if (self.mode == "up" and rest > 0) or (self.mode == "half_up" and rest * 2 >= whole):
            units += 1
        return (-units if numerator < 0 else units) * unit


TO_THE_FEN: Final = Rounding("fen", "half_up")
