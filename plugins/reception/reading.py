"""Every statement that finds the call in hand, or counts the day so far; each names the company itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.reception.schemas import Call, Day, Who

_COLUMNS = ", ".join(Call.__struct_fields__)
_CALL = ", ".join(f"c.{column}" for column in Call.__struct_fields__)
# A call about the reader goes with its ticket (CMP-6).
_SEEN = "(ticket_id IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = ticket_id))"
_GET = f"""
SELECT {_COLUMNS} FROM reception_call WHERE company_id = $1 AND site_id = $2 AND id = $3 AND {_SEEN}
"""  # noqa: S608
_EARLIER = """
SELECT unit_id, place, party_id, caller_name FROM reception_call
WHERE company_id = $1 AND site_id = $2 AND phone = $3 AND unit_id IS NOT NULL ORDER BY ringing_at DESC LIMIT 1
"""
# The clerk's own call, else the newest that waits for anybody, else the one the clerk has just finished.
_CURRENT = f"""
SELECT {_COLUMNS} FROM (
    (SELECT *, CASE WHEN answered_by = $3 THEN 0 ELSE 1 END AS rank FROM reception_call
     WHERE company_id = $1 AND site_id = $2 AND ended_at IS NULL AND (answered_by_name = '' OR answered_by = $3)
     ORDER BY rank, ringing_at DESC LIMIT 1)
    UNION ALL
    (SELECT *, 2 FROM reception_call
     WHERE company_id = $1 AND site_id = $2 AND answered_by = $3 AND ended_at > $4 AND ticket_id IS NULL
     ORDER BY ended_at DESC LIMIT 1)
) c ORDER BY rank LIMIT 1
"""  # noqa: S608

_DAY = """
SELECT count(*), avg(extract(epoch FROM answered_at - ringing_at)) FILTER (WHERE source = 'exchange')::float8
FROM reception_call WHERE company_id = $1 AND site_id = $2 AND channel = 'call' AND ringing_at >= $3
"""
# a call with the day in one round trip: the day's argument comes before the call's own
_GET_AFTER, _CURRENT_AFTER = _GET.replace("$3", "$4"), _CURRENT.replace("$4", "$5").replace("$3", "$4")
_DAY_AND_CALL = f"SELECT d.*, {_CALL} FROM ({_DAY}) d LEFT JOIN ({_GET_AFTER}) c ON true"  # noqa: S608
_DAY_AND_CURRENT = f"SELECT d.*, {_CALL} FROM ({_DAY}) d LEFT JOIN ({_CURRENT_AFTER}) c ON true"  # noqa: S608


async def get(uow: UnitOfWork, site_id: UUID, call_id: UUID) -> Call | None:
    return await uow.fetch_one(Call, _GET, uow.company_id, site_id, call_id)


async def earlier(uow: UnitOfWork, site_id: UUID, phone: str) -> Who | None:
    """Who last called from that number, as a clerk found out then."""
    return await uow.fetch_one(Who, _EARLIER, uow.company_id, site_id, phone)


async def current(uow: UnitOfWork, site_id: UUID, clerk_id: UUID | None, ended_after: datetime) -> Call | None:
    """The call that concerns the clerk; one that the clerk ended only if it ended after that instant."""
    return await uow.fetch_one(Call, _CURRENT, uow.company_id, site_id, clerk_id, ended_after)


async def day(uow: UnitOfWork, site_id: UUID, midnight: datetime) -> Day:
    """Calls since that instant, and the seconds they rang on average until they were answered."""
    found = await uow.fetch_one(Day, _DAY, uow.company_id, site_id, midnight)
    assert found is not None  # an aggregate always answers
    return found


async def day_and_call(uow: UnitOfWork, site_id: UUID, midnight: datetime, call_id: UUID) -> tuple[Day, Call | None]:
    """The day's calls, and a call."""
    return await _both(uow, _DAY_AND_CALL, site_id, midnight, call_id)


async def day_and_current(
    uow: UnitOfWork, site_id: UUID, midnight: datetime, clerk_id: UUID | None, ended_after: datetime
) -> tuple[Day, Call | None]:
    """The day's calls, and the call that concerns the clerk."""
    return await _both(uow, _DAY_AND_CURRENT, site_id, midnight, clerk_id, ended_after)


async def _both(uow: UnitOfWork, statement: str, *arguments: Any) -> tuple[Day, Call | None]:
    def read(calls: int, wait: float | None, *columns: Any) -> tuple[Day, Call | None]:
        return Day(calls, wait), Call(*columns) if columns[0] is not None else None

    found = await uow.fetch_one(read, statement, uow.company_id, *arguments)
    assert found is not None  # the day is always there
    return found
