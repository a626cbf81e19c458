"""Statements about visits; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import UnitOfWork, masked
from plugins.billing.collection.model import ChangedVisit, HomeVisit, NewHomeVisit, VisitStatus

By = tuple[UUID | None, str]
# What is owed is that of today; whoever is visited is called by a masked number.
_VISIT: Final = """
SELECT v.id, v.unit_id, u.label, v.party_id, coalesce(y.name, ''), coalesce((SELECT c.phone FROM contact c
        WHERE c.company_id = v.company_id AND c.party_id = v.party_id ORDER BY c.id LIMIT 1), ''),
    v.day, v.starts, v.ends, v.collector_id, v.collector_name, v.why, v.note, v.dunning_id,
    coalesce(extract(year FROM d.done_on)::text || '-' || lpad(d.number::text, 4, '0'), ''), v.status, v.reason,
    v.receipt_id, coalesce(r.paper_number, ''), r.amount_fen, o.open_fen, o.overdue_fen, v.agreed_at, v.agreed_by_name,
    v.settled_at, v.settled_by_name, v.version, u.sort_key
FROM billing_visit v JOIN unit u ON u.company_id = v.company_id AND u.id = v.unit_id
LEFT JOIN party y ON y.company_id = v.company_id AND y.id = v.party_id
LEFT JOIN billing_dunning d ON d.company_id = v.company_id AND d.id = v.dunning_id
LEFT JOIN billing_receipt r ON r.company_id = v.company_id AND r.id = v.receipt_id
LEFT JOIN LATERAL (SELECT coalesce(sum(open_fen), 0)::bigint AS open_fen,
        coalesce(sum(open_fen) FILTER (WHERE due_on < $3), 0)::bigint AS overdue_fen
    FROM billing_owed WHERE company_id = v.company_id AND site_id = v.site_id AND unit_id = v.unit_id
        AND open_fen > 0) o ON true
WHERE v.company_id = $1 AND v.site_id = $2
"""
_GET: Final = f"{_VISIT} AND v.id = $4"
_PAGE: Final = f"""
{_VISIT} AND v.day = $4 AND ($5::uuid IS NULL OR v.collector_id = $5) AND ($6::text IS NULL OR v.status = $6)
    AND (u.sort_key, v.id) > ($7, $8::uuid)
ORDER BY u.sort_key, v.id LIMIT $9
"""
_OF_UNIT: Final = f"{_VISIT} AND v.unit_id = $4 ORDER BY v.day DESC, v.id DESC LIMIT 20"
# Only to a household that the person has to do with, and for a step of its own.
_ADD: Final = """
INSERT INTO billing_visit (company_id, site_id, id, unit_id, party_id, day, starts, ends, collector_id, collector_name,
    why, note, dunning_id, agreed_at, agreed_by, agreed_by_name)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
WHERE EXISTS (SELECT FROM occupancy WHERE company_id = $1 AND site_id = $2 AND unit_id = $4 AND party_id = $5
        UNION ALL SELECT FROM billing_owed
        WHERE company_id = $1 AND site_id = $2 AND unit_id = $4 AND party_id = $5 AND open_fen > 0)
    AND ($13::uuid IS NULL OR EXISTS (SELECT FROM billing_dunning
        WHERE company_id = $1 AND site_id = $2 AND unit_id = $4 AND id = $13))
"""
_CHANGE: Final = """
UPDATE billing_visit SET day = $5, starts = $6, ends = $7, collector_id = $8, collector_name = $9, why = $10,
    note = $11, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND outcome = ''
"""
_SETTLE: Final = """
UPDATE billing_visit SET outcome = $5, reason = $6, settled_at = $7, settled_by = $8, settled_by_name = $9,
    version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4 AND outcome = ''
