"""Who pays for which days: owners and tenants come and go within a period (BIL-3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.spans import Days, Span, common, cut


class Liable(Span, frozen=True, forbid_unknown_fields=True):
    """Who pays from when to when; owners of one unit together are one payer."""

    payer: str


class Liabilities(msgspec.Struct, frozen=True):
    """The days of each payer in order, and those that nobody pays for."""

    payers: tuple[tuple[str, Days], ...]
    nobody: tuple[Days, ...]


def liabilities(period: Days, liable: Sequence[Liable]) -> Liabilities:
    """Who pays for the days of a period, and for which nobody does. Raises AmountError `two_payers`."""
    whole = Span(period.first, period.last)
    found = sorted((days, who.payer) for who in liable if (days := common(whole, who)) is not None)
    for (one, _), (other, _) in pairwise(found):
        if other.first <= one.last:
            raise AmountError("two_payers", f"there are two payers for {other.first}")
    edges = {edge for who in liable for edge in who.edges}
    nobody = tuple(days for days in cut(period, edges) if not any(days.first in who for who in liable))
    return Liabilities(tuple((payer, days) for days, payer in found), nobody)
