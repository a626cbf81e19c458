"""What is valid from a day on, until the next takes its place: prices, areas, numbers of spaces."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Final

import msgspec

from plugins.billing.amounts.errors import AmountError, Code


class Since(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from"}):
    """A value from that day on."""

    first: date
    value: Fraction


class History:
    """Values by the day, in whatever order they were entered. Raises ValueError for two from the same day."""

    def __init__(self, values: Sequence[Since], missing: Code) -> None:
        self._values: Final = sorted(values, key=lambda since: since.first)
        self._missing: Final = missing
        self.dates: Final = [since.first for since in self._values]
        for one, following in pairwise(self.dates):
            if one == following:
                raise ValueError(f"there are two values from {one} on")

    def at(self, day: date) -> Fraction:
        """What is valid on that day. Raises AmountError before the first, for that is not nought."""
        number = bisect_right(self.dates, day)
        if not number:
            raise AmountError(self._missing)
        return self._values[number - 1].value
