"""Statements about receipt books and their numbers; each names the company, besides row level security."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.collection.model import ReceiptBook
from plugins.billing.collection.numbers import Paper, Tally, Written, tally
from plugins.billing.ledger.entries import Open

By = tuple[UUID | None, str]
_HEAD: Final = """
b.id, b.prefix, b.digits, b.first, b.last, b.holder_id, b.holder_name, b.handed_on, b.handed_at, b.handed_by_name,
    b.status, b.returned_at, b.returned_by_name, b.version
"""
# What a voided receipt stood for is spoiled.
_STATE: Final = "CASE WHEN p.fate = 'used' AND r.status = 'void' THEN 'spoiled' ELSE p.fate END"
_PAPERS: Final = f"""
SELECT coalesce(jsonb_agg(jsonb_build_array(p.number, {_STATE}, p.receipt_id, coalesce(r.number, ''),
    coalesce(r.amount_fen, 0), CASE WHEN r.status = 'void' THEN r.voided_reason ELSE p.reason END, p.at, p.by_name)
    ORDER BY p.number), '[]')::text
FROM billing_paper p LEFT JOIN billing_receipt r ON r.company_id = p.company_id AND r.id = p.receipt_id
WHERE p.company_id = b.company_id AND p.book_id = b.id
"""  # noqa: S608
# What the ledger has of the receipts of a book: their entries, and what undid any of them.
_LEDGER: Final = """
SELECT coalesce(sum(g.amount_fen), 0)::bigint FROM billing_posting g WHERE g.company_id = b.company_id
    AND g.account = 'clearing' AND g.entry_id IN (
        SELECT e.id FROM billing_entry e JOIN (
            SELECT DISTINCT l.entry_id FROM billing_paper p
            JOIN billing_receipt_line l ON l.company_id = p.company_id AND l.receipt_id = p.receipt_id
            WHERE p.company_id = b.company_id AND p.book_id = b.id AND p.fate = 'used'
        ) own ON e.id = own.entry_id OR e.reverses = own.entry_id
        WHERE e.company_id = b.company_id)
"""
_GET: Final = f"""
SELECT {_HEAD}, ({_PAPERS}), ({_LEDGER}) FROM billing_book b WHERE b.company_id = $1 AND b.site_id = $2 AND b.id = $3
"""  # noqa: S608
_LIST: Final = f"""
SELECT {_HEAD}, t.used, t.spoiled, t.lost, t.fen FROM billing_book b, LATERAL (
    SELECT count(*) FILTER (WHERE state = 'used') AS used, count(*) FILTER (WHERE state = 'spoiled') AS spoiled,
        count(*) FILTER (WHERE state = 'lost') AS lost,
        coalesce(sum(amount_fen) FILTER (WHERE state = 'used'), 0)::bigint AS fen
    FROM (SELECT {_STATE} AS state, r.amount_fen FROM billing_paper p
        LEFT JOIN billing_receipt r ON r.company_id = p.company_id AND r.id = p.receipt_id
        WHERE p.company_id = b.company_id AND p.book_id = b.id) s
) t
WHERE b.company_id = $1 AND b.site_id = $2 AND ($3::text IS NULL OR b.status = $3)
    AND ($4::text IS NULL OR (b.handed_at, b.id) < ($4::text::timestamptz, $5::uuid))
ORDER BY b.handed_at DESC, b.id DESC LIMIT $6
"""  # noqa: S608
_ADD: Final = """
INSERT INTO billing_book (company_id, site_id, id, prefix, digits, first, last, holder_id, holder_name, handed_on,
    handed_at, handed_by, handed_by_name)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
WHERE NOT EXISTS (SELECT FROM billing_book WHERE company_id = $1 AND site_id = $2 AND prefix = $4
    AND int4range(first, last, '[]') && int4range($6, $7, '[]'))
"""
# All of them, or none: what somebody has accounted for meanwhile stays as it is.
_MARK: Final = """
WITH new AS (
    INSERT INTO billing_paper (company_id, site_id, book_id, number, fate, reason, at, by_id, by_name)
    SELECT $1, $2, $3, n, $6, $7, $8, $9, $10 FROM generate_series($4::int, $5::int) n
    ON CONFLICT (company_id, book_id, number) DO NOTHING RETURNING number
)
SELECT count(*) FROM new
"""
_RETURN: Final = """
UPDATE billing_book SET returned_at = $5, returned_by = $6, returned_by_name = $7, used = $8, spoiled = $9, lost = $10,
    unused = $11, amount_fen = $12, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND returned_at IS NULL
"""
# All that entering a number asks of: the visit, the books that the number can belong to, each with what became of it,
# and what the unit owes. Nobody takes one of the books back meanwhile.
_LOOK: Final = """
WITH found AS MATERIALIZED (
    SELECT b.* FROM billing_book b WHERE b.company_id = $1 AND b.site_id = $2 AND ($4 = '' OR b.prefix = $4)
        AND $5 BETWEEN b.first AND b.last ORDER BY b.handed_at FOR SHARE
)
SELECT v.id, v.unit_id, v.party_id, v.collector_id, v.status, v.receipt_id,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(b.id, b.prefix, b.digits, b.holder_id, b.holder_name, b.handed_on,
        b.status, (SELECT p.fate FROM billing_paper p WHERE p.company_id = $1 AND p.book_id = b.id AND p.number = $5))),
        '[]')::text FROM found b),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(o.charge_id, o.item_id, o.due_on, o.open_fen)), '[]')::text
     FROM billing_owed o
     WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = v.unit_id AND o.open_fen > 0)
