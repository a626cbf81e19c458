"""Deadlines of what is not a ticket: by the calendar of the site, as the goals of tickets are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from core.policies.values import Duration
from core.sla import Goal, promise
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies

_ALL_TIME = {"working_days": "days"}  # units of time by their names in a timedelta, where those differ


async def deadline(policies: Policies, work: Work, site_id: UUID, duration: Duration, since: datetime) -> datetime:
    """When that much time from `since` on is over at the site; a calendar without any working time counts all time."""
    _, calendar = await policies.calendar(work, site_id)
    goal = Goal("deadline", duration.amount, duration.unit, duration.clock)
    found = promise(calendar, (goal,), since)["deadline"]
    return found or since + timedelta(**{_ALL_TIME.get(duration.unit, duration.unit): duration.amount})
