"""What a day's or a week's cash comes to, and what in it is out of the ordinary (BIL-4). Pure functions; in fen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from plugins.billing.closing.counting import Count
from plugins.billing.ledger.entries import Account, Means
from plugins.billing.ledger.model import Kind
from plugins.billing.policies import ClosingRules

Oddity = Literal["difference", "without_shift", "reversal", "large", "back_and_forth", "arrears"]
ODDITIES: Final[tuple[str, ...]] = get_args(Oddity)
LISTED: Final = 500  # of what is out of the ordinary in one closing


class Moved(msgspec.Struct, frozen=True):
    """An entry of the ledger by which money came, or went where it is below nought."""

    entry_id: UUID
    kind: Kind
    posted_on: date
    means: Means
    amount_fen: int
    unit_id: UUID | None
    unit: str
    shift_id: UUID | None


class OfItem(msgspec.Struct, frozen=True):
    """What the money was for; `account` is prepayment or deposit where it was for no charge."""

    account: Account
    item_id: UUID | None
    item: str
    amount_fen: int


class Told(msgspec.Struct, frozen=True):
    """A shift of the days: whose it was, and its count."""

    shift_id: UUID
    cashier_id: UUID
    day: date
    open: bool
    counts: list[Count]


class OfUnit(msgspec.Struct, frozen=True):
    """A unit that stands out: how much it owes, or how often money was given back to it."""

    unit_id: UUID
    unit: str
    amount_fen: int
    times: int = 0


class MeansSum(msgspec.Struct, frozen=True):
    """A means: what the ledger says, how much of that shifts have counted, and by how much their counts differ."""

    means: Means
    entries: int
    ledger_fen: int
    in_shifts_fen: int
    difference_fen: int


class Figures(msgspec.Struct, frozen=True):
    """What the days come to."""

    means: list[MeansSum] = []
    items: list[OfItem] = []
    shifts: list[UUID] = []


class Found(msgspec.Struct, frozen=True):
    """Something out of the ordinary, and what it is about."""

    kind: Oddity
    amount_fen: int
    entry_id: UUID | None = None
    shift_id: UUID | None = None
    unit_id: UUID | None = None
    unit: str = ""
    times: int = 0


def summed(moved: Iterable[Moved], items: Iterable[OfItem], shifts: Iterable[Told]) -> Figures:
    """The figures of a day: the ledger by means and item, and the counts of its shifts."""
    entries, told = list(moved), list(shifts)
    sums = []
    for means in get_args(Means):
        own = [each for each in entries if each.means == means]
        difference = sum(c.difference_fen for shift in told for c in shift.counts if c.means == means)
        in_shifts = sum(each.amount_fen for each in own if each.shift_id is not None)
        sums.append(MeansSum(means, len(own), sum(each.amount_fen for each in own), in_shifts, difference))
    return Figures(sums, list(items), [shift.shift_id for shift in told])


def added(days: Sequence[Figures]) -> Figures:
    """The figures of days together."""
    means = [
        MeansSum(
            of,
            *(
                sum(getattr(each, name) for day in days for each in day.means if each.means == of)
                for name in ("entries", "ledger_fen", "in_shifts_fen", "difference_fen")
            ),
        )
        for of in get_args(Means)
    ]
    items: dict[tuple[Account, UUID | None], OfItem] = {}
    for each in (item for day in days for item in day.items):
        before = items.get((each.account, each.item_id))
        fen = each.amount_fen + (before.amount_fen if before else 0)
        items[each.account, each.item_id] = msgspec.structs.replace(each, amount_fen=fen)
    return Figures(means, list(items.values()), [id for day in days for id in day.shifts])


def odd(
    moved: Iterable[Moved],
    shifts: Iterable[Told],
    back: Iterable[OfUnit],
    arrears: Iterable[OfUnit],
    rules: ClosingRules,
) -> list[Found]:
    """What is out of the ordinary, in the order of ODDITIES: at most LISTED."""
    entries = list(moved)
    found = [
        Found("difference", count.difference_fen, shift_id=shift.shift_id)
        for shift in shifts
        for count in shift.counts
        if abs(count.difference_fen) > rules.difference_yuan * 100
    ]
    # what came by transfer has the bank's statement beside it
    lone = [each for each in entries if each.shift_id is None and each.means != "transfer"]
    found += [_of_entry("without_shift", each) for each in lone]
    found += [_of_entry("reversal", each) for each in entries if each.kind == "reversal"]
    large = [each for each in entries if abs(each.amount_fen) >= rules.large_yuan * 100]
    found += [_of_entry("large", each) for each in large]
    found += [
        Found("back_and_forth", each.amount_fen, unit_id=each.unit_id, unit=each.unit, times=each.times)
        for each in back
        if each.times >= rules.back_times
    ]
    found += [Found("arrears", each.amount_fen, unit_id=each.unit_id, unit=each.unit) for each in arrears]
    return found[:LISTED]


def total(figures: Figures) -> tuple[int, int, int]:
    """Entries, what the ledger says, and by how much counts differ in all."""
    entries = sum(each.entries for each in figures.means)
    return entries, sum(m.ledger_fen for m in figures.means), sum(m.difference_fen for m in figures.means)


def _of_entry(kind: Oddity, each: Moved) -> Found:
    return Found(kind, each.amount_fen, each.entry_id, each.shift_id, each.unit_id, each.unit)
