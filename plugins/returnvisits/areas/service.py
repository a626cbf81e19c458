"""The rules of areas: a building has one steward, who may make visits (VIS-3). Callers commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, Platform, PreconditionFailed, Site, Work, new_id
from plugins.returnvisits.areas import repository
from plugins.returnvisits.areas.model import Area, AreaEntry


async def listed(work: Work, site: Site) -> list[Area]:
    """The site's areas by name."""
    _enter(work, site)
    return await repository.listed(work.uow, site.id)


async def get(work: Work, site: Site, area_id: UUID) -> Area:
    """Raises NotFound, also for one of another site."""
    _enter(work, site)
    area = await repository.get(work.uow, site.id, area_id)
    if area is None:
        raise NotFound
    return area


async def add(platform: Platform, work: Work, site: Site, entry: AreaEntry) -> Area:
    """A new area. Raises Invalid naming the fields."""
    entry, steward = await _checked(platform, work, site, entry, None)
    area = await repository.add(work.uow, site.id, new_id(), entry, steward)
    _changed(work, site, "added", area)
    return area


async def change(platform: Platform, work: Work, site: Site, area_id: UUID, entry: AreaEntry, expected: int) -> Area:
    """Other buildings, another steward; visits that are owed stay whose they are. Raises NotFound, Invalid,
    PreconditionFailed."""
    entry, steward = await _checked(platform, work, site, entry, area_id)
    area = await repository.change(work.uow, site.id, area_id, entry, steward, expected)
    if area is None:
        raise PreconditionFailed
    _changed(work, site, "changed", area)
    return area


async def remove(work: Work, site: Site, area_id: UUID, expected: int) -> None:
    """Take an area away; visits made there keep its name. Raises NotFound, PreconditionFailed."""
    area = await get(work, site, area_id)
    if not await repository.remove(work.uow, site.id, area_id, expected):
        raise PreconditionFailed
    _changed(work, site, "removed", area)


async def _checked(
    platform: Platform, work: Work, site: Site, entry: AreaEntry, area_id: UUID | None
) -> tuple[AreaEntry, str]:
    _enter(work, site)
    await work.uow.wait_for_turn(f"returnvisits areas {site.id}")
    others = await repository.listed(work.uow, site.id)
    if area_id is not None and area_id not in {area.id for area in others}:
        raise NotFound
    others = [area for area in others if area.id != area_id]
    buildings = list(dict.fromkeys(building.strip() for building in entry.buildings if building.strip()))
    entry = msgspec.structs.replace(entry, name=entry.name.strip(), buildings=buildings)
    if not entry.name or entry.name in {area.name for area in others}:
        raise Invalid.field("name", "Give the area a name of its own.")
    if not buildings:
        raise Invalid.field("buildings", "Name at least one building.")
    for area in others:
        if taken := sorted(set(area.buildings) & set(buildings)):
            raise Invalid.field("buildings", "{building} belongs to {area}.", building=taken[0], area=area.name)
    names = {c.id: c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}
    if entry.steward_id not in names:
        raise Invalid.field("steward_id", "Choose a colleague of this site.")
    return entry, names[entry.steward_id]


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _changed(work: Work, site: Site, action: str, area: Area) -> None:
    changes = {"name": area.name, "buildings": area.buildings, "steward": area.steward_name}
    work.audit(f"returnvisits.area.{action}", "returnvisits_area", area.id, changes, site_id=site.id)
