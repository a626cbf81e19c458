"""Regular visits come to be owed period by period: the manager to each building, stewards in their area (VIS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Platform, Site, TenantContext, UnitOfWork, Work, new_id
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.areas.model import Area, in_words
from plugins.returnvisits.areas.repository import Around
from plugins.returnvisits.policies import REGULAR
from plugins.returnvisits.sampling import repository as draws
from plugins.returnvisits.sampling import service as sampling
from plugins.returnvisits.visits.model import Visit
from plugins.returnvisits.visits.owed import owe, visitor

MANAGER_TITLE: Final = "经理走访"
STEWARD_TITLE: Final = "物管员走访"
_ABOUT: Final = "定期走访，听取意见和建议"
_BUILDINGS = """
SELECT DISTINCT u.building FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND NOT EXISTS (
    SELECT FROM returnvisits_visit v WHERE v.company_id = $1 AND v.site_id = $2 AND v.rule = $3 AND v.period = $4
        AND v.place IN (u.building, u.building || '幢')) ORDER BY u.building
"""
_UNITS = """
SELECT id, label FROM unit WHERE company_id = $1 AND site_id = $2 AND building = ANY ($3) ORDER BY sort_key, id
"""


class Household(msgspec.Struct, frozen=True):
    """A unit that could be drawn."""

    id: UUID
    label: str


def round_of(day: date, per_year: int) -> tuple[date, date]:
    """The first day of the round that the day lies in, and of the next one, the year being cut into so many."""
    starts = [date(day.year, 12 * n // per_year + 1, 1) for n in range(per_year)]
    since = max(start for start in starts if start <= day)
    return since, next((start for start in starts if start > day), date(day.year + 1, 1, 1))


async def plan(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: what this round of the manager and this quarter of the stewards owe, each once."""
    company = platform.directory.known(ctx.company_id)
    for site in company.sites if company else ():
        if site.id in ctx.site_ids:
            await plan_site(platform, work, site)


async def plan_site(platform: Platform, work: Work, site: Site) -> None:
    """The visits that the present periods owe and that are not owed yet."""
    rules = await platform.policies.value(work, REGULAR, site.id)
    today = site.today(work.now)
    if rules.manager_per_year:
        await _of_manager(work, site, round_of(today, rules.manager_per_year))
    if rules.steward_percent:
        await _of_stewards(work, site, round_of(today, 4), rules.steward_percent)


async def _of_manager(work: Work, site: Site, period: tuple[date, date]) -> None:
    await work.uow.wait_for_turn(f"returnvisits rounds {site.id}")
    due_at = _end(site, period[1])
    for building in await _buildings(work.uow, site.id, period[0]):
        place = in_words(building)
        around = msgspec.structs.replace(await areas.around(work.uow, site.id, None, place), label=place)
        await owe(work, _visit(site, sampling.MANAGER, MANAGER_TITLE, "manager", around, due_at, period[0], work.now))


async def _of_stewards(work: Work, site: Site, period: tuple[date, date], percent: int) -> None:
    """Of each area's households the share is drawn; an area that is laid down later in the quarter comes along."""
    for area in await areas.listed(work.uow, site.id):
        rule = f"{sampling.STEWARD}_{area.id.hex}"
        households = await _households(work.uow, site.id, area)
        if not households or await draws.of_period(work.uow, site.id, rule, period[0]) is not None:
            continue
        subjects = [(each.id, each.label) for each in households]
        title = f"{STEWARD_TITLE} {area.name}"
        answers = await sampling.enter(work, site, rule, title, percent, period, subjects)
        for each, drawn in zip(households, answers, strict=True):
            if drawn:
                around = Around(each.id, each.label, area.id, area.name, area.steward_id, area.steward_name, [])
                due_at = _end(site, period[1])
                await owe(work, _visit(site, rule, title, "steward", around, due_at, period[0], work.now))


def _visit(
    site: Site, rule: str, title: str, wanted: str, around: Around, due_at: datetime, period: date, now: datetime
) -> Visit:
    role, visitor_id, name = visitor(around, wanted, set())
    return Visit(
        id=new_id(),
        site_id=site.id,
        source="regular",
        rule=rule,
        title=title,
        about=_ABOUT,
        unit_id=around.unit_id,
        place=around.label,
        area_id=around.area_id,
        area_name=around.area_name,
        visitor_role=role,
        visitor_id=visitor_id,
        visitor_name=name,
        way="visit",
        due_at=due_at,
        created_at=now,
        period=period,
    )


async def _buildings(uow: UnitOfWork, site_id: UUID, period: date) -> list[str]:
    """Those that the manager does not owe a visit in the period yet."""
    return await uow.fetch(str, _BUILDINGS, uow.company_id, site_id, sampling.MANAGER, period)


async def _households(uow: UnitOfWork, site_id: UUID, area: Area) -> list[Household]:
    """In natural order."""
    return await uow.fetch(Household, _UNITS, uow.company_id, site_id, area.buildings)


def _end(site: Site, until: date) -> datetime:
    """The last second of the period."""
    return datetime.combine(until, time.min, ZoneInfo(site.timezone)) - timedelta(seconds=1)
