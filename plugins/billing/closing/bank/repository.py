"""Statements about lines of the bank; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.closing.bank.matching import Booked, Household, Transfer
from plugins.billing.closing.bank.model import BankLine, Month, Signed, State
from plugins.billing.closing.bank.reading import Line

_COLUMNS = ", ".join(BankLine.__struct_fields__)
_SIGNED = ", ".join(Signed.__struct_fields__)
_ADD = """
INSERT INTO billing_bank_line
    (company_id, site_id, account, at, by_id, by_name, id, serial, booked_on, amount_fen, payer, remark)
SELECT $1, $2, $3, $4, $5, $6, l.*
FROM unnest($7::uuid[], $8::text[], $9::date[], $10::bigint[], $11::text[], $12::text[]) l
ON CONFLICT (company_id, site_id, account, serial) DO NOTHING RETURNING serial
"""
_KNOWN = """
SELECT serial, booked_on, amount_fen FROM billing_bank_line
WHERE company_id = $1 AND site_id = $2 AND account = $3 AND serial = ANY ($4)
"""
_LIST = f"""
SELECT {_COLUMNS} FROM billing_bank_line WHERE company_id = $1 AND site_id = $2
    AND ($3::text IS NULL OR status = $3) AND ($4::date IS NULL OR booked_on >= $4)
    AND ($5::date IS NULL OR booked_on <= $5) AND ($6::date IS NULL OR (booked_on, id) < ($6, $7::uuid))
ORDER BY booked_on DESC, id DESC LIMIT $8
"""  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM billing_bank_line WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_OPEN = """
SELECT id, booked_on, amount_fen, payer, remark FROM billing_bank_line
WHERE company_id = $1 AND site_id = $2 AND settled_at IS NULL ORDER BY booked_on, id LIMIT $3
"""
_TRANSFER = """
SELECT e.id, e.posted_on, p.amount_fen, p.unit_id, coalesce(u.label, ''), coalesce(y.name, '')
FROM billing_entry e
JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id AND p.account = 'clearing'
    AND p.means = 'transfer'
LEFT JOIN unit u ON u.company_id = e.company_id AND u.id = p.unit_id
LEFT JOIN party y ON y.company_id = e.company_id AND y.id = p.party_id
WHERE e.company_id = $1 AND e.site_id = $2 AND e.kind <> 'charge' AND e.posted_on BETWEEN $3 AND $4
    AND NOT EXISTS (SELECT FROM billing_bank_line b WHERE b.company_id = e.company_id AND b.entry_id = e.id)
"""
# What was undone is no transfer that the bank could have, nor is what undoes it.
_STANDS = """
    AND e.kind <> 'reversal'
    AND NOT EXISTS (SELECT FROM billing_entry r WHERE r.company_id = e.company_id AND r.reverses = e.id)
"""
_LONELY = f"{_TRANSFER} {_STANDS} AND ($5::bigint IS NULL OR p.amount_fen = $5) ORDER BY e.posted_on, e.id LIMIT $6"
_IS_TRANSFER = f"""
SELECT EXISTS (SELECT FROM billing_entry e JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id
    WHERE e.company_id = $1 AND e.site_id = $2 AND e.id = $3 AND p.account = 'clearing' AND p.means = 'transfer'
        AND p.amount_fen = $4 {_STANDS})
"""  # noqa: S608
_LIVES = """
SELECT EXISTS (SELECT FROM occupancy WHERE company_id = $1 AND site_id = $2 AND unit_id = $3 AND party_id = $4)
"""
_HOUSEHOLDS = """
SELECT u.id, u.label, u.building, u.entrance, u.room, coalesce((
        SELECT jsonb_agg(jsonb_build_array(y.id, y.name) ORDER BY o.role <> 'owner', o.starts_on NULLS FIRST, y.id)
        FROM occupancy o JOIN party y ON y.company_id = o.company_id AND y.id = o.party_id
        WHERE o.company_id = u.company_id AND o.unit_id = u.id AND (o.ends_on IS NULL OR o.ends_on >= $3)),
    '[]')::text, coalesce((SELECT sum(p.amount_fen) FROM billing_posting p
        WHERE p.company_id = u.company_id AND p.unit_id = u.id AND p.account = 'receivable'), 0)::bigint
FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND ($4 = '' OR u.label ILIKE $4)
ORDER BY u.sort_key, u.id LIMIT $5
"""
_PAIR = """
UPDATE billing_bank_line b SET entry_id = w.entry_id, settled_at = $3, settled_by = $4, settled_by_name = $5,
    version = b.version + 1, reopened_at = NULL, reopened = ''
FROM unnest($6::uuid[], $7::uuid[]) w (id, entry_id)
WHERE b.company_id = $1 AND b.site_id = $2 AND b.id = w.id AND b.settled_at IS NULL
"""
_SETTLE = f"""
UPDATE billing_bank_line SET entry_id = $5, note = $6, settled_at = $7, settled_by = $8, settled_by_name = $9,
    version = version + 1, reopened_at = $10,
    reopened = CASE WHEN $10::timestamptz IS NULL THEN '' ELSE 'taken_back' END
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 RETURNING {_COLUMNS}
"""  # noqa: S608
# What is open again of a month that was signed is nobody's to sign for any more: it goes with the month of that day.
_CARRIED_FROM = """
FROM billing_bank_line b WHERE b.company_id = $1 AND b.site_id = $2 AND b.settled_at IS NULL AND b.booked_on < $3
    AND b.reopened_at < $5 AND EXISTS (SELECT FROM billing_reconciliation s WHERE s.company_id = $1 AND s.site_id = $2
        AND s.month = date_trunc('month', b.booked_on)::date AND s.at < b.reopened_at)
"""
_CARRIED = f"""
SELECT {_COLUMNS} {_CARRIED_FROM} ORDER BY booked_on DESC, id DESC LIMIT $4
"""
_MONTH = f"""
SELECT $3::date, b.lines, b.bank_fen, b.set_aside_fen, l.entries, l.ledger_fen, b.bank_fen - l.ledger_fen,
    b.open_lines, l.open_entries, (SELECT count(*) {_CARRIED_FROM})
FROM (SELECT count(*) AS lines, coalesce(sum(amount_fen) FILTER (WHERE status <> 'set_aside'), 0)::bigint AS bank_fen,
          coalesce(sum(amount_fen) FILTER (WHERE status = 'set_aside'), 0)::bigint AS set_aside_fen,
          count(*) FILTER (WHERE status = 'open') AS open_lines
      FROM billing_bank_line WHERE company_id = $1 AND site_id = $2 AND booked_on BETWEEN $3 AND $4) b,
    (SELECT count(*) AS entries, coalesce(sum(p.amount_fen), 0)::bigint AS ledger_fen,
          count(*) FILTER (WHERE e.kind <> 'reversal' AND r.id IS NULL AND x.id IS NULL) AS open_entries
      FROM billing_entry e
      JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id AND p.account = 'clearing'
          AND p.means = 'transfer'
      LEFT JOIN billing_entry r ON r.company_id = e.company_id AND r.reverses = e.id
      LEFT JOIN billing_bank_line x ON x.company_id = e.company_id AND x.entry_id = e.id
      WHERE e.company_id = $1 AND e.site_id = $2 AND e.kind <> 'charge' AND e.posted_on BETWEEN $3 AND $4) l
