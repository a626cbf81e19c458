"""Rent that rises by contract: the prices from the first day on, as a history that is charged like any other."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

import msgspec

from plugins.billing.amounts.charge import Charge, Discount, Item, Prorate, Subject
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import Span, months_after


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every so many months the price rises `by` a part of itself (`rate`, 0.05) or by yuan (`amount`).

    With `rounding` each new price is rounded and the next one rises from that, as a table of prices in a contract does.
    """

    every_months: Annotated[int, msgspec.Meta(ge=1, le=600)]
    how: Literal["rate", "amount"]
    by: Fraction
    rounding: Rounding | None


def escalated(price: Fraction, first: date, last: date, escalation: Escalation) -> tuple[Since, ...]:
    """The prices in yuan from the first day of a contract to its last one."""
    prices = [Since(first, price)]
    while (day := months_after(first, len(prices) * escalation.every_months)) <= last:
        price = price * (1 + escalation.by) if escalation.how == "rate" else price + escalation.by
        if escalation.rounding is not None:
            price = Fraction(escalation.rounding.fen(price), 100)
        prices.append(Since(day, price))
    return tuple(prices)


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """A contract's price in yuan a month, for each of the quantity, on its days, and how it rises, if it does."""

    first: date
    last: date
    price: Fraction
    escalation: Escalation | None

    @property
    def prices(self) -> tuple[Since, ...]:
        """What is owed a month, from which day on."""
        if self.escalation is None:
            return (Since(self.first, self.price),)
        return escalated(self.price, self.first, self.last, self.escalation)


class Rent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="rent"):
    """What a contract charges for the days of `period` that lie within `service`; how days count and how the sum is
    rounded is the item's."""

    terms: Terms
    subject: Subject
    prorate: Prorate
    rounding: Rounding
    period: Span
    service: Span
    discounts: tuple[Discount, ...]


def as_charge(asked: Rent) -> Charge:
    """It as a charge by the contract's prices. Days before the contract have none."""
    item = Item(asked.terms.prices, asked.prorate, asked.rounding)
    return Charge(item, asked.subject, asked.period, asked.service, asked.discounts)


def in_force(asked: Rent) -> tuple[Since, ...]:
    """The prices that count on the charged days: the one that they begin with, and those to which it rises in them."""
    first, last = asked.service.first or asked.terms.first, asked.service.last or asked.terms.last
    prices = [since for since in asked.terms.prices if since.first <= last]
    begun = [number for number, since in enumerate(prices) if since.first <= first]
    return tuple(prices[begun[-1] if begun else 0 :])
