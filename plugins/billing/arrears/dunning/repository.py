"""Every statement about dunning; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.billing.arrears.dunning.ladder import Share, Standing
from plugins.billing.arrears.dunning.model import Debt, Dispute, Late, Promise, Promised, Taken

# What is overdue and not disputed, by household, as the ladder sees it; with the latest promise, and what was paid
# since. A payment that was undone was none: what undoes it counts with it.
_OVERDUE = """
WITH disputed AS (
    SELECT unit_id, bool_or(item_id IS NULL) AS wholly, array_agg(item_id) AS item_ids FROM billing_dispute
    WHERE company_id = $1 AND site_id = $2 AND settled_on IS NULL GROUP BY unit_id
), late AS (
    SELECT o.unit_id, o.party_id, o.due_on, o.open_fen, o.dunned, o.dunned_on, i.collected_for = '' AS own,
        coalesce(d.wholly OR o.item_id = ANY (d.item_ids), false) AS disputed
    FROM billing_owed o JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
    LEFT JOIN disputed d ON d.unit_id = o.unit_id
    WHERE o.company_id = $1 AND o.site_id = $2 AND o.open_fen > 0 AND o.due_on < $3
"""
_BY_UNIT = """
), by_unit AS (
    SELECT unit_id, bool_or(disputed) AS disputed,
        coalesce(sum(open_fen) FILTER (WHERE own AND NOT disputed), 0)::bigint AS own_fen,
        min(due_on) FILTER (WHERE own AND NOT disputed) AS own_oldest,
        coalesce(max(dunned) FILTER (WHERE own AND NOT disputed), 0) AS own_reached,
        coalesce(sum(open_fen) FILTER (WHERE NOT own AND NOT disputed), 0)::bigint AS other_fen,
        min(due_on) FILTER (WHERE NOT own AND NOT disputed) AS other_oldest,
        coalesce(max(dunned) FILTER (WHERE NOT own AND NOT disputed), 0) AS other_reached,
        max(dunned_on) AS asked_on,
        -- whoever owes the most is spoken to
        (array_agg(party_id ORDER BY open_fen DESC, party_id))[1] AS party_id
    FROM late GROUP BY unit_id
)
SELECT u.id, u.label, u.sort_key, b.party_id, y.name, b.own_fen, b.own_oldest, b.own_reached, b.other_fen,
    b.other_oldest, b.other_reached, b.asked_on, b.disputed, p.id, p.amount_fen, p.promised_on,
    CASE WHEN p.id IS NOT NULL THEN (
        SELECT coalesce(-sum(g.amount_fen), 0)::bigint FROM billing_posting g
        JOIN billing_entry e ON e.company_id = $1 AND e.id = g.entry_id
        LEFT JOIN billing_entry r ON r.company_id = $1 AND r.id = e.reverses
        WHERE g.company_id = $1 AND g.unit_id = u.id AND g.account = 'receivable' AND e.posted_on <= p.promised_on
            AND coalesce(r.at, e.at) >= p.at AND coalesce(r.kind, e.kind) IN ('payment', 'allocation'))
    ELSE 0 END
FROM by_unit b
JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = b.unit_id
JOIN party y ON y.company_id = $1 AND y.id = b.party_id
LEFT JOIN LATERAL (SELECT q.id, q.amount_fen, q.promised_on, q.at FROM billing_promise q
    WHERE q.company_id = $1 AND q.unit_id = u.id ORDER BY q.id DESC LIMIT 1) p ON true
ORDER BY u.sort_key, u.id
"""
# Two statements, for each has a plan of its own.
_LATE = f"{_OVERDUE}{_BY_UNIT}"
_LATE_OF = f"{_OVERDUE} AND o.unit_id = ANY ($4) {_BY_UNIT}"
# The charges that a step asks for: `rank` is the step's, and a stern one asks for none that is collected for others.
_DEBTS = """
SELECT o.unit_id, o.charge_id, i.title, c.first_day, c.last_day, o.due_on, o.open_fen
FROM billing_owed o JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
LEFT JOIN billing_charge c ON c.company_id = $1 AND c.id = o.charge_id
WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = ANY ($3) AND o.open_fen > 0 AND o.due_on < $4
    AND o.dunned < $5 AND (i.collected_for = '' OR NOT $6)
    AND NOT EXISTS (SELECT FROM billing_dispute d WHERE d.company_id = $1 AND d.unit_id = o.unit_id
        AND d.settled_on IS NULL AND (d.item_id IS NULL OR d.item_id = o.item_id))