"""  # noqa: S608
_SIGNED_FOR = f"""
SELECT {_SIGNED} FROM billing_reconciliation WHERE company_id = $1 AND site_id = $2 AND month = $3
"""  # noqa: S608
_SIGN = """
INSERT INTO billing_reconciliation
    (company_id, site_id, id, month, bank_fen, ledger_fen, open_lines, open_entries, note, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (company_id, site_id, month) DO NOTHING
"""
_parties = msgspec.json.Decoder(list[tuple[UUID, str]]).decode
By = tuple[UUID | None, str]


async def add(
    uow: UnitOfWork, site_id: UUID, account: str, lines: Sequence[tuple[UUID, Line]], now: datetime, by: By
) -> set[str]:
    """The serial numbers of those that were not there yet."""
    names = Line.__struct_fields__
    columns = [[id for id, _ in lines], *([getattr(line, name) for _, line in lines] for name in names)]
    return set(await uow.fetch(lambda serial: serial, _ADD, uow.company_id, site_id, account, now, *by, *columns))


async def known(
    uow: UnitOfWork, site_id: UUID, account: str, serials: Sequence[str]
) -> dict[str, tuple[date, int]]:  # fmt: skip
    """Day and amount of the lines of those serial numbers."""
    found = await uow.fetch(lambda *row: row, _KNOWN, uow.company_id, site_id, account, list(serials))
    return {serial: (day, fen) for serial, day, fen in found}


async def listed(
    uow: UnitOfWork, site_id: UUID, state: State | None, days: tuple[date | None, date | None],
    after: tuple[date | None, UUID | None], limit: int,
) -> list[BankLine]:  # fmt: skip
    return await uow.fetch(BankLine, _LIST, uow.company_id, site_id, state, *days, *after, limit)


async def get(uow: UnitOfWork, site_id: UUID, line_id: UUID) -> BankLine | None:
    return await uow.fetch_one(BankLine, _GET, uow.company_id, site_id, line_id)


async def open_lines(uow: UnitOfWork, site_id: UUID, most: int) -> list[Booked]:
    return await uow.fetch(Booked, _OPEN, uow.company_id, site_id, most)


async def transfers(
    uow: UnitOfWork, site_id: UUID, days: tuple[date, date], fen: int | None, most: int
) -> list[Transfer]:
    """Entries by transfer of those days that stand and that no line of the bank is; of an amount, if it is given."""
    return await uow.fetch(Transfer, _LONELY, uow.company_id, site_id, *days, fen, most)


async def is_transfer(uow: UnitOfWork, site_id: UUID, entry_id: UUID, fen: int) -> bool:
    """Whether an entry of the site that stands moved that amount by transfer."""
    return bool(await uow.value(_IS_TRANSFER, uow.company_id, site_id, entry_id, fen))


async def lives(uow: UnitOfWork, site_id: UUID, unit_id: UUID, party_id: UUID) -> bool:
    """Whether the party owns, rents or keeps the unit, or once did."""
    return bool(await uow.value(_LIVES, uow.company_id, site_id, unit_id, party_id))


async def households(uow: UnitOfWork, site_id: UUID, day: date, pattern: str, most: int) -> list[Household]:
    """The units of the site with who lives there on that day and what is open; those of a pattern if there is one."""

    def read(id: UUID, label: str, building: str, entrance: str, room: str, parties: str, fen: int) -> Household:
        return Household(id, label, building, entrance, room, _parties(parties), fen)

    return await uow.fetch(read, _HOUSEHOLDS, uow.company_id, site_id, day, pattern, most)


async def pair(uow: UnitOfWork, site_id: UUID, pairs: Sequence[tuple[UUID, UUID]], now: datetime, by: By) -> int:
    """Say which entries lines are; how many were open still."""
    columns = [list(column) for column in zip(*pairs, strict=True)]
    return await uow.execute(_PAIR, uow.company_id, site_id, now, *by, *columns)


async def settle(
    uow: UnitOfWork,
    site_id: UUID,
    line: BankLine,
    entry_id: UUID | None,
    note: str,
    at: datetime | None,
    by: By,
    now: datetime,
) -> BankLine | None:
    """Say what a line is, or that nobody knows (`at` None) and that it is open again from `now` on. None: somebody was
    faster."""
    values = line.id, line.version, entry_id, note, at, *by, now if at is None else None
    return await uow.fetch_one(BankLine, _SETTLE, uow.company_id, site_id, *values)


async def carried(
    uow: UnitOfWork, site_id: UUID, first: date, end: datetime, most: int
) -> list[BankLine]:  # fmt: skip
    """Lines of months before that were signed, and opened again since, before `end`: the latest first."""
    return await uow.fetch(BankLine, _CARRIED, uow.company_id, site_id, first, most, end)


async def month(uow: UnitOfWork, site_id: UUID, first: date, last: date, end: datetime) -> Month:
    found = await uow.fetch_one(Month, _MONTH, uow.company_id, site_id, first, last, end)
    assert found is not None  # aggregates
    return found


async def signed(uow: UnitOfWork, site_id: UUID, first: date) -> Signed | None:
    return await uow.fetch_one(Signed, _SIGNED_FOR, uow.company_id, site_id, first)


async def sign(uow: UnitOfWork, site_id: UUID, made: Signed, by_id: UUID | None) -> bool:
    """False: it is signed already."""
    values = made.id, made.month, made.bank_fen, made.ledger_fen, made.open_lines, made.open_entries, made.note, made.at
    return bool(await uow.execute(_SIGN, uow.company_id, site_id, *values, by_id, made.by_name))
