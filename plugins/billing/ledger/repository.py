"""Every statement that writes the ledger, or looks before that; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.ledger.entries import Account, Books, Owed, Posting

# Whoever posts shares the site's ledger, and has the unit's account alone. The site comes first: whoever closes waits.
_HOLD = "SELECT pg_advisory_xact_lock_shared(billing_turn($1)), pg_advisory_xact_lock(billing_turn($2))"
_SHARE = "SELECT pg_advisory_xact_lock_shared(billing_turn($1))"
_ALONE = "SELECT pg_advisory_xact_lock(billing_turn($1))"
# An entry never changes, and is of one unit: what is read here is as true before the lock as behind it.
_HOLD_ENTRY = """
SELECT e.kind, p.unit_id, p.lines::text, pg_advisory_xact_lock_shared(billing_turn($2))::text,
    pg_advisory_xact_lock(billing_turn(p.unit_id))::text
FROM billing_entry e, LATERAL (
    SELECT min(unit_id::text)::uuid AS unit_id, jsonb_agg(jsonb_build_object(
        'account', account, 'amount_fen', amount_fen, 'unit_id', unit_id, 'item_id', item_id, 'party_id', party_id,
        'charge_id', charge_id, 'means', means) ORDER BY line) AS lines
    FROM billing_posting WHERE company_id = e.company_id AND entry_id = e.id
) p
WHERE e.company_id = $1 AND e.site_id = $2 AND e.id = $3
"""
# In a statement of its own, behind the lock: it sees what those before have committed.
_LOOK = """
SELECT EXISTS (SELECT FROM unit WHERE company_id = $1 AND site_id = $2 AND id = $3),
    (SELECT max(month) FROM billing_period WHERE company_id = $1 AND site_id = $2), e.id, e.posted_on, e.digest,
    coalesce((SELECT jsonb_agg(jsonb_build_array(account, charge_id, item_id, party_id, fen)) FROM (
        SELECT account, charge_id, item_id, party_id, sum(amount_fen)::bigint AS fen FROM billing_posting
        WHERE company_id = $1 AND unit_id = $3 AND site_id = $2 AND account <> 'clearing'
            AND (charge_id = ANY ($5) OR account IN ('prepayment', 'deposit'))
        GROUP BY account, charge_id, item_id, party_id
    ) s), '[]')::text
FROM (SELECT) one LEFT JOIN billing_entry e ON e.company_id = $1 AND e.site_id = $2 AND e.key = $4
"""
_LOOK_AT_UNITS = """
SELECT (SELECT count(*) FROM unit WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3)),
    (SELECT max(month) FROM billing_period WHERE company_id = $1 AND site_id = $2)
"""
_ENTER = """
WITH entered AS (
    INSERT INTO billing_entry
        (company_id, site_id, posted_on, at, by_id, by_name, id, kind, reverses, key, digest, note)
    SELECT $1, $2, $3, $4, $5, $6, s.*
    FROM unnest($7::uuid[], $8::text[], $9::uuid[], $10::text[], $11::bytea[], $12::text[]) s
    ON CONFLICT (company_id, site_id, key) DO NOTHING RETURNING id
), lines AS (
    INSERT INTO billing_posting
        (company_id, site_id, entry_id, line, account, amount_fen, unit_id, item_id, party_id, charge_id, means)
    SELECT $1, $2, l.* FROM unnest($13::uuid[], $14::int[], $15::text[], $16::bigint[], $17::uuid[], $18::uuid[],
        $19::uuid[], $20::uuid[], $21::text[]) l (entry_id) JOIN entered e ON e.id = l.entry_id
)
"""
# No line of the bank is an entry that is undone: with what undoes it, the line is open again (BIL-4).
_REOPEN = """, reopened AS (
    UPDATE billing_bank_line SET entry_id = NULL, note = '', settled_at = NULL, settled_by = NULL,
        settled_by_name = '', reopened_at = $4, reopened = 'undone', version = version + 1
    WHERE company_id = $1 AND site_id = $2 AND entry_id = ANY ($9) AND EXISTS (SELECT FROM entered)
)
"""
_WRITE = f"{_ENTER} SELECT id FROM entered"  # noqa: S608
_UNDO = f"{_ENTER}{_REOPEN} SELECT id FROM entered"  # noqa: S608
_TOLD = ", {beside} SELECT told, ARRAY(SELECT id FROM entered) FROM told"
_WRITE_BESIDE, _UNDO_BESIDE = _ENTER + _TOLD, _ENTER + _REOPEN + _TOLD
_DIGESTS = "SELECT key, digest FROM billing_entry WHERE company_id = $1 AND site_id = $2 AND key = ANY ($3)"
# What the month comes to, and the first one before it that has entries and is open.
_SUMS = """
SELECT (SELECT max(month) FROM billing_period WHERE company_id = $1 AND site_id = $2),
    (SELECT date_trunc('month', min(posted_on))::date FROM billing_entry e WHERE company_id = $1 AND site_id = $2
        AND posted_on >= coalesce((SELECT max(month) + interval '1 month' FROM billing_period
                                   WHERE company_id = $1 AND site_id = $2), '-infinity')),
    coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0), 0)::bigint,
    coalesce(-sum(amount_fen) FILTER (WHERE amount_fen < 0), 0)::bigint
