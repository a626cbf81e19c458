"""Every statement about meetings and their agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.analysis.model import AgendaItem, ItemChange, Meeting, MeetingPlan, RepeatGroup
from core.db.ids import new_id
from core.db.uow import UnitOfWork

MOST_ITEMS = 200
MOST_MEETINGS = 50

_MEETING = "id, held_on, attendees, notes, closed_at, closed_by, created_at, version"
_NEXT = f"SELECT {_MEETING} FROM meeting WHERE company_id = $1 AND site_id = $2 AND closed_at IS NULL"  # noqa: S608
_GET = f"SELECT {_MEETING} FROM meeting WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_HELD = f"""
SELECT {_MEETING} FROM meeting WHERE company_id = $1 AND site_id = $2 AND closed_at IS NOT NULL
ORDER BY held_on DESC, id DESC LIMIT $3
"""  # noqa: S608
_ITEM = """a.id, a.reason, a.title, a.ticket_id, t.number, t.status, t.severity, t.due_at, c.month, c.category,
    {responsible_id}, {entry}.responsible_name, {entry}.due_on, {entry}.outcome, a.raised_at, a.raised_by, a.settled_at,
    a.version, coalesce(m.minutes, ''),
    (SELECT count(*) FROM agenda_minute b JOIN meeting h ON h.company_id = b.company_id AND h.id = b.meeting_id
     WHERE b.company_id = $1 AND b.agenda_item_id = a.id AND h.closed_at IS NOT NULL)::int"""
_FROM = """
LEFT JOIN ticket t ON t.company_id = a.company_id AND t.id = a.ticket_id
LEFT JOIN repeat_case c ON c.company_id = a.company_id AND c.id = a.repeat_case_id
"""
# What is about a complaint goes with it: hidden from whom that concerns (CMP-6).
_SEEN = "(a.ticket_id IS NULL OR t.id IS NOT NULL)"
# What is open, and what the coming meeting ($3, or NULL) has settled.
_OPEN = f"""
SELECT {_ITEM.format(entry="a", responsible_id="a.responsible_id")} FROM agenda_item a {_FROM}
LEFT JOIN agenda_minute m ON m.company_id = a.company_id AND m.meeting_id = $3 AND m.agenda_item_id = a.id
WHERE a.company_id = $1 AND a.site_id = $2 AND (a.settled_at IS NULL OR m.meeting_id IS NOT NULL) AND {_SEEN}
ORDER BY array_position(ARRAY['critical', 'escalated', 'overdue', 'repeat', 'manual'], a.reason), a.raised_at, a.id
LIMIT $4
"""  # noqa: S608
# What a meeting that is over dealt with, as it stood then.
_DEALT_WITH = f"""
SELECT {_ITEM.format(entry="m", responsible_id="NULL::uuid")} FROM agenda_minute m
JOIN agenda_item a ON a.company_id = m.company_id AND a.id = m.agenda_item_id {_FROM}
WHERE m.company_id = $1 AND m.site_id = $2 AND m.meeting_id = $3 AND {_SEEN}
ORDER BY array_position(ARRAY['critical', 'escalated', 'overdue', 'repeat', 'manual'], a.reason), a.raised_at, a.id
LIMIT $4
"""  # noqa: S608

_PLAN = """
INSERT INTO meeting (company_id, id, site_id, held_on, attendees, notes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (company_id, site_id) WHERE closed_at IS NULL DO NOTHING
"""
_REPLAN = """
UPDATE meeting SET held_on = $4, attendees = $5, notes = $6, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND closed_at IS NULL AND version = $7 RETURNING version
"""
# Closing keeps how every item stood. What has no outcome is carried over by staying open.
_CLOSE = """
WITH closed AS (
    UPDATE meeting SET closed_at = $4, closed_by = $5, version = version + 1
    WHERE company_id = $1 AND site_id = $2 AND id = $3 AND closed_at IS NULL AND version = $6 RETURNING id, version
), kept AS (
    INSERT INTO agenda_minute (company_id, meeting_id, agenda_item_id, site_id, responsible_name, due_on)
    SELECT $1, closed.id, a.id, $2, a.responsible_name, a.due_on FROM agenda_item a, closed
    WHERE a.company_id = $1 AND a.site_id = $2 AND a.settled_at IS NULL
    ON CONFLICT (company_id, meeting_id, agenda_item_id) DO NOTHING
)
SELECT version FROM closed
"""

# $3 missed by then, $4 critical too, $14 gone up so far, $5 ids for the items. What was settled comes up again if a
# deadline was missed since, or it went up further; a repeated matter ($7 to $11) comes up once.
_COLLECT = """
WITH due AS (
    SELECT t.id, CASE WHEN t.severity = 'critical' THEN 'critical' WHEN t.escalation >= $14 THEN 'escalated'
                      ELSE 'overdue' END AS reason,
           left(t.description, 80) AS title, row_number() OVER (ORDER BY t.queue_at, t.id) AS n
    FROM ticket t
    WHERE t.company_id = $1 AND t.site_id = $2 AND t.status <> 'closed' AND t.status <> 'resolved' AND (
        t.queue_at <= $3 AND NOT EXISTS (
            SELECT FROM agenda_item a WHERE a.company_id = $1 AND a.ticket_id = t.id
                                        AND (a.settled_at IS NULL OR a.settled_at > t.queue_at))
        OR t.escalation >= $14 AND NOT EXISTS (
            SELECT FROM agenda_item a WHERE a.company_id = $1 AND a.ticket_id = t.id
                                        AND (a.settled_at IS NULL OR a.settled_at > t.escalated_at))
        OR $4 AND t.severity = 'critical' AND NOT EXISTS (
            SELECT FROM agenda_item a WHERE a.company_id = $1 AND a.ticket_id = t.id))
    ORDER BY t.queue_at, t.id LIMIT cardinality($5::uuid[])
), repeated AS (
    SELECT c.* FROM unnest($7::uuid[], $8::date[], $9::text[], $10::uuid[], $11::text[], $12::uuid[], $13::text[])
        AS c (id, month, category, unit_id, place, item_id, title)
    WHERE NOT EXISTS (SELECT FROM agenda_item a WHERE a.company_id = $1 AND a.repeat_case_id = c.id)
), cases AS (
    INSERT INTO repeat_case (company_id, id, site_id, month, category, unit_id, place, created_at, updated_at)
    SELECT $1, id, $2, month, category, unit_id, place, $6, $6 FROM repeated
    ON CONFLICT (company_id, id) DO NOTHING
)
INSERT INTO agenda_item (company_id, id, site_id, reason, ticket_id, repeat_case_id, title, raised_at)
SELECT $1, i.id, $2, d.reason, d.id, NULL::uuid, d.title, $6
FROM due d JOIN unnest($5::uuid[]) WITH ORDINALITY i (id, n) ON i.n = d.n
UNION ALL SELECT $1, item_id, $2, 'repeat', NULL, id, title, $6 FROM repeated
ON CONFLICT DO NOTHING
"""
_RAISE = """
INSERT INTO agenda_item (company_id, id, site_id, reason, ticket_id, title, responsible_id, responsible_name, due_on,
                         raised_at, raised_by)
VALUES ($1, $2, $3, 'manual', $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (company_id, ticket_id) WHERE settled_at IS NULL AND ticket_id IS NOT NULL DO NOTHING
"""
_LOCK = f"""
SELECT {_ITEM.format(entry="a", responsible_id="a.responsible_id")}, n.id, n.created_at FROM agenda_item a {_FROM}
LEFT JOIN meeting n ON n.company_id = a.company_id AND n.site_id = a.site_id AND n.closed_at IS NULL
LEFT JOIN agenda_minute m ON m.company_id = a.company_id AND m.meeting_id = n.id AND m.agenda_item_id = a.id
WHERE a.company_id = $1 AND a.site_id = $2 AND a.id = $3 AND {_SEEN} FOR UPDATE OF a
"""  # noqa: S608
_CHANGE = """
WITH changed AS (
    UPDATE agenda_item SET responsible_id = $4, responsible_name = $5, due_on = $6, outcome = $7, settled_at = $8,
        version = version + 1
    WHERE company_id = $1 AND id = $3 RETURNING version
), minute AS (
    INSERT INTO agenda_minute AS m (company_id, meeting_id, agenda_item_id, site_id, minutes, responsible_name, due_on,
                                    outcome)
    SELECT $1, $9, $3, $2, $10, $5, $6, $7 WHERE $9::uuid IS NOT NULL
    ON CONFLICT (company_id, meeting_id, agenda_item_id) DO UPDATE SET minutes = excluded.minutes,
        responsible_name = excluded.responsible_name, due_on = excluded.due_on, outcome = excluded.outcome
)
SELECT version FROM changed
"""
_TICKET: Final = "SELECT true FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3"


class Held(msgspec.Struct, frozen=True):
    """An item held for a change, and the next meeting, if one is planned."""

    item: AgendaItem
    meeting_id: UUID | None
    meeting_planned_at: datetime | None


async def next_meeting(uow: UnitOfWork, site_id: UUID) -> Meeting | None:
    """The one meeting of the site that is not closed."""
    return await uow.fetch_one(Meeting, _NEXT, uow.company_id, site_id)


async def meeting(uow: UnitOfWork, site_id: UUID, meeting_id: UUID) -> Meeting | None:
    return await uow.fetch_one(Meeting, _GET, uow.company_id, site_id, meeting_id)


async def held(uow: UnitOfWork, site_id: UUID) -> list[Meeting]:
    """Meetings that are over, the latest first."""
    return await uow.fetch(Meeting, _HELD, uow.company_id, site_id, MOST_MEETINGS)


async def open_items(uow: UnitOfWork, site_id: UUID, meeting_id: UUID | None) -> list[AgendaItem]:
    return await uow.fetch(_item, _OPEN, uow.company_id, site_id, meeting_id, MOST_ITEMS)


async def dealt_with(uow: UnitOfWork, site_id: UUID, meeting_id: UUID) -> list[AgendaItem]:
    return await uow.fetch(_item, _DEALT_WITH, uow.company_id, site_id, meeting_id, MOST_ITEMS)


async def plan(uow: UnitOfWork, site_id: UUID, meeting_id: UUID, wanted: MeetingPlan, now: datetime) -> bool:
    """Insert the next meeting; False where one is planned already."""
    columns = (meeting_id, site_id, wanted.held_on, wanted.attendees, wanted.notes, now)
    return bool(await uow.execute(_PLAN, uow.company_id, *columns))


async def replan(uow: UnitOfWork, site_id: UUID, meeting_id: UUID, wanted: MeetingPlan, seen: int) -> int | None:
    version: int | None = await uow.value(
        _REPLAN, uow.company_id, site_id, meeting_id, wanted.held_on, wanted.attendees, wanted.notes, seen
    )
    return version


async def close(uow: UnitOfWork, site_id: UUID, meeting_id: UUID, by: str, seen: int, now: datetime) -> int | None:
    version: int | None = await uow.value(_CLOSE, uow.company_id, site_id, meeting_id, now, by, seen)
    return version


async def collect(
    uow: UnitOfWork,
    site_id: UUID,
    missed_by: datetime,
    critical: bool,
    escalated: int,
    groups: Sequence[tuple[UUID, RepeatGroup]],
    now: datetime,
) -> int:
    """Put tickets and repeated matters (their ids first) on the agenda; how many were not there yet."""
    return await uow.execute(
        _COLLECT,
        uow.company_id,
        site_id,
        missed_by,
        critical,
        [new_id() for _ in range(MOST_ITEMS)],
        now,
        [case_id for case_id, _ in groups],
        [group.month for _, group in groups],
        [group.category for _, group in groups],
        [group.unit_id for _, group in groups],
        ["" if group.unit_id else group.place for _, group in groups],
        [new_id() for _ in groups],
        [group.place for _, group in groups],
        escalated,
    )


async def raise_item(uow: UnitOfWork, columns: Sequence[Any]) -> bool:
    """Insert an item by hand, `columns` being $2 to $10; False where the ticket is on the agenda already."""
    return bool(await uow.execute(_RAISE, uow.company_id, *columns))


async def is_ticket_of(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> bool:
    return bool(await uow.value(_TICKET, uow.company_id, site_id, ticket_id))


async def lock_item(uow: UnitOfWork, site_id: UUID, item_id: UUID) -> Held | None:
    """The item, held until the transaction ends."""
    return await uow.fetch_one(
        lambda *columns: Held(_item(*columns[:-2]), *columns[-2:]), _LOCK, uow.company_id, site_id, item_id
    )


async def change_item(
    uow: UnitOfWork,
    site_id: UUID,
    item_id: UUID,
    change: ItemChange,
    responsible_name: str,
    settled_at: datetime | None,
    meeting_id: UUID | None,
) -> int:
    """Write the item, and what the meeting says of it; the new version."""
    version: int = await uow.value(
        _CHANGE,
        uow.company_id,
        site_id,
        item_id,
        change.responsible_id,
        responsible_name,
        change.due_on,
        change.outcome,
        settled_at,
        meeting_id,
        change.minutes,
    )
    return version


def _item(*columns: Any) -> AgendaItem:
    return AgendaItem(**dict(zip(AgendaItem.__struct_fields__, columns, strict=True)))
