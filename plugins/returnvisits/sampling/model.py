"""A draw and what could be drawn in it: what rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec


class Draw(msgspec.Struct, frozen=True):
    """A period's draw of a rule; `until` is not included any more. `candidates` could be drawn so far, `drawn` were."""

    id: UUID
    rule: str
    title: str
    since: date
    until: date
    percent: int
    commitment: str
    opened_at: datetime
    candidates: int
    drawn: int


class Candidate(msgspec.Struct, frozen=True):
    """A matter, or a household, that could be drawn. `again`: what drawing again comes to, null until the seed is
    told."""

    position: int
    subject_id: UUID
    label: str
    drawn: bool
    at: datetime
    again: bool | None = None


class DrawDetail(msgspec.Struct, frozen=True):
    """A draw with all that could be drawn, in its order. `seed`, in hexadecimal digits, is told when the period is
    over; `verified` then says whether it has the digest that was told before and leads to the same matters."""

    draw: Draw
    seed: str | None
    verified: bool | None
    candidates: list[Candidate]
