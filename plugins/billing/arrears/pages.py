"""Arrears in the console: who owes what, by age; how much comes in; below /s/{site_id}/billing/arrears."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import Platform, ReportTable, Site, View, Work, msgid, report, sees_amounts, views
from plugins.billing.arrears import service
from plugins.billing.arrears.model import AGES, SORTS, Household, Sum, Wanted
from plugins.billing.arrears.screens import SORT_WORDS, age_words, money, percent
from plugins.billing.permissions import ARREARS_VIEW, COLLECTION_TAKE

_PAGE: Final = 50
_FIRST_YEAR: Final = 10  # years back that can be chosen


@get("/arrears", permission=ARREARS_VIEW.id)
async def arrears_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Households that owe something, by age, and what is open by item and building."""
    items, buildings = await service.choices(work, site)
    query = view.query
    wanted = _wanted(query, {str(id) for id, _ in items}, set(buildings))
    cursor = query.get("after") or None
    found = await service.households(platform, work, site, wanted, cursor, _PAGE)
    ageing = await service.ageing(platform, work, site)
    here = f"/s/{site.slug}/billing/arrears"
    kept = _kept(wanted)
    ages = age_words(view, ageing.last_days)
    pager = views.Pager(
        len(found.items),
        "",
        f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None,
        f"{here}?{urlencode(kept)}" if cursor else None,
    )
    return await view.html(
        "billing/arrears.html",
        rows=found.items,
        ageing=ageing,
        ages=ages,
        filters=_filters(wanted, items, buildings, ages),
        filtered=bool(set(kept) - {"sort"}),
        pager_view=pager,
        export=f"{here}/export?{urlencode(kept)}",
        collects=COLLECTION_TAKE.id in work.ctx.permissions,
        amount=money(work),
    )


@get("/arrears/export", permission=ARREARS_VIEW.id)
async def arrears_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[bytes]:
    """Those households as a workbook, with what is open at the site by item and by building."""
    items, buildings = await service.choices(work, site)
    wanted = _wanted(view.query, {str(id) for id, _ in items}, set(buildings))
    found = await service.exported(platform, work, site, wanted)
    ageing = await service.ageing(platform, work, site)
    sees = sees_amounts(work.ctx.permissions)

    def yuan(fen: int) -> float | None:
        return fen / 100 if sees else None

    def sums(each: Household | Sum) -> list[Any]:
        return [yuan(each.open_fen), yuan(each.overdue_fen), *(yuan(fen) for fen in each.aged_fen)]

    ages = age_words(view, ageing.last_days)
    amounts = [view.say(msgid("Open (yuan)")), view.say(msgid("Overdue (yuan)")), *ages]
    rows: list[list[Any]] = [
        [each.unit, each.building, each.party, each.charges, each.oldest_on, each.days, *sums(each)]
        for each in found[: service.EXPORTED]
    ]
    if len(found) > service.EXPORTED:
        rows.append([view.say(msgid("There are more: search for a building and export it by itself."))])
    heads = (msgid("Unit"), msgid("Building"), msgid("Payer"), msgid("Charges"), msgid("Due since"),
             msgid("Days overdue"))  # fmt: skip
    households = view.say(msgid("Households"))
    tables = [
        ReportTable(view.say(msgid("Arrears")), [*(view.say(head) for head in heads), *amounts], rows),
        ReportTable(
            view.say(msgid("By fee item")),
            [view.say(msgid("Fee item")), households, *amounts],
            [[each.name, each.households, *sums(each)] for each in ageing.by_item],
        ),
        ReportTable(
            view.say(msgid("By building")),
            [view.say(msgid("Building")), households, *amounts],
            [[each.name, each.households, *sums(each)] for each in ageing.by_building],
        ),
    ]
    name = f"{view.say(msgid('Arrears'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, tables, work.now)


@get("/arrears/rates", permission=ARREARS_VIEW.id)
async def rate_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """How much has come in of what was charged for a year, by item and month, against the targets."""
    this, asked = site.today(work.now).year, view.query.get("year", "")
    year = int(asked) if asked.isdecimal() and this - _FIRST_YEAR < int(asked[:9]) <= this + 1 else this
    years = tuple(views.Choice(str(y), str(y)) for y in range(this + 1, this - _FIRST_YEAR, -1))
    return await view.html(
        "billing/rates.html",
        rates=await service.rates(platform, work, site, year),
        year=views.Field("year", msgid("Year"), "select", str(year), choices=years),
        percent=percent,
        amount=money(work),
    )


def _wanted(query: dict[str, str], items: set[str], buildings: set[str]) -> Wanted:
    """What a query asks for; what nobody can choose is left out."""
    item, building, age = query.get("item", ""), query.get("building", ""), query.get("age", "")
    sort: Any = query.get("sort") if query.get("sort") in SORTS else "amount"
    return Wanted(
        UUID(item) if item in items else None,
        building if building in buildings else "",
        query.get("q", "")[:100],
        int(age) if age in {str(n) for n in range(AGES)} else 0,
        0,
        sort,
    )


def _kept(wanted: Wanted) -> dict[str, str]:
    kept = {
        "q": wanted.text, "item": str(wanted.item_id or ""), "building": wanted.building,
        "age": str(wanted.age or ""), "sort": wanted.sort if wanted.sort != "amount" else "",
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value}


def _filters(wanted: Wanted, items: list[tuple[UUID, str]], buildings: list[str], ages: list[str]) -> views.Filters:
    def select(name: str, label: str, value: str, *choices: views.Choice) -> views.Field:
        return views.Field(name, label, "select", value, choices=choices)

    everything = views.Choice("", msgid("All items"))
    return views.Filters(
        wanted.text,
        selects=(
            select("item", msgid("Fee item"), str(wanted.item_id or ""), everything,
                   *(views.Choice(str(id), title) for id, title in items)),
            select("building", msgid("Building"), wanted.building, views.Choice("", msgid("All buildings")),
                   *(views.Choice(name, name) for name in buildings)),
            select("age", msgid("Age"), str(wanted.age or ""), views.Choice("", msgid("Any age")),
                   views.Choice("1", msgid("Overdue")),
                   *(views.Choice(str(n), ages[n]) for n in range(2, AGES))),
            select("sort", msgid("Order"), wanted.sort,
                   *(views.Choice(name, label) for name, label in SORT_WORDS.items())),
        ),
    )  # fmt: skip


HANDLERS: list[HTTPRouteHandler] = [arrears_list, arrears_export, rate_list]
