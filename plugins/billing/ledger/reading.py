"""The ledger as it is read: the journal, a household's account, the months. Each statement names the company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from core.sdk import Malformed, NotFound, Site, Work, part_of
from plugins.billing.access import enter
from plugins.billing.ledger.model import (
    MOST,
    Entry,
    Journal,
    Line,
    OpenCharge,
    Period,
    Standing,
    UnitAccount,
    Wanted,
)
from plugins.billing.ledger.service import following

_LINES = """
SELECT jsonb_agg(jsonb_build_object('account', p.account, 'amount_fen', p.amount_fen, 'item_id', p.item_id,
    'item', coalesce(i.title, ''), 'unit_id', p.unit_id, 'unit', coalesce(u.label, ''), 'party_id', p.party_id,
    'charge_id', p.charge_id, 'means', p.means) ORDER BY p.line)::text
FROM billing_posting p
LEFT JOIN billing_item i ON i.company_id = p.company_id AND i.id = p.item_id
LEFT JOIN unit u ON u.company_id = p.company_id AND u.id = p.unit_id
WHERE p.company_id = e.company_id AND p.entry_id = e.id
"""
_ENTRY = f"""
SELECT e.id, e.posted_on, e.kind, e.reverses,
    (SELECT r.id FROM billing_entry r WHERE r.company_id = e.company_id AND r.reverses = e.id),
    e.note, e.at, e.by_name, ({_LINES})
FROM billing_entry e WHERE e.company_id = $1 AND e.site_id = $2
"""  # noqa: S608
_GET = f"{_ENTRY} AND e.id = $3"
# With what receipt it was posted, or what it undoes was.
_RECEIPT = """
SELECT r.id, r.number FROM billing_receipt r WHERE r.company_id = $1 AND r.site_id = $2 AND r.id IN (
    SELECT l.receipt_id FROM billing_receipt_line l WHERE l.company_id = $1 AND l.entry_id = ANY ($3)) LIMIT 1
"""
# An id's order is that in which entries were made.
_PAGE = f"""
{_ENTRY} AND ($3::text IS NULL OR e.kind = $3) AND ($4::date IS NULL OR e.posted_on >= $4)
    AND ($5::date IS NULL OR e.posted_on <= $5) AND ($6::uuid IS NULL OR EXISTS (SELECT FROM billing_posting p
        WHERE p.company_id = e.company_id AND p.entry_id = e.id AND p.unit_id = $6))
    AND ($7::text IS NULL OR EXISTS (SELECT FROM billing_posting p JOIN unit u ON u.company_id = p.company_id
        AND u.id = p.unit_id WHERE p.company_id = e.company_id AND p.entry_id = e.id AND u.label ILIKE $7))
    AND ($8::uuid IS NULL OR e.id < $8)
ORDER BY e.id DESC LIMIT $9
"""  # noqa: S608
_ACCOUNT = """
WITH sums AS (
    SELECT p.account, p.charge_id, p.item_id, p.party_id, sum(p.amount_fen)::bigint AS fen, min(e.posted_on) AS day,
        p.unit_id
    FROM billing_posting p JOIN billing_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.unit_id = ANY ($3) AND p.account <> 'clearing'
    GROUP BY 1, 2, 3, 4, 7
)
SELECT u.id, u.label, coalesce((SELECT jsonb_agg(jsonb_build_array(s.account, s.charge_id, s.item_id,
        coalesce(i.title, ''), s.party_id, coalesce(y.name, ''), c.first_day, c.last_day, coalesce(c.due_on, s.day),
        s.fen, coalesce((SELECT -n.fen FROM sums n WHERE n.account = 'income' AND n.charge_id = s.charge_id), 0)))
    FROM sums s LEFT JOIN billing_item i ON i.company_id = $1 AND i.id = s.item_id
    LEFT JOIN party y ON y.company_id = $1 AND y.id = s.party_id
    LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = s.charge_id
    WHERE s.account <> 'income' AND s.fen <> 0 AND s.unit_id = u.id), '[]')::text
FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND u.id = ANY ($3) ORDER BY u.sort_key, u.id
"""
# Closed months say themselves what is in them; the others are added up.
_CLOSED = """
SELECT p.month, (SELECT count(*) FROM billing_entry e WHERE e.company_id = $1 AND e.site_id = $2
    AND e.posted_on >= p.month AND e.posted_on < p.month + interval '1 month'),
    p.debit_fen, p.credit_fen, p.at, p.by_name
FROM billing_period p WHERE p.company_id = $1 AND p.site_id = $2 ORDER BY p.month DESC LIMIT $3
"""
_OPEN = """
SELECT date_trunc('month', e.posted_on)::date, count(DISTINCT e.id), sum(greatest(p.amount_fen, 0))::bigint,
    -sum(least(p.amount_fen, 0))::bigint, NULL::timestamptz, ''
