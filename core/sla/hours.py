"""Working time as intervals, for whoever plans by it."""

from __future__ import annotations

from datetime import UTC, datetime

from core.sla.calendar import Calendar
from core.sla.model import instant
from core.sla.timeline import timeline


def working_hours(calendar: Calendar, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The shifts within `[since, until)`, in UTC. Raises ValueError for instants out of reach."""
    shifts = timeline(calendar).shifts(instant(since), instant(until))
    return [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in shifts]
