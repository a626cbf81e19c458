"""The statement that reads a technician's orders; it names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import TimelineEntry, UnitOfWork
from plugins.repairs.kinds import ORDER
from plugins.repairs.mobile.model import Picture
from plugins.repairs.orders.state import OF_EACH, State

KINDS = [ORDER, "repair"]  # `repair` is what a site had before it had work orders
_ORDERS = """
SELECT coalesce(jsonb_agg(to_jsonb(o) || jsonb_build_object('state', CASE o.type WHEN $7 THEN (/* state */)::jsonb END)
                          ORDER BY o.visit_at NULLS LAST, o.due_at NULLS LAST, o.created_at), '[]')::text
FROM (
    SELECT t.id, t.site_id, t.number, t.version, t.type, t.status, t.stage, t.severity, t.place,
        coalesce(t.fields ->> 'spot', '') AS spot, coalesce(t.fields ->> 'item', '') AS item,
        t.description AS matter, t.reporter_name AS reporter, t.reporter_phone <> '' AS has_phone,
        t.convenient_time AS convenient, t.due_at, t.created_at,
        (SELECT min(v.starts_at) FROM repairs_visit v WHERE v.company_id = $1 AND v.ticket_id = t.id
             AND v.cancelled_at IS NULL AND v.arrived_at IS NULL) AS visit_at,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'moment', coalesce(f.moment, ''))
                                   ORDER BY a.id), '[]')
         FROM ticket_attachment a LEFT JOIN repairs_photo f ON f.company_id = a.company_id AND f.id = a.id
         WHERE a.company_id = $1 AND a.ticket_id = t.id AND a.thumbnail IS NOT NULL
             AND a.signed_by IS NULL) AS pictures,
        coalesce((SELECT a.signed_by FROM ticket_attachment a WHERE a.company_id = $1 AND a.ticket_id = t.id
                  AND a.signed_by IS NOT NULL ORDER BY a.id DESC LIMIT 1), '') AS signed_by,
        (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.seq DESC), '[]') FROM (
             SELECT seq, at, kind, actor_kind, actor_name, text, details FROM ticket_event
             WHERE company_id = $1 AND ticket_id = t.id ORDER BY seq DESC LIMIT 20) e) AS history
    FROM ticket t
    WHERE t.company_id = $1 AND t.site_id = $2 AND t.assignee_id = $3 AND t.type = ANY ($4)
        AND ($5::uuid IS NULL OR t.id = $5)
        AND (t.status IN ('new', 'accepted', 'arrived', 'paused') OR $5 IS NOT NULL
             OR (t.status = 'resolved' AND t.updated_at > $6::timestamptz - interval '1 day'))
    ORDER BY t.due_at NULLS LAST LIMIT 60
) o
"""
_PHONE = """
SELECT reporter_phone FROM ticket
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND assignee_id = $4 AND type = ANY ($5)
"""


class Row(msgspec.Struct, frozen=True):
    """An order as the database has it; `state` of work orders alone."""

    id: UUID
    number: str
    version: int
    type: str
    status: str
    stage: str
    severity: str
    place: str
    spot: str
    item: str
    created_at: datetime
    matter: str
    reporter: str
    has_phone: bool
    convenient: str
    due_at: datetime | None
    visit_at: datetime | None
    pictures: tuple[Picture, ...]
    signed_by: str
    history: tuple[TimelineEntry, ...]
    state: State | None


_decode = msgspec.json.Decoder(list[Row]).decode


async def orders(
    uow: UnitOfWork, site_id: UUID, member_id: UUID, now: datetime, ticket_id: UUID | None = None
) -> list[Row]:
    """The member's open orders and those done within a day; the next visit first. Only one with `ticket_id`."""
    text = await uow.value(
        _ORDERS.replace("/* state */", OF_EACH), uow.company_id, site_id, member_id, KINDS, ticket_id, now, ORDER
    )
    return _decode(text)


async def phone(uow: UnitOfWork, site_id: UUID, member_id: UUID, ticket_id: UUID) -> str | None:
    """Whom to call about an order of the member's own; None if it is not."""
    found = await uow.value(_PHONE, uow.company_id, site_id, ticket_id, member_id, KINDS)
    return None if found is None else str(found)
