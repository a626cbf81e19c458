"""The rules of fee items and their versions (BIL-1): versions are added and never changed. Callers commit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, PreconditionFailed, Site, Work
from plugins.billing.access import enter
from plugins.billing.tariffs import repository
from plugins.billing.tariffs.example import coming_after, example, version_of
from plugins.billing.tariffs.formulas import checked
from plugins.billing.tariffs.model import (
    FeeItem,
    ItemChange,
    ItemDetail,
    ListedItem,
    NewItem,
    NewVersion,
    TariffVersion,
)

T = TypeVar("T", bound=ItemChange)


async def listed(work: Work, site: Site, day: date | None = None) -> list[ListedItem]:
    """The site's items, each with what is in force on that day of the site, today without one."""
    enter(work, site)
    day = day or site.today(work.now)
    items = await repository.items(work.uow, site.id)
    versions: defaultdict[UUID, list[TariffVersion]] = defaultdict(list)
    for version in await repository.versions(work.uow, site.id):
        versions[version.item_id].append(version)
    return [
        ListedItem(item, version_of(versions[item.id], day), coming_after(versions[item.id], day)) for item in items
    ]


async def detail(work: Work, site: Site, item_id: UUID) -> ItemDetail:
    """An item with all that is known of it. Raises NotFound, also for one of another site."""
    item = await get(work, site, item_id)
    versions = await repository.versions(work.uow, site.id, item_id)
    assignments = await repository.assignments(work.uow, site.id, item_id)
    today = site.today(work.now)
    current = version_of(versions, today)
    worked = example(item, current, today) if current else None
    return ItemDetail(item, current, versions, assignments, worked)


async def get(work: Work, site: Site, item_id: UUID) -> FeeItem:
    """Raises NotFound, also for one of another site."""
    enter(work, site)
    item = await repository.get(work.uow, site.id, item_id)
    if item is None:
        raise NotFound
    return item


async def add(work: Work, site: Site, new: NewItem) -> FeeItem:
    """A new item; it costs nothing before it has a version and is charged nowhere before it is assigned. Raises
    Invalid naming the field."""
    enter(work, site)
    item = await repository.add(work.uow, site.id, _trimmed(new))
    if item is None:
        raise Invalid.field("code", "There is an item of this code already.")
    work.audit("billing.item.added", "billing_item", item.id, {"code": item.code, "title": item.title}, site_id=site.id)
    return item


async def change(work: Work, site: Site, item_id: UUID, entry: ItemChange, expected: int) -> FeeItem:
    """Code and basis stay: charges were computed by them. Raises NotFound, Invalid, PreconditionFailed."""
    enter(work, site)
    await work.uow.lock_row("billing_item", item_id)
    before = await get(work, site, item_id)
    item = await repository.change(work.uow, site.id, item_id, _trimmed(entry), expected)
    if item is None:
        raise PreconditionFailed
    changes = {
        field: [getattr(before, field), getattr(item, field)]
        for field in ItemChange.__struct_fields__
        if getattr(before, field) != getattr(item, field)
    }
    work.audit("billing.item.changed", "billing_item", item.id, changes, site_id=site.id)
    return item


async def add_version(work: Work, site: Site, item_id: UUID, new: NewVersion) -> TariffVersion:
    """A version from a day on, past days too (BIL-7); one for the same day takes the place of the one before it.

    Raises NotFound; Invalid for a formula that is wrong, with its place, and for neither or both of price and formula.
    """
    enter(work, site)
    await work.uow.lock_row("billing_item", item_id)
    item = await get(work, site, item_id)
    new = msgspec.structs.replace(new, formula=new.formula.strip(), note=new.note.strip())
    within_reason("valid_from", new.valid_from)
    if (new.price is None) == (not new.formula):
        raise Invalid.field("price", "Give either a price or a formula.")
    if new.formula:
        checked(new.formula)
    if item.ended(new.valid_from):
        raise Invalid.field("valid_from", "The item ends on {day}.", day=str(item.ended_on))
    by = work.ctx.actor.id, work.ctx.actor.name
    version = await repository.add_version(work.uow, site.id, item_id, new, work.now, by)
    changes = {"number": version.number, "valid_from": version.valid_from, "price": version.price}
    changes |= {"formula": version.formula} if version.formula else {}
    work.audit("billing.version.added", "billing_item", item_id, changes, site_id=site.id)
    return version


def within_reason(field: str, *days: date | None) -> None:
    """Raises Invalid for a day of another century."""
    if any(day is not None and not 1990 <= day.year < 2200 for day in days):
        raise Invalid.field(field, "Give a day from 1990 on.")


def _trimmed(entry: T) -> T:
    entry = msgspec.structs.replace(entry, title=entry.title.strip(), collected_for=entry.collected_for.strip())
    if not entry.title:
        raise Invalid.field("title", "Give it a name.")
    within_reason("ended_on", entry.ended_on)
    return entry
