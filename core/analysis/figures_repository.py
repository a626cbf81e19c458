"""Every statement about figures. Each reads its rows once and adds them up in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.tickets.model import Severity, Status

Dimension = Literal["all", "goal", "category", "team", "assignee", "month", "urgency", "breach", "cause"]


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
    cause: str | None
    met: int
    breached: int
    open: int


class Taken(msgspec.Struct, frozen=True):
    """Tickets taken in, merged duplicates apart; how many of them are closed; complaints and major complaints:
    answered in time of those that were answered or should have been."""

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


_COUNTS = """coalesce(sum(tickets) FILTER (WHERE state = 'met'), 0)::int AS met,
           coalesce(sum(tickets) FILTER (WHERE state = 'breached'), 0)::int AS breached,
           coalesce(sum(tickets) FILTER (WHERE state = 'open'), 0)::int AS open"""
# One pass over the tickets' tallies, by an index alone; goals are told apart in the few rows that it leaves. Keys that
# follow from each other share a set: every set costs each ticket a look-up.
_GOALS = f"""
WITH counted AS (
    SELECT grouping(category, assignee_id, month) AS keys, category, team_id, assignee_id, month, urgent, tally,
           count(*) AS tickets
    FROM (SELECT category, team_id, assignee_id, width_bucket(created_at, $5::timestamptz[]) AS month,
                 severity <> 'routine' AS urgent, tally
          FROM ticket WHERE company_id = $1 AND site_id = $2 AND created_at >= $3 AND created_at < $4
                        AND NOT merged) taken
    GROUP BY GROUPING SETS ((category, team_id, tally), (assignee_id, tally), (month, urgent, tally))
), goal AS (
    SELECT c.*, split_part(item, ':', 1) AS name, split_part(item, ':', 2) AS state,
           nullif(split_part(item, ':', 3), '') AS missed_in, nullif(split_part(item, ':', 4), '') AS cause
    FROM counted c, unnest(string_to_array(c.tally, ' ')) item
), sums AS (
    SELECT CASE WHEN grouping(missed_in) = 0 THEN 'breach' WHEN grouping(category) = 0 THEN 'category' ELSE 'team' END
               AS dimension,
           name, category, team_id, NULL::uuid AS assignee_id, NULL::int AS month, NULL::boolean AS urgent, missed_in,
           NULL AS cause, {_COUNTS}
    FROM goal WHERE keys = 3 GROUP BY GROUPING SETS ((category), (team_id), (name, category, missed_in))
    UNION ALL
    SELECT 'assignee', NULL, NULL, NULL, assignee_id, NULL, NULL, NULL, NULL, {_COUNTS}
    FROM goal WHERE keys = 5 GROUP BY assignee_id
    UNION ALL
    SELECT CASE grouping(month, name, urgent, cause) WHEN 15 THEN 'all' WHEN 7 THEN 'month' WHEN 11 THEN 'goal'
               WHEN 9 THEN 'urgency' ELSE 'cause' END,
           name, NULL, NULL, NULL, month, urgent, NULL, cause, {_COUNTS}
    FROM goal WHERE keys = 6 GROUP BY GROUPING SETS ((), (month), (name), (name, urgent), (cause))
)
SELECT s.dimension, s.name, s.category, s.team_id, d.name, s.assignee_id, m.name, s.month, s.urgent, s.missed_in,
       s.cause, s.met, s.breached, s.open
FROM sums s LEFT JOIN team d ON d.company_id = $1 AND d.id = s.team_id
LEFT JOIN membership m ON m.company_id = $1 AND m.id = s.assignee_id
WHERE s.dimension NOT IN ('breach', 'cause') OR s.breached > 0
"""  # noqa: S608
_TAKEN = """
SELECT count(*)::int, (count(*) FILTER (WHERE status = 'closed'))::int,
    (count(*) FILTER (WHERE type = ANY ($8::text[]) AND answered_at <= created_at + $6::interval))::int,
    (count(*) FILTER (WHERE type = ANY ($8::text[])
                      AND (answered_at IS NOT NULL OR created_at < $5::timestamptz - $6::interval)))::int,
    (count(*) FILTER (WHERE type = ANY ($8::text[]) AND severity = 'critical'
                      AND answered_at <= created_at + $7::interval))::int,
    (count(*) FILTER (WHERE type = ANY ($8::text[]) AND severity = 'critical'
                      AND (answered_at IS NOT NULL OR created_at < $5::timestamptz - $7::interval)))::int
FROM ticket WHERE company_id = $1 AND site_id = $2 AND created_at >= $3 AND created_at < $4 AND NOT merged
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
    complaints: Sequence[str],
) -> Taken:
    """Tickets taken in, and how soon complaints among them (those types) were answered."""
    found = await uow.fetch_one(
        Taken, _TAKEN, uow.company_id, site_id, starts, ends, now, complaint, major, list(complaints)
    )
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
