"""How much a request may carry."""

from __future__ import annotations

from typing import Final

from core.errors import TooLarge

BODY: Final = 5 << 20  # bytes: a workbook of 4 MB and the form around it


def too_large() -> TooLarge:
    """The answer to more than that."""
    return TooLarge(
        "More than {megabytes} MB cannot be taken in at once. Split the file.", params={"megabytes": BODY >> 20}
    )
