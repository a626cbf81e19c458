"""A cell of a written roster: shifts as people type and read them, such as `早`, `8-16` or `08:30-12:00`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from core.policies.duty import ShiftKind

Span = tuple[int, int]

_SEPARATORS = re.compile(r"[\s,;、。]+")
_SPAN = re.compile(r"(\d{1,2})(?::?(\d{2}))?[-~–—至到](\d{1,2})(?::?(\d{2}))?")
_FREE = frozenset({"休", "-", "off"})  # a free day, which an empty cell says as well
_DAY = 1440


def read(text: str, kinds: Iterable[ShiftKind]) -> tuple[Span, ...]:
    """The spans, in minutes after midnight, that a cell says. Raises ValueError where it says something else."""
    named = {kind.code: (_minutes(kind.starts), _minutes(kind.ends)) for kind in kinds}
    words = [word for word in _SEPARATORS.split(unicodedata.normalize("NFKC", text).strip()) if word]
    return tuple(named[word] if word in named else _span(word) for word in words if word in named or word not in _FREE)


def write(spans: Sequence[Span], kinds: Iterable[ShiftKind]) -> str:
    """The spans as a cell, by their short names where they have one."""
    codes = {(_minutes(kind.starts), _minutes(kind.ends)): kind.code for kind in kinds}
    return " ".join(codes.get(span) or times(span) for span in sorted(spans))


def times(span: Span) -> str:
    """From when until when: `20:00-08:00`."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


def _span(word: str) -> Span:
    found = _SPAN.fullmatch(word)
    if found is None:
        raise ValueError(word)
    hour, minute, end_hour, end_minute = (int(part or 0) for part in found.groups())
    starts, ends = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or starts >= _DAY or ends > _DAY:
        raise ValueError(word)
    return starts, ends % _DAY


def _minutes(wall: str) -> int:
    return int(wall[:2]) * 60 + int(wall[3:])
