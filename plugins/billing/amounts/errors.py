"""Why an amount cannot be told. What is missing or implausible is never nought."""

from __future__ import annotations

from typing import Final, Literal

Code = Literal[
    "missing_price",
    "missing_quantity",
    "missing_reading",
    "reading_went_back",
    "implausible",
    "no_weights",
    "two_payers",
    "formula",
]

WORDS: Final[dict[Code, str]] = {
    "missing_price": "there is no price yet for a day that is charged",
    "missing_quantity": "there is no quantity yet for a day that is charged",
    "missing_reading": "there is no reading at the beginning or the end of the days that are charged",
    "reading_went_back": "the reading is below the one before it",
    "implausible": "the readings are too far apart for a meter that turned over: one was misread",
    "no_weights": "nobody has a share in the cost",
    "two_payers": "two pay for the same day",
    "formula": "the formula comes to no amount",
}


class AmountError(ValueError):
    """The facts do not come to an amount; `code` says why to programs, the message to people."""

    def __init__(self, code: Code, message: str | None = None) -> None:
        super().__init__(message or WORDS[code])
        self.code: Final = code
