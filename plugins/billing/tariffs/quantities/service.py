"""The rules of quantities (BIL-1, BIL-7): each is a history with reasons, and what is missing is shown. Callers
commit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, PreconditionFailed, Site, Work
from plugins.billing.access import enter
from plugins.billing.amounts.spans import Days
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.assignments import as_assigned
from plugins.billing.tariffs.example import needs
from plugins.billing.tariffs.model import Measured
from plugins.billing.tariffs.quantities import repository
from plugins.billing.tariffs.quantities.model import (
    Missing,
    NewQuantity,
    QuantityChange,
    Taken,
    UnitHistory,
    UnitPage,
    UnitQuantity,
    UnitRow,
)
from plugins.billing.tariffs.scope import Assigned, Lines
from plugins.billing.tariffs.service import listed, within_reason


async def page(
    work: Work, site: Site, text: str = "", cursor: UUID | None = None, limit: int = 100, day: date | None = None
) -> UnitPage:
    """Units with what is valid on the day, today without one, in the roll's order."""
    enter(work, site)
    day = day or site.today(work.now)
    rows = await repository.page(work.uow, site.id, day, text.strip(), cursor, limit + 1)
    return UnitPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


async def every(work: Work, site: Site) -> list[UnitRow]:
    """All units with what is valid today."""
    enter(work, site)
    return await repository.every(work.uow, site.id, site.today(work.now))


async def history(work: Work, site: Site, unit_id: UUID) -> UnitHistory:
    """A unit's quantities. Raises NotFound, also for a unit of another site."""
    enter(work, site)
    unit = await repository.one(work.uow, site.id, site.today(work.now), unit_id)
    if unit is None:
        raise NotFound
    return UnitHistory(unit, await repository.history(work.uow, site.id, unit_id))


async def missing(work: Work, site: Site, units: list[UnitRow] | None = None) -> list[Missing]:
    """Units without a quantity that an item needs which is charged there today, in the roll's order."""
    enter(work, site)
    today = site.today(work.now)
    lines: defaultdict[UUID, list[Assigned]] = defaultdict(list)
    for line in await tariffs.assignments(work.uow, site.id):
        lines[line.item_id].append(as_assigned(line))
    wanted: list[tuple[str, tuple[Measured, ...], Lines]] = []
    for each in await listed(work, site, today):
        version = each.in_force or each.coming
        if version is not None and not each.item.ended(today) and (basis := needs(each.item, version)):
            wanted.append((each.item.title, basis, Lines(lines[each.item.id])))
    if not wanted:
        return []
    within = Days(today, today)
    found: list[Missing] = []
    for unit in units if units is not None else await repository.every(work.uow, site.id, today):
        lacking: defaultdict[Measured, list[str]] = defaultdict(list)
        for title, needed, charged in wanted:
            for one in needed:
                if one not in unit.quantities and charged.days(unit.id, unit.building, within):
                    lacking[one].append(title)
        found.extend(Missing(unit.id, unit.label, one, titles) for one, titles in lacking.items())
    return found


async def find(work: Work, site: Site, quantity_id: UUID) -> UnitQuantity:
    """Raises NotFound, also for one of another site."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, quantity_id)
    if found is None:
        raise NotFound
    return found


async def add(work: Work, site: Site, new: NewQuantity) -> UnitQuantity:
    """How much a unit has from a day on. Raises Invalid naming the field."""
    enter(work, site)
    within_reason("valid_from", new.valid_from)
    new = msgspec.structs.replace(new, reason=new.reason.strip())
    added = await repository.add(work.uow, site.id, new, work.now, _by(work))
    if added is None:
        if await repository.one(work.uow, site.id, new.valid_from, new.unit_id) is None:
            raise Invalid.field("unit_id", "There is no such unit in the household roll of this site.")
        raise Invalid.field("valid_from", "There is a value from that day on already: change that one.")
    _record(work, site, "added", added, added.value)
    return added


async def change(work: Work, site: Site, quantity_id: UUID, entry: QuantityChange, expected: int) -> UnitQuantity:
    """Correct a value with effect from its day, with a reason (BIL-7). Raises NotFound, Invalid, PreconditionFailed."""
    before = await find(work, site, quantity_id)
    entry = msgspec.structs.replace(entry, reason=entry.reason.strip())
    if not entry.reason:
        raise Invalid.field("reason", "Say why it changes.")
    changed = await repository.change(work.uow, site.id, quantity_id, entry, work.now, _by(work), expected)
    if changed is None:
        raise PreconditionFailed
    _record(work, site, "changed", changed, [before.value, changed.value])
    return changed


async def remove(work: Work, site: Site, quantity_id: UUID, expected: int) -> None:
    """Take away what was entered by mistake. Raises NotFound, PreconditionFailed."""
    gone = await find(work, site, quantity_id)
    if not await repository.remove(work.uow, site.id, quantity_id, expected):
        raise PreconditionFailed
    _record(work, site, "removed", gone, gone.value)


async def take_over(work: Work, site: Site, day: date, reason: str) -> Taken:
    """Take the roll's areas as built areas from that day on, where a unit has none yet; asked again, it takes what has
    come since. On record once, with how many."""
    enter(work, site)
    within_reason("valid_from", day)
    taken = Taken(*await repository.take_over(work.uow, site.id, day, reason, work.now, _by(work)))
    work.audit(
        "billing.quantity.taken_over", "site", site.id, {"taken": taken.taken, "valid_from": day}, site_id=site.id
    )
    return taken


def _by(work: Work) -> tuple[UUID | None, str]:
    return work.ctx.actor.id, work.ctx.actor.name


def _record(work: Work, site: Site, action: str, quantity: UnitQuantity, value: str | list[str]) -> None:
    changes = {"unit": quantity.unit_id, "basis": quantity.basis, "valid_from": quantity.valid_from, "value": value}
    work.audit(f"billing.quantity.{action}", "billing_quantity", quantity.id, changes, site_id=site.id)