ORDER BY o.unit_id, i.code, o.due_on, o.charge_id
"""
# The record and how far each charge has come are one statement: neither stands without the other.
_TAKE = """
WITH taken AS (
    INSERT INTO billing_dunning (company_id, site_id, batch_id, step, done_on, who, outcome, note, at, by_id, by_name,
        id, unit_id, party_id, number, amount_fen, charges, lines)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, s.id, s.unit_id, s.party_id,
        coalesce((SELECT max(number) FROM billing_dunning WHERE company_id = $1 AND site_id = $2), 0) + s.n,
        s.amount_fen, ARRAY(SELECT jsonb_array_elements_text(s.charges)::uuid), s.lines
    FROM unnest($12::uuid[], $13::uuid[], $14::uuid[], $15::bigint[], $16::jsonb[], $17::text[])
        WITH ORDINALITY s (id, unit_id, party_id, amount_fen, charges, lines, n)
    RETURNING charges
)
UPDATE billing_owed o SET dunned = $18, dunned_on = $5
FROM (SELECT unnest(charges) AS charge_id FROM taken) t
WHERE o.company_id = $1 AND o.charge_id = t.charge_id
"""
_TAKEN = """
SELECT d.id, d.batch_id, d.number, d.unit_id, u.label, d.party_id, coalesce(y.name, ''), d.step, d.done_on,
    d.amount_fen, d.lines, d.who, d.outcome, d.note, d.at, d.by_name, (
        SELECT count(*) FROM billing_dunning_proof f
        WHERE f.company_id = $1 AND f.dunning_id = d.id AND f.struck_at IS NULL)
FROM billing_dunning d JOIN unit u ON u.company_id = $1 AND u.id = d.unit_id
LEFT JOIN party y ON y.company_id = $1 AND y.id = d.party_id
WHERE d.company_id = $1 AND d.site_id = $2
"""
_BATCH = f"""{_TAKEN} AND d.batch_id = (
    SELECT b.batch_id FROM billing_dunning b WHERE b.company_id = $1 AND b.site_id = $2 AND b.id = $3)
ORDER BY u.sort_key, d.number
"""  # noqa: S608
_ONE = f"{_TAKEN} AND d.id = $3"
# A household's record, part by part: what was done, promised and disputed.
_RECORD = f"""
SELECT 'step', t.id, to_jsonb(t)::text FROM (SELECT * FROM ({_TAKEN}) s (id, batch_id, number, unit_id, unit, party_id,
    party, step, done_on, amount_fen, lines, who, outcome, note, at, by_name, proofs) WHERE s.unit_id = $3
    ORDER BY id DESC LIMIT $4) t
UNION ALL
SELECT 'promise', t.id, to_jsonb(t)::text FROM (SELECT p.id, coalesce(y.name, '') AS party, p.amount_fen, p.promised_on,
    p.note, p.at, p.by_name FROM billing_promise p LEFT JOIN party y ON y.company_id = $1 AND y.id = p.party_id
    WHERE p.company_id = $1 AND p.site_id = $2 AND p.unit_id = $3 ORDER BY p.id DESC LIMIT $4) t
UNION ALL
SELECT 'dispute', t.id, to_jsonb(t)::text FROM (SELECT d.id, d.item_id, coalesce(i.title, '') AS item,
    coalesce(y.name, '') AS party, d.reason, d.status, d.opened_on, d.opened_by_name, d.settled_on, d.settled_by_name,
    d.outcome, d.version FROM billing_dispute d LEFT JOIN party y ON y.company_id = $1 AND y.id = d.party_id
    LEFT JOIN billing_item i ON i.company_id = $1 AND i.id = d.item_id
    WHERE d.company_id = $1 AND d.site_id = $2 AND d.unit_id = $3 ORDER BY d.id DESC LIMIT $4) t
