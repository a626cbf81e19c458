"""Statements about receipts and their invoices; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.counter.model import (
    Invoice,
    MeansSum,
    OnPaper,
    OtherUnit,
    Person,
    Receipt,
    ReceiptDetail,
    ReceiptLine,
    Wanted,
)
from plugins.billing.ledger.repository import Beside

_RECEIPT = ", ".join(f"r.{name}" for name in Receipt.__struct_fields__)
_INVOICE = ", ".join(Invoice.__struct_fields__)
# Beside the entries (ledger.repository.Beside): the number is the year's next, and of nobody else's. What was collected
# at home uses up a printed number, and ends its visit.
_ISSUE: Final = f"""
v AS (
    SELECT * FROM jsonb_to_record({{row}}) v (id uuid, series_id uuid, year smallint, party_id uuid, payer_name text,
        agent_name text, agent_relation text, means text, reference text, amount_fen bigint, rounded_fen bigint,
        given_fen bigint, remark text, lines jsonb, paper jsonb)
), numbered AS (
    INSERT INTO billing_series AS s (company_id, id, site_id, year, last)
    SELECT $1, v.series_id, $2, v.year, 1 FROM v
    ON CONFLICT (company_id, site_id, year) DO UPDATE SET last = s.last + 1 RETURNING last
), r AS (
    INSERT INTO billing_receipt (company_id, site_id, id, number, party_id, payer_name, agent_name, agent_relation,
        means, reference, amount_fen, rounded_fen, given_fen, remark, at, by_id, by_name, paper_number, collected_on)
    SELECT $1, $2, v.id, 'SJ-' || v.year || '-' || lpad(n.last::text, greatest(6, length(n.last::text)), '0'),
        v.party_id, v.payer_name, v.agent_name, v.agent_relation, v.means, v.reference, v.amount_fen, v.rounded_fen,
        v.given_fen, v.remark, $4, $5, $6, coalesce(v.paper ->> 'label', ''), (v.paper ->> 'collected_on')::date
    FROM v, numbered n RETURNING *
), paper AS (
    INSERT INTO billing_paper (company_id, site_id, book_id, number, fate, receipt_id, at, by_id, by_name)
    SELECT $1, $2, (v.paper ->> 'book_id')::uuid, (v.paper ->> 'number')::int, 'used', v.id, $4, $5, $6
    FROM v WHERE v.paper ->> 'book_id' IS NOT NULL
), visit AS (
    UPDATE billing_visit b SET outcome = 'paid', receipt_id = v.id, settled_at = $4, settled_by = $5,
        settled_by_name = $6, version = b.version + 1
    FROM v WHERE b.company_id = $1 AND b.site_id = $2 AND b.id = (v.paper ->> 'visit_id')::uuid
), l AS (
    INSERT INTO billing_receipt_line (company_id, site_id, receipt_id, line, entry_id, kind, unit_id, item_id, item,
        first_day, last_day, amount_fen)
    SELECT $1, $2, v.id, l.line, l.entry_id, l.kind, l.unit_id, l.item_id, coalesce(i.title, ''), c.first_day,
        c.last_day, l.amount_fen
    FROM v, jsonb_to_recordset(v.lines) l (line integer, entry_id uuid, kind text, unit_id uuid, item_id uuid,
        charge_id uuid, amount_fen bigint)
    LEFT JOIN billing_item i ON i.company_id = $1 AND i.id = l.item_id
    LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = l.charge_id
    RETURNING *
), told AS (
    SELECT jsonb_build_array(jsonb_build_array({_RECEIPT}), (SELECT jsonb_agg(jsonb_build_array(l.entry_id, l.kind,
        l.unit_id, u.label, l.item_id, l.item, l.first_day, l.last_day, l.amount_fen) ORDER BY l.line)
        FROM l JOIN unit u ON u.company_id = l.company_id AND u.id = l.unit_id))::text AS told
    FROM r
)"""  # noqa: S608
# An invoice that is out stands against it: the tax office has it. So do months that are free with it, once they are
# billed; those that are not are not free any more.
_VOID: Final = f"""
v AS (
    SELECT * FROM jsonb_to_record({{row}}) v (id uuid, version integer, reason text)
), billed AS (
    SELECT d.id FROM v JOIN billing_discount d ON d.company_id = $1 AND d.receipt_id = v.id
    WHERE EXISTS (SELECT FROM billing_charge c WHERE c.company_id = $1 AND c.unit_id = d.unit_id
        AND c.item_id = d.item_id AND c.run_id IS NOT NULL AND c.first_day <= d.until AND c.last_day >= d.since)
), invoiced AS (
    SELECT i.id FROM v JOIN billing_invoice i ON i.company_id = $1 AND i.receipt_id = v.id AND i.status = 'issued'
), r AS (
    UPDATE billing_receipt b SET voided_at = $4, voided_by = $5, voided_by_name = $6, voided_reason = v.reason,
        version = b.version + 1
    FROM v WHERE b.company_id = $1 AND b.site_id = $2 AND b.id = v.id AND b.version = v.version
        AND NOT EXISTS (SELECT FROM invoiced) AND NOT EXISTS (SELECT FROM billed)
    RETURNING b.*
), back AS (
    UPDATE billing_discount d SET until = d.since - 1, version = d.version + 1
    FROM r WHERE d.company_id = $1 AND d.receipt_id = r.id AND d.until >= d.since RETURNING d.id
), told AS (
    SELECT coalesce(
        (SELECT jsonb_build_array(jsonb_build_array({_RECEIPT}), (SELECT id FROM back)) FROM r)::text, CASE
        WHEN EXISTS (SELECT FROM invoiced) THEN 'invoiced'
        WHEN EXISTS (SELECT FROM billed) THEN 'free' ELSE 'changed' END) AS told
    FROM v
)"""  # noqa: S608
_LINES = """
SELECT jsonb_agg(jsonb_build_array(l.entry_id, l.kind, l.unit_id, u.label, l.item_id, l.item, l.first_day, l.last_day,
    l.amount_fen) ORDER BY l.line)::text
