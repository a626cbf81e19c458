"""The statement that lists work orders; it names the company, besides row level security."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders.model import OrderRow, Urgent, Wanted, Which

PAGE = 100
_COLUMNS = """t.id, t.number, t.status, t.stage, t.severity, t.category, t.place, t.description,
    coalesce(t.fields ->> 'item', ''), coalesce(t.fields ->> 'spot', ''), t.assignee_name, t.team_name,
    t.due_at, t.due_seconds, t.created_at, coalesce(o.warranty, ''), o.warranty_until"""
_STATUSES: dict[Which, list[str]] = {
    "open": ["new", "accepted", "arrived", "paused"],
    "urgent": ["new", "accepted", "arrived", "paused"],
    "paused": ["paused"],
    "resolved": ["resolved"],
    "closed": ["closed"],
    "all": ["new", "accepted", "arrived", "paused", "resolved", "closed"],
}
_LIST = f"""
SELECT {_COLUMNS} FROM ticket t LEFT JOIN repairs_order o ON o.company_id = t.company_id AND o.id = t.id
WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = $3 AND t.status = ANY ($4)
    AND (NOT $5 OR t.severity <> 'routine') AND ($6 = '' OR t.fields ->> 'item' = $6)
    AND ($7::uuid IS NULL OR t.assignee_id = $7)
    AND ($8 = '' OR position($8 IN lower(concat_ws(' ', t.number, t.place, t.description, t.assignee_name))) > 0)
    AND ($9::timestamptz IS NULL OR t.created_at < $9)
ORDER BY t.created_at DESC LIMIT $10
"""  # noqa: S608

_URGENT = f"""
SELECT {_COLUMNS}, g.due_at, g.breached_at, coalesce(g.ended, false)
FROM ticket t LEFT JOIN repairs_order o ON o.company_id = t.company_id AND o.id = t.id
LEFT JOIN ticket_goal g ON g.company_id = t.company_id AND g.ticket_id = t.id AND g.name = 'arrival'
WHERE t.company_id = $1 AND t.site_id = $2 AND t.type = $3 AND t.severity <> 'routine'
    AND t.status IN ('new', 'accepted', 'arrived', 'paused')
ORDER BY t.due_at NULLS LAST, t.created_at LIMIT 200
"""  # noqa: S608


async def urgent(uow: UnitOfWork, site_id: UUID) -> list[Urgent]:
    """What is urgent or critical and not done, the most pressing first."""
    width = len(OrderRow.__struct_fields__)

    def read(*columns: Any) -> Urgent:
        return Urgent(OrderRow(*columns[:width]), *columns[width:])

    return await uow.fetch(read, _URGENT, uow.company_id, site_id, ORDER)


async def listed(uow: UnitOfWork, site_id: UUID, wanted: Wanted, assignee_id: UUID | None) -> list[OrderRow]:
    """The latest first; one more than a page shows if there are more."""
    return await uow.fetch(
        OrderRow,
        _LIST,
        uow.company_id,
        site_id,
        ORDER,
        _STATUSES[wanted.which],
        wanted.which == "urgent",
        wanted.item,
        assignee_id,
        wanted.q.strip().lower(),
        wanted.before,
        PAGE + 1,
    )
