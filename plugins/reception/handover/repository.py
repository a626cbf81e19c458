"""Every statement about handed-over shifts; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, new_id
from plugins.reception.handover.model import Handover, NewHandover, Sheet

_COLUMNS = ", ".join(Handover.__struct_fields__)
# What the plugin's own tables have open at $3: one round trip, and in the very statement that hands it over.
_DESK = """
jsonb_build_object(
    'calls', (SELECT count(*) FROM reception_call WHERE company_id = $1 AND site_id = $2 AND ended_at IS NULL),
    'messages', (SELECT coalesce(jsonb_agg(m), '[]') FROM (
        SELECT for_name || ' ← ' || caller_name AS title, matter AS detail, call_back_by AS at,
            coalesce(call_back_by <= $3, false) AS late
        FROM reception_message WHERE company_id = $1 AND site_id = $2 AND done_at IS NULL
        ORDER BY call_back_by NULLS LAST, taken_at LIMIT 200) m),
    'visitors', (SELECT coalesce(jsonb_agg(v), '[]') FROM (
        SELECT name AS title, concat_ws(' · ', place, nullif(badge, '')) AS detail, coalesce(admitted_at, at) AS at,
            coalesce(left_at IS NOT NULL, false) AS late
        FROM reception_visit WHERE company_id = $1 AND site_id = $2 AND arrived_at IS NOT NULL
            AND (badge_out OR (left_at IS NULL AND turned_away_at IS NULL AND cancelled_at IS NULL))
        ORDER BY 3 LIMIT 200) v))
"""
_SHEET = f"SELECT $4::jsonb || {_DESK}"
_HAND = f"""
INSERT INTO reception_handover (company_id, site_id, handed_at, sheet, id, handed_by, handed_by_name, keys, remarks)
SELECT $1, $2, $3, $4::jsonb || {_DESK}, $5, $6, $7, $8, $9 RETURNING {_COLUMNS}
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


async def sheet(uow: UnitOfWork, site_id: UUID, now: datetime, known: Sheet) -> Sheet:
    """`known` with what the desk has open."""
    return _decode(await uow.value(_SHEET, uow.company_id, site_id, now, _text(known)))


async def hand(
    uow: UnitOfWork, site_id: UUID, now: datetime, known: Sheet, by: tuple[UUID | None, str], new: NewHandover
) -> Handover:
    """Store the sheet as it is at this moment."""
    found = await uow.fetch_one(
        _handover, _HAND, uow.company_id, site_id, now, _text(known), new_id(), *by, new.keys, new.remarks
    )
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


def _text(known: Sheet) -> str:
    told = {"open_tickets": known.open_tickets, "due_soon": known.due_soon, "overdue": known.overdue}
    return msgspec.json.encode({**told, "callbacks": known.callbacks}).decode()
