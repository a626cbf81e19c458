"""The rules of meters and readings (BIL-1): what does not go together is refused where it is entered, and nothing that
was entered is changed. Callers commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, PreconditionFailed, Site, Work, part_of
from plugins.billing.access import enter as within_site
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import units_used
from plugins.billing.amounts.number import exact, plain
from plugins.billing.amounts.spans import Days, month_end
from plugins.billing.meters import repository
from plugins.billing.meters.checks import checked, judged, taken
from plugins.billing.meters.dial import Dial
from plugins.billing.meters.model import (
    Judged,
    Meter,
    MeterChange,
    MeterDetail,
    MeterPage,
    MeterReading,
    MonthPage,
    MonthReading,
    NewMeter,
    NewReading,
    SetUp,
    State,
    WereSetUp,
)
from plugins.billing.meters.repository import Charging, Which
from plugins.billing.tariffs.scope import Lines
from plugins.billing.tariffs.service import within_reason

EXPORTED = 20_000  # meters of a workbook


async def page(
    work: Work, site: Site, *, item_id: UUID | None = None, text: str = "", cursor: UUID | None = None, limit: int = 50
) -> MeterPage:
    """Meters, those that were removed too; `text` is part of a unit's name, a number or a place."""
    within_site(work, site)
    found = await repository.page(work.uow, site.id, _which(item_id, text, cursor), None, limit + 1)
    return MeterPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def every(work: Work, site: Site) -> list[Meter]:
    """All meters that are there today or later, as many as a workbook holds."""
    within_site(work, site)
    return await repository.page(work.uow, site.id, Which(), site.today(work.now), EXPORTED)


async def shared(work: Work, site: Site) -> list[Meter]:
    """Meters of what households share that are there today, 200 at most."""
    within_site(work, site)
    return await repository.shared(work.uow, site.id, site.today(work.now))


async def detail(work: Work, site: Site, meter_id: UUID) -> MeterDetail:
    """A meter with what was read of it. Raises NotFound, also for one of another site."""
    within_site(work, site)
    meter = await repository.get(work.uow, site.id, meter_id)
    if meter is None:
        raise NotFound
    return MeterDetail(meter, await repository.history(work.uow, site.id, meter_id))


async def month(
    work: Work,
    site: Site,
    first: date,
    *,
    item_id: UUID | None = None,
    text: str = "",
    missing: bool = False,
    cursor: UUID | None = None,
    limit: int = 50,
) -> MonthPage:
    """What meters showed in the month of that day and before it, and what was used; `missing`: those alone that have no
    reading in it."""
    within_site(work, site)
    first, last = first.replace(day=1), month_end(first)
    which = _which(item_id, text, cursor)
    found = await repository.month(work.uow, site.id, which, first, last, missing, limit + 1)
    meters, read = await repository.counts(work.uow, site.id, which, first, last)
    rows = [in_month(state, Days(first, last)) for state in found[:limit]]
    return MonthPage(rows, found[limit - 1].meter.id if len(found) > limit else None, meters, read)


async def state(work: Work, site: Site, meter_id: UUID, since: date) -> State:
    """A meter with its readings from the last one before the day on. Raises NotFound."""
    within_site(work, site)
    found = await repository.states(work.uow, site.id, {meter_id: since}, lock=False)
    if meter_id not in found:
        raise NotFound
    return found[meter_id]


def in_month(state: State, period: Days) -> MonthReading:
    """A meter's month, as a run of it will find it."""
    ordinary = [shown for shown in state.dial.readings if shown.kind == "reading"]
    before = [shown for shown in ordinary if shown.day < period.first][-1:]
    within = [shown for shown in ordinary if period.first <= shown.day <= period.last]
    previous = before[0] if before else within[0] if len(within) > 1 else None
    current = within[-1] if within else None
    replaced = [r.day for r in state.dial.readings if r.kind == "replacement" and r.day >= period.first]
    used, problem = None, None
    if previous is not None and current is not None:
        try:
            used = plain(units_used(state.dial.counted(previous.day, current.day)))
        except AmountError as error:
            problem = error.code
    return MonthReading(
        state.meter,
        previous.day if previous is not None else None,
        plain(previous.value) if previous is not None else None,
        current.day if current is not None else None,
        plain(current.value) if current is not None else None,
        replaced[-1] if replaced else None,
        used,
        problem,
    )


async def add(work: Work, site: Site, new: NewMeter) -> Meter:
    """A meter, with what it showed at first where that is given. Raises Invalid naming the field."""
    within_site(work, site)
    new = msgspec.structs.replace(new, **_trimmed(new))
    _removed_after(new.installed_on, new.removed_on)
    _worth_something(new)
    item = await _item_for(work, site, new.item_id, "shared" if new.unit_id is None else "meter")
    initial = NewReading(day=new.installed_on, value=new.initial)
    if new.initial is not None:
        bare = Dial(new.digits, exact(new.multiplier), new.installed_on, new.removed_on, ())
        checked(bare, _of(UUID(int=0), initial), site.today(work.now))
    made = await repository.add(work.uow, site.id, new)
    if made is None:
        raise Invalid.field("unit_id", "There is no such unit here, or it has a meter for this item already.")
    id, unit = made
    changes = {"number": new.number, "multiplier": new.multiplier, "installed_on": new.installed_on}
    work.audit("billing.meter.added", "billing_meter", id, changes, site_id=site.id)
    if new.initial is not None:
        await repository.enter(work.uow, site.id, [_of(id, initial)], work.now, _by(work))
        told = {"kind": "reading", "day": new.installed_on, "value": new.initial}
        work.audit("billing.reading.entered", "billing_meter", id, told, site_id=site.id)
    of = new.number, new.label, new.digits, new.multiplier, new.installed_on, new.removed_on
    return Meter(id, new.item_id, item.title, new.unit_id, unit, *of, 1)


