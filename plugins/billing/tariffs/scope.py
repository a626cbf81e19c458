"""When an item is charged at a unit: a line for the unit outranks its building's, and that the site's (BIL-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from plugins.billing.amounts.spans import DAY, Days, Span, cut


class Assigned(msgspec.Struct, frozen=True):
    """A line of an item: for a unit, or a building, or the whole site where neither is named; `until` None is open."""

    building: str
    unit_id: UUID | None
    since: date
    until: date | None
    charged: bool

    @property
    def span(self) -> Span:
        return Span(self.since, self.until)

    @property
    def rank(self) -> tuple[int, date]:
        """The higher counts; of two for the same place, the one that begins later."""
        return (2 if self.unit_id is not None else 1 if self.building else 0), self.since


def charged_days(rows: Sequence[Assigned], unit_id: UUID, building: str, within: Days) -> tuple[Days, ...]:
    """The days of `within` on which the item is charged at the unit, in order, what adjoins joined.

    `rows` are lines of one item, for whatever places and in whatever order. A day that no line covers is not charged.
    """
    here = [row for row in rows if (row.unit_id is None or row.unit_id == unit_id) and row.building in ("", building)]
    spans: list[Days] = []
    for piece in cut(within, (edge for row in here for edge in row.span.edges)):
        lines = [row for row in here if piece.first in row.span]
        if not lines or not max(lines, key=lambda row: row.rank).charged:
            continue
        if spans and spans[-1].last + DAY == piece.first:
            spans[-1] = Days(spans[-1].first, piece.last)
        else:
            spans.append(piece)
    return tuple(spans)


class Lines:
    """The lines of one item by place, for whoever asks for thousands of units, some with a line of their own."""

    def __init__(self, rows: Iterable[Assigned]) -> None:
        self._lines: defaultdict[UUID | str, list[Assigned]] = defaultdict(list)
        for row in rows:
            self._lines[row.unit_id or row.building].append(row)

    def days(self, unit_id: UUID, building: str, within: Days) -> tuple[Days, ...]:
        """As `charged_days`."""
        places: set[UUID | str] = {unit_id, building, ""}
        return charged_days([row for place in places for row in self._lines.get(place, ())], unit_id, building, within)
