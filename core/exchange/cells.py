"""Text for exported cells and CSV fields that no spreadsheet takes for a formula (IN-6)."""

from __future__ import annotations

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """`text`, with an apostrophe before it if a spreadsheet could run it: it starts with `= + - @`, one of their
    full-width forms, a tab or a line break, also behind spaces. For text only; numbers are written as numbers."""
    return f"'{text}" if text.startswith(_TRIGGERS) or text.lstrip().startswith(_TRIGGERS) else text
