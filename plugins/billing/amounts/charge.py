"""What one payer owes for one item over one period (BIL-1): price by quantity by the part of the month."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from typing import Final, Literal

import msgspec

from plugins.billing.amounts.history import History, Since
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Days, Span, common, cut, month_length, months

Prorate = Literal["calendar", "thirty", "whole"]
Why = Literal["", "vacancy", "other", "prepaid"]
_FULL: Final = Fraction(1)


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is charged for: yuan per month for each of the quantity, how days count, how the sum is rounded."""

    prices: tuple[Since, ...]
    prorate: Prorate
    rounding: Rounding


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of it there is: m² of an area, spaces, 1 for a fixed fee."""

    quantity: tuple[Since, ...]


class Discount(Span, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """On its days only `factor` of the price is owed; `why` goes with it into the line, and into no amount."""

    factor: Fraction
    why: Why = ""


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="charge"):
    """The days of `period` within `service` are charged; of discounts that cover a day the smallest factor applies."""

    item: Item
    subject: Subject
    period: Span
    service: Span
    discounts: tuple[Discount, ...]


class Part(Days, frozen=True):
    """Days of one month at one rate, as so much of a month: in lowest terms, `22/31` or `1`."""

    fraction: str


class Charged(msgspec.Struct, frozen=True):
    """What is owed in fen, and the parts of which it is the sum."""

    amount_fen: int
    parts: tuple[Part, ...]


class Priced(msgspec.Struct, frozen=True):
    """A part with what is valid in it: yuan a month for each, how many, what discounts leave, how much of a month."""

    days: Days
    price: Fraction
    quantity: Fraction
    factor: Fraction
    fraction: Fraction

    @property
    def yuan(self) -> Fraction:
        """What the part comes to, not rounded."""
        return self.price * self.quantity * self.factor * self.fraction


def charge(asked: Charge) -> Charged:
    """What is owed. Raises AmountError `missing_price` and `missing_quantity`, the price being looked at first."""
    parts = tuple(priced(asked))
    return Charged(
        asked.item.rounding.fen(sum((part.yuan for part in parts), Fraction(0))),
        tuple(Part(part.days.first, part.days.last, str(part.fraction)) for part in parts),
    )


def priced(asked: Charge) -> Iterator[Priced]:
    """The charged days in order, cut at month ends and wherever what is valid changes. Raises as `charge`."""
    prices = History(asked.item.prices, "missing_price")
    quantities = History(asked.subject.quantity, "missing_quantity")
    changes = {*prices.dates, *quantities.dates, *(edge for discount in asked.discounts for edge in discount.edges)}

    def rate(piece: Days) -> tuple[Fraction, Fraction, Fraction]:
        day = piece.first
        factors = (discount.factor for discount in asked.discounts if day in discount)
        return prices.at(day), quantities.at(day), min(factors, default=_FULL)

    charged = common(asked.period, asked.service)
    for month in months(charged) if charged else ():
        for (price, quantity, factor), pieces in groupby(cut(month, changes), rate):
            alike = list(pieces)
            days = Days(alike[0].first, alike[-1].last)
            yield Priced(days, price, quantity, factor, _fraction(asked.item.prorate, len(days), month))


def _fraction(prorate: Prorate, days: int, charged: Days) -> Fraction:
    """What so many of the days that are charged in a month count of it."""
    length = month_length(charged.first)
    if prorate == "whole":
        return Fraction(days, len(charged))
    return Fraction(days, 30 if prorate == "thirty" and len(charged) < length else length)
