"""Shifts as stored and as asked for: what rules, API and console share (BIL-4). Amounts in fen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.closing.counting import MOST, Count, Pieces, Slips

PAGE: Final = 200  # rows of a page at most
GoesTo = Literal["finance", "bank"]
Reason = Annotated[str, msgspec.Meta(max_length=200)]


class NewShift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lies in the drawer for change when a shift begins."""

    float_fen: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0


class CountedShift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was counted at the end: all cash in the drawer, the slips by means. `reason` says why it differs."""

    cash: Annotated[list[Pieces], msgspec.Meta(max_length=8)] = []
    slips: Annotated[list[Slips], msgspec.Meta(max_length=3)] = []
    reason: Reason = ""


class NewHandover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cash that leaves the drawer: taken by finance, or brought to the bank with a deposit slip of that number."""

    goes_to: GoesTo
    amount_fen: Annotated[int, msgspec.Meta(ge=1, le=MOST)]
    slip_no: Annotated[str, msgspec.Meta(max_length=40)] = ""


class Shift(msgspec.Struct, frozen=True):
    """A shift as stored. `day` is the one that it belongs to."""

    id: UUID
    cashier_id: UUID
    cashier_name: str
    day: date
    float_fen: int
    opened_at: datetime
    closed_at: datetime | None
    status: Literal["open", "closed"]
    version: int


class ShiftRow(msgspec.Struct, frozen=True):
    """A shift in the list; the sums are null while it is open. `differing` counts the means that differ."""

    id: UUID
    cashier_id: UUID
    cashier_name: str
    day: date
    float_fen: int
    opened_at: datetime
    closed_at: datetime | None
    status: Literal["open", "closed"]
    version: int
    ledger_fen: int | None
    difference_fen: int | None
    differing: int


class ShiftPage(msgspec.Struct, frozen=True):
    """Shifts, the latest first; `cursor` goes into the next request, null at the end."""

    items: list[ShiftRow]
    cursor: str | None


class Handover(msgspec.Struct, frozen=True):
    """Cash that has left the drawer. `by_name` took it for finance, or brought it to the bank."""

    id: UUID
    goes_to: GoesTo
    amount_fen: int
    slip_no: str
    at: datetime
    by_name: str


class ShiftDetail(msgspec.Struct, frozen=True):
    """A shift with its count: while it is open, what the ledger says so far and nothing counted yet. `in_drawer_fen` is
    the cash that was counted and has not been handed over."""

    shift: Shift
    counts: list[Count]
    pieces: list[Pieces]
    reason: str
    closed_by: str
    handovers: list[Handover]
    in_drawer_fen: int
