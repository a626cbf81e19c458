"""Every statement about arrears; each names the company, besides row level security."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from core.sdk import UnitOfWork
from plugins.billing.arrears.model import AGES, Household, Sort, Wanted

_AGED = ", ".join(f"coalesce(sum(open_fen) FILTER (WHERE age = {age}), 0)" for age in range(AGES))
_SUMMED = ", ".join(f"sum(o.aged[{age + 1}])::bigint" for age in range(AGES))
# Each open charge of the site with its age: 0 before it is due.
_OPEN = """
SELECT unit_id, item_id, due_on, open_fen, width_bucket($3::date - due_on, $4::int[]) AS age FROM billing_owed
WHERE company_id = $1 AND site_id = $2 AND open_fen > 0
"""
_ORDERS: Final[dict[str, tuple[str, str]]] = {
    "amount": ("(o.open_fen, u.id) < ($10::text::bigint, $11)", "o.open_fen DESC, u.id DESC"),
    "oldest": ("(o.oldest_on, u.id) > ($10::text::date, $11)", "o.oldest_on, u.id"),
    "unit": ("(u.sort_key, u.id) > ($10::text, $11)", "u.sort_key, u.id"),
}
# The names come last, of those that are shown.
_PAGES = {
    name: f"""
SELECT p.id, p.label, p.building, coalesce((SELECT string_agg(DISTINCT y.name, '、') FROM billing_owed b
        JOIN party y ON y.company_id = b.company_id AND y.id = b.party_id
        WHERE b.company_id = $1 AND b.site_id = $2 AND b.unit_id = p.id AND b.open_fen > 0
            AND ($5::uuid IS NULL OR b.item_id = $5)), ''),
    p.charges, p.open_fen, p.overdue_fen, p.oldest_on, greatest(0, $3::date - p.oldest_on), p.aged, p.sort_key
FROM (
    SELECT u.id, u.label, u.building, u.sort_key, o.* FROM (
        SELECT unit_id, count(*) AS charges, sum(open_fen)::bigint AS open_fen,
            coalesce(sum(open_fen) FILTER (WHERE age > 0), 0)::bigint AS overdue_fen, min(due_on) AS oldest_on,
            ARRAY[{_AGED}]::bigint[] AS aged
        FROM ({_OPEN}) c WHERE $5::uuid IS NULL OR item_id = $5 GROUP BY unit_id
    ) o JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = o.unit_id
    WHERE ($6 = '' OR u.building = $6) AND ($7 = '' OR u.label ILIKE $7) AND ($8::date IS NULL OR o.oldest_on <= $8)
        AND o.open_fen >= $9 AND ($10::text IS NULL OR {behind})
    ORDER BY {order} LIMIT $12
) p ORDER BY {order.replace("o.", "p.").replace("u.", "p.")}
"""  # noqa: S608
    for name, (behind, order) in _ORDERS.items()
}
# By household and item first: there are fewer of these than charges.
_AGEING = f"""
SELECT grouping(i.id) = 1, grouping(u.building) = 1, i.id, coalesce(i.title, u.building, ''),
    count(DISTINCT o.unit_id), sum(o.open_fen)::bigint, sum(o.overdue_fen)::bigint,
    {_SUMMED}
FROM (
    SELECT unit_id, item_id, sum(open_fen) AS open_fen,
        coalesce(sum(open_fen) FILTER (WHERE age > 0), 0) AS overdue_fen, ARRAY[{_AGED}] AS aged
    FROM ({_OPEN}) c GROUP BY unit_id, item_id
) o
JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = o.unit_id
JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
GROUP BY GROUPING SETS ((), (i.id, i.title), (u.building)) ORDER BY 6 DESC, 4
"""  # noqa: S608
# By item and day first: charges begin on few days, so there is little to sort, however many charges there are.
_RATES = """
SELECT i.id, i.code, i.title, i.collected_for, date_trunc('month', o.since)::date, sum(o.charged_fen)::bigint,
    sum(o.charged_fen - o.open_fen)::bigint
