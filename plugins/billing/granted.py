"""A charge from which a fixed sum comes off (BIL-1): the charge as it is, rounded, and what was granted of it."""

from __future__ import annotations

import msgspec

from plugins.billing.amounts.charge import Charge, Charged, Part, charge
from plugins.billing.amounts.discounts import Off, granted, off_for
from plugins.billing.amounts.rent import Rent, as_charge
from plugins.billing.amounts.spans import Days, Span, common
from plugins.billing.formula.tariff import Monthly, monthly


class Granted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="granted"):
    """What is charged, and sums that come off it on their days."""

    charge: Charge | Monthly | Rent
    off: tuple[Off, ...]


class Reduced(msgspec.Struct, frozen=True):
    """What is owed, what it was before, and what was granted of it: all in fen, none below 0."""

    amount_fen: int
    before_fen: int
    granted_fen: int
    parts: tuple[Part, ...]


def grant(asked: Granted) -> Reduced:
    """What is owed. Raises AmountError as the charge does."""
    of = asked.charge
    match of:
        case Charge():
            before = charge(of)
        case Monthly():
            before = monthly(of)
        case Rent():
            before = charge(as_charge(of))
    return less(before, of.period, of.service, asked.off)


def less(before: Charged, period: Span, service: Span, off: tuple[Off, ...]) -> Reduced:
    """A charge of these days less what comes off. Raises ValueError for a period that does not begin, or not end."""
    whole, days = common(period, period), common(period, service)
    assert whole is not None  # it is its own
    credit = granted(before.amount_fen, off_for(whole, days, off)) if days else 0
    return Reduced(before.amount_fen + credit, before.amount_fen, -credit, before.parts)


def meeting(off: tuple[Off, ...], period: Days, service: Days) -> tuple[Off, ...]:
    """Those that count for these days of a period, in an order of their own, each once; none where none covers one."""
    days = Span(service.first, service.last)
    if all(common(each, days) is None for each in off):
        return ()
    reached = Span(period.first, service.last)
    met = {each for each in off if common(each, reached) is not None}
    return tuple(sorted(met, key=lambda each: (each.first or period.first, each.last or period.last, each.off_fen)))
