"""The monthly analysis over the JSON API and in the console: on screen, printed, as a workbook."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from core.sdk import (
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    amount_for,
    local_month,
    msgid,
    report,
    sees_amounts,
    views,
)
from plugins.complaints.analysis import service
from plugins.complaints.analysis.model import Analysis, Count, Signature
from plugins.complaints.model import KINDS
from plugins.complaints.permissions import ANALYSE, SIGN
from plugins.complaints.screens import yuan

_UNKNOWN = msgid("Not known yet")
_REPEATED = (
    msgid("Place"),
    msgid("Times"),
    msgid("Cause"),
    msgid("Countermeasure"),
    msgid("Seen to by"),
    msgid("Due"),
)


@get("/analysis", permission=ANALYSE.id)
async def get_analysis(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    month: FromQuery[date | None] = None,
) -> Analysis:
    """The analysis of the month that the day lies in, of the present one unless said (CMP-7)."""
    return await service.analysis(platform, work, site, month)


@post("/analysis/signature", permission=SIGN.id, status_code=200)
async def sign_analysis(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[Signature],
) -> Analysis:
    """Sign a month off, once every repeated complaint has a countermeasure with a named person."""
    return await service.sign(platform, work, site, data)


@get("/analysis", permission=ANALYSE.id)
async def analysis_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[str]:
    """The analysis on screen; it prints as it is."""
    shown = await service.analysis(platform, work, site, local_month(month))
    here = f"/s/{site.slug}/complaints/analysis"
    may_sign = shown.over and shown.figures.signed is None and SIGN.id in work.ctx.permissions
    return await view.html(
        "complaints/analysis.html",
        analysis=shown,
        month=f"{shown.first:%Y-%m}",
        choose=views.Field("month", msgid("Month"), "month", f"{shown.first:%Y-%m}"),
        kinds=_named(shown.figures.kinds),
        compensation=amount_for(work.ctx.permissions, yuan(shown.figures.compensation_fen)),
        before=f"{here}?month={shown.first - timedelta(days=1):%Y-%m}" if shown.first.year > 2000 else "",
        after=f"{here}?month={shown.last + timedelta(days=1):%Y-%m}" if shown.over else "",
        export=f"{here}/export?month={shown.first:%Y-%m}",
        remark=views.Field("remark", msgid("Remark"), "textarea", maximum=2000) if may_sign else None,
    )


@post("/analysis", permission=SIGN.id, status_code=200)
async def sign(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Sign the month off."""
    form = await view.form()
    month = local_month(form.get("month", ""))
    if month is None:
        raise Malformed
    await service.sign(platform, work, site, Signature(month, form.get("remark", "")[:2000]))
    return view.redirect(f"/s/{site.slug}/complaints/analysis?month={month:%Y-%m}")


@get("/analysis/export", permission=ANALYSE.id)
async def export_analysis(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[bytes]:
    """The analysis as a workbook."""
    shown = await service.analysis(platform, work, site, local_month(month))
    figures, say = shown.figures, view.say
    counted = [
        (msgid("Kinds"), _named(figures.kinds)),
        (msgid("Causes"), [(each.name or _UNKNOWN, each.complaints) for each in figures.causes]),
        (msgid("Departments"), [(each.name or _UNKNOWN, each.complaints) for each in figures.departments]),
    ]
    tables = [
        ReportTable(
            say(msgid("In time")),
            [say(msgid("Level")), say(msgid("In time")), say(msgid("Late")), say(msgid("In time (%)"))],
            [
                [say(label), share.in_time, share.late, share.percent]
                for label, share in ((msgid("General"), figures.general), (msgid("Major"), figures.major))
            ],
        ),
        *(
            ReportTable(
                say(title), [say(title), say(msgid("Complaints taken in"))], [[say(name), n] for name, n in rows]
            )
            for title, rows in counted
        ),
        ReportTable(
            say(msgid("Compensation")),
            [say(msgid("Payments")), say(msgid("Amount (yuan)"))],
            [[figures.compensated, figures.compensation_fen / 100 if sees_amounts(work.ctx.permissions) else None]],
        ),
        ReportTable(
            say(msgid("Repeated complaints")),
            [say(heading) for heading in _REPEATED],
            [[r.place, r.times, r.cause, r.countermeasure, r.responsible_name, r.due_on] for r in shown.repeated],
        ),
    ]
    name = f"{say(msgid('Analysis of complaints'))}-{site.name}-{shown.first:%Y%m}"
    return await asyncio.to_thread(report, name, tables, work.now)


def _named(kinds: list[Count]) -> list[tuple[str, int]]:
    return [(KINDS.get(each.name, _UNKNOWN), each.complaints) for each in kinds]


API: list[HTTPRouteHandler] = [get_analysis, sign_analysis]
PAGES: list[HTTPRouteHandler] = [analysis_page, sign, export_analysis]
