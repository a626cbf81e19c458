"""Which times can be offered (REP-2): pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from plugins.repairs.visits.model import Booked, Free, Slot, Technician
from plugins.repairs.visits.policy import Trade


def pieces(
    shifts: Iterable[tuple[datetime, datetime]], length: timedelta, since: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Working time cut into visits from the beginning of each shift; what is left over at its end is too short.

    Nothing that begins before `since` is offered.
    """
    for start, end in shifts:
        while start + length <= end:
            if start >= since:
                yield start, start + length
            start += length


def offers(
    times: Iterable[tuple[datetime, datetime]],
    people: Sequence[Technician],
    trade: Trade | None,
    booked: Sequence[Booked],
) -> list[Slot]:
    """The times at which somebody of the trade is free and the trade's capacity is not used up.

    Who knows the trade best comes first, then who has fewest visits, then by name. Without a trade anybody fits.
    """
    able = [Free(p.membership_id, p.name, _level(p, trade)) for p in people]
    able = [p for p in able if p.level or trade is None]
    visits = {p.membership_id: sum(b.technician_id == p.membership_id for b in booked) for p in able}
    able.sort(key=lambda p: (-p.level, visits[p.membership_id], p.name))
    found = []
    for starts, ends in times:
        meanwhile = [b for b in booked if b.starts_at < ends and starts < b.ends_at]
        if trade is not None and trade.capacity and sum(b.trade == trade.key for b in meanwhile) >= trade.capacity:
            continue
        busy = {b.technician_id for b in meanwhile}
        free = tuple(p for p in able if p.membership_id not in busy)
        if free:
            found.append(Slot(starts, ends, free))
    return found


def _level(person: Technician, trade: Trade | None) -> int:
    return next((t.level for t in person.trades if trade is not None and t.trade == trade.key), 0)