"""
_DUNNINGS: Final = """
SELECT id, number, done_on FROM billing_dunning
WHERE company_id = $1 AND site_id = $2 AND unit_id = $3 ORDER BY id DESC LIMIT 10
"""
# Visits first, then accounts, each in the order of their ids: no two who enter many wait for each other.
_HOLD: Final = """
WITH held AS MATERIALIZED (
    SELECT unit_id FROM billing_visit WHERE company_id = $1 AND site_id = $2 AND id = ANY ($3) ORDER BY id FOR UPDATE
)
SELECT pg_advisory_xact_lock_shared(billing_turn($2))::text,
    (SELECT count(pg_advisory_xact_lock(billing_turn(unit_id))::text)
     FROM (SELECT DISTINCT unit_id FROM held ORDER BY 1) u)
"""
_COLLECTORS: Final = """
SELECT collector_id, max(collector_name) FROM billing_visit
WHERE company_id = $1 AND site_id = $2 AND day = $3 GROUP BY 1 ORDER BY 2
"""


class Dunned(msgspec.Struct, frozen=True):
    """A step of dunning that a visit can be the outcome of."""

    id: UUID
    number: int
    done_on: date


async def get(uow: UnitOfWork, site_id: UUID, today: date, visit_id: UUID) -> HomeVisit | None:
    found = await uow.fetch_one(_read, _GET, uow.company_id, site_id, today, visit_id)
    return found[0] if found else None


async def page(
    uow: UnitOfWork, site_id: UUID, today: date, day: date, collector_id: UUID | None, status: VisitStatus | None,
    after: tuple[str, UUID], limit: int,
) -> list[tuple[HomeVisit, str]]:  # fmt: skip
    """Visits of a day along the way, each with its unit's sort key."""
    wanted = day, collector_id, status
    return await uow.fetch(_read, _PAGE, uow.company_id, site_id, today, *wanted, *after, limit)


async def of_unit(uow: UnitOfWork, site_id: UUID, today: date, unit_id: UUID) -> list[HomeVisit]:
    """The latest of a household."""
    return [visit for visit, _ in await uow.fetch(_read, _OF_UNIT, uow.company_id, site_id, today, unit_id)]


async def add(
    uow: UnitOfWork, site_id: UUID, id: UUID, new: NewHomeVisit, collector: str, now: datetime, by: By
) -> bool:
    """False: the person has nothing to do with the unit, or the step of dunning is another household's."""
    when = new.day, new.starts, new.ends, new.collector_id, collector
    told = new.why.strip(), new.note.strip(), new.dunning_id
    values = id, new.unit_id, new.party_id, *when, *told, now, *by
    return bool(await uow.execute(_ADD, uow.company_id, site_id, *values))


async def change(
    uow: UnitOfWork, site_id: UUID, visit_id: UUID, version: int, new: ChangedVisit, collector: str
) -> bool:
    """False: it has changed, or is over."""
    values = new.day, new.starts, new.ends, new.collector_id, collector, new.why.strip(), new.note.strip()
    return bool(await uow.execute(_CHANGE, uow.company_id, site_id, visit_id, version, *values))


async def settle(
    uow: UnitOfWork, site_id: UUID, visit_id: UUID, version: int, outcome: str, reason: str, now: datetime, by: By
) -> bool:
    """False: it has changed, or is over."""
    values = visit_id, version, outcome, reason, now, *by
    return bool(await uow.execute(_SETTLE, uow.company_id, site_id, *values))


async def dunnings(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> list[Dunned]:
    """The latest steps of dunning with a household."""
    return await uow.fetch(Dunned, _DUNNINGS, uow.company_id, site_id, unit_id)


async def hold(uow: UnitOfWork, site_id: UUID, visits: Collection[UUID]) -> None:
    """Nobody else settles these visits, or posts on their accounts, before the transaction ends."""
    await uow.execute(_HOLD, uow.company_id, site_id, list(visits))


async def collectors(uow: UnitOfWork, site_id: UUID, day: date) -> list[tuple[UUID, str]]:
    """Who goes on that day."""
    return await uow.fetch(lambda id, name: (id, name), _COLLECTORS, uow.company_id, site_id, day)


def _read(*row: Any) -> tuple[HomeVisit, str]:
    *head, sort_key = row
    head[5] = masked(head[5]) if head[5] else ""
    return HomeVisit(*head), sort_key
