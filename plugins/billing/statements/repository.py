"""Statements (of SQL) about links to a household's account; each names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.statements.model import Asked, OpenCharge, Paid, Statement, Told

# Not more of them a unit and day than that, nor two within a minute.
_SEND: Final = """
INSERT INTO billing_statement (company_id, site_id, unit_id, party_id, id, sent_at, sent_by, sent_by_name, expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM (
    SELECT count(*) AS sent, max(sent_at) AS last FROM billing_statement
    WHERE company_id = $1 AND site_id = $2 AND unit_id = $3 AND sent_at > $10
) a WHERE sent < $11 AND (last IS NULL OR last <= $12)
"""
_SENT: Final = """
SELECT s.id, s.unit_id, s.party_id, p.name, s.sent_at, s.sent_by_name, s.expires_at, s.codes, s.tries, s.looks,
    s.looked_at
FROM billing_statement s JOIN party p ON p.company_id = s.company_id AND p.id = s.party_id
WHERE s.company_id = $1 AND s.site_id = $2 AND s.unit_id = $3 ORDER BY s.sent_at DESC, s.id DESC LIMIT 50
"""
_ASKED: Final = """
SELECT s.id, s.site_id, s.unit_id, u.label, s.party_id, p.name, s.expires_at, s.codes, s.tries, s.code_at, s.code_until
FROM billing_statement s
JOIN unit u ON u.company_id = s.company_id AND u.id = s.unit_id
JOIN party p ON p.company_id = s.company_id AND p.id = s.party_id
WHERE s.company_id = $1 AND s.id = $2 AND s.expires_at > $3 AND s.tries < $4
"""
_CODE: Final = """
UPDATE billing_statement SET code_hash = $4, code_at = $3, code_until = $5, codes = codes + 1
WHERE company_id = $1 AND id = $2 AND expires_at > $3 AND tries < $6 AND codes < $7
    AND (code_at IS NULL OR code_at <= $8)
"""
# A wrong try is counted as it is made; a code that was right is good no more.
_TRY: Final = """
WITH found AS (
    SELECT id, code_hash = $4 AND code_until > $3 AS good FROM billing_statement
    WHERE company_id = $1 AND id = $2 AND expires_at > $3 AND tries < $5 AND code_hash IS NOT NULL FOR UPDATE
)
UPDATE billing_statement s SET tries = s.tries + (NOT f.good)::int, looks = s.looks + f.good::int,
    looked_at = CASE WHEN f.good THEN $3 ELSE s.looked_at END,
    code_hash = CASE WHEN f.good THEN NULL ELSE s.code_hash END
FROM found f WHERE s.company_id = $1 AND s.id = f.id RETURNING f.good, s.tries
"""
_TOLD: Final = """
WITH sums AS (
    SELECT p.account, p.charge_id, p.item_id, sum(p.amount_fen)::bigint AS fen, min(e.posted_on) AS day
    FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.unit_id = $3 AND p.party_id = $4 AND p.account <> 'clearing'
    GROUP BY 1, 2, 3
)
SELECT coalesce((SELECT jsonb_agg(jsonb_build_array(i.title, c.first_day, c.last_day, coalesce(c.due_on, s.day),
        (SELECT -n.fen FROM sums n WHERE n.account = 'income' AND n.charge_id = s.charge_id), s.fen)
        ORDER BY coalesce(c.due_on, s.day), i.title)
    FROM sums s JOIN billing_item i ON i.company_id = $1 AND i.id = s.item_id
    LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = s.charge_id
    WHERE s.account = 'receivable' AND s.fen > 0), '[]')::text,
    coalesce((SELECT -sum(fen) FROM sums WHERE account = 'prepayment'), 0)::bigint,
    coalesce((SELECT -sum(fen) FROM sums WHERE account = 'deposit'), 0)::bigint
"""
_PAID: Final = """
SELECT e.posted_on, e.kind, p.means, p.amount_fen,
    EXISTS (SELECT FROM billing_entry r WHERE r.company_id = e.company_id AND r.reverses = e.id),
    coalesce((SELECT min(r.number) FROM billing_receipt_line l
        JOIN billing_receipt r ON r.company_id = l.company_id AND r.id = l.receipt_id
        WHERE l.company_id = e.company_id AND l.entry_id = coalesce(e.reverses, e.id)), '')
FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
WHERE p.company_id = $1 AND p.site_id = $2 AND p.unit_id = $3 AND p.party_id = $4 AND p.account = 'clearing'
    AND e.posted_on >= $5
ORDER BY e.id DESC LIMIT 200
"""
_charges = msgspec.json.Decoder(list[tuple[str, date | None, date | None, date, int, int]])


async def send(
    uow: UnitOfWork,
    site_id: UUID,
    unit_id: UUID,
    party_id: UUID,
    id: UUID,
    now: datetime,
    by: tuple[UUID | None, str],
    until: datetime,
    limits: tuple[datetime, int, datetime],
) -> bool:
    """Note a link that goes out. `limits`: since when they are counted, how many there may be, when the last one may
    have been. False: there are too many."""
    values = site_id, unit_id, party_id, id, now, *by, until, *limits
    return bool(await uow.execute(_SEND, uow.company_id, *values))


async def sent(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> list[Statement]:
    """The latest 50 links of a unit."""
    return await uow.fetch(Statement, _SENT, uow.company_id, site_id, unit_id)


async def asked(uow: UnitOfWork, id: UUID, now: datetime, tries: int) -> Asked | None:
    """What a link names; None once it is over."""
    return await uow.fetch_one(Asked, _ASKED, uow.company_id, id, now, tries)


async def code(
    uow: UnitOfWork, id: UUID, now: datetime, digest: bytes, until: datetime, limits: tuple[int, int, datetime]
) -> bool:
    """Note a code in the place of the one before. `limits`: wrong tries, codes, when the last one may have been."""
    return bool(await uow.execute(_CODE, uow.company_id, id, now, digest, until, *limits))


async def attempt(uow: UnitOfWork, id: UUID, now: datetime, digest: bytes, tries: int) -> tuple[bool, int] | None:
    """Whether that was the code, and how many wrong ones there were; None: no code is waited for."""
    found = await uow.fetch_one(lambda *row: row, _TRY, uow.company_id, id, now, digest, tries)
    return None if found is None else (found[0], found[1])


async def told(uow: UnitOfWork, site_id: UUID, unit_id: UUID, party_id: UUID, since: date) -> Told:
    """What a party owes for the unit, has prepaid and paid since."""
    row = await uow.fetch_one(lambda *row: row, _TOLD, uow.company_id, site_id, unit_id, party_id)
    assert row is not None  # it asks of one row
    charges = [OpenCharge(*each) for each in _charges.decode(row[0])]
    paid = await uow.fetch(Paid, _PAID, uow.company_id, site_id, unit_id, party_id, since)
    return Told(charges, sum(charge.open_fen for charge in charges), row[1], row[2], paid)
