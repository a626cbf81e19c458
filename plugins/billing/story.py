"""The part of a demo company's past that billing tells: what a site charges for, for how much of it, what meters
showed, what was agreed by contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import msgspec

from core.sdk import Chapter, Moment, Site, Teller, Work
from plugins.billing import story_money
from plugins.billing.meters import service as meters
from plugins.billing.meters.model import MOST, MeterReading, SetUp
from plugins.billing.offers import service as offers
from plugins.billing.offers.model import NewOffer
from plugins.billing.rents import service as rents
from plugins.billing.rents.model import Agreed, NewRent
from plugins.billing.tariffs import assignments, service
from plugins.billing.tariffs.model import FeeItem, NewAssignment, NewItem, NewVersion
from plugins.billing.tariffs.quantities import service as quantities
from plugins.billing.tariffs.quantities.model import NewQuantity


class Tariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item with its versions and places. `spaces` are units with that many parking spaces, charged by them alone."""

    site: str
    by: str
    when: tuple[str, ...]
    item: NewItem
    versions: tuple[NewVersion, ...]
    places: tuple[NewAssignment, ...] = ()
    spaces: dict[str, str] = {}


class Areas(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The roll's areas taken over from a day on."""

    site: str
    by: str
    when: tuple[str, ...]
    valid_from: date


class Rounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody goes round and reads the meters of an item, one for each unit where it is charged: what they show, in
    the roll's order."""

    site: str
    by: str
    when: tuple[str, ...]
    item: str
    shown: tuple[str, ...]
    digits: int = 5


class Contracts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rent contracts that somebody enters: by unit the number, and what was agreed with whoever is there."""

    site: str
    by: str
    when: tuple[str, ...]
    item: str
    units: dict[str, str]
    agreed: Agreed


class Offers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who pays so many months of an item ahead has so many free, from a day on."""

    site: str
    by: str
    when: tuple[str, ...]
    item: str
    title: str
    paid: int
    free: int
    since: date


def tariffs(teller: Teller, told: Tariff) -> Iterator[Moment]:
    """Items that somebody lays down."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_lay_down, teller, site, told)


def areas(teller: Teller, told: Areas) -> Iterator[Moment]:
    """Areas that somebody takes over."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_take_over, teller, site, told)


def rounds(teller: Teller, told: Rounds) -> Iterator[Moment]:
    """Meters that somebody reads."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_read, teller, site, told)


def contracts(teller: Teller, told: Contracts) -> Iterator[Moment]:
    """Contracts that somebody enters."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_agree, teller, site, told)


def offers_made(teller: Teller, told: Offers) -> Iterator[Moment]:
    """Offers that somebody publishes."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_offer, teller, site, told)


async def _lay_down(teller: Teller, site: Site, told: Tariff) -> None:
    work = teller.work_as(told.by)
    item = await service.add(work, site, told.item)
    for version in told.versions:
        await service.add_version(work, site, item.id, version)
    for place in told.places:
        await assignments.add(teller.platform, work, site, item.id, place)
    since = told.versions[0].valid_from
    for label, count in told.spaces.items():
        unit_id = await assignments.unit_named(work, site, label)
        await assignments.add(teller.platform, work, site, item.id, NewAssignment(unit_id=unit_id, since=since))
        await quantities.add(
            work,
            site,
            NewQuantity(unit_id=unit_id, basis="spaces", valid_from=since, value=count, reason="车位租赁登记"),
        )


async def _take_over(teller: Teller, site: Site, told: Areas) -> None:
    await quantities.take_over(teller.work_as(told.by), site, told.valid_from, "引自业主名册")


async def _read(teller: Teller, site: Site, told: Rounds) -> None:
    work = teller.work_as(told.by)
    item = await _item(work, site, told.item)
    await meters.set_up(work, site, SetUp(item.id, date(site.today(work.now).year - 2, 1, 1), told.digits))
    found = (await meters.page(work, site, item_id=item.id, limit=MOST)).items
    day = site.today(work.now)
    readings = [
        MeterReading(meter_id=meter.id, day=day, value=value) for meter, value in zip(found, told.shown, strict=False)
    ]
    await meters.enter_many(work, site, readings)


async def _agree(teller: Teller, site: Site, told: Contracts) -> None:
    work = teller.work_as(told.by)
    item = await _item(work, site, told.item)
    for label, number in told.units.items():
        unit_id = await assignments.unit_named(work, site, label)
        household = await teller.platform.estate.household(work, site, unit_id)
        assert household is not None  # the unit is there
        agreed = {**msgspec.structs.asdict(told.agreed), "party_id": household.occupants[0].party_id}
        await rents.add(work, site, NewRent(item_id=item.id, unit_id=unit_id, number=number, **agreed))


async def _offer(teller: Teller, site: Site, told: Offers) -> None:
    work = teller.work_as(told.by)
    item = await _item(work, site, told.item)
    new = NewOffer(item_id=item.id, title=told.title, paid=told.paid, free=told.free, since=told.since)
    await offers.add(work, site, new)


async def _item(work: Work, site: Site, code: str) -> FeeItem:
    [item] = [each.item for each in await service.listed(work, site) if each.item.code == code]
    return item


ALL = (
    Chapter("tariffs", Tariff, tariffs),
    Chapter("areas", Areas, areas),
    Chapter("rounds", Rounds, rounds),
    Chapter("contracts", Contracts, contracts),
    Chapter("offers", Offers, offers_made),
    *story_money.ALL,
)
