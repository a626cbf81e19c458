"""Every statement about trades and visits; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import Row, UnitOfWork, new_id
from plugins.repairs.orders.state import Visit
from plugins.repairs.visits.model import Booked, PlannedVisit, Technician, TradeEntry

_TECHNICIANS = """
SELECT m.id, m.name, coalesce(jsonb_agg(jsonb_build_object('trade', r.trade, 'level', r.level) ORDER BY r.trade)
    FILTER (WHERE r.id IS NOT NULL), '[]')::text
FROM membership m LEFT JOIN repairs_trade r
    ON r.company_id = m.company_id AND r.membership_id = m.id AND r.site_id = $2
WHERE m.company_id = $1 AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids))
    AND (r.id IS NOT NULL OR roles_at(m.roles, m.posts, $2, NULL) && $3::text[])
GROUP BY m.id, m.name, m.staff_no ORDER BY m.staff_no
"""
_FORGET = "DELETE FROM repairs_trade WHERE company_id = $1 AND site_id = $2 AND membership_id = $3"
_LEARN = """
INSERT INTO repairs_trade (company_id, id, site_id, membership_id, trade, level)
SELECT $1, n.id, $2, m.id, n.trade, n.level
FROM membership m, unnest($4::uuid[], $5::text[], $6::smallint[]) AS n (id, trade, level)
WHERE m.company_id = $1 AND m.id = $3 AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids))
"""
_BOOKED = """
SELECT technician_id, trade, starts_at, ends_at FROM repairs_visit
WHERE company_id = $1 AND cancelled_at IS NULL AND starts_at < $3 AND ends_at > $2
"""
# Nobody is in two places, and an order has one visit agreed: whoever comes second gets no row. What is agreed before is
# moved first.
_BOOK = """
WITH moved AS (
    UPDATE repairs_visit SET cancelled_at = $9, cancelled_by_name = $10, reason = $13, moved_to = $2
    WHERE company_id = $1 AND site_id = $3 AND id = $12 AND cancelled_at IS NULL AND arrived_at IS NULL RETURNING id
)
INSERT INTO repairs_visit (company_id, id, site_id, ticket_id, technician_id, technician_name, trade, starts_at,
    ends_at, booked_at, booked_by_name)
SELECT $1, $2, $3, $4, $5, m.name, $6, $7, $8, $9, $10 FROM membership m, (SELECT count(*) AS n FROM moved) before
WHERE (before.n = 1 OR $12 IS NULL) AND m.company_id = $1 AND m.id = $5 AND m.active
    AND (m.all_sites OR $3 = ANY (m.site_ids))
    AND ($11 = 0 OR $11 > (SELECT count(*) FROM repairs_visit o WHERE o.company_id = $1 AND o.site_id = $3
                           AND o.trade = $6 AND o.cancelled_at IS NULL AND o.id IS DISTINCT FROM $12
                           AND o.starts_at < $8 AND o.ends_at > $7))
ON CONFLICT DO NOTHING RETURNING technician_name
"""
_CANCEL = """
UPDATE repairs_visit v SET cancelled_at = c.at, cancelled_by_name = c.by_name, reason = c.reason
FROM jsonb_to_record({row}) AS c (id uuid, at timestamptz, by_name text, reason text)
WHERE v.company_id = $1 AND v.ticket_id = $2 AND v.id = c.id
"""
# When somebody arrived is what the ticket says, however late it is heard here.
_ARRIVE = """
UPDATE repairs_visit v SET arrived_at = e.at
FROM (SELECT max(at) AS at FROM ticket_event WHERE company_id = $1 AND ticket_id = $3 AND kind = 'arrive') e
WHERE v.company_id = $1 AND v.site_id = $2 AND v.ticket_id = $3 AND v.cancelled_at IS NULL AND v.arrived_at IS NULL
    AND v.booked_at <= e.at
"""
_END = """
UPDATE repairs_visit SET cancelled_at = $4
WHERE company_id = $1 AND site_id = $2 AND ticket_id = $3 AND cancelled_at IS NULL AND arrived_at IS NULL
"""
_DAY = """
SELECT v.id, v.ticket_id, t.number, v.technician_id, v.technician_name, v.trade, v.starts_at, v.ends_at, v.arrived_at,
    t.status, t.severity, t.place, coalesce(t.fields ->> 'spot', ''), t.description
FROM repairs_visit v JOIN ticket t ON t.company_id = v.company_id AND t.id = v.ticket_id
WHERE v.company_id = $1 AND v.site_id = $2 AND v.cancelled_at IS NULL AND v.starts_at >= $3 AND v.starts_at < $4
    AND ($5::uuid IS NULL OR v.technician_id = $5)
ORDER BY v.technician_name, v.starts_at
"""
_trades = msgspec.json.Decoder(tuple[TradeEntry, ...]).decode


async def technicians(uow: UnitOfWork, site_id: UUID, roles: Sequence[str]) -> list[Technician]:
    """Who works at the site and has a trade or one of the roles, by staff number."""

    def read(membership_id: UUID, name: str, trades: str) -> Technician:
        return Technician(membership_id, name, _trades(trades))

    return await uow.fetch(read, _TECHNICIANS, uow.company_id, site_id, list(roles))


async def learn(uow: UnitOfWork, site_id: UUID, membership_id: UUID, trades: Sequence[TradeEntry]) -> int:
    """Give somebody these trades and no others; how many were written, none for nobody of the site."""
    await uow.execute(_FORGET, uow.company_id, site_id, membership_id)
    return await uow.execute(
        _LEARN,
        uow.company_id,
        site_id,
        membership_id,
        [new_id() for _ in trades],
        [t.trade for t in trades],
        [t.level for t in trades],
    )


async def booked(uow: UnitOfWork, since: datetime, until: datetime) -> list[Booked]:
    """The times between at which technicians of the company are somewhere."""
    return await uow.fetch(Booked, _BOOKED, uow.company_id, since, until)


async def book(
    uow: UnitOfWork, site_id: UUID, visit: Visit, capacity: int, before: UUID | None, reason: str
) -> str | None:
    """Agree on a visit, in the place of the one `before` for that reason; `capacity` 0 is any number at a time.

    The technician's name; None where they are no colleague, are somewhere else then, or the order has a visit.
    """
    name: str | None = await uow.value(
        _BOOK,
        uow.company_id,
        visit.id,
        site_id,
        visit.ticket_id,
        visit.technician_id,
        visit.trade,
        visit.starts_at,
        visit.ends_at,
        visit.booked_at,
        visit.booked_by_name,
        capacity,
        before,
        reason,
    )
    return name


class _Cancelled(msgspec.Struct, frozen=True):
    id: UUID
    at: datetime
    by_name: str
    reason: str


def cancelled(visit_id: UUID, now: datetime, by_name: str, reason: str) -> Row:
    """That a visit is called off, to be written with its ticket's note."""
    return Row(_CANCEL, _Cancelled(visit_id, now, by_name, reason))


async def arrive(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> None:
    """Note when somebody came, with the visit that was agreed."""
    await uow.execute(_ARRIVE, uow.company_id, site_id, ticket_id)


async def end(uow: UnitOfWork, site_id: UUID, ticket_id: UUID, now: datetime) -> None:
    """An order that is done needs no visit."""
    await uow.execute(_END, uow.company_id, site_id, ticket_id, now)


async def day(
    uow: UnitOfWork, site_id: UUID, since: datetime, until: datetime, technician_id: UUID | None
) -> list[PlannedVisit]:
    """The visits that begin in between, by technician and time."""
    return await uow.fetch(PlannedVisit, _DAY, uow.company_id, site_id, since, until, technician_id)
