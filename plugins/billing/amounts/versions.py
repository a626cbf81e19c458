"""An item as it was published from a day on (BIL-1: tariffs are published), and which version counts when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import msgspec

from plugins.billing.amounts.charge import Item, Prorate
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.rounding import Rounding


class Version(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from"}):
    """Version `number` of an item, in force from that day until the next."""

    first: date
    number: int
    price: Fraction
    prorate: Prorate
    rounding: Rounding


def in_force(versions: Sequence[Version], day: date) -> Version:
    """The version of that day. Raises AmountError `missing_price` before the first."""
    published = [version for version in versions if version.first <= day]
    if not published:
        raise AmountError("missing_price")
    return max(published, key=lambda version: (version.first, version.number))


def item_from(versions: Sequence[Version], day: date) -> Item:
    """The item as it is charged from that day on, the first one charged of a period.

    Prices change on their day. How days count and how the sum is rounded cannot change within one sum: that is as in
    the version of that day. Raises AmountError `missing_price` if there is none.
    """
    rules = in_force(versions, day)
    dates = {version.first for version in versions}
    prices = tuple(Since(first, in_force(versions, first).price) for first in sorted(dates))
    return Item(prices, rules.prorate, rules.rounding)
