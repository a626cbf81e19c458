"""A line of a bill keeps all that it was computed from, so that whoever asks later is told how it came about."""

from __future__ import annotations

from typing import Final

import msgspec

from plugins.billing.amounts.number import as_json
from plugins.billing.calculation import Calculation, compute, read_calculation

DEFINITION: Final = 1  # rises when a definition of amounts changes


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """JSON of the facts (formula and its version, inputs, rounding) and of what they came to, by which definition."""

    definition: int
    facts: str
    outcome: str


class Drift(Exception):
    """A line does not come to what it came to when it was written, or was written by a definition that is no more."""


def line(calculation: Calculation) -> Line:
    """The line that a calculation comes to. Raises AmountError."""
    return Line(DEFINITION, as_json(calculation), as_json(compute(calculation)))


def replay(kept: Line) -> Calculation:
    """The calculation that a line was, computed anew and found to come to the same. Raises Drift."""
    if kept.definition != DEFINITION:
        raise Drift(f"the line was computed by definition {kept.definition}; this is {DEFINITION}")
    calculation = read_calculation(msgspec.json.decode(kept.facts))
    anew = line(calculation).outcome
    # decoded: a database may keep the keys in another order
    if msgspec.json.decode(anew) != msgspec.json.decode(kept.outcome):
        raise Drift(f"the line came to {kept.outcome}, and comes to {anew}")
    return calculation
