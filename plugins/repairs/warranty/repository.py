"""Every statement about warranties; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.sdk import UnitOfWork, new_id
from plugins.repairs.warranty.model import NewTerm, Term, TermRow

_TERM = "m.id, m.unit_id, m.item, m.starts_on, m.ends_on, m.liable, m.note"
_PUT = """
INSERT INTO repairs_term AS m (company_id, id, site_id, unit_id, item, starts_on, ends_on, liable, note, changed_at,
    changed_by_name)
SELECT $1, n.id, $2, u.id, n.item, n.starts_on, n.ends_on, n.liable, n.note, $3, $4
FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::date[], $9::date[], $10::text[], $11::text[])
    AS n (id, unit_id, item, starts_on, ends_on, liable, note)
JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = n.unit_id
ON CONFLICT (company_id, unit_id, item) DO UPDATE SET starts_on = excluded.starts_on, ends_on = excluded.ends_on,
    liable = excluded.liable, note = excluded.note, changed_at = excluded.changed_at,
    changed_by_name = excluded.changed_by_name
RETURNING m.id
"""
_LIST = f"""
SELECT {_TERM}, u.label, m.changed_at, m.changed_by_name FROM repairs_term m
JOIN unit u ON u.company_id = m.company_id AND u.site_id = m.site_id AND u.id = m.unit_id
WHERE m.company_id = $1 AND m.site_id = $2 AND ($3 = '' OR u.label LIKE $3 || '%')
ORDER BY u.sort_key, m.item LIMIT 500
"""  # noqa: S608
_OF_UNIT = f"""
SELECT {_TERM} FROM repairs_term m WHERE m.company_id = $1 AND m.site_id = $2 AND m.unit_id = $3
"""  # noqa: S608
_UNITS = """
SELECT label, id FROM unit WHERE company_id = $1 AND site_id = $2 AND label = ANY ($3)
"""
_REMOVE = "DELETE FROM repairs_term WHERE company_id = $1 AND site_id = $2 AND id = $3"
_DECIDE = """
INSERT INTO repairs_order AS o (company_id, id, site_id, warranty, warranty_until, warranty_note, decided_at,
    decided_by, decided_by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (company_id, id) DO UPDATE SET warranty = excluded.warranty, warranty_until = excluded.warranty_until,
    warranty_note = excluded.warranty_note, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
    decided_by_name = excluded.decided_by_name
WHERE $9 <> '' OR o.decided_by_name = ''
"""


async def put(uow: UnitOfWork, site_id: UUID, terms: Sequence[NewTerm], now: datetime, by_name: str) -> int:
    """Enter dates, in the place of those there are for the same unit and item; how many named a unit of the site."""
    return await uow.execute(
        _PUT,
        uow.company_id,
        site_id,
        now,
        by_name,
        [new_id() for _ in terms],
        [t.unit_id for t in terms],
        [t.item for t in terms],
        [t.starts_on for t in terms],
        [t.ends_on for t in terms],
        [t.liable for t in terms],
        [t.note.strip() for t in terms],
    )


async def listed(uow: UnitOfWork, site_id: UUID, beginning: str) -> list[TermRow]:
    """The site's dates by unit, 500 at most; of the units whose name begins so."""

    def read(*columns: object) -> TermRow:
        return TermRow(Term(*columns[:7]), *columns[7:])  # type: ignore[arg-type]

    escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return await uow.fetch(read, _LIST, uow.company_id, site_id, escaped)


async def of_unit(uow: UnitOfWork, site_id: UUID, unit_id: UUID) -> list[Term]:
    """The dates of a unit of the site."""
    return await uow.fetch(Term, _OF_UNIT, uow.company_id, site_id, unit_id)


async def units(uow: UnitOfWork, site_id: UUID, labels: Sequence[str]) -> dict[str, UUID]:
    """The site's units of those names."""
    return dict(await uow.fetch(lambda label, id: (label, id), _UNITS, uow.company_id, site_id, list(labels)))


async def remove(uow: UnitOfWork, site_id: UUID, term_id: UUID) -> bool:
    """Whether there was one."""
    return bool(await uow.execute(_REMOVE, uow.company_id, site_id, term_id))


async def decide(
    uow: UnitOfWork,
    site_id: UUID,
    ticket_id: UUID,
    decided: tuple[str, date | None, str],
    now: datetime,
    by: tuple[UUID | None, str],
) -> bool:
    """Keep what was decided; the system (named "") changes nothing that somebody has decided. Whether it was kept."""
    return bool(await uow.execute(_DECIDE, uow.company_id, ticket_id, site_id, *decided, now, *by))
