"""Reports in the console and as a workbook, below /s/{site_id}/billing/reports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.sdk import (
    Principal,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_day,
    msgid,
    sees_amounts,
    views,
)
from core.sdk import report as workbook
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import REPORT_VIEW
from plugins.billing.reports import service
from plugins.billing.reports.model import Report, Row
from plugins.billing.telling import yuan

COLUMNS: Final = (
    ("opening_fen", msgid("Open before (yuan)")),
    ("charged_fen", msgid("Charged (yuan)")),
    ("adjusted_fen", msgid("Corrected (yuan)")),
    ("waived_fen", msgid("Waived (yuan)")),
    ("received_fen", msgid("Received (yuan)")),
    ("closing_fen", msgid("Open after (yuan)")),
)
_ITEM, _BUILDING, _MONTH, _SITE = msgid("Fee item"), msgid("Building"), msgid("Month"), msgid("Site")
_TAKEN: Final = (msgid("Taken by"), msgid("Means"), msgid("Money in (yuan)"), msgid("Money out (yuan)"))


@get("/reports", permission=REPORT_VIEW.id)
async def report_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
) -> Response[str]:
    """What moved on these days; it prints as it is."""
    found = await service.report(work, site, local_day(since), local_day(until))
    here = f"/s/{site.slug}/billing/reports"
    held = work.ctx.permissions

    def amount(fen: int) -> str:
        return amount_for(held, yuan(fen))

    return await view.html(
        "billing/reports.html",
        report=found,
        parts=[(_ITEM, found.items), (_BUILDING, found.buildings), (_MONTH, found.months)],
        columns=COLUMNS,
        days=_fields(found.since, found.until),
        export=f"{here}/export?since={found.since}&until={found.until}",
        amount=amount,
        means_words=MEANS_WORDS,
    )


@get("/reports/export", permission=REPORT_VIEW.id)
async def report_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> Response[bytes]:
    """The same as a workbook: a sheet by item, building, month and person."""
    found = await service.report(work, site, since, until)
    seen = sees_amounts(work.ctx.permissions)
    title = view.say(msgid("Charged and received"))
    name = f"{title}-{site.name}-{found.since:%Y%m%d}-{found.until:%Y%m%d}"
    return await asyncio.to_thread(workbook, name, _tables(view, found, seen), work.now)


@get("/reports/sites", permission=REPORT_VIEW.id)
async def company_report_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
) -> Response[str]:
    """What moved on these days at all sites whose reports the reader may see; it prints as it is."""
    sites = service.visible(work, principal, work.now)
    found = await service.of_company(work, site, sites, local_day(since), local_day(until))
    held = work.ctx.permissions
    days = f"since={found.since}&until={found.until}"
    return await view.html(
        "billing/reports_sites.html",
        report=found,
        columns=COLUMNS,
        days=_fields(found.since, found.until),
        query=days,
        export=f"/s/{site.slug}/billing/reports/sites/export?{days}",
        amount=lambda fen: amount_for(held, yuan(fen)),
    )


@get("/reports/sites/export", permission=REPORT_VIEW.id)
async def company_report_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> Response[bytes]:
    """The same as a workbook: a line a site."""
    found = await service.of_company(work, site, service.visible(work, principal, work.now), since, until)
    sees = sees_amounts(work.ctx.permissions)
    total = msgspec.structs.replace(found.total, name=view.say(msgid("Total")))
    rows = [
        [row.name, *(getattr(row, field) / 100 if sees else None for field, _ in COLUMNS)]
        for row in (*(each.row for each in found.sites), total)
    ]
    heading = view.say(_SITE)
    table = ReportTable(heading, [heading, *(view.say(label) for _, label in COLUMNS)], rows)
    title = view.say(msgid("Charged and received"))
    name = f"{title}-{view.page.brand}-{found.since:%Y%m%d}-{found.until:%Y%m%d}"
    return await asyncio.to_thread(workbook, name, [table], work.now)


def _fields(since: date, until: date) -> tuple[views.Field, ...]:
    return (
        views.Field("since", msgid("From day"), "date", str(since)),
        views.Field("until", msgid("Until"), "date", str(until)),
    )


def _tables(view: View, found: Report, seen: bool) -> list[ReportTable]:
    def fen(amount: int) -> float | None:
        return amount / 100 if seen else None

    def rows(lines: Iterable[Row]) -> list[list[Any]]:
        total = Row(view.say(msgid("Total")), *(getattr(found.total, field) for field, _ in COLUMNS))
        return [[row.name, *(fen(getattr(row, field)) for field, _ in COLUMNS)] for row in (*lines, total)]

    parts = ((_ITEM, found.items), (_BUILDING, found.buildings), (_MONTH, found.months))
    headings = [view.say(label) for _, label in COLUMNS]
    taken = [
        [
            each.by_name or view.say(msgid("System")),
            view.say(MEANS_WORDS[each.means]),
            fen(each.in_fen),
            fen(each.out_fen),
        ]
        for each in found.taken
    ]
    return [
        *(ReportTable(view.say(by), [view.say(by), *headings], rows(lines)) for by, lines in parts),
        ReportTable(view.say(_TAKEN[0]), [view.say(heading) for heading in _TAKEN], taken),
    ]


HANDLERS: list[HTTPRouteHandler] = [report_page, report_export, company_report_page, company_report_export]