FROM billing_receipt_line l JOIN unit u ON u.company_id = l.company_id AND u.id = l.unit_id
WHERE l.company_id = r.company_id AND l.receipt_id = r.id
"""
_DETAIL = f"""
SELECT ({_LINES}), (SELECT jsonb_build_array({_INVOICE}) FROM billing_invoice i
    WHERE i.company_id = r.company_id AND i.receipt_id = r.id)::text, {_RECEIPT}
FROM billing_receipt r WHERE r.company_id = $1 AND r.site_id = $2
"""  # noqa: S608
_GET = f"{_DETAIL} AND r.id = $3"
_OF_ENTRY = f"""{_DETAIL} AND r.id =
    (SELECT receipt_id FROM billing_receipt_line WHERE company_id = $1 AND entry_id = $3 LIMIT 1)
"""  # noqa: S608
_WHICH = """
FROM billing_receipt r WHERE r.company_id = $1 AND r.site_id = $2
    AND ($3::timestamptz IS NULL OR r.at >= $3) AND ($4::timestamptz IS NULL OR r.at < $4)
    AND ($5::uuid IS NULL OR r.by_id = $5) AND ($6::text IS NULL OR r.means = $6)
    AND ($7::text IS NULL OR r.status = $7)
    AND ($8::text IS NULL OR r.number ILIKE $8 OR r.payer_name ILIKE $8 OR r.agent_name ILIKE $8)
    AND ($9::text IS NULL OR EXISTS (SELECT FROM billing_invoice i
        WHERE i.company_id = r.company_id AND i.receipt_id = r.id AND i.status = $9))
