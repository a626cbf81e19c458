"""Every statement about damages; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.amounts.damages import Payment
from plugins.billing.amounts.spans import Span
from plugins.billing.arrears.damages.model import OpenDamages

# Charges of the items that bear damages, overdue or paid late: what was paid when, on which days it was disputed, what
# was charged of it so far. A payment that was undone was none. Beside them, rows of their own, damages that are open.
_FACTS = """
SELECT o.unit_id, i.code = $5, o.charge_id, i.title, o.party_id, o.due_on, o.charged_fen, o.open_fen,
    coalesce((SELECT jsonb_agg(jsonb_build_object('on', e.posted_on, 'fen', -g.amount_fen)) FROM billing_posting g
        JOIN billing_entry e ON e.company_id = $1 AND e.id = g.entry_id
        WHERE g.company_id = $1 AND g.charge_id = o.charge_id AND g.account = 'receivable'
            AND e.kind IN ('payment', 'allocation')
            AND NOT EXISTS (SELECT FROM billing_entry r WHERE r.company_id = $1 AND r.reverses = e.id)), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_object('from', d.opened_on, 'to', d.settled_on)) FROM billing_dispute d
        WHERE d.company_id = $1 AND d.unit_id = o.unit_id AND (d.item_id IS NULL OR d.item_id = o.item_id)),
        '[]')::text,
    coalesce((SELECT sum(m.amount_fen) FROM billing_damages m
        WHERE m.company_id = $1 AND m.principal_id = o.charge_id), 0)::bigint
FROM billing_owed o JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = ANY ($3) AND o.charged_fen > 0
    AND ((i.code = ANY ($4) AND i.collected_for = '' AND o.due_on < $6) OR (i.code = $5 AND o.open_fen > 0))
ORDER BY o.unit_id, i.code, o.due_on, o.charge_id
"""
# Households with something late, or paid late, that was not charged today already, in the order of the roll.
_ACCRUING = """
SELECT u.id, u.label, u.sort_key FROM unit u
WHERE u.company_id = $1 AND u.site_id = $2 AND (u.sort_key, u.id) > ($5, $6) AND EXISTS (
    SELECT FROM billing_owed o JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
    WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = u.id AND o.charged_fen > 0 AND o.due_on < $4
        AND i.code = ANY ($3) AND i.collected_for = ''
        AND NOT EXISTS (SELECT FROM billing_damages m
            WHERE m.company_id = $1 AND m.principal_id = o.charge_id AND m.until = $4)
        AND (o.open_fen > 0 OR EXISTS (SELECT FROM billing_posting g
            JOIN billing_entry e ON e.company_id = $1 AND e.id = g.entry_id
            WHERE g.company_id = $1 AND g.charge_id = o.charge_id AND g.account = 'receivable'
                AND e.kind IN ('payment', 'allocation') AND e.posted_on > o.due_on)))
ORDER BY u.sort_key, u.id LIMIT $7
"""
_ITEM = "SELECT id FROM billing_item WHERE company_id = $1 AND site_id = $2 AND code = $3"
_ADD = """
INSERT INTO billing_damages (company_id, site_id, until, at, by_id, by_name, id, unit_id, principal_id, amount_fen)
SELECT $1, $2, $3, $4, $5, $6, s.* FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[]) s
"""
_LABEL = "SELECT label FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $3"
_payments = msgspec.json.Decoder(tuple[Payment, ...]).decode
_spans = msgspec.json.Decoder(tuple[Span, ...]).decode


class Principal(msgspec.Struct, frozen=True):
    """A charge on which damages may have accrued."""

    charge_id: UUID
    item: str
    party_id: UUID
    due_on: date
    charged_fen: int
    open_fen: int
    payments: tuple[Payment, ...]
    disputed: tuple[Span, ...]
    billed_fen: int


async def facts(
    uow: UnitOfWork, site_id: UUID, units: Collection[UUID], codes: Sequence[str], charged_by: str, today: date
) -> dict[UUID, tuple[list[Principal], list[OpenDamages]]]:
    """By unit: charges that bear damages, and damages that are open."""
    found: dict[UUID, tuple[list[Principal], list[OpenDamages]]] = {}
    for unit_id, own, charge_id, item, party_id, due_on, charged, left, paid, disputed, billed in await uow.fetch(
        _row, _FACTS, uow.company_id, site_id, list(units), list(codes), charged_by, today
    ):
        principals, opened = found.setdefault(unit_id, ([], []))
        if own:
            opened.append(OpenDamages(charge_id, left))
        else:
            of = charge_id, item, party_id, due_on, charged, left
            principals.append(Principal(*of, _payments(paid), _spans(disputed), billed))
    return found


async def accruing(
    uow: UnitOfWork, site_id: UUID, codes: Sequence[str], today: date, after: tuple[str, UUID], most: int
) -> list[tuple[UUID, str, str]]:
    """Households whose damages may not have been charged to the full: unit, label, place in the roll."""
    given = site_id, list(codes), today, *after, most
    return await uow.fetch(lambda *row: (row[0], row[1], row[2]), _ACCRUING, uow.company_id, *given)


async def item_of(uow: UnitOfWork, site_id: UUID, code: str) -> UUID | None:
    """The item of that code."""
    found: UUID | None = await uow.value(_ITEM, uow.company_id, site_id, code)
    return found


async def label(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> str | None:
    """The unit's; None: there is none here."""
    found: str | None = await uow.value(_LABEL, uow.company_id, site_id, unit_id)
    return found


async def add(
    uow: UnitOfWork,
    site_id: UUID,
    until: date,
    at: datetime,
    by: tuple[UUID | None, str],
    rows: Sequence[tuple[UUID, UUID, UUID, int]],
) -> None:
    """Record charges of damages: id, unit, principal, amount."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await uow.execute(_ADD, uow.company_id, site_id, until, at, *by, *columns)


def _row(*row: Any) -> tuple[Any, ...]:
    return row
