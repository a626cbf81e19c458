"""Statements about refunds; each names the company, besides row level security."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.billing.counter.model import NewRefund, Refund

_COLUMNS: Final = """r.id, r.unit_id, u.label, r.party_id, p.name, r.amount_fen, r.reason, r.status,
    r.approved_at, r.approved_by_name, r.paid_at, r.paid_by_name, r.means"""
_FROM: Final = """
JOIN unit u ON u.company_id = r.company_id AND u.id = r.unit_id
JOIN party p ON p.company_id = r.company_id AND p.id = r.party_id
"""
_KNOWN = "SELECT EXISTS (SELECT FROM billing_refund WHERE company_id = $1 AND site_id = $2 AND id = $3)"
_PAGE = f"""
SELECT {_COLUMNS} FROM billing_refund r {_FROM} WHERE r.company_id = $1 AND r.site_id = $2
    AND ($3::text IS NULL OR (r.approved_at, r.id) < ($3::text::timestamptz, $4::uuid))
ORDER BY r.approved_at DESC, r.id DESC LIMIT $5
"""  # noqa: S608
# What is prepaid there, less what others have been promised already.
_LEFT = """
SELECT u.label, -coalesce((SELECT sum(amount_fen) FROM billing_posting WHERE company_id = $1 AND site_id = $2
        AND unit_id = $3 AND party_id = $4 AND account = 'prepayment'), 0)::bigint
    - coalesce((SELECT sum(amount_fen) FROM billing_refund WHERE company_id = $1 AND site_id = $2
        AND unit_id = $3 AND party_id = $4 AND status = 'approved'), 0)::bigint
FROM unit u JOIN party p ON p.company_id = u.company_id AND p.site_id = u.site_id AND p.id = $4
WHERE u.company_id = $1 AND u.site_id = $2 AND u.id = $3
"""
_ADD = """
INSERT INTO billing_refund
    (company_id, site_id, id, unit_id, party_id, amount_fen, reason, approved_at, approved_by, approved_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# Whoever pays has the account alone from here on (ledger.repository): what was paid once is seen as paid.
_PAY = f"""
WITH r AS (
    UPDATE billing_refund SET paid_at = $4, paid_by = $5, paid_by_name = $6, means = $7
    WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status = 'approved' RETURNING *
)
SELECT {_COLUMNS}, pg_advisory_xact_lock_shared(billing_turn($2))::text,
    pg_advisory_xact_lock(billing_turn(r.unit_id))::text
FROM r {_FROM}
"""  # noqa: S608
_By = tuple[UUID | None, str]


async def known(uow: UnitOfWork, site_id: UUID, refund_id: UUID) -> bool:
    return bool(await uow.value(_KNOWN, uow.company_id, site_id, refund_id))


async def page(uow: UnitOfWork, site_id: UUID, after: tuple[str | None, UUID | None], limit: int) -> list[Refund]:
    return await uow.fetch(Refund, _PAGE, uow.company_id, site_id, *after, limit)


async def left(uow: UnitOfWork, site_id: UUID, unit_id: UUID, party_id: UUID) -> tuple[str, int] | None:
    """The unit's label, and what of the party's prepaid money there was not promised yet, in fen; None: there is no
    such unit or party."""
    return await uow.fetch_one(lambda *row: (row[0], row[1]), _LEFT, uow.company_id, site_id, unit_id, party_id)


async def add(uow: UnitOfWork, site_id: UUID, id: UUID, new: NewRefund, at: datetime, by: _By) -> None:
    what = new.unit_id, new.party_id, new.amount_fen, new.reason
    await uow.execute(_ADD, uow.company_id, site_id, id, *what, at, *by)


async def pay(uow: UnitOfWork, site_id: UUID, refund_id: UUID, at: datetime, by: _By, means: str) -> Refund | None:
    """The refund, whose account is held; None: there is none that waits to be paid."""
    paid = refund_id, at, *by, means
    return await uow.fetch_one(lambda *row: Refund(*row[:-2]), _PAY, uow.company_id, site_id, *paid)
