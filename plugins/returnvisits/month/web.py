"""The month's report over the JSON API and in the console: on screen, as a workbook, on paper (VIS-6)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import Platform, ReportTable, Site, View, Work, document, local_month, msgid, report, views
from plugins.returnvisits.month import service
from plugins.returnvisits.month.service import MonthReport, Sums
from plugins.returnvisits.permissions import REPORT
from plugins.returnvisits.regular.web import GROUPS, QUARTERS, Line, group_rows, quarter_rows
from plugins.returnvisits.visits import screens

_SUMS = (
    msgid("Visits due"),
    msgid("Made"),
    msgid("In time"),
    msgid("Late"),
    msgid("Cancelled"),
    msgid("Satisfied"),
    msgid("Fairly satisfied"),
    msgid("Dissatisfied"),
    msgid("Failed"),
)
_COVERAGE = (msgid("Rule"), msgid("Share"), msgid("Could be drawn"), msgid("Drawn"), msgid("Visited"))
_FAILED = (
    msgid("When"),
    msgid("Place"),
    msgid("Rule"),
    msgid("Shortcomings"),
    msgid("What followed"),
    msgid("Countermeasure"),
    msgid("Responsible"),
    msgid("Until"),
)
_REPEATED = (
    msgid("Category"),
    msgid("Place"),
    msgid("Times"),
    msgid("Countermeasure"),
    msgid("Responsible"),
    msgid("Until"),
)


class Table(msgspec.Struct, frozen=True):
    """A table on paper."""

    title: str
    headings: list[str]
    rows: list[Line]


class Paper(msgspec.Struct, frozen=True):
    """What the printed report holds."""

    site: str
    month: str
    in_time: str
    satisfied: str
    target: str
    tables: list[Table]


@get("/report", permission=REPORT.id)
async def get_report(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    month: FromQuery[date | None] = None,
) -> MonthReport:
    """A month of return visits: due, made, in time and failed, by rule and area; coverage; what is done about it."""
    return await service.month(platform, work, site, month)


@get("/report", permission=REPORT.id)
async def report_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[str]:
    """The report on screen."""
    shown = await service.month(platform, work, site, local_month(month))
    here = f"/s/{site.slug}/returnvisits/report"
    following = (shown.month + timedelta(days=31)).replace(day=1)
    return await view.html(
        "returnvisits/report.html",
        report=shown,
        choose=views.Field("month", msgid("Month"), "month", f"{shown.month:%Y-%m}"),
        before=f"{here}?month={shown.month - timedelta(days=1):%Y-%m}" if shown.month.year > 2000 else "",
        after=f"{here}?month={following:%Y-%m}" if following <= site.today(work.now) else "",
        export=f"{here}/export?month={shown.month:%Y-%m}",
        paper=f"{here}/paper?month={shown.month:%Y-%m}",
    )


@get("/report/export", permission=REPORT.id)
async def report_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[bytes]:
    """The report as a workbook."""
    shown = await service.month(platform, work, site, local_month(month))
    tables = [ReportTable(each.title, each.headings, each.rows) for each in _tables(view, site, shown)]
    return await asyncio.to_thread(report, _name(view, site, shown), tables, work.now)


@get("/report/paper", permission=REPORT.id, media_type="application/pdf")
async def report_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[bytes]:
    """The report as a PDF, for the manager's file."""
    shown = await service.month(platform, work, site, local_month(month))
    paper = Paper(
        site.name,
        f"{shown.month:%Y-%m}",
        _percent(shown.in_time_percent),
        _percent(shown.satisfied_percent),
        f"{shown.target_percent} %",
        _tables(view, site, shown),
    )
    return await document(view, "returnvisits/report.typ", _name(view, site, shown), paper)


def _name(view: View, site: Site, shown: MonthReport) -> str:
    title = view.say(msgid("Month's report of return visits"))
    return f"{title}-{site.name}-{shown.month:%Y%m}"


def _tables(view: View, site: Site, shown: MonthReport) -> list[Table]:
    say = view.say

    def table(title: str, headings: tuple[str, ...], rows: list[Line]) -> Table:
        return Table(say(title), [say(heading) for heading in headings], rows)

    return [
        table(msgid("By rule"), (msgid("Rule"), *_SUMS), [_numbers(each.title, each) for each in shown.rules]),
        table(msgid("By area"), (msgid("Area"), *_SUMS), [_numbers(each.title or "—", each) for each in shown.areas]),
        table(
            msgid("Coverage"),
            _COVERAGE,
            [[c.title, f"{c.percent} %", c.candidates, c.drawn, c.visited] for c in shown.coverage],
        ),
        table(msgid("Manager's regular visits"), GROUPS, group_rows(view, site, shown.regular)),
        table(msgid("Stewards' rounds of the quarter"), QUARTERS, quarter_rows(shown.regular)),
        table(
            msgid("Visits that failed"),
            _FAILED,
            [
                [
                    screens.local(site, v.done_at),
                    v.place,
                    v.title,
                    v.shortcomings,
                    f"{say(screens.FOLLOW_UPS[v.follow_up])} {v.follow_up_number}" if v.follow_up else "—",
                    v.measure or "—",
                    v.measure_by_name or "—",
                    str(v.measure_due or "—"),
                ]
                for v in shown.failed
            ],
        ),
        table(
            msgid("Repeated matters"),
            _REPEATED,
            [
                [r.category, r.place, r.times, r.countermeasure or "—", r.responsible or "—", str(r.due_on or "—")]
                for r in shown.repeated
            ],
        ),
    ]


def _numbers(title: str, sums: Sums) -> Line:
    told = (
        sums.due, sums.done, sums.in_time, sums.late, sums.void, sums.satisfied, sums.fair, sums.dissatisfied,
        sums.failed,
    )  # fmt: skip
    return [title, *told]


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:g} %"


API: list[HTTPRouteHandler] = [get_report]
PAGES: list[HTTPRouteHandler] = [report_page, report_export, report_paper]
