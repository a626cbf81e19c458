"""Statements about the accounts of several units at once: held, then looked at. Each names the company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.ledger.entries import Account, Books, Posting
from plugins.billing.ledger.repository import Sum, books_of

# Of several units, in the order of their ids, so that no two wait for each other. Beside it what no
# posting changes: the party's name, and which of the units they own or live in, or did.
_HOLD_FOR = """
SELECT (SELECT name FROM party WHERE company_id = $1 AND site_id = $2 AND id = $4),
    ARRAY(SELECT DISTINCT unit_id FROM occupancy
          WHERE company_id = $1 AND site_id = $2 AND party_id = $4 AND unit_id = ANY ($3)),
    pg_advisory_xact_lock_shared(billing_turn($2))::text,
    (SELECT count(pg_advisory_xact_lock(billing_turn(u))::text) FROM unnest($3::uuid[]) u)
"""
_HOLD_RECEIPT = """
WITH found AS MATERIALIZED (
    SELECT e.id, p.unit_id, p.lines FROM billing_entry e, LATERAL (
        SELECT min(unit_id::text)::uuid AS unit_id, jsonb_agg(jsonb_build_object(
            'account', account, 'amount_fen', amount_fen, 'unit_id', unit_id, 'item_id', item_id, 'party_id', party_id,
            'charge_id', charge_id, 'means', means) ORDER BY line) AS lines
        FROM billing_posting WHERE company_id = e.company_id AND entry_id = e.id
    ) p
    WHERE e.company_id = $1 AND e.site_id = $2 AND e.id IN (
        SELECT entry_id FROM billing_receipt_line WHERE company_id = $1 AND site_id = $2 AND receipt_id = $3)
)
SELECT coalesce((SELECT jsonb_agg(jsonb_build_array(id, unit_id, lines) ORDER BY id) FROM found), '[]')::text,
    pg_advisory_xact_lock_shared(billing_turn($2))::text,
    (SELECT count(pg_advisory_xact_lock(billing_turn(unit_id))::text)
     FROM (SELECT DISTINCT unit_id FROM found ORDER BY 1) u)
"""
# In a statement of its own, behind the locks: it sees what those before have committed.
_LOOK_AT_ALL = """
SELECT (SELECT count(*) FROM unit WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3)),
    (SELECT max(month) FROM billing_period WHERE company_id = $1 AND site_id = $2),
    coalesce((SELECT jsonb_agg(jsonb_build_array(key, id, posted_on, encode(digest, 'hex'))) FROM billing_entry
        WHERE company_id = $1 AND site_id = $2 AND key = ANY ($4)), '[]')::text,
    coalesce((SELECT jsonb_agg(jsonb_build_array(unit_id, account, charge_id, item_id, party_id, fen)) FROM (
        SELECT unit_id, account, charge_id, item_id, party_id, sum(amount_fen)::bigint AS fen FROM billing_posting
        WHERE company_id = $1 AND unit_id = ANY ($3) AND site_id = $2 AND account <> 'clearing'
            AND (charge_id = ANY ($5) OR account IN ('prepayment', 'deposit'))
        GROUP BY unit_id, account, charge_id, item_id, party_id
    ) s), '[]')::text
"""
_sums_of = msgspec.json.Decoder(list[tuple[UUID, Account, UUID | None, UUID | None, UUID | None, int]]).decode
_known = msgspec.json.Decoder(list[tuple[str, UUID, date, str]]).decode
_held = msgspec.json.Decoder(list[tuple[UUID, UUID, list[Posting]]]).decode


class SeenAll(msgspec.Struct, frozen=True):
    """The same of several units: how many are the site's, the last closed month, what has been posted under which of
    the keys (id, day, digest), the accounts by unit."""

    of_site: int
    closed: date | None
    known: Mapping[str, tuple[UUID, date, bytes]]
    books: Mapping[UUID, Books]


class Payer(msgspec.Struct, frozen=True):
    """Somebody known at the site, and which of the units they own or live in, or did."""

    name: str
    units: frozenset[UUID]


async def hold_for(uow: UnitOfWork, site_id: UUID, units: Sequence[UUID], party_id: UUID) -> Payer | None:
    """Nobody else posts on these accounts before the transaction ends; the party, None for one that is not there."""

    def read(name: str | None, own: list[UUID], *_: object) -> Payer | None:
        return None if name is None else Payer(name, frozenset(own))

    return await uow.fetch_one(read, _HOLD_FOR, uow.company_id, site_id, units, party_id)


async def hold_receipt(uow: UnitOfWork, site_id: UUID, receipt_id: UUID) -> list[tuple[UUID, UUID, list[Posting]]]:
    """Entry, unit and postings of what was posted with a receipt, whose accounts are held; nothing: there is none."""
    found = await uow.fetch_one(lambda entries, *_: _held(entries), _HOLD_RECEIPT, uow.company_id, site_id, receipt_id)
    assert found is not None  # it asks of one row
    return found


async def look_at_all(
    uow: UnitOfWork, site_id: UUID, units: Sequence[UUID], keys: Sequence[str], charges: Iterable[UUID]
) -> SeenAll:
    """The units' accounts as they are, with those charges."""

    def read(of_site: int, closed: date | None, known: str, sums: str) -> SeenAll:
        by_unit: dict[UUID, list[Sum]] = {unit_id: [] for unit_id in units}
        for unit_id, *sum_ in _sums_of(sums):
            by_unit[unit_id].append(tuple(sum_))  # type: ignore[arg-type]
        books = {unit_id: books_of(unit_id, rows) for unit_id, rows in by_unit.items()}
        return SeenAll(of_site, closed, {k: (id, day, bytes.fromhex(d)) for k, id, day, d in _known(known)}, books)

    seen = await uow.fetch_one(read, _LOOK_AT_ALL, uow.company_id, site_id, units, keys, list(charges))
    assert seen is not None  # it asks of one row
    return seen
