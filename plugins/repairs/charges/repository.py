"""Every statement about charges and photos; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.sdk import UnitOfWork, new_id
from plugins.repairs.orders.state import Consent, Line

_COUNTER = """
INSERT INTO repairs_line (company_id, id, site_id, ticket_id, price_id, code, name, kind, unit, price_fen,
    warranty_days, quantity, amount_fen, counters_id, note, at, by_name)
SELECT $1, $5, site_id, ticket_id, price_id, code, name, kind, unit, price_fen, warranty_days, -quantity, -amount_fen,
    id, $6, $7, $8
FROM repairs_line WHERE company_id = $1 AND site_id = $2 AND ticket_id = $3 AND id = $4 AND counters_id IS NULL
ON CONFLICT DO NOTHING RETURNING name
"""
_ADD = """
INSERT INTO repairs_line (company_id, id, site_id, ticket_id, price_id, code, name, kind, unit, price_fen,
    warranty_days, quantity, amount_fen, note, at, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
_CONSENT = """
INSERT INTO repairs_consent (company_id, id, site_id, ticket_id, kind, amount_fen, how, resident_name, attachment_id,
    reason, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_MARK = """
INSERT INTO repairs_photo AS f (company_id, id, ticket_id, moment)
SELECT $1, a.id, a.ticket_id, $5 FROM ticket_attachment a JOIN ticket t ON t.company_id = $1 AND t.id = a.ticket_id
WHERE a.company_id = $1 AND t.site_id = $2 AND a.ticket_id = $3 AND a.id = $4 AND a.thumbnail IS NOT NULL
    AND a.signed_by IS NULL
ON CONFLICT (company_id, id) DO UPDATE SET moment = excluded.moment
"""


async def add(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, price_id: UUID, line: Line) -> None:
    """Append materials or labour."""
    await uow.execute(
        _ADD,
        uow.company_id,
        line.id,
        site_id,
        ticket_id,
        price_id,
        line.code,
        line.name,
        line.kind,
        line.unit,
        line.price_fen,
        line.warranty_days,
        line.quantity,
        line.amount_fen,
        line.note,
        line.at,
        line.by_name,
    )


async def counter(
    uow: UnitOfWork, site_id: UUID, ticket_id: UUID, line_id: UUID, note: str, now: datetime, by_name: str
) -> str | None:
    """Append the entry that takes a line back; what it was, None for one that is not there or is taken back already."""
    name: str | None = await uow.value(
        _COUNTER, uow.company_id, site_id, ticket_id, line_id, new_id(), note, now, by_name
    )
    return name


async def consent(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, said: Consent, by_id: UUID | None) -> None:
    """Append an agreement or a waiver."""
    await uow.execute(
        _CONSENT,
        uow.company_id,
        said.id,
        site_id,
        ticket_id,
        said.kind,
        said.amount_fen,
        said.how,
        said.resident_name,
        said.attachment_id,
        said.reason,
        said.at,
        by_id,
        said.by_name,
    )


async def mark(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, attachment_id: UUID, moment: str) -> bool:
    """Say which moment a picture shows; whether there is such a picture."""
    return bool(await uow.execute(_MARK, uow.company_id, site_id, ticket_id, attachment_id, moment))