FROM billing_visit v WHERE v.company_id = $1 AND v.site_id = $2 AND v.id = $3
"""
_books = msgspec.json.Decoder(list[tuple[UUID, str, int, UUID, str, date, str, str | None]]).decode
_owed = msgspec.json.Decoder(list[tuple[UUID, UUID, date, int]]).decode
_papers = msgspec.json.Decoder(list[tuple[int, Any, UUID | None, str, int, str, datetime, str]])


class Head(msgspec.Struct, frozen=True):
    """A book as stored, as far as it says whose it is."""

    id: UUID
    prefix: str
    digits: int
    first: int
    last: int
    holder_id: UUID
    holder_name: str
    handed_on: date
    handed_at: datetime
    handed_by_name: str
    status: Any
    returned_at: datetime | None
    returned_by_name: str
    version: int

    def label(self, number: int) -> str:
        """A number as it is printed."""
        return f"{self.prefix}{number:0{self.digits}}"

    def told(self, numbers: Tally, used_fen: int) -> ReceiptBook:
        """As API and pages have it."""
        size = self.last - self.first + 1
        return ReceiptBook(
            self.id, self.label(self.first), self.label(self.last), size, self.holder_id, self.holder_name,
            self.handed_at, self.handed_by_name, self.status, numbers.used, numbers.spoiled, numbers.lost,
            numbers.unused, used_fen, self.returned_at, self.returned_by_name, self.version,
        )  # fmt: skip


class Having(msgspec.Struct, frozen=True):
    """A book that has a number, and what became of it; None: nothing yet."""

    id: UUID
    prefix: str
    digits: int
    holder_id: UUID
    holder_name: str
    handed_on: date
    status: str
    fate: str | None


class Seen(msgspec.Struct, frozen=True):
    """A visit as it stands, the books that a number can belong to, and what the unit owes."""

    id: UUID
    unit_id: UUID
    party_id: UUID
    collector_id: UUID
    status: str
    receipt_id: UUID | None
    books: list[Having]
    owed: list[Open]


async def get(uow: UnitOfWork, site_id: UUID, book_id: UUID) -> tuple[Head, list[Paper], int] | None:
    """A book, what became of its numbers, and what the ledger has of their receipts in fen."""

    def read(*row: Any) -> tuple[Head, list[Paper], int]:
        return Head(*row[:-2]), [Paper(*each) for each in _papers.decode(row[-2])], row[-1]

    return await uow.fetch_one(read, _GET, uow.company_id, site_id, book_id)


async def listed(
    uow: UnitOfWork, site_id: UUID, status: str | None, after: tuple[str | None, UUID | None], limit: int
) -> list[ReceiptBook]:
    def read(*row: Any) -> ReceiptBook:
        head, (used, spoiled, lost, fen) = Head(*row[:-4]), row[-4:]
        states: list[Any] = [*["used"] * used, *["spoiled"] * spoiled, *["lost"] * lost]
        return head.told(tally(head.first, head.last, states), fen)

    return await uow.fetch(read, _LIST, uow.company_id, site_id, status, *after, limit)


async def add(
    uow: UnitOfWork, site_id: UUID, id: UUID, first: Written, last: int, holder: tuple[UUID, str], today: date,
    now: datetime, by: By,
) -> bool:  # fmt: skip
    """False: another book has some of these numbers."""
    of = first.prefix, first.digits, first.number, last
    return bool(await uow.execute(_ADD, uow.company_id, site_id, id, *of, *holder, today, now, *by))


async def mark(
    uow: UnitOfWork, site_id: UUID, book_id: UUID, numbers: tuple[int, int], fate: str, reason: str, now: datetime,
    by: By,
) -> int:  # fmt: skip
    """How many of these numbers nothing had become of before."""
    found: int = await uow.value(_MARK, uow.company_id, site_id, book_id, *numbers, fate, reason, now, *by)
    return found


async def take_back(
    uow: UnitOfWork, site_id: UUID, book_id: UUID, version: int, now: datetime, by: By, numbers: Tally, fen: int
) -> bool:
    """False: it is back already, or has changed."""
    counts = msgspec.structs.astuple(numbers)
    return bool(await uow.execute(_RETURN, uow.company_id, site_id, book_id, version, now, *by, *counts, fen))


async def look(uow: UnitOfWork, site_id: UUID, visit_id: UUID, written: Written) -> Seen | None:
    """What entering a number on a visit asks of; None: there is no such visit."""

    def read(
        id: UUID, unit_id: UUID, party_id: UUID, collector_id: UUID, status: str, receipt_id: UUID | None, *told: str
    ) -> Seen:
        found, owed = [Having(*each) for each in _books(told[0])], [Open(*each) for each in _owed(told[1])]
        return Seen(id, unit_id, party_id, collector_id, status, receipt_id, found, owed)

    values = visit_id, written.prefix, written.number
    return await uow.fetch_one(read, _LOOK, uow.company_id, site_id, *values)