FROM (
    SELECT item_id, since, sum(charged_fen) AS charged_fen, sum(open_fen) AS open_fen FROM billing_owed
    WHERE company_id = $1 AND site_id = $2 AND since >= $3 AND since < $4 GROUP BY item_id, since
) o JOIN billing_item i ON i.company_id = $1 AND i.id = o.item_id
GROUP BY i.id, i.code, i.title, i.collected_for, 5 HAVING sum(o.charged_fen) > 0 ORDER BY i.code, 5
"""
_ITEMS = "SELECT id, title FROM billing_item WHERE company_id = $1 AND site_id = $2 ORDER BY code"
_BUILDINGS = "SELECT DISTINCT building FROM unit WHERE company_id = $1 AND site_id = $2 ORDER BY building"
_CHOICES = f"""
SELECT 'item', id::text, title, row_number() OVER () FROM ({_ITEMS}) i
UNION ALL SELECT 'building', building, building, row_number() OVER () FROM ({_BUILDINGS}) b ORDER BY 1, 4
"""  # noqa: S608
_OF_UNITS = """
SELECT u.id, sum(o.open_fen)::bigint, coalesce(sum(o.open_fen) FILTER (WHERE o.due_on < $3), 0)::bigint, min(o.due_on)
FROM unit u JOIN billing_owed o ON o.company_id = $1 AND o.site_id = u.site_id AND o.unit_id = u.id AND o.open_fen > 0
WHERE u.company_id = $1 AND u.site_id = $2 AND u.id = ANY ($4) GROUP BY u.id
"""

# Of a unit at whatever site of these it is: today is the site's own day.
_OF_UNIT = """
SELECT s.today, sum(o.open_fen)::bigint, coalesce(sum(o.open_fen) FILTER (WHERE o.due_on < s.today), 0)::bigint,
    min(o.due_on)
FROM unit u JOIN LATERAL (SELECT ($4::timestamptz AT TIME ZONE t.timezone)::date AS today FROM site t
    WHERE t.company_id = $1 AND t.id = u.site_id) s ON true
JOIN billing_owed o ON o.company_id = $1 AND o.site_id = u.site_id AND o.unit_id = u.id AND o.open_fen > 0
WHERE u.company_id = $1 AND u.site_id = ANY ($2) AND u.id = $3 GROUP BY s.today
"""


async def households(
    uow: UnitOfWork,
    site_id: UUID,
    today: date,
    ages: Sequence[int],
    wanted: Wanted,
    oldest_before: date | None,
    pattern: str,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[tuple[Household, str]]:
    """Households in the order that is wanted, behind that one, each with the unit's sort key."""

    def read(*row: Any) -> tuple[Household, str]:
        return Household(*row[:-1]), row[-1]

    return await uow.fetch(
        read, _PAGES[wanted.sort], uow.company_id, site_id, today, list(ages), wanted.item_id, wanted.building, pattern,
        oldest_before, wanted.least_fen, *(after or (None, None)), limit,
    )  # fmt: skip


def place(household: Household, sort_key: str, sort: Sort) -> str:
    """Where a household stands in that order, besides its id."""
    return {"amount": str(household.open_fen), "oldest": str(household.oldest_on), "unit": sort_key}[sort]


async def ageing(uow: UnitOfWork, site_id: UUID, today: date, ages: Sequence[int]) -> list[tuple[Any, ...]]:
    """Whether a row is of no item, of no building; the item, its name or the building's, and the sums."""
    return await uow.fetch(lambda *row: row, _AGEING, uow.company_id, site_id, today, list(ages))


async def rates(uow: UnitOfWork, site_id: UUID, since: date, until: date) -> list[tuple[Any, ...]]:
    """Items by month, from that day to before the other: what was charged and how much of that has come in."""
    return await uow.fetch(lambda *row: row, _RATES, uow.company_id, site_id, since, until)


async def choices(uow: UnitOfWork, site_id: UUID) -> tuple[list[tuple[UUID, str]], list[str]]:
    """The site's items and buildings."""
    rows = await uow.fetch(lambda *row: row, _CHOICES, uow.company_id, site_id)
    items = [(UUID(id), title) for kind, id, title, _ in rows if kind == "item"]
    return items, [name for kind, name, *_ in rows if kind == "building"]


async def of_units(
    uow: UnitOfWork, site_id: UUID, today: date, units: Collection[UUID]
) -> list[tuple[UUID, int, int, date]]:
    """What each of the units owes, and how much of it is overdue; since when the oldest is due."""
    return await uow.fetch(lambda *row: row, _OF_UNITS, uow.company_id, site_id, today, list(units))


async def of_unit(
    uow: UnitOfWork, sites: Collection[UUID], unit_id: UUID, now: datetime
) -> tuple[date, int, int, date] | None:
    """The site's day, what the unit owes, how much of it is overdue, since when the oldest is due; None for nothing."""
    return await uow.fetch_one(lambda *row: row, _OF_UNIT, uow.company_id, list(sites), unit_id, now)
