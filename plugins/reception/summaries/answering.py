"""How calls were answered (REC-2): within the goal, how long they rang, lost ones and whether they were called back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork

# One pass over the span: by channel for all that came, and of what the telephone exchange reported the whole, by day,
# hour and clerk. A lost call is called back by whoever says so, or when that number got through later.
_COUNTED = """
SELECT CASE WHEN GROUPING(channel) = 0 THEN 'channel' WHEN GROUPING(day) = 0 THEN 'day'
            WHEN GROUPING(hour) = 0 THEN 'hour' WHEN GROUPING(clerk) = 0 THEN 'clerk' ELSE 'all' END,
    coalesce(channel, day, hour, clerk, ''), count(*), count(*) FILTER (WHERE answered),
    count(*) FILTER (WHERE status = 'missed'), count(*) FILTER (WHERE status = 'abandoned'),
    count(*) FILTER (WHERE going_on), count(*) FILTER (WHERE waited <= $5), count(*) FILTER (WHERE reached),
    (avg(waited) FILTER (WHERE exchange))::float8, (max(waited) FILTER (WHERE exchange))::int
FROM (
    SELECT channel, status, source = 'exchange' AS exchange, answered_by_name AS clerk,
        answered_at IS NOT NULL AS answered, ended_at IS NULL AS going_on,
        round(extract(epoch FROM answered_at - ringing_at)) AS waited,
        to_char(ringing_at AT TIME ZONE $6, 'YYYY-MM-DD') AS day, to_char(ringing_at AT TIME ZONE $6, 'HH24') AS hour,
        status IN ('missed', 'abandoned') AND (called_back_at IS NOT NULL OR (phone <> '' AND EXISTS (
            SELECT FROM reception_call later WHERE later.company_id = $1 AND later.site_id = $2
                AND later.phone = c.phone AND later.answered_at IS NOT NULL AND later.ringing_at > c.ringing_at
                AND later.ringing_at < c.ringing_at + interval '1 day'))) AS reached
    FROM reception_call c WHERE company_id = $1 AND site_id = $2 AND ringing_at >= $3 AND ringing_at < $4
) calls
GROUP BY GROUPING SETS ((channel), (exchange), (exchange, day), (exchange, hour), (exchange, clerk))
HAVING GROUPING(channel) = 0 OR exchange ORDER BY 1, 2
"""


class Answered(msgspec.Struct, frozen=True):
    """Calls of a day, an hour, a clerk or of them all (`key`). Waits are in seconds of ringing until the answer;
    `in_time` were answered within the site's goal, `called_back` of those `missed` or `abandoned`."""

    by: str
    key: str
    count: int
    answered: int
    missed: int
    abandoned: int
    going_on: int
    in_time: int
    called_back: int
    average_wait: float | None
    longest_wait: int | None
    share: float | None = None

    def __post_init__(self) -> None:
        over = self.answered + self.missed + self.abandoned
        if over:  # of what came to an end or an answer, in percent
            msgspec.structs.force_setattr(self, "share", round(100 * self.in_time / over, 1))


class Answering(msgspec.Struct, frozen=True):
    """How calls were answered against the goal in seconds. `all` is None where the exchange reported none."""

    goal_seconds: int
    all: Answered | None
    days: list[Answered]
    hours: list[Answered]
    clerks: list[Answered]


async def counted(
    uow: UnitOfWork, site_id: UUID, since: datetime, until: datetime, goal_seconds: int, timezone: str
) -> tuple[list[Answered], Answering]:
    """What came by channel, and how calls were answered."""
    rows = await uow.fetch(Answered, _COUNTED, uow.company_id, site_id, since, until, goal_seconds, timezone)

    def of(by: str) -> list[Answered]:
        return [row for row in rows if row.by == by]

    # calls that nobody answered are no clerk's
    clerks = [row for row in of("clerk") if row.answered]
    return of("channel"), Answering(goal_seconds, next(iter(of("all")), None), of("day"), of("hour"), clerks)
