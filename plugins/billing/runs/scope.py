"""Which days are left to be charged, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.payers import Liabilities, Liable, liabilities
from plugins.billing.amounts.spans import DAY, Days, Span, common, cut
from plugins.billing.runs.facts import Held, Payer


def without(days: Iterable[Days], taken: Sequence[Days]) -> Iterator[Days]:
    """The days that are left where some are taken."""
    edges = {edge for span in taken for edge in Span(span.first, span.last).edges}
    for stretch in days:
        pieces = [p for p in cut(stretch, edges) if not any(t.first <= p.first <= t.last for t in taken)]
        while pieces:
            first = last = pieces.pop(0)
            while pieces and pieces[0].first == last.last + DAY:
                last = pieces.pop(0)
            yield Days(first.first, last.last)


def payers(days: Days, held: Sequence[Held], payer: Payer) -> Liabilities:
    """Who pays for these days. Owners together are one payer, named by whoever began first, and so are tenants who
    began on one day; where an occupant pays and nobody rents, the owner does. Raises AmountError `two_payers`."""
    spans = [(Span(one.first, one.last), one) for one in held if one.role in ("owner", "tenant")]
    edges = {edge for span, _ in spans for edge in span.edges}
    found = []
    for piece in cut(days, edges):
        there = [one for span, one in spans if piece.first in span]
        tenants = [one for one in there if one.role == "tenant"] if payer == "occupant" else []
        if len({one.first for one in tenants}) > 1:
            raise AmountError("two_payers", f"there are two payers for {piece.first}")
        if who := tenants or [one for one in there if one.role == "owner"]:
            first = min(who, key=lambda one: (one.first or date.min, one.party_id))
            found.append((str(first.party_id), piece))
    liable = []
    for name, pieces in groupby(found, lambda each: each[0]):
        liable += [Liable(span.first, span.last, name) for span in _joined([days for _, days in pieces])]
    return liabilities(days, liable)


def _joined(pieces: list[Days]) -> Iterator[Days]:
    yield from without([Days(pieces[0].first, pieces[-1].last)], _gaps(pieces))


def _gaps(pieces: list[Days]) -> list[Days]:
    return [Days(one.last + DAY, other.first - DAY) for one, other in pairwise(pieces) if one.last + DAY < other.first]


def within(days: Days, last: date | None) -> Days | None:
    """The days up to a last one, if there is one."""
    return common(Span(days.first, days.last), Span(None, last))
