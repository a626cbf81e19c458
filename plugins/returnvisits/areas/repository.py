"""Every statement about areas, and about who makes visits; each names the company, besides row level security."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import UnitOfWork
from plugins.returnvisits.areas.model import Area, AreaEntry

_COLUMNS = ", ".join(Area.__struct_fields__)
_LIST = f"SELECT {_COLUMNS} FROM returnvisits_area WHERE company_id = $1 AND site_id = $2 ORDER BY name"  # noqa: S608
_GET = f"SELECT {_COLUMNS} FROM returnvisits_area WHERE company_id = $1 AND site_id = $2 AND id = $3"  # noqa: S608
_ADD = f"""
INSERT INTO returnvisits_area (company_id, id, site_id, name, buildings, steward_id, steward_name)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}
"""  # noqa: S608
_CHANGE = f"""
UPDATE returnvisits_area SET name = $4, buildings = $5, steward_id = $6, steward_name = $7, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $8 RETURNING {_COLUMNS}
"""  # noqa: S608
_REMOVE = "DELETE FROM returnvisits_area WHERE company_id = $1 AND site_id = $2 AND id = $3 AND version = $4"
# Where a unit lies, and who could visit it: the area's steward, the site's first supervisor and manager. A building
# is named as in the roll, `1`; in words `1幢`, which `12幢` does not begin with.
_AROUND = """
SELECT u.id, coalesce(u.label, ''), a.id, coalesce(a.name, ''), a.steward_id, coalesce(a.steward_name, ''),
    coalesce((SELECT jsonb_agg(jsonb_build_array(m.id, m.name, roles_at(m.roles, m.posts, $2, NULL))
                               ORDER BY m.staff_no) FROM membership m
              WHERE m.company_id = $1 AND m.active AND (m.all_sites OR $2 = ANY (m.site_ids))
                  AND roles_at(m.roles, m.posts, $2, NULL) && ARRAY['supervisor', 'manager']), '[]')::text
FROM (SELECT $3::uuid AS id, $4::text AS place) asked
LEFT JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = asked.id
LEFT JOIN returnvisits_area a ON a.company_id = $1 AND a.site_id = $2 AND (
    u.building = ANY (a.buildings)
    OR (asked.id IS NULL AND EXISTS (SELECT FROM unnest(a.buildings) b
        WHERE starts_with(asked.place, b || CASE WHEN b ~ '^[0-9A-Z-]+$' THEN '幢' ELSE '' END))))
LIMIT 1
"""
_leads = msgspec.json.Decoder(list[tuple[UUID, str, list[str]]]).decode


class Around(msgspec.Struct, frozen=True):
    """Where a visit leads, and who could make it: `leads` are supervisors and managers with their roles."""

    unit_id: UUID | None
    label: str
    area_id: UUID | None
    area_name: str
    steward_id: UUID | None
    steward_name: str
    leads: list[tuple[UUID, str, list[str]]]

    def of_role(self, role: str) -> list[UUID]:
        """The members of the site that have that role."""
        return [id for id, _, roles in self.leads if role in roles]


def _around(*row: object) -> Around:
    return Around(*row[:-1], _leads(str(row[-1])))  # type: ignore[call-arg, arg-type]


async def listed(uow: UnitOfWork, site_id: UUID) -> list[Area]:
    return await uow.fetch(Area, _LIST, uow.company_id, site_id)


async def get(uow: UnitOfWork, site_id: UUID, area_id: UUID) -> Area | None:
    return await uow.fetch_one(Area, _GET, uow.company_id, site_id, area_id)


async def add(uow: UnitOfWork, site_id: UUID, area_id: UUID, entry: AreaEntry, steward: str) -> Area:
    values = entry.name, entry.buildings, entry.steward_id, steward
    added = await uow.fetch_one(Area, _ADD, uow.company_id, area_id, site_id, *values)
    assert added is not None
    return added


async def change(
    uow: UnitOfWork, site_id: UUID, area_id: UUID, entry: AreaEntry, steward: str, expected: int
) -> Area | None:
    """None: somebody else was faster."""
    values = entry.name, entry.buildings, entry.steward_id, steward
    return await uow.fetch_one(Area, _CHANGE, uow.company_id, site_id, area_id, *values, expected)


async def remove(uow: UnitOfWork, site_id: UUID, area_id: UUID, expected: int) -> bool:
    return bool(await uow.execute(_REMOVE, uow.company_id, site_id, area_id, expected))


async def around(uow: UnitOfWork, site_id: UUID, unit_id: UUID | None, place: str = "") -> Around:
    """Where that unit lies, or a place in words that begins with a building, and who could go there."""
    found = await uow.fetch_one(_around, _AROUND, uow.company_id, site_id, unit_id, place)
    assert found is not None  # it asks of one row
    return found
