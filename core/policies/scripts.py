"""Greeting scripts (REC-3): declared names in double braces are replaced by values. Not a template language."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

GREETING_NAMES = ("site", "time_of_day", "clerk", "staff_no", "department", "caller", "unit")
"""What a greeting may name; the reception desk supplies the values."""

# A name cannot reach over another brace, so every character is scanned once however hostile the text.
_PLACEHOLDER = re.compile(r"\{\{([^{}]*+)\}\}")
_SPACES = frozenset(" \u3000")
_PAUSES = frozenset("，、,;；:：") | _SPACES
_STOPS = frozenset("。！？.!?")
_CLOSES = {"（": "）", "(": ")", "「": "」", "【": "】", "《": "》", "“": "”"}

_ENDS = _PAUSES | _STOPS | {"\n", *_CLOSES.values()}


def undeclared(text: str, names: Collection[str]) -> list[str]:
    """Names the script uses that are not in `names`, each once; an unmatched brace pair counts as `{{` or `}}`."""
    found = [name for name, _ in _pieces(text) if name is not None and name not in names]
    rest = _PLACEHOLDER.sub("", text)
    return list(dict.fromkeys(found)) + [braces for braces in ("{{", "}}") if braces in rest]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The script with its values put in, once: braces inside a value stay as they are.

    A missing or empty value leaves nothing, not even the punctuation or brackets that set it off. Linear in the text.
    """
    put = [values.get(name, "").strip() if name is not None else literal for name, literal in _pieces(text)]
    if all(put[1::2]):
        return "".join(put)
    out: list[str] = []
    gap = False
    for index, piece in enumerate(put):
        if index % 2:
            out.extend(piece)
            gap = not piece
        elif piece:
            rest = _after_gap(out, piece) if gap else piece
            out.extend(rest)
            gap = not rest
    if gap:
        _drop(out, _PAUSES)
    return "".join(out)


@lru_cache(1024)  # what is said all day comes from a few texts
def _pieces(text: str) -> tuple[tuple[str | None, str], ...]:
    """The text in turns: (None, literal), which may be '', and placeholders as (name, '')."""
    parts = _PLACEHOLDER.split(text)
    return tuple((part.strip(), "") if index % 2 else (None, part) for index, part in enumerate(parts))


def _after_gap(out: list[str], literal: str) -> str:
    """What of `literal` follows an empty value; takes from the end of `out` what the value would have separated."""
    start = 0
    while out and start < len(literal) and _CLOSES.get(out[-1]) == literal[start]:
        out.pop()
        start += 1
    if not out or out[-1] in _STOPS or out[-1] in _CLOSES or out[-1] == "\n":
        start = _past(literal, start, _PAUSES | _STOPS)
    else:
        word = _past(literal, start, _SPACES)
        if literal[word : word + 1] in _ENDS:
            _drop(out, _PAUSES)
            start = word
        elif out[-1] in _SPACES:
            start = word
    return literal[start:]


def _past(text: str, start: int, skipped: frozenset[str]) -> int:
    while start < len(text) and text[start] in skipped:
        start += 1
    return start


def _drop(out: list[str], trailing: frozenset[str]) -> None:
    while out and out[-1] in trailing:
        out.pop()