FROM billing_entry e JOIN billing_posting p ON p.company_id = e.company_id AND p.entry_id = e.id
WHERE e.company_id = $1 AND e.site_id = $2 AND e.posted_on >= coalesce((SELECT max(month) + interval '1 month'
    FROM billing_period WHERE company_id = $1 AND site_id = $2), '-infinity')
GROUP BY 1 ORDER BY 1
"""
_Sum = tuple[
    str, UUID | None, UUID | None, str, UUID, str, date | None, date | None, date, int, int,
]  # fmt: skip
_sums = msgspec.json.Decoder(list[_Sum]).decode
_lines = msgspec.json.Decoder(list[Line]).decode


async def entry(work: Work, site: Site, entry_id: UUID) -> Entry:
    """An entry with its postings. Raises NotFound."""
    enter(work, site)
    found = await work.uow.fetch_one(_entry, _GET, work.uow.company_id, site.id, entry_id)
    if found is None:
        raise NotFound
    return found


async def receipt(work: Work, site: Site, entry: Entry) -> tuple[UUID, str] | None:
    """Id and number of the receipt that the entry, or the one that it undoes, was posted with."""
    enter(work, site)
    ids = [entry.id, *([entry.reverses] if entry.reverses else [])]
    return await work.uow.fetch_one(lambda *row: (row[0], row[1]), _RECEIPT, work.uow.company_id, site.id, ids)


async def journal(work: Work, site: Site, wanted: Wanted, cursor: str | None = None, limit: int = 50) -> Journal:
    """A page of the site's entries, the newest first; `limit` is 200 at most (IN-9). Raises Malformed for a cursor that
    is not one of ours."""
    found = await listed(work, site, wanted, _read(cursor), min(limit, MOST) + 1)
    more = len(found) > min(limit, MOST)
    items = found[: min(limit, MOST)]
    return Journal(items, str(items[-1].id) if more else None)


async def listed(work: Work, site: Site, wanted: Wanted, before: UUID | None, most: int) -> list[Entry]:
    """Entries behind that one, the newest first."""
    enter(work, site)
    text = wanted.text.strip()
    which = wanted.kind, wanted.since, wanted.until, wanted.unit_id, part_of(text) if text else None
    return await work.uow.fetch(_entry, _PAGE, work.uow.company_id, site.id, *which, before, most)


async def account(work: Work, site: Site, unit_id: UUID) -> UnitAccount:
    """What a household owes by item and age, has prepaid, has left as a deposit. Raises NotFound."""
    found = await accounts(work, site, [unit_id])
    if not found:
        raise NotFound
    return found[0]


async def accounts(work: Work, site: Site, units: Sequence[UUID]) -> list[UnitAccount]:
    """The same of several households, in the order of the house."""
    enter(work, site)
    today = site.today(work.now)

    def read(unit_id: UUID, label: str, sums: str) -> UnitAccount:
        return _account(unit_id, label, _sums(sums), today)

    return await work.uow.fetch(read, _ACCOUNT, work.uow.company_id, site.id, units)


def _account(unit_id: UUID, label: str, sums: Iterable[_Sum], today: date) -> UnitAccount:
    charges, standings = [], {"prepayment": list[Standing](), "deposit": list[Standing]()}
    for name, charge_id, item_id, item, party_id, party, first_day, last_day, due_on, fen, charged in sums:
        if name == "receivable":
            assert charge_id is not None and item_id is not None  # the schema asks for them
            days = max(0, (today - due_on).days)
            of = charge_id, item_id, item, party_id, party, first_day, last_day
            charges.append(OpenCharge(*of, due_on, days, charged, fen))
        else:
            standings[name].append(Standing(party_id, party, item_id, item, -fen))
    charges.sort(key=lambda charge: (charge.item, charge.due_on, charge.charge_id))
    prepaid, deposits = standings["prepayment"], standings["deposit"]
    overdue = sum(charge.open_fen for charge in charges if charge.days)
    owed = sum(charge.open_fen for charge in charges)
    totals = owed, overdue, _total(prepaid), _total(deposits)
    return UnitAccount(unit_id, label, charges, prepaid, deposits, *totals)


async def periods(work: Work, site: Site) -> list[Period]:
    """The months of the ledger, the latest first: at most ten years that are closed, and those that are open with what
    comes before they can be closed."""
    enter(work, site)
    closed = await work.uow.fetch(Period, _CLOSED, work.uow.company_id, site.id, 120)
    opened = await work.uow.fetch(Period, _OPEN, work.uow.company_id, site.id)
    today = site.today(work.now)
    told = []
    for n, period in enumerate(opened):
        if today < following(period.month):
            told.append(msgspec.structs.replace(period, missing="not_over"))
        elif n:
            told.append(msgspec.structs.replace(period, missing="earlier", first=opened[0].month))
        else:
            told.append(period)
    return [*reversed(told), *closed]


def _entry(*row: object) -> Entry:
    return Entry(*row[:-1], _lines(str(row[-1])))  # type: ignore[call-arg, arg-type]


def _total(standings: Iterable[Standing]) -> int:
    return sum(standing.amount_fen for standing in standings)


def _read(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
