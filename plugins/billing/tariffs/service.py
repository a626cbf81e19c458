"""The rules of fee items and their versions (BIL-1): versions are added and never changed. Callers commit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, PreconditionFailed, Site, Work
from plugins.billing.access import enter
from plugins.billing.amounts.number import exact
from plugins.billing.amounts.periods import Cycle
from plugins.billing.tariffs import repository
from plugins.billing.tariffs.example import coming_after, example, version_of
from plugins.billing.tariffs.formulas import checked
from plugins.billing.tariffs.model import (
    Basis,
    FeeItem,
    ItemChange,
    ItemDetail,
    ListedItem,
    NewItem,
    NewVersion,
    TariffVersion,
    in_words,
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
    worked = example(item, current, today) if current and item.basis != "rent" else None
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
    cycle_fits(new.basis, new.cycle)
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
    cycle_fits(before.basis, entry.cycle)
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

    Raises NotFound; Invalid for a formula that is wrong, with its place, and for what does not fit the item's basis.
    """
    enter(work, site)
    await work.uow.lock_row("billing_item", item_id)
    item = await get(work, site, item_id)
    new = msgspec.structs.replace(new, formula=new.formula.strip(), note=new.note.strip())
    within_reason("valid_from", new.valid_from)
    priced(item.basis, new)
    if item.ended(new.valid_from):
        raise Invalid.field("valid_from", "The item ends on {day}.", day=str(item.ended_on))
    by = work.ctx.actor.id, work.ctx.actor.name
    version = await repository.add_version(work.uow, site.id, item_id, new, work.now, by)
    changes = {"number": version.number, "valid_from": version.valid_from, "price": version.price}
    changes |= {"formula": version.formula} if version.formula else {}
    changes |= {"tiers": in_words(version.tiers)} if version.tiers else {}
    work.audit("billing.version.added", "billing_item", item_id, changes, site_id=site.id)
    return version


def priced(basis: Basis, new: NewVersion) -> None:
    """Raises Invalid for a version that an item of that basis cannot be charged by."""
    if basis == "shared":
        raise Invalid.field("price", "What households share has no price: its cost is entered each month.")
    if basis == "meter":
        if new.price is not None or new.formula or not new.tiers:
            raise Invalid.field("tiers", "What a meter counts is charged by tiers: give them, and nothing else.")
        ends = [None if tier.up_to is None else exact(tier.up_to) for tier in new.tiers]
        bounds = [Fraction(0), *(end for end in ends[:-1] if end is not None)]
        rise = all(lower < upper for lower, upper in pairwise(bounds))
        if ends[-1] is not None or len(bounds) < len(ends) or not rise:
            raise Invalid.field("tiers", "The tiers must rise, and only the last one is open.")
        return
    if basis == "rent":
        if new.price is not None or new.formula or new.tiers:
            raise Invalid.field("price", "A rent has no price of its own: its contracts say it.")
        return
    if new.tiers:
        raise Invalid.field("tiers", "Tiers are for meters.")
    if (new.price is None) == (not new.formula):
        raise Invalid.field("price", "Give either a price or a formula.")
    if basis == "once" and new.formula:
        raise Invalid.field("formula", "Something single has a price each time.")
    if new.formula:
        checked(new.formula)


def cycle_fits(basis: Basis, cycle: Cycle) -> None:
    """Raises Invalid for a cycle that an item of that basis cannot be billed in."""
    if basis in ("shared", "once") and cycle != "month":
        raise Invalid.field("cycle", "This is billed by the month.")
    if basis == "rent" and cycle == "anniversary":
        raise Invalid.field("cycle", "A rent is billed every month, quarter or year.")
    if basis == "meter" and cycle not in ("month", "quarter"):
        raise Invalid.field("cycle", "Meters are read every month or every quarter.")


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
