"""What is wrong with a formula, and where."""

from __future__ import annotations

from typing import Final, NamedTuple

from plugins.billing.amounts.errors import AmountError


class Place(NamedTuple):
    """Line and column in the text of a formula, from 1."""

    line: int
    column: int


class FormulaError(AmountError):
    """The formula is wrong at `place`, or comes to nothing there; `message` with `params` says it in words."""

    def __init__(self, place: Place, message: str, **params: str) -> None:
        super().__init__("formula", f"line {place.line}, column {place.column}: {message.format_map(params)}")
        self.place: Final = place
        self.message: Final = message
        self.params: Final = params