"""
_PAGE = f"""
SELECT {_RECEIPT} {_WHICH} AND ($10::text IS NULL OR (r.at, r.id) < ($10::text::timestamptz, $11::uuid))
ORDER BY r.at DESC, r.id DESC LIMIT $12
"""
_SUMS = f"""
SELECT r.means, count(*), sum(r.amount_fen)::bigint {_WHICH} AND r.status = 'valid' GROUP BY r.means ORDER BY r.means
"""
_CASHIERS = """
SELECT by_id, max(by_name) FROM billing_receipt
WHERE company_id = $1 AND site_id = $2 AND at >= $3 AND by_id IS NOT NULL GROUP BY by_id ORDER BY 2 LIMIT 100
"""
_PRINT = f"""
UPDATE billing_receipt r SET prints = prints + 1 WHERE company_id = $1 AND site_id = $2 AND id = $3 RETURNING {_RECEIPT}
"""  # noqa: S608
_ASK = f"""
INSERT INTO billing_invoice (company_id, site_id, receipt_id, id, title, tax_number, asked_at, asked_by, asked_by_name)
SELECT $1, $2, r.id, $4, $5, $6, $7, $8, $9 FROM billing_receipt r
WHERE r.company_id = $1 AND r.site_id = $2 AND r.id = $3 AND r.status = 'valid'
ON CONFLICT (company_id, receipt_id) DO UPDATE SET title = excluded.title, tax_number = excluded.tax_number,
    version = billing_invoice.version + 1
    WHERE billing_invoice.status = 'asked'
RETURNING {_INVOICE}
"""  # noqa: S608
_INVOICED = f"""
UPDATE billing_invoice SET number = $5, issued_at = $6, issued_by = $7, issued_by_name = $8, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND receipt_id = $3 AND version = $4 AND status = 'asked'
    AND EXISTS (SELECT FROM billing_receipt r
        WHERE r.company_id = $1 AND r.id = billing_invoice.receipt_id AND r.status = 'valid')
RETURNING {_INVOICE}
"""  # noqa: S608
_HOUSEHOLD = """
WITH present AS (
    SELECT o.party_id, p.name, o.role, o.id FROM occupancy o
    JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
    WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = $3
        AND (o.starts_on IS NULL OR o.starts_on <= $4) AND (o.ends_on IS NULL OR o.ends_on >= $4)
)
SELECT coalesce((SELECT jsonb_agg(jsonb_build_array(party_id, name, role) ORDER BY role <> 'owner', id) FROM present),
        '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(party_id, id, label) ORDER BY sort_key, id) FROM (
        SELECT DISTINCT h.party_id, u.id, u.label, u.sort_key FROM present h
        JOIN occupancy o ON o.company_id = $1 AND o.party_id = h.party_id AND o.site_id = $2 AND o.unit_id <> $3
            AND (o.starts_on IS NULL OR o.starts_on <= $4) AND (o.ends_on IS NULL OR o.ends_on >= $4)
        JOIN unit u ON u.company_id = $1 AND u.id = o.unit_id
        ORDER BY u.sort_key, u.id LIMIT 50) others), '[]')::text
