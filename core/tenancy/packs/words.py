"""How mistakes that several parts of a pack can have are told: each by its key and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from core.tenancy.packs.model import Mistake


def filled(key: str, value: str) -> Iterator[Mistake]:
    """A text that must not be empty."""
    if not value.strip():
        yield Mistake(key, "fill it in")


def unique(table: str, key: str, values: list[str]) -> Iterator[Mistake]:
    """Values of a column of which each may be there once."""
    seen: Counter[str] = Counter()
    for index, value in enumerate(values):
        seen[value] += 1
        if seen[value] == 2:
            yield Mistake(f"{table}[{index}].{key}", f"{value!r} is there already; use each once")


def unknown(key: str, kind: str, value: str, known: Collection[str], example: str | None = None) -> Mistake:
    """A name that means nothing, with one that does."""
    close = get_close_matches(value, known, 1)
    return Mistake(key, f"there is no {kind} {value!r}; {_instead(close or ([example] if example else []), known)}")


def _instead(offered: Iterable[str], known: Collection[str]) -> str:
    first = next(iter(offered), None)
    if first is not None:
        return f"use one such as {first}"
    return f"there are: {', '.join(sorted(known))}" if known else "there are none"