async def set_up(work: Work, site: Site, new: SetUp) -> WereSetUp:
    """A meter for each unit where the item is charged that day and that has none; the first reading of each is where
    it begins. Asked again, it adds those that have come since. Raises Invalid."""
    within_site(work, site)
    within_reason("installed_on", new.installed_on)
    item = await _item_for(work, site, new.item_id, "meter")
    lines, day = Lines(item.lines), new.installed_on
    units = [
        id for id, building in await repository.units(work.uow, site.id) if lines.days(id, building, Days(day, day))
    ]
    added = await repository.set_up(work.uow, site.id, new.item_id, new.digits, new.installed_on, units)
    changes = {"meters": added, "installed_on": new.installed_on}
    work.audit("billing.meter.set_up", "billing_item", new.item_id, changes, site_id=site.id)
    return WereSetUp(added)


async def change(work: Work, site: Site, meter_id: UUID, entry: MeterChange, expected: int) -> Meter:
    """Number, place, digits, what a unit is worth, and the last day. Raises NotFound, Invalid, PreconditionFailed."""
    within_site(work, site)
    before = await repository.get(work.uow, site.id, meter_id)
    if before is None:
        raise NotFound
    entry = msgspec.structs.replace(entry, **_trimmed(entry))
    _removed_after(before.installed_on, entry.removed_on)
    _worth_something(entry)
    if not await repository.change(work.uow, site.id, meter_id, entry, expected):
        raise PreconditionFailed
    changes = {
        field: [getattr(before, field), getattr(entry, field)]
        for field in MeterChange.__struct_fields__
        if getattr(before, field) != getattr(entry, field)
    }
    work.audit("billing.meter.changed", "billing_meter", meter_id, changes, site_id=site.id)
    return msgspec.structs.replace(before, **msgspec.structs.asdict(entry), version=before.version + 1)


async def enter(work: Work, site: Site, meter_id: UUID, new: NewReading) -> Judged:
    """What a meter showed on a day, or that it was replaced, or that there is no reading on that day after all. Raises
    NotFound, and Invalid naming the field where it does not go together with the readings around it."""
    within_site(work, site)
    await work.uow.lock_row("billing_meter", meter_id)
    known = await state(work, site, meter_id, new.day)
    reading = _of(meter_id, new)
    found = checked(known.dial, reading, site.today(work.now))
    if not found.same:
        await repository.enter(work.uow, site.id, [reading], work.now, _by(work))
        changes = {"kind": new.kind, "day": new.day, "value": new.value, "old_final": new.old_final}
        told = {name: value for name, value in changes.items() if value is not None}
        work.audit("billing.reading.entered", "billing_meter", meter_id, told, site_id=site.id)
    return found


async def enter_many(
    work: Work, site: Site, readings: Sequence[MeterReading], *, dry_run: bool = False
) -> list[Judged]:
    """Many readings in their order: those that fit are entered and the others told, with why; on record once. Raises
    NotFound where one names a meter that is not of the site."""
    within_site(work, site)
    since: dict[UUID, date] = {}
    for reading in readings:
        since[reading.meter_id] = min(reading.day, since.get(reading.meter_id, reading.day))
    states = await repository.states(work.uow, site.id, since, lock=not dry_run)
    if len(states) < len(since):
        raise NotFound
    dials = {id: state.dial for id, state in states.items()}
    today, outcomes, fitting = site.today(work.now), list[Judged](), list[MeterReading]()
    days: defaultdict[UUID, set[date]] = defaultdict(set)
    for reading in readings:
        found = judged(dials[reading.meter_id], reading, today, again=reading.day in days[reading.meter_id])
        outcomes.append(found)
        if found.fault is None and not found.same:
            days[reading.meter_id].add(reading.day)
            dials[reading.meter_id] = taken(dials[reading.meter_id], reading)
            fitting.append(reading)
    if fitting and not dry_run:
        await repository.enter(work.uow, site.id, fitting, work.now, _by(work))
        work.audit("billing.reading.imported", "site", site.id, {"readings": len(fitting)}, site_id=site.id)
    return outcomes


async def _item_for(work: Work, site: Site, item_id: UUID, basis: str) -> Charging:
    item = await repository.charging(work.uow, site.id, item_id)
    if item is None:
        raise Invalid.field("item_id", "There is no such item at this site.")
    if item.basis != basis and basis == "meter":
        raise Invalid.field("item_id", "Meters of units are read for items charged by meter readings.")
    if item.basis != basis:
        raise Invalid.field("item_id", "A meter without a unit is for an item that households share.")
    return item


def _of(meter_id: UUID, new: NewReading) -> MeterReading:
    return MeterReading(meter_id=meter_id, **msgspec.structs.asdict(new))


def _trimmed(entry: MeterChange) -> dict[str, str]:
    return {"number": entry.number.strip(), "label": entry.label.strip()}


def _worth_something(entry: MeterChange) -> None:
    if float(entry.multiplier) <= 0:
        raise Invalid.field("multiplier", "Give a number above 0.")


def _removed_after(installed_on: date, removed_on: date | None) -> None:
    within_reason("installed_on", installed_on)
    within_reason("removed_on", removed_on)
    if removed_on is not None and removed_on < installed_on:
        raise Invalid.field("removed_on", "The last day is before the first.")


def _which(item_id: UUID | None, text: str, cursor: UUID | None) -> Which:
    return Which(item_id, part_of(text.strip()[:80]) if text.strip() else "", cursor)


def _by(work: Work) -> tuple[UUID | None, str]:
    return work.ctx.actor.id, work.ctx.actor.name
