"""Every statement about figures. Each reads its rows once and adds them up in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.tickets.model import Severity, Status

Dimension = Literal["all", "goal", "category", "team", "assignee", "month", "urgency", "breach"]


class Sum(msgspec.Struct, frozen=True):
    """Goals of a slice of the tickets, by how they stand; what does not tell its slice apart is None.

    `month` counts the boundaries before it; `urgent` is for urgent and critical tickets; `missed_in` is the state.
    """

    dimension: Dimension
    goal: str | None
    category: str | None
    team_id: UUID | None
    team: str | None
    assignee_id: UUID | None
    assignee: str | None
    month: int | None
    urgent: bool | None
    missed_in: str | None
    met: int
    breached: int
    open: int


class Taken(msgspec.Struct, frozen=True):
    """Tickets taken in, how many of them are closed, and complaints and major complaints: answered in time of those
    that were answered or should have been."""

    tickets: int
    closed: int
    complaints_in_time: int
    complaints: int
    major_in_time: int
    major: int


class Age(msgspec.Struct, frozen=True):
    """Open tickets of a severity; `bucket` counts the bounds of age below theirs."""

    bucket: int
    severity: Severity
    tickets: int
    overdue: int


class Standing(msgspec.Struct, frozen=True):
    """Open tickets now: in all, overdue, due within the hour, waiting for a response, paused."""

    open: int
    overdue: int
    due_soon: int
    waiting: int
    paused: int


class Oldest(msgspec.Struct, frozen=True):
    """An open matter, without anything personal."""

    number: str
    category: str
    status: Status
    severity: Severity
    created_at: datetime
    due_at: datetime | None
    due_seconds: int | None


# One pass over the goals of the period's tickets; what is grouped by is added up again from the few rows it leaves.
_GOALS = """
WITH cube AS MATERIALIZED (
    SELECT g.name, t.category, t.team_id, t.assignee_id, width_bucket(t.created_at, $5::timestamptz[]) AS month,
           t.severity <> 'routine' AS urgent, g.missed_in,
           count(*) FILTER (WHERE g.state = 'met') AS met, count(*) FILTER (WHERE g.state = 'breached') AS breached,
           count(*) FILTER (WHERE g.state IN ('running', 'paused')) AS open
    FROM ticket t JOIN ticket_goal g ON g.company_id = t.company_id AND g.ticket_id = t.id
    WHERE t.company_id = $1 AND g.company_id = $1 AND t.site_id = $2 AND t.created_at >= $3 AND t.created_at < $4
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), sums AS (
    SELECT CASE grouping(name, category, team_id, assignee_id, month, urgent, missed_in)
               WHEN 127 THEN 'all' WHEN 63 THEN 'goal' WHEN 95 THEN 'category' WHEN 111 THEN 'team'
               WHEN 119 THEN 'assignee' WHEN 123 THEN 'month' WHEN 61 THEN 'urgency' ELSE 'breach' END AS dimension,
           name, category, team_id, assignee_id, month, urgent, missed_in,
           coalesce(sum(met), 0)::int AS met, coalesce(sum(breached), 0)::int AS breached,
           coalesce(sum(open), 0)::int AS open
    FROM cube GROUP BY GROUPING SETS ((), (name), (category), (team_id), (assignee_id), (month), (name, urgent),
                                      (name, category, missed_in))
)
SELECT s.dimension, s.name, s.category, s.team_id, d.name, s.assignee_id, m.name, s.month, s.urgent, s.missed_in,
       s.met, s.breached, s.open