"""
_people = msgspec.json.Decoder(list[tuple[UUID, str, str]])
_units = msgspec.json.Decoder(list[tuple[UUID, UUID, str]])


class NewLine(msgspec.Struct, frozen=True):
    """A line as it is written: what a posting of an entry was for."""

    line: int
    entry_id: UUID
    kind: str
    unit_id: UUID
    item_id: UUID | None
    charge_id: UUID | None
    amount_fen: int


class NewReceipt(msgspec.Struct, frozen=True):
    """A receipt as it is written, beside its entries."""

    id: UUID
    series_id: UUID
    year: int
    party_id: UUID
    payer_name: str
    agent_name: str
    agent_relation: str
    means: str
    reference: str
    amount_fen: int
    rounded_fen: int
    given_fen: int | None
    remark: str
    lines: list[NewLine]
    paper: OnPaper | None = None


class _Voided(msgspec.Struct, frozen=True):
    id: UUID
    version: int
    reason: str


def issued(new: NewReceipt) -> Beside:
    """What writes a receipt; it tells what `read_issued` reads."""
    return Beside(_ISSUE, new)


def read_issued(told: str) -> ReceiptDetail:
    """The receipt that was written."""
    head, lines = msgspec.json.decode(told)
    receipt = _receipt(head)
    return ReceiptDetail(receipt.id, receipt, _lines(lines))


def voided(receipt_id: UUID, version: int, reason: str) -> Beside:
    """What voids a receipt of that version; it tells what `read_voided` reads, or `invoiced`, `free` or `changed` where
    it does not."""
    return Beside(_VOID, _Voided(receipt_id, version, reason))


def read_voided(told: str) -> tuple[Receipt, UUID | None]:
    """The receipt that was voided, and the discount that ended with it."""
    head, discount_id = msgspec.json.decode(told)
    return _receipt(head), None if discount_id is None else UUID(discount_id)


async def get(uow: UnitOfWork, site_id: UUID, receipt_id: UUID) -> ReceiptDetail | None:
    return await uow.fetch_one(_detail, _GET, uow.company_id, site_id, receipt_id)


async def of_entry(uow: UnitOfWork, site_id: UUID, entry_id: UUID) -> ReceiptDetail | None:
    """The receipt that an entry was posted with."""
    return await uow.fetch_one(_detail, _OF_ENTRY, uow.company_id, site_id, entry_id)


async def page(
    uow: UnitOfWork, site_id: UUID, days: tuple[datetime | None, datetime | None], wanted: Wanted, pattern: str | None,
    after: tuple[str | None, UUID | None], limit: int,
) -> list[Receipt]:  # fmt: skip
    return await uow.fetch(Receipt, _PAGE, uow.company_id, site_id, *days, *_which(wanted, pattern), *after, limit)


async def sums(
    uow: UnitOfWork, site_id: UUID, days: tuple[datetime | None, datetime | None], wanted: Wanted, pattern: str | None
) -> list[MeansSum]:
    return await uow.fetch(MeansSum, _SUMS, uow.company_id, site_id, *days, *_which(wanted, pattern))


async def cashiers(uow: UnitOfWork, site_id: UUID, since: datetime) -> list[tuple[UUID, str]]:
    """Who has given receipts since then."""
    return await uow.fetch(lambda id, name: (id, name), _CASHIERS, uow.company_id, site_id, since)


async def print_again(uow: UnitOfWork, site_id: UUID, receipt_id: UUID) -> Receipt | None:
    return await uow.fetch_one(Receipt, _PRINT, uow.company_id, site_id, receipt_id)


async def ask_invoice(
    uow: UnitOfWork, site_id: UUID, receipt_id: UUID, id: UUID, title: str, tax_number: str, at: datetime,
    by: tuple[UUID | None, str],
) -> Invoice | None:  # fmt: skip
    """None: there is no such receipt, it is void, or its invoice is out."""
    asked = title, tax_number, at, *by
    return await uow.fetch_one(Invoice, _ASK, uow.company_id, site_id, receipt_id, id, *asked)


async def issue_invoice(
    uow: UnitOfWork, site_id: UUID, receipt_id: UUID, version: int, number: str, at: datetime,
    by: tuple[UUID | None, str],
) -> Invoice | None:  # fmt: skip
    """None: nothing of that version waits for it."""
    return await uow.fetch_one(Invoice, _INVOICED, uow.company_id, site_id, receipt_id, version, number, at, *by)


async def household(uow: UnitOfWork, site_id: UUID, unit_id: UUID, today: date) -> tuple[list[Person], list[OtherUnit]]:
    """Today's people of a unit, and what else they own or live in."""

    def read(people: str, others: str) -> tuple[list[Person], list[OtherUnit]]:
        return (
            [Person(*each) for each in _people.decode(people)],
            [OtherUnit(*each) for each in _units.decode(others)],
        )

    found = await uow.fetch_one(read, _HOUSEHOLD, uow.company_id, site_id, unit_id, today)
    assert found is not None  # it asks of one row
    return found


def _which(wanted: Wanted, pattern: str | None) -> Sequence[object]:
    return wanted.by_id, wanted.means, wanted.status, pattern, wanted.invoice


def _detail(lines: str, invoice: str | None, *head: Any) -> ReceiptDetail:
    made = None if invoice is None else _struct(Invoice, msgspec.json.decode(invoice))
    receipt = Receipt(*head)
    return ReceiptDetail(receipt.id, receipt, _lines(msgspec.json.decode(lines)), made)


def _lines(rows: list[list[Any]]) -> list[ReceiptLine]:
    return [_struct(ReceiptLine, row) for row in rows]


def _receipt(row: list[Any]) -> Receipt:
    receipt: Receipt = _struct(Receipt, row)
    return receipt


def _struct(shape: Any, row: list[Any]) -> Any:
    return msgspec.convert(dict(zip(shape.__struct_fields__, row, strict=True)), shape)
