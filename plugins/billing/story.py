"""The part of a demo company's past that billing tells: what a site charges for, and for how much of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import msgspec

from core.sdk import Chapter, Moment, Site, Teller
from plugins.billing.tariffs import assignments, service
from plugins.billing.tariffs.model import NewAssignment, NewItem, NewVersion
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


ALL = (Chapter("tariffs", Tariff, tariffs), Chapter("areas", Areas, areas))
