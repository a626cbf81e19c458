"""Every statement about handed-over shifts; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import Site, UnitOfWork, Work, new_id
from plugins.reception.handover.model import Handover, NewHandover, Sheet

_ANSWERED = timedelta(days=1)  # letters are listed that are to be answered within it
_COLUMNS = ", ".join(Handover.__struct_fields__)
# What the plugin's own tables have open at $3: one round trip, and in the very statement that hands it over. Letters
# are those to be answered until $5.
_DESK = """
jsonb_build_object(
    'calls', (SELECT count(*) FROM reception_call WHERE company_id = $1 AND site_id = $2 AND ended_at IS NULL),
    'waiting', (SELECT count(*) FROM reception_turn
        WHERE company_id = $1 AND site_id = $2 AND day = $6 AND status = 'waiting'),
    'callbacks', (SELECT coalesce(jsonb_agg(c.line ORDER BY c.n), '[]')
        FROM jsonb_array_elements($4::jsonb -> 'callbacks') WITH ORDINALITY c (line, n)
        WHERE NOT EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = (c.line ->> 'ticket_id')::uuid
                          AND t.concerns_id IS NOT NULL)),
    'letters', (SELECT coalesce(jsonb_agg(l), '[]') FROM (
        SELECT r.number AS title, concat_ws(' · ', r.sender_name, r.subject, nullif(t.assignee_name, '')) AS detail,
            g.due_at AS at, g.due_at <= $3 AS late, r.ticket_id
        FROM reception_letter r JOIN ticket t ON t.company_id = r.company_id AND t.id = r.ticket_id
            JOIN ticket_goal g ON g.company_id = r.company_id AND g.ticket_id = r.ticket_id
        WHERE r.company_id = $1 AND r.site_id = $2 AND t.answered_at IS NULL AND t.concerns_id IS NULL
            AND g.name = 'written_answer' AND NOT g.ended AND g.due_at <= $5
        ORDER BY g.due_at LIMIT 200) l),
    'messages', (SELECT coalesce(jsonb_agg(m), '[]') FROM (
        SELECT for_name || ' ← ' || caller_name AS title, matter AS detail, call_back_by AS at,
            coalesce(call_back_by <= $3, false) AS late
        FROM reception_message WHERE company_id = $1 AND site_id = $2 AND done_at IS NULL
        ORDER BY call_back_by NULLS LAST, taken_at LIMIT 200) m),
    'visitors', (SELECT coalesce(jsonb_agg(v), '[]') FROM (
        SELECT name AS title, concat_ws(' · ', place, nullif(badge, ''), nullif(plate, '')) AS detail,
            coalesce(admitted_at, at) AS at
        FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND arrived_at IS NOT NULL
            AND left_at IS NULL AND turned_away_at IS NULL AND cancelled_at IS NULL
        ORDER BY 3 LIMIT 200) v),
    'badges', (SELECT coalesce(jsonb_agg(b), '[]') FROM (
        SELECT badge AS title, concat_ws(' · ', name, place) AS detail, left_at AS at, badge_lost_at IS NOT NULL AS late
        FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND badge_out AND left_at IS NOT NULL
        ORDER BY 3 LIMIT 200) b))
"""
_SHEET = f"SELECT $4::jsonb || {_DESK}"
_HAND = f"""
INSERT INTO reception_handover (company_id, site_id, handed_at, sheet, id, handed_by, handed_by_name, keys, remarks)
SELECT $1, $2, $3, $4::jsonb || {_DESK}, $7, $8, $9, $10, $11 RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM reception_handover WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_LATEST = f"""
SELECT {_COLUMNS} FROM reception_handover WHERE company_id = $1 AND site_id = $2 ORDER BY handed_at DESC LIMIT $3
"""  # noqa: S608
_ACCEPT = f"""
UPDATE reception_handover SET accepted_at = $4, accepted_by = $5, accepted_by_name = $6, note = $7
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND accepted_at IS NULL RETURNING {_COLUMNS}
"""  # noqa: S608
_decode = msgspec.json.Decoder(Sheet).decode


def _handover(*row: Any) -> Handover:
    named = dict(zip(Handover.__struct_fields__, row, strict=True))
    return Handover(**{**named, "sheet": _decode(named["sheet"])})


async def sheet(work: Work, site: Site, known: Sheet) -> Sheet:
    """`known` with what the desk has open."""
    return _decode(await work.uow.value(_SHEET, *_moment(work, site, known)))


async def hand(work: Work, site: Site, known: Sheet, by: tuple[UUID | None, str], new: NewHandover) -> Handover:
    """Store the sheet as it is at this moment."""
    moment = _moment(work, site, known)
    found = await work.uow.fetch_one(_handover, _HAND, *moment, new_id(), *by, new.keys, new.remarks)
    assert found is not None
    return found


async def get(uow: UnitOfWork, site_id: UUID, handover_id: UUID) -> Handover | None:
    return await uow.fetch_one(_handover, _GET, uow.company_id, site_id, handover_id)


async def latest(uow: UnitOfWork, site_id: UUID, most: int) -> list[Handover]:
    """The latest first."""
    return await uow.fetch(_handover, _LATEST, uow.company_id, site_id, most)


async def accept(
    uow: UnitOfWork, site_id: UUID, handover_id: UUID, now: datetime, by: tuple[UUID, str], note: str
) -> Handover | None:
    """None: somebody has accepted it."""
    return await uow.fetch_one(_handover, _ACCEPT, uow.company_id, site_id, handover_id, now, *by, note)


def _moment(work: Work, site: Site, known: Sheet) -> tuple[object, ...]:
    """$1 to $6."""
    return work.ctx.company_id, site.id, work.now, _text(known), work.now + _ANSWERED, site.today(work.now)


def _text(known: Sheet) -> str:
    told = {"open_tickets": known.open_tickets, "due_soon": known.due_soon, "overdue": known.overdue}
    return msgspec.json.encode({**told, "callbacks": known.callbacks}).decode()