UNION ALL
SELECT 'payer', y.id, to_jsonb(y.name)::text FROM party y WHERE y.company_id = $1 AND y.id IN (
    SELECT o.party_id FROM billing_owed o
    WHERE o.company_id = $1 AND o.site_id = $2 AND o.unit_id = $3 AND o.open_fen > 0)
UNION ALL
SELECT 'unit', u.id, to_jsonb(u.label)::text FROM unit u
WHERE u.company_id = $1 AND u.site_id = $2 AND u.id = $3
ORDER BY 1, 2 DESC
"""  # noqa: S608
_PROMISE = """
INSERT INTO billing_promise (company_id, id, site_id, unit_id, party_id, amount_fen, promised_on, note, at, by_id,
    by_name)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
WHERE EXISTS (SELECT FROM billing_owed o WHERE o.company_id = $1 AND o.site_id = $3 AND o.unit_id = $4
    AND o.party_id = $5 AND o.open_fen > 0)
"""
_DISPUTE = """
INSERT INTO billing_dispute (company_id, id, site_id, unit_id, party_id, item_id, reason, opened_on, opened_at,
    opened_by, opened_by_name)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
WHERE EXISTS (SELECT FROM billing_owed o WHERE o.company_id = $1 AND o.site_id = $3 AND o.unit_id = $4
    AND o.party_id = $5 AND o.open_fen > 0 AND ($6::uuid IS NULL OR o.item_id = $6))
ON CONFLICT DO NOTHING
"""
_DISPUTED = """
SELECT EXISTS (SELECT FROM billing_dispute WHERE company_id = $1 AND site_id = $2 AND unit_id = $3
    AND item_id IS NOT DISTINCT FROM $4 AND settled_on IS NULL)
"""
_GET_DISPUTE = """
SELECT d.unit_id, d.id, d.item_id, coalesce(i.title, ''), coalesce(y.name, ''), d.reason, d.status, d.opened_on,
    d.opened_by_name, d.settled_on, d.settled_by_name, d.outcome, d.version
FROM billing_dispute d LEFT JOIN party y ON y.company_id = $1 AND y.id = d.party_id
LEFT JOIN billing_item i ON i.company_id = $1 AND i.id = d.item_id
WHERE d.company_id = $1 AND d.site_id = $2 AND d.id = $3
"""
_SETTLE = """
UPDATE billing_dispute SET settled_on = $5, settled_by = $6, settled_by_name = $7, outcome = $8, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND settled_on IS NULL
"""
_OF_SITE = "SELECT count(*) FROM unit WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3)"
_debts = msgspec.json.Decoder(list[Debt]).decode
_encode = msgspec.json.encode


async def late(uow: UnitOfWork, site_id: UUID, today: date, units: Collection[UUID] | None = None) -> list[Late]:
    """Households with something overdue, by unit: of the whole site, or of those units."""
    if units is None:
        return await uow.fetch(_late, _LATE, uow.company_id, site_id, today)
    return await uow.fetch(_late, _LATE_OF, uow.company_id, site_id, today, list(units))


async def of_site(uow: UnitOfWork, site_id: UUID, units: Collection[UUID]) -> bool:
    """Whether all these units are the site's."""
    return bool(await uow.value(_OF_SITE, uow.company_id, site_id, list(units)) == len(units))


async def debts(
    uow: UnitOfWork, site_id: UUID, today: date, units: Collection[UUID], rank: int, *, stern: bool
) -> dict[UUID, list[Debt]]:
    """What a step asks for, by unit."""
    found: dict[UUID, list[Debt]] = {}
    for unit_id, *debt in await uow.fetch(
        lambda *row: row, _DEBTS, uow.company_id, site_id, list(units), today, rank, stern
    ):
        found.setdefault(unit_id, []).append(Debt(*debt))
    return found


async def take(
    uow: UnitOfWork,
    site_id: UUID,
    step: tuple[UUID, str, int],
    done: tuple[date, str, str, str, datetime, UUID | None, str],
    rows: Sequence[tuple[UUID, UUID, UUID, int, list[Debt]]],
) -> None:
    """Record a step (its batch, name and rank) that was done on a day: who went, what came of it, a note, when, by
    whom; with each row of an id, a unit, a party, an amount and what was asked for."""
    batch_id, name, rank = step
    ids, units, parties, amounts, asked = (list(column) for column in zip(*rows, strict=True))
    charges = [_encode([debt.charge_id for debt in each]).decode() for each in asked]
    lines = [_encode(each).decode() for each in asked]
    await uow.execute(
        _TAKE, uow.company_id, site_id, batch_id, name, *done, ids, units, parties, amounts, charges, lines, rank
    )


