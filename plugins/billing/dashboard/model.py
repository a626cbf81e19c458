"""The dashboard as it is told. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from plugins.billing.arrears.model import Sum

Wait = Literal["runs_approve", "runs_issue", "standing_out", "corrections", "approvals", "days", "bank"]


class DayReceived(msgspec.Struct, frozen=True):
    """What was paid for charges on a day."""

    day: date
    received_fen: int


class MeansToday(msgspec.Struct, frozen=True):
    """What came in and went out today by one means."""

    means: str
    in_fen: int
    out_fen: int


class Waiting(msgspec.Struct, frozen=True):
    """So many things that the reader may do something about."""

    kind: Wait
    count: int


class ItemRate(msgspec.Struct, frozen=True):
    """How much of an item has come in of what was charged for this year, of a thousand, against its target."""

    item: str
    target_percent: int
    charged_fen: int
    collected_fen: int
    permille: int | None
    reached: bool


class Dashboard(msgspec.Struct, frozen=True):
    """A site's money: charged (with what was corrected and waived) and received this month, what is open and how long
    it has been due (`last_days` are the last days of the ages but the oldest), received on the last days, money that
    came and went today, rates of this year, and what waits for the reader."""

    today: date
    charged_fen: int
    received_fen: int
    open: Sum
    last_days: list[int]
    days: list[DayReceived]
    means: list[MeansToday]
    rates: list[ItemRate]
    waiting: list[Waiting]
