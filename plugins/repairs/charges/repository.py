"""Every statement about charges and photos; each names the company, besides row level security."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Row, UnitOfWork
from plugins.repairs.orders.state import Consent, Line

_LINE = """
INSERT INTO repairs_line (company_id, ticket_id, site_id, price_id, id, code, name, kind, unit, price_fen,
    warranty_days, quantity, amount_fen, counters_id, note, at, by_name)
SELECT $1, $2, ({row} ->> 'site_id')::uuid, ({row} ->> 'price_id')::uuid, l.*
FROM jsonb_to_record({row} -> 'line') AS l (id uuid, code text, name text, kind text, unit text, price_fen bigint,
    warranty_days int, quantity bigint, amount_fen bigint, counters_id uuid, note text, at timestamptz, by_name text)
"""
_COUNTER = """
INSERT INTO repairs_line (company_id, ticket_id, site_id, price_id, id, code, name, kind, unit, price_fen,
    warranty_days, quantity, amount_fen, counters_id, note, at, by_name)
SELECT $1, $2, l.site_id, l.price_id, c.id, l.code, l.name, l.kind, l.unit, l.price_fen, l.warranty_days, -l.quantity,
    -l.amount_fen, l.id, c.note, c.at, c.by_name
FROM jsonb_to_record({row}) AS c (id uuid, counters_id uuid, note text, at timestamptz, by_name text)
JOIN repairs_line l ON l.company_id = $1 AND l.ticket_id = $2 AND l.id = c.counters_id
"""
_CONSENT = """
INSERT INTO repairs_consent (company_id, ticket_id, site_id, by_id, id, kind, amount_fen, how, resident_name,
    attachment_id, reason, at, by_name)
SELECT $1, $2, ({row} ->> 'site_id')::uuid, ({row} ->> 'by_id')::uuid, c.*
FROM jsonb_to_record({row} -> 'consent') AS c (id uuid, kind text, amount_fen bigint, how text, resident_name text,
    attachment_id uuid, reason text, at timestamptz, by_name text)
"""
_MARKED = """
INSERT INTO repairs_photo (company_id, id, ticket_id, moment)
SELECT $1, p.id, p.ticket_id, p.moment FROM jsonb_to_record({row}) AS p (id uuid, ticket_id uuid, moment text)
WHERE EXISTS (SELECT FROM provided)
"""
_MARK = """
INSERT INTO repairs_photo AS f (company_id, id, ticket_id, moment)
SELECT $1, a.id, a.ticket_id, $5 FROM ticket_attachment a JOIN ticket t ON t.company_id = $1 AND t.id = a.ticket_id
WHERE a.company_id = $1 AND t.site_id = $2 AND a.ticket_id = $3 AND a.id = $4 AND a.thumbnail IS NOT NULL
    AND a.signed_by IS NULL
ON CONFLICT (company_id, id) DO UPDATE SET moment = excluded.moment
"""


class _Line(msgspec.Struct, frozen=True):
    site_id: UUID
    price_id: UUID
    line: Line


class _Marked(msgspec.Struct, frozen=True):
    id: UUID
    ticket_id: UUID
    moment: str


class _Consent(msgspec.Struct, frozen=True):
    site_id: UUID
    by_id: UUID | None
    consent: Consent


def line(site_id: UUID, price_id: UUID, new: Line) -> Row:
    """Materials or labour, to be written with the ticket's note."""
    return Row(_LINE, _Line(site_id, price_id, new))


def counter(new: Line) -> Row:
    """The entry that takes back the line which it `counters_id`, to be written with the ticket's note."""
    return Row(_COUNTER, new)


def consent(site_id: UUID, said: Consent, by_id: UUID | None) -> Row:
    """An agreement or a waiver, to be written with the ticket's note."""
    return Row(_CONSENT, _Consent(site_id, by_id, said))


def marked(ticket_id: UUID, attachment_id: UUID, moment: str) -> Row:
    """Which moment a picture shows, to be written with the picture."""
    return Row(_MARKED, _Marked(attachment_id, ticket_id, moment))


async def mark(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, attachment_id: UUID, moment: str) -> bool:
    """Say which moment a picture shows; whether there is such a picture."""
    return bool(await uow.execute(_MARK, uow.company_id, site_id, ticket_id, attachment_id, moment))
