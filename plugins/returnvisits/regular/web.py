"""Regular visits kept up or not, over the JSON API and in the console: on screen and as a workbook (VIS-3)."""

from __future__ import annotations

import asyncio
from datetime import date

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import Platform, ReportTable, Site, View, Work, local_day, local_text, msgid, report, views
from plugins.returnvisits.permissions import REPORT
from plugins.returnvisits.regular.coverage import Coverage, Owed, covered

GROUPS = (
    msgid("Group of households"),
    msgid("Area"),
    msgid("Quota of the year"),
    msgid("Made"),
    msgid("Last made"),
    msgid("Visited by"),
    msgid("Still owed"),
)
_AREAS = (
    msgid("Area"),
    msgid("Groups of households"),
    msgid("Quota of the year"),
    msgid("Made"),
    msgid("Late"),
)
QUARTERS = (
    msgid("Round"),
    msgid("From"),
    msgid("Until"),
    msgid("Households"),
    msgid("Share"),
    msgid("Drawn"),
    msgid("Made"),
    msgid("Still owed"),
)
_OWED = (msgid("Round"), msgid("Place"), msgid("Until"), msgid("Visited by"), msgid("Overdue"))

Line = list[str | int]


@get("/regular", permission=REPORT.id)
async def get_coverage(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    day: FromQuery[date | None] = None,
) -> Coverage:
    """The manager's visits of the year up to that day (today without) by group of households and area, and the
    stewards' quarter it lies in: quotas, what was made, and who is still owed a visit."""
    return await covered(platform, work, site, day)


@get("/regular", permission=REPORT.id)
async def coverage_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    day: FromQuery[str] = "",
) -> Response[str]:
    """The same on screen."""
    shown = await covered(platform, work, site, local_day(day))
    return await view.html(
        "returnvisits/regular.html",
        coverage=shown,
        choose=views.Field("day", msgid("As of"), "date", str(shown.day)),
        export=f"/s/{site.slug}/returnvisits/regular/export?day={shown.day}",
    )


@get("/regular/export", permission=REPORT.id)
async def coverage_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    day: FromQuery[str] = "",
) -> Response[bytes]:
    """The same as a workbook, those who are still owed a visit on a sheet of their own."""
    shown = await covered(platform, work, site, local_day(day))
    say = view.say

    def table(title: str, headings: tuple[str, ...], rows: list[Line]) -> ReportTable:
        return ReportTable(say(title), [say(heading) for heading in headings], rows)

    owed = [(say(msgid("Manager")), each) for group in shown.groups for each in group.owed]
    owed += [(quarter.title, each) for quarter in shown.stewards for each in quarter.owed]
    tables = [
        table(msgid("By group of households"), GROUPS, group_rows(view, site, shown)),
        table(msgid("By area"), _AREAS, [[a.area or "—", a.groups, a.quota, a.made, a.late] for a in shown.areas]),
        table(msgid("Stewards"), QUARTERS, quarter_rows(shown)),
        table(msgid("Still owed"), _OWED, [_owed(view, site, round_, each) for round_, each in owed]),
    ]
    name = f"{say(msgid('Regular visits'))}-{site.name}-{shown.day:%Y%m%d}"
    return await asyncio.to_thread(report, name, tables, work.now)


def group_rows(view: View, site: Site, shown: Coverage) -> list[Line]:
    """The manager's visits by group of households, for `GROUPS`."""
    return [
        [
            group.building,
            group.area or "—",
            group.quota,
            group.made,
            local_text(site, group.last_at)[:10] or "—",
            group.last_by or "—",
            view.listed(until(site, each) for each in group.owed) or "—",
        ]
        for group in shown.groups
    ]


def quarter_rows(shown: Coverage) -> list[Line]:
    """The stewards' rounds, for `QUARTERS`."""
    return [
        [q.title, str(q.since), str(q.until), q.households, f"{q.percent} %", q.drawn, q.made, len(q.owed)]
        for q in shown.stewards
    ]


def until(site: Site, owed: Owed) -> str:
    """The last day on which a visit is in time; one that is late is marked."""
    return f"{local_text(site, owed.due_at)[:10]}{' !' if owed.late else ''}"


def _owed(view: View, site: Site, round_: str, owed: Owed) -> Line:
    late = view.say(msgid("Overdue")) if owed.late else ""
    return [round_, owed.place, local_text(site, owed.due_at)[:10], owed.by_name, late]


API: list[HTTPRouteHandler] = [get_coverage]
PAGES: list[HTTPRouteHandler] = [coverage_page, coverage_export]
