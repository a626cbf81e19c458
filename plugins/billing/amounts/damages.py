"""Damages for late payment (违约金): so much a day of what is open, up to a cap; never compounding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Annotated

import msgspec

from plugins.billing.amounts.rounding import TO_THE_FEN
from plugins.billing.amounts.spans import DAY, Days, Span, cut

Fen = Annotated[int, msgspec.Meta(ge=0)]


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of the principal was paid on that day."""

    on: date
    fen: Fen


class Damages(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="damages"):
    """A principal that is late, the terms, and the day up to which damages are asked for.

    `daily_rate` of what is open at a day's end, from the day after `due` (`from_due`) or after the days of grace;
    `cap` as a part of the principal, None: no cap. Nothing accrues on `excluded` days.
    """

    principal_fen: Fen
    due: date
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=3660)]
    from_due: bool
    daily_rate: Fraction
    cap: Fraction | None
    payments: tuple[Payment, ...]
    excluded: tuple[Span, ...]
    until: date

    def __post_init__(self) -> None:
        if self.daily_rate < 0 or (self.cap is not None and self.cap < 0):
            raise ValueError("daily_rate and cap are no less than 0")


class Accrued(msgspec.Struct, frozen=True):
    """The damages, and what is open of the principal at the end of the last day, in fen."""

    damages_fen: int
    open_fen: int


class Late(msgspec.Struct, frozen=True):
    """Days on which damages accrue, and what is open at the end of each, in fen."""

    days: Days
    open_fen: int


def damages(asked: Damages) -> Accrued:
    """What is owed for being late; nothing for who has paid by the end of the days of grace."""
    fen_days = sum(late.open_fen * len(late.days) for late in accruing(asked))
    accrued = TO_THE_FEN.fen(fen_days * asked.daily_rate / 100)
    if asked.cap is not None:
        accrued = min(accrued, int(asked.cap * asked.principal_fen))
    return Accrued(accrued, _open(asked, asked.until))


def accruing(asked: Damages) -> Iterator[Late]:
    """The days on which damages accrue, in order, cut where what is open changes and where days are left out."""
    if (asked.until - asked.due).days <= asked.grace_days:
        return
    grace_ends = asked.due + asked.grace_days * DAY
    if not _open(asked, grace_ends):
        return
    days_late = Days((asked.due if asked.from_due else grace_ends) + DAY, asked.until)
    changes = {*(payment.on for payment in asked.payments), *(edge for span in asked.excluded for edge in span.edges)}
    for days in cut(days_late, changes):
        if not any(days.first in span for span in asked.excluded):
            yield Late(days, _open(asked, days.first))


def _open(asked: Damages, day: date) -> int:
    """What is open of the principal at the end of that day."""
    return max(0, asked.principal_fen - sum(payment.fen for payment in asked.payments if payment.on <= day))