FROM billing_entry e JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id
WHERE e.company_id = $1 AND e.site_id = $2 AND e.posted_on >= $3::date AND e.posted_on < $3::date + interval '1 month'
"""
_CLOSE = """
INSERT INTO billing_period (company_id, id, site_id, month, debit_fen, credit_fen, at, by_id, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
Sum = tuple[Account, UUID | None, UUID | None, UUID | None, int]
_sums = msgspec.json.Decoder(list[Sum]).decode
_lines = msgspec.json.Decoder(list[Posting]).decode


class Written(msgspec.Struct, frozen=True):
    """An entry that is to be written."""

    id: UUID
    kind: str
    key: str
    digest: bytes
    lines: Sequence[Posting]
    note: str = ""
    reverses: UUID | None = None


class Seen(msgspec.Struct, frozen=True):
    """What posting has to know: whether the unit is the site's, the last closed month, the entry of that key with its
    day and digest, the account."""

    of_site: bool
    closed: date | None
    id: UUID | None
    posted_on: date | None
    digest: bytes | None
    books: Books


class Beside(msgspec.Struct, frozen=True):
    """What is written in the statement that writes entries: common table expressions of which the last is `told`, one
    row with a text. Company and site are its $1 and $2, the instant and who acts $4 to $6, `{row}` the values as JSON.
    """

    sql: str
    values: msgspec.Struct


async def hold(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> None:
    """Nobody else posts on the unit's account, and no month is closed, before the transaction ends."""
    await uow.execute(_HOLD, site_id, unit_id)


async def share(uow: UnitOfWork, site_id: UUID) -> None:
    """No month is closed before the transaction ends."""
    await uow.execute(_SHARE, site_id)


async def hold_alone(uow: UnitOfWork, site_id: UUID) -> None:
    """Nobody posts before the transaction ends."""
    await uow.execute(_ALONE, site_id)


async def hold_entry(uow: UnitOfWork, site_id: UUID, entry_id: UUID) -> tuple[str, UUID, list[Posting]] | None:
    """Kind, unit and postings of an entry, whose account is held; None: there is none of that id."""

    def read(kind: str, unit_id: UUID, lines: str, *_: object) -> tuple[str, UUID, list[Posting]]:
        return kind, unit_id, _lines(lines)

    return await uow.fetch_one(read, _HOLD_ENTRY, uow.company_id, site_id, entry_id)


async def look(uow: UnitOfWork, site_id: UUID, unit_id: UUID, key: str, charges: Iterable[UUID]) -> Seen:
    """The unit's account as it is, with those charges."""

    def read(of_site: bool, closed: date | None, id: UUID, day: date, digest: bytes, sums: str) -> Seen:
        return Seen(of_site, closed, id, day, digest, books_of(unit_id, _sums(sums)))

    seen = await uow.fetch_one(read, _LOOK, uow.company_id, site_id, unit_id, key, list(charges))
    assert seen is not None  # it asks of one row
    return seen


async def look_at_units(uow: UnitOfWork, site_id: UUID, units: Iterable[UUID]) -> tuple[int, date | None]:
    """How many of them are the site's, and the last closed month."""
    seen = await uow.fetch_one(lambda *row: row, _LOOK_AT_UNITS, uow.company_id, site_id, list(units))
    assert seen is not None  # it asks of one row
    return seen[0], seen[1]


async def write(
    uow: UnitOfWork, site_id: UUID, day: date, at: datetime, by: tuple[UUID | None, str], entries: Sequence[Written]
) -> set[UUID]:
    """Write entries with their postings; the ids of those whose key was not there yet."""
    columns = _columns(entries)
    sql = _UNDO if _undoes(entries) else _WRITE
    return set(await uow.fetch(lambda id: id, sql, uow.company_id, site_id, day, at, *by, *columns))


async def write_beside(
    uow: UnitOfWork, site_id: UUID, day: date, at: datetime, by: tuple[UUID | None, str], entries: Sequence[Written],
    beside: Beside,
) -> tuple[str, set[UUID]]:  # fmt: skip
    """The same with something beside it; also what that told."""
    columns = _columns(entries)
    sql = _UNDO_BESIDE if _undoes(entries) else _WRITE_BESIDE
    statement = sql.replace("{beside}", beside.sql.replace("{row}", "$22::jsonb"))
    values = msgspec.json.encode(beside.values).decode()
    by_whom = uow.company_id, site_id, day, at, *by
    told = await uow.fetch_one(lambda text, ids: (text or "", set(ids)), statement, *by_whom, *columns, values)
    return told or ("", set())


def _undoes(entries: Sequence[Written]) -> bool:
    return any(entry.reverses is not None for entry in entries)


def _columns(entries: Sequence[Written]) -> list[list[object]]:
    heads = [(e.id, e.kind, e.reverses, e.key, e.digest, e.note) for e in entries]
    lines = [
        (e.id, n, p.account, p.amount_fen, p.unit_id, p.item_id, p.party_id, p.charge_id, p.means)
        for e in entries
        for n, p in enumerate(e.lines, 1)
    ]
    return [list(column) for rows in (heads, lines) for column in zip(*rows, strict=True)]


async def digests(uow: UnitOfWork, site_id: UUID, keys: Iterable[str]) -> dict[str, bytes]:
    """Of the entries of those keys."""
    return dict(await uow.fetch(lambda key, digest: (key, digest), _DIGESTS, uow.company_id, site_id, list(keys)))


async def sums(uow: UnitOfWork, site_id: UUID, month: date) -> tuple[date | None, date | None, int, int]:
    """The last closed month, the first open one that has entries, and debit and credit of that month."""
    found = await uow.fetch_one(lambda *row: row, _SUMS, uow.company_id, site_id, month)
    assert found is not None  # an aggregate
    return found[0], found[1], found[2], found[3]


async def close(
    uow: UnitOfWork, site_id: UUID, id: UUID, month: date, fen: tuple[int, int], at: datetime,
    by: tuple[UUID | None, str],
) -> None:  # fmt: skip
    await uow.execute(_CLOSE, uow.company_id, id, site_id, month, *fen, at, *by)


def books_of(unit_id: UUID, rows: Iterable[Sum]) -> Books:
    """A unit's account from the sums of its postings."""
    charges: dict[UUID, Owed] = {}
    prepaid: dict[UUID, int] = {}
    deposits: dict[tuple[UUID, UUID | None], int] = {}
    for account, charge_id, item_id, party_id, fen in rows:
        assert party_id is not None  # postings on accounts always name whose they are
        if account == "prepayment":
            prepaid[party_id] = -fen
        elif account == "deposit":
            deposits[party_id, item_id] = -fen
        else:
            assert charge_id is not None and item_id is not None  # the schema asks for them
            before = charges.get(charge_id, Owed(item_id, party_id, 0, 0))
            change = {"open_fen": fen} if account == "receivable" else {"charged_fen": -fen}
            charges[charge_id] = msgspec.structs.replace(before, **change)
    return Books(unit_id, charges, prepaid, deposits)
