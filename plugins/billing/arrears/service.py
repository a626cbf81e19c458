"""Who owes what since when (BIL-5), and how much comes in of what is charged (BIL-6)."""

from __future__ import annotations

import base64
from collections import defaultdict
from datetime import date
from typing import Final
from uuid import UUID

from core.sdk import Invalid, Malformed, Platform, Site, Work, msgid, part_of
from plugins.billing.access import enter
from plugins.billing.arrears import repository
from plugins.billing.arrears.model import (
    MOST,
    Ageing,
    Household,
    HouseholdPage,
    MonthRate,
    Rate,
    Rates,
    Sum,
    Wanted,
    due_before,
    permille,
    thresholds,
)
from plugins.billing.arrears.policies import ARREARS

EXPORTED: Final = 20_000  # rows of a workbook, which is made in memory
_LARGEST: Final = 2**63


async def households(
    platform: Platform, work: Work, site: Site, wanted: Wanted, cursor: str | None = None, limit: int = 50
) -> HouseholdPage:
    """A page of those who owe, at most 200 of them (IN-9). Raises Malformed for a cursor that is not one of ours."""
    most = min(limit, MOST)
    found = await _found(platform, work, site, wanted, _read(cursor, wanted.sort), most + 1)
    more = found[most - 1] if len(found) > most else None
    mark = _mark(wanted.sort, repository.place(*more, wanted.sort), more[0].unit_id) if more else None
    return HouseholdPage([household for household, _ in found[:most]], mark)


async def exported(platform: Platform, work: Work, site: Site, wanted: Wanted) -> list[Household]:
    """Households for a workbook; one more than EXPORTED says that there are more."""
    return [household for household, _ in await _found(platform, work, site, wanted, None, EXPORTED + 1)]


async def ageing(platform: Platform, work: Work, site: Site) -> Ageing:
    """All that is open at the site by age, by item and by building."""
    enter(work, site)
    rules = await platform.policies.value(work, ARREARS, site.id)
    rows = await repository.ageing(work.uow, site.id, site.today(work.now), thresholds(rules.days))
    items, buildings, total = [], [], Sum(None, "", 0, 0, 0, [0] * (len(rules.days) + 2))
    for no_item, no_building, item_id, name, households, owed, overdue, *aged in rows:
        row = Sum(item_id, name, households, owed or 0, overdue or 0, [fen or 0 for fen in aged])
        if not no_item:
            items.append(row)
        elif not no_building:
            buildings.append(row)
        elif households:
            total = row
    return Ageing(list(rules.days), total, items, buildings)


async def rates(platform: Platform, work: Work, site: Site, year: int) -> Rates:
    """How much has come in of what was charged for a year, by item and month, against the targets (BIL-6). What was
    waived was not charged. Raises Invalid for a year that there is not."""
    enter(work, site)
    if not 2000 <= year < 2200:
        raise Invalid.field("year", msgid("Give a year such as {year}."), year=site.today(work.now).year)
    rules = await platform.policies.value(work, ARREARS, site.id)
    months: dict[tuple[UUID, str, str, str], list[MonthRate]] = defaultdict(list)
    for *item, month, charged, collected in await repository.rates(
        work.uow, site.id, date(year, 1, 1), date(year + 1, 1, 1)
    ):
        id, code, title, collected_for = item
        months[id, code, title, collected_for].append(
            MonthRate(month, charged, collected, permille(collected, charged))
        )
    items = []
    for (id, code, title, collected_for), each in months.items():
        charged = sum(month.charged_fen for month in each)
        collected = sum(month.collected_fen for month in each)
        target = rules.target(code, collected_for)
        rate = permille(collected, charged)
        reached = collected * 100 >= target * charged
        items.append(Rate(id, title, collected_for, target, charged, collected, rate, reached, each))
    charged, collected = sum(item.charged_fen for item in items), sum(item.collected_fen for item in items)
    return Rates(year, items, charged, collected, permille(collected, charged))


async def choices(work: Work, site: Site) -> tuple[list[tuple[UUID, str]], list[str]]:
    """The site's items and buildings, to choose from."""
    enter(work, site)
    return await repository.choices(work.uow, site.id)


async def _found(
    platform: Platform, work: Work, site: Site, wanted: Wanted, after: tuple[str, UUID] | None, most: int
) -> list[tuple[Household, str]]:
    enter(work, site)
    rules = await platform.policies.value(work, ARREARS, site.id)
    today, text = site.today(work.now), wanted.text.strip()
    oldest = due_before(wanted.age, rules.days, today)
    ages = thresholds(rules.days)
    pattern = part_of(text) if text else ""
    return await repository.households(work.uow, site.id, today, ages, wanted, oldest, pattern, after, most)


def _mark(sort: str, place: str, id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{sort} {id} {place}".encode()).decode().rstrip("=")


def _read(mark: str | None, sort: str) -> tuple[str, UUID] | None:
    """A place in the list, whose mark is of the same order."""
    if not mark:
        return None
    try:
        of, id, place = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().split(" ", 2)
        if of != sort or "\0" in place:
            raise ValueError(mark)
        if sort == "amount" and not -_LARGEST < int(place) < _LARGEST:
            raise ValueError(mark)
        if sort == "oldest":
            place = date.fromisoformat(place).isoformat()
        return place, UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
