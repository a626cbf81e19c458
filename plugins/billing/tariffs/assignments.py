"""The rules of where items are charged (BIL-1). Callers commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, Platform, PreconditionFailed, Site, Work
from plugins.billing.access import enter
from plugins.billing.tariffs import repository
from plugins.billing.tariffs.model import Assignment, AssignmentChange, NewAssignment
from plugins.billing.tariffs.scope import Assigned
from plugins.billing.tariffs.service import get, within_reason


def as_assigned(line: Assignment) -> Assigned:
    """A line as `scope` reckons with it."""
    return Assigned(line.building, line.unit_id, line.since, line.until, line.charged)


async def find(work: Work, site: Site, assignment_id: UUID) -> Assignment:
    """Raises NotFound, also for a line of another site."""
    enter(work, site)
    line = await repository.assignment(work.uow, site.id, assignment_id)
    if line is None:
        raise NotFound
    return line


async def unit_named(work: Work, site: Site, label: str) -> UUID:
    """The unit that the roll calls so. Raises Invalid of the field `unit`."""
    enter(work, site)
    found = await repository.unit(work.uow, site.id, None, label.strip())
    if found is None:
        raise Invalid.field("unit", "There is no such unit in the household roll of this site.")
    return found.id


async def add(platform: Platform, work: Work, site: Site, item_id: UUID, new: NewAssignment) -> Assignment:
    """Charge an item at a place, or exempt the place, from a day on. Raises NotFound, Invalid naming the field."""
    item = await get(work, site, item_id)
    if item.basis == "rent":
        raise Invalid.field("since", "A rent is charged where there is a contract: enter one for the unit.")
    new = msgspec.structs.replace(new, building=new.building.strip())
    within_reason("since", new.since)
    within_reason("until", new.until)
    if new.unit_id is not None:
        if new.building:
            raise Invalid.field("building", "Name a unit or a building, not both.")
        if await repository.unit(work.uow, site.id, new.unit_id) is None:
            raise Invalid.field("unit_id", "There is no such unit in the household roll of this site.")
    elif new.building and new.building not in await platform.estate.buildings(work, site):
        raise Invalid.field("building", "The household roll of this site has no such building.")
    if new.until is not None and new.until < new.since:
        raise Invalid.field("until", "The last day is before the first.")
    line = await repository.assign(work.uow, site.id, item_id, new)
    if line is None:
        raise Invalid.field("since", "There is a line for this place from that day on already: change that one.")
    _record(work, site, "added", line, item.code)
    return line


async def change(work: Work, site: Site, assignment_id: UUID, entry: AssignmentChange, expected: int) -> Assignment:
    """Another last day, charged or exempt. Raises NotFound, Invalid, PreconditionFailed."""
    line = await find(work, site, assignment_id)
    within_reason("until", entry.until)
    if entry.until is not None and entry.until < line.since:
        raise Invalid.field("until", "The last day is before the first.")
    version = await repository.reassign(work.uow, site.id, assignment_id, entry, expected)
    if version is None:
        raise PreconditionFailed
    line = msgspec.structs.replace(line, until=entry.until, charged=entry.charged, version=version)
    _record(work, site, "changed", line)
    return line


async def remove(work: Work, site: Site, assignment_id: UUID, expected: int) -> None:
    """Take a line away as if it had never been; bills that were made stay. Raises NotFound, PreconditionFailed."""
    line = await find(work, site, assignment_id)
    if not await repository.unassign(work.uow, site.id, assignment_id, expected):
        raise PreconditionFailed
    _record(work, site, "removed", line)


def _record(work: Work, site: Site, action: str, line: Assignment, code: str = "") -> None:
    changes: dict[str, object] = {
        "scope": line.scope,
        "since": line.since,
        "until": line.until,
        "charged": line.charged,
    }
    changes |= {"building": line.building} if line.building else {}
    changes |= {"unit": line.unit_id} if line.unit_id else {}
    changes |= {"code": code} if code else {}
    work.audit(f"billing.assignment.{action}", "billing_item", line.item_id, changes, site_id=site.id)
