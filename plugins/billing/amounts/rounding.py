"""The one rounding of an amount."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

import msgspec

_FEN: Final = {"fen": 1, "jiao": 10, "yuan": 100}
_HALF: Final = Fraction(1, 2)


class Rounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To what an amount is rounded, and how: half away from zero, away from zero, towards zero."""

    unit: Literal["fen", "jiao", "yuan"]
    mode: Literal["half_up", "up", "down"]

    def fen(self, yuan: Fraction) -> int:
        """That many yuan in fen."""
        unit = _FEN[self.unit]
        units, rest = divmod(abs(yuan) * 100 / unit, 1)
        if (self.mode == "up" and rest > 0) or (self.mode == "half_up" and rest >= _HALF):
            units += 1
        return (-units if yuan < 0 else units) * unit


TO_THE_FEN: Final = Rounding("fen", "half_up")