async def together(uow: UnitOfWork, site_id: UUID, dunning_id: UUID) -> list[Taken]:
    """What was carried out at once with that step of the record, by unit; nothing where there is none of that id."""
    return await uow.fetch(_taken, _BATCH, uow.company_id, site_id, dunning_id)


async def one(uow: UnitOfWork, site_id: UUID, dunning_id: UUID) -> Taken | None:
    """That step of the record."""
    return await uow.fetch_one(_taken, _ONE, uow.company_id, site_id, dunning_id)


async def record(
    uow: UnitOfWork, site_id: UUID, unit_id: UUID, most: int
) -> tuple[str | None, list[tuple[UUID, str]], list[Taken], list[Promise], list[Dispute]]:
    """The unit's label (None: there is none here), who owes there, and its record, the latest first."""
    label: str | None = None
    payers: list[tuple[UUID, str]] = []
    steps: list[Taken] = []
    promises: list[Promise] = []
    disputes: list[Dispute] = []
    for kind, id, text in await uow.fetch(lambda *row: row, _RECORD, uow.company_id, site_id, unit_id, most):
        if kind == "step":
            row = msgspec.json.decode(text)
            steps.append(msgspec.convert({**row, "lines": msgspec.json.decode(row["lines"])}, Taken))
        elif kind == "promise":
            promises.append(msgspec.json.decode(text, type=Promise))
        elif kind == "dispute":
            disputes.append(msgspec.json.decode(text, type=Dispute))
        elif kind == "payer":
            payers.append((id, msgspec.json.decode(text)))
        else:
            label = msgspec.json.decode(text)
    return label, payers, steps, promises, disputes


async def promise(uow: UnitOfWork, values: Sequence[Any]) -> bool:
    """Whether it was made: by nobody who owes nothing there."""
    return bool(await uow.execute(_PROMISE, uow.company_id, *values))


async def dispute(uow: UnitOfWork, values: Sequence[Any]) -> bool:
    """Whether it was opened: not by somebody who owes nothing of it there, nor twice."""
    return bool(await uow.execute(_DISPUTE, uow.company_id, *values))


async def disputed(uow: UnitOfWork, site_id: UUID, unit_id: UUID, item_id: UUID | None) -> bool:
    """Whether there is an open dispute about that there."""
    return bool(await uow.value(_DISPUTED, uow.company_id, site_id, unit_id, item_id))


async def get_dispute(uow: UnitOfWork, site_id: UUID, dispute_id: UUID) -> tuple[UUID, Dispute] | None:
    """A dispute with its unit."""
    return await uow.fetch_one(
        lambda unit_id, *row: (unit_id, Dispute(*row)), _GET_DISPUTE, uow.company_id, site_id, dispute_id
    )


async def settle(
    uow: UnitOfWork, site_id: UUID, dispute_id: UUID, version: int, day: date, by: tuple[UUID | None, str], outcome: str
) -> bool:
    """Whether it was, from that version."""
    return bool(await uow.execute(_SETTLE, uow.company_id, site_id, dispute_id, version, day, *by, outcome))


def _late(*row: Any) -> Late:
    unit_id, unit, sort_key, party_id, party, *sums = row
    own, others, (asked_on, disputed, id, amount, promised_on, paid) = sums[:3], sums[3:6], sums[6:]
    promised = None if id is None else Promised(id, amount, promised_on, paid)
    # what was promised and has been paid is no promise any more: what is left is asked for like any other
    waits = promised_on if promised and paid < amount else None
    standing = Standing(Share(*own), Share(*others), asked_on, waits)
    return Late(unit_id, unit, sort_key, party_id, party, standing, promised, disputed)


def _taken(*row: Any) -> Taken:
    columns: list[Any] = [*row[:10], _debts(row[10]), *row[11:]]
    return Taken(*columns)
