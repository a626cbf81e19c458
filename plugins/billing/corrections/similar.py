"""Quantities that look like one that was wrong (BIL-7): where one was mistaken, its neighbours often are as well."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.sdk import Malformed, NotFound, Site, UnitOfWork, Work
from plugins.billing.access import enter
from plugins.billing.marks import place, read_place
from plugins.billing.tariffs.model import Measured

Why = Literal["same_position", "same_wrong", "roll_differs"]
_VALUE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
EXPORTED: Final = 20_000  # rows of a workbook, which is made in memory
# What each unit has on the day. A room is at the position of its last two figures: 1802 is above 1702.
_SIMILAR: Final = """
WITH had AS (
    SELECT u.id, u.building, u.entrance, u.label, u.sort_key, u.area_m2, q.value,
        CASE WHEN u.room ~ '^[0-9]{3,}$' THEN right(u.room, 2) END AS position
    FROM unit u LEFT JOIN LATERAL (
        SELECT value FROM billing_quantity WHERE company_id = u.company_id AND unit_id = u.id AND basis = $4
            AND valid_from <= $5 ORDER BY valid_from DESC LIMIT 1
    ) q ON true
    WHERE u.company_id = $1 AND u.site_id = $2
), asked AS (SELECT * FROM had WHERE id = $3), found AS (
    SELECT h.id, h.label, h.value, h.area_m2, h.sort_key, array_remove(ARRAY[
        CASE WHEN h.building = a.building AND h.entrance = a.entrance AND h.position = a.position
            AND h.value IS DISTINCT FROM a.value THEN 'same_position' END,
        CASE WHEN h.value = $6::numeric THEN 'same_wrong' END,
        CASE WHEN $4 = 'built' AND h.value <> h.area_m2 THEN 'roll_differs' END
    ], NULL) AS why
    FROM had h, asked a WHERE h.id <> a.id
)
SELECT id, label, value::text, CASE WHEN $4 = 'built' THEN area_m2::text END, why, sort_key FROM found
WHERE why <> '{}' AND (sort_key, id) > ($7, $8) ORDER BY sort_key, id LIMIT $9
"""
_UNIT: Final = """
SELECT u.label, (SELECT value::text FROM billing_quantity WHERE company_id = u.company_id AND unit_id = u.id
    AND basis = $4 AND valid_from <= $5 ORDER BY valid_from DESC LIMIT 1)
FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND u.id = $3
"""


class Similar(msgspec.Struct, frozen=True):
    """A unit to look at, with what it has today (m² or spaces), what the roll says of a built area, and the reasons."""

    unit_id: UUID
    unit: str
    value: str | None
    area_m2: str | None
    why: list[Why]


class SimilarPage(msgspec.Struct, frozen=True):
    """Units in the order of the roll, which is the one that was corrected and has `value` today; `cursor` goes into the
    next request, null at the end."""

    unit_id: UUID
    unit: str
    value: str | None
    items: list[Similar]
    cursor: str | None


async def similar(
    work: Work, site: Site, unit_id: UUID, basis: Measured, wrong: str, cursor: str | None, limit: int
) -> SimilarPage:
    """Units that have something else at the same position of their building, have the value that was `wrong`, or have
    another built area than the roll says. Raises NotFound, Malformed."""
    enter(work, site)
    after, value = read_place(cursor), _value(wrong)
    today = site.today(work.now)
    unit = await work.uow.fetch_one(lambda *row: row, _UNIT, work.uow.company_id, site.id, unit_id, basis, today)
    if unit is None:
        raise NotFound
    asked = unit_id, basis, today, value, *after, limit + 1
    rows = await _found(work.uow, site.id, *asked)
    more = place(rows[limit - 1][1], rows[limit - 1][0].unit_id) if len(rows) > limit else None
    return SimilarPage(unit_id, unit[0], unit[1], [row for row, _ in rows[:limit]], more)


def _value(text: str) -> Decimal | None:
    if text and not _VALUE.fullmatch(text):
        raise Malformed("Give what was entered by mistake as a number, with two places at most.")
    return Decimal(text) if text else None


async def _found(uow: UnitOfWork, site_id: UUID, *asked: object) -> list[tuple[Similar, str]]:
    return await uow.fetch(lambda *row: (Similar(*row[:-1]), row[-1]), _SIMILAR, uow.company_id, site_id, *asked)
