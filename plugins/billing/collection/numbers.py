"""The numbers of a receipt book: how they are written, and each in exactly one state (BIL-3). Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

State = Literal["unused", "used", "spoiled", "lost"]
MOST: Final = 200  # numbers of a book
_WRITTEN: Final = re.compile(r"([^\d\s](?:.{0,10}[^\d])?)?(\d{1,9})")


class Written(msgspec.Struct, frozen=True):
    """A number as it is printed: `digits` long with its noughts."""

    prefix: str
    number: int
    digits: int


class Paper(msgspec.Struct, frozen=True):
    """A number that something became of; its receipt where it was used, also where that is void by now."""

    number: int
    state: State
    receipt_id: UUID | None
    receipt: str
    amount_fen: int
    reason: str
    at: datetime
    by_name: str


class Tally(msgspec.Struct, frozen=True):
    """How many numbers are in which state."""

    used: int = 0
    spoiled: int = 0
    lost: int = 0
    unused: int = 0


class Run(msgspec.Struct, frozen=True):
    """Numbers beside each other that nothing has become of, or one that something has. `skipped`: unused before one
    that is not."""

    first: int
    last: int
    state: State
    skipped: bool = False
    paper: Paper | None = None


def read(text: str) -> Written | None:
    """A number as people type it, in whatever width and case; None for what is none."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    found = _WRITTEN.fullmatch(plain) if plain.isprintable() else None
    return Written(found[1] or "", int(found[2]), len(found[2])) if found else None


def label(prefix: str, number: int, digits: int) -> str:
    """A number as it is printed."""
    return f"{prefix}{number:0{digits}}"


def runs(first: int, last: int, papers: Sequence[Paper]) -> Iterator[Run]:
    """The whole range in order, with its gaps: each number is in one of them."""
    latest = max((paper.number for paper in papers), default=first)
    at = first
    for paper in sorted(papers, key=lambda each: each.number):
        if at < paper.number:
            yield Run(at, paper.number - 1, "unused", at < latest)
        yield Run(paper.number, paper.number, paper.state, False, paper)
        at = paper.number + 1
    if at <= last:
        yield Run(at, last, "unused")


def tally(first: int, last: int, states: Iterable[State]) -> Tally:
    """How many of the range are in which state; what nothing became of is unused."""
    found = list(states)
    used, spoiled, lost = (found.count(state) for state in ("used", "spoiled", "lost"))
    return Tally(used, spoiled, lost, last - first + 1 - used - spoiled - lost)
