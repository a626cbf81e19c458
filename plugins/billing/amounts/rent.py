"""Rent that rises by contract: the prices from the first day on, as a history that is charged like any other."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

import msgspec

from plugins.billing.amounts.history import Since
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.spans import months_after


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