FROM sums s LEFT JOIN team d ON d.company_id = $1 AND d.id = s.team_id
LEFT JOIN membership m ON m.company_id = $1 AND m.id = s.assignee_id
WHERE s.dimension <> 'breach' OR s.breached > 0
"""
_TAKEN = """
SELECT count(*)::int, (count(*) FILTER (WHERE status = 'closed'))::int,
    (count(*) FILTER (WHERE type = 'complaint' AND answered_at <= created_at + $6::interval))::int,
    (count(*) FILTER (WHERE type = 'complaint'
                      AND (answered_at IS NOT NULL OR created_at < $5::timestamptz - $6::interval)))::int,
    (count(*) FILTER (WHERE type = 'complaint' AND severity = 'critical'
                      AND answered_at <= created_at + $7::interval))::int,
    (count(*) FILTER (WHERE type = 'complaint' AND severity = 'critical'
                      AND (answered_at IS NOT NULL OR created_at < $5::timestamptz - $7::interval)))::int
FROM ticket WHERE company_id = $1 AND site_id = $2 AND created_at >= $3 AND created_at < $4
"""
_AGES = """
SELECT width_bucket(created_at, $4::timestamptz[]), severity, count(*)::int,
       (count(*) FILTER (WHERE queue_at <= $3))::int
FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' GROUP BY 1, 2
"""
_STANDING = """
SELECT count(*)::int, (count(*) FILTER (WHERE queue_at <= $3))::int,
       (count(*) FILTER (WHERE queue_at > $3 AND queue_at <= $4))::int,
       (count(*) FILTER (WHERE status = 'new'))::int, (count(*) FILTER (WHERE status = 'paused'))::int
FROM ticket WHERE company_id = $1 AND site_id = $2 AND status <> 'closed'
"""
_OLDEST = """
SELECT number, category, status, severity, created_at, due_at, due_seconds FROM ticket
WHERE company_id = $1 AND site_id = $2 AND status <> 'closed' AND status <> 'resolved'
ORDER BY queue_at, id LIMIT $3
"""
_TODAY = """
SELECT e.kind, count(*)::int FROM ticket t JOIN ticket_event e ON e.company_id = t.company_id AND e.ticket_id = t.id
WHERE t.company_id = $1 AND e.company_id = $1 AND t.site_id = $2 AND t.updated_at >= $3 AND e.at >= $3
  AND e.kind = ANY ($4::text[])
GROUP BY e.kind
"""


async def goals(
    uow: UnitOfWork, site_id: UUID, starts: datetime, ends: datetime, bounds: Sequence[datetime]
) -> list[Sum]:
    """Goals of the tickets taken in from `starts` until `ends`, by every dimension; `bounds` divide the months."""
    return await uow.fetch(Sum, _GOALS, uow.company_id, site_id, starts, ends, list(bounds))


async def taken(
    uow: UnitOfWork,
    site_id: UUID,
    starts: datetime,
    ends: datetime,
    now: datetime,
    complaint: timedelta,
    major: timedelta,
) -> Taken:
    """Tickets taken in, and how soon complaints among them were answered."""
    found = await uow.fetch_one(Taken, _TAKEN, uow.company_id, site_id, starts, ends, now, complaint, major)
    assert found is not None
    return found


async def ages(uow: UnitOfWork, site_id: UUID, now: datetime, bounds: Sequence[datetime]) -> list[Age]:
    """Open tickets by age and severity; `bounds` are ascending instants at which tickets were taken in."""
    return await uow.fetch(Age, _AGES, uow.company_id, site_id, now, list(bounds))


async def standing(uow: UnitOfWork, site_id: UUID, now: datetime, soon: datetime) -> Standing:
    """How many tickets are open, and how they stand."""
    found = await uow.fetch_one(Standing, _STANDING, uow.company_id, site_id, now, soon)
    assert found is not None
    return found


async def oldest(uow: UnitOfWork, site_id: UUID, most: int) -> list[Oldest]:
    """Open matters by their deadline, the most pressing first."""
    return await uow.fetch(Oldest, _OLDEST, uow.company_id, site_id, most)


async def happened(uow: UnitOfWork, site_id: UUID, since: datetime, kinds: Sequence[str]) -> dict[str, int]:
    """How often each kind of entry was put on a timeline of the site since then."""
    rows = await uow.fetch(lambda kind, n: (kind, n), _TODAY, uow.company_id, site_id, since, list(kinds))
    return dict(rows)
