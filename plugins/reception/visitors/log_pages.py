"""The whole register, its workbook, and the blacklist, below /s/{site_id}/reception/visitors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Invalid,
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    local_day,
    midnight,
    msgid,
    read_form,
    report,
    views,
    words,
)
from plugins.reception.permissions import BAR, VISIT, VISIT_EXPORT, VISIT_VIEW
from plugins.reception.visitors import barred, inputs, log, screens, service
from plugins.reception.visitors.model import GateCount, Lift, NewBarred, VisitFilter

_WEEK = timedelta(days=6)
_MOST = 5000  # rows of a workbook
_HEADINGS = (
    msgid("Came, or expected"),
    msgid("Visitor"),
    msgid("Phone"),
    msgid("Number of people"),
    msgid("Purpose"),
    msgid("Visits"),
    msgid("Host"),
    msgid("Document seen"),
    msgid("Its number"),
    msgid("Household answered"),
    msgid("Who answered"),
    msgid("Badge"),
    msgid("Number plate"),
    msgid("Escort"),
    msgid("Let in at"),
    msgid("Left at"),
    msgid("State"),
    msgid("Registered by"),
)


@get("/visitors/log", permission=VISIT_VIEW.id)
async def visitor_log(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The register, narrowed, page by page; and what each of the last seven days saw (REC-7)."""
    query = {name: text for name in ("status", "from", "to", "q") if (text := view.query.get(name, "").strip())}
    limits = await service.rules(platform, work, site)
    found, following = await log.page(work, site, _wanted(site, {**query, "after": view.query.get("after", "")}))
    today = site.today(work.now)
    address = f"/s/{site.slug}/reception/visitors/log?"
    states = words.choices(screens.STATES, msgid("All states"))
    return await view.html(
        "reception/visitors_log.html",
        filters=views.Filters(
            text=query.get("q", ""),
            selects=(
                views.Field("status", msgid("State"), "select", query.get("status", ""), choices=states),
                views.Field("from", msgid("From"), "date", query.get("from", "")),
                views.Field("to", msgid("To"), "date", query.get("to", "")),
            ),
        ),
        rows=tuple(screens.row(site, visit, limits, work.now, steps=False) for visit in found),
        pager_view=views.Pager(
            len(found),
            "",
            address + urlencode({**query, "after": following}) if following else None,
            address + urlencode(query) if view.query.get("after") else None,
        ),
        days=tuple(await log.days(work, site, today - _WEEK, today)),
        count=inputs.count_form(today) if VISIT.id in work.ctx.permissions else (),
        target=limits.registered_percent,
        export=f"/s/{site.slug}/reception/visitors/export?{urlencode(query)}"
        if VISIT_EXPORT.id in work.ctx.permissions
        else "",
    )


@post("/visitors/counts", permission=VISIT.id, status_code=200)
async def count_gate(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """The guard's own count of a day."""
    values = await view.form()
    await log.count(work, site, read_form({name: values.get(name, "") for name in ("day", "people")}, GateCount))
    return view.redirect(f"/s/{site.slug}/reception/visitors/log")


# not a GET: that somebody took the register with them is put on record
@post("/visitors/export", permission=VISIT_EXPORT.id, status_code=200)
async def visitor_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The narrowed register as a workbook, phones masked."""
    wanted = _wanted(site, view.query)
    found = await log.whole(work, site, wanted, _MOST)
    say, local = view.say, screens.local
    rows = [
        (
            local(site, visit.at),
            visit.name,
            service.shown(visit).phone,
            visit.people,
            visit.purpose,
            visit.place,
            visit.host_name,
            say(screens.ID_KINDS[visit.id_kind]) if visit.id_kind else "",
            visit.id_number,
            f"{say(screens.HAPPENED[_ANSWERS[visit.host_answer]][0])} {local(site, visit.host_answered_at)}"
            if visit.host_answer
            else "",
            visit.answered_by,
            visit.badge,
            visit.plate,
            visit.escort,
            local(site, visit.admitted_at),
            local(site, visit.left_at),
            say(screens.STATES[visit.status].label),
            visit.registered_by_name,
        )
        for visit in found
    ]
    title = say(msgid("Visitors"))
    table = ReportTable(title, [say(heading) for heading in _HEADINGS], rows)
    name = f"{title}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, [table], work.now)


_ANSWERS = {"accepted": "accept", "refused": "refuse"}


@get("/visitors/barred", permission=VISIT_VIEW.id)
async def barred_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Whom not to let in (REC-9)."""
    return await _barred(work, site, view)


@post("/visitors/barred", permission=BAR.id, status_code=200)
async def bar(work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]) -> Response[Any]:
    """Put somebody on the blacklist."""
    values = await view.form()
    texts = {name: values.get(name, "") for name in ("name", "phone", "id_number", "reason")}
    try:
        await barred.add(work, site, read_form({**texts, "until": local_day(values.get("until", ""))}, NewBarred))
    except Invalid as refused:
        return await _barred(work, site, view, "", values, refused)
    return view.redirect(f"/s/{site.slug}/reception/visitors/barred")


@post("/visitors/barred/{barred_id:uuid}/lift", permission=BAR.id, status_code=200)
async def lift(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], barred_id: FromPath[UUID]
) -> Response[Any]:
    """Take somebody off the blacklist."""
    values = await view.form()
    try:
        await barred.lift(work, site, barred_id, read_form({"reason": values.get("reason", "")}, Lift))
    except Invalid as refused:
        return await _barred(work, site, view, str(barred_id), values, refused)
    return view.redirect(f"/s/{site.slug}/reception/visitors/barred")


async def _barred(
    work: Work,
    site: Site,
    view: View,
    lifted: str | None = None,
    values: Mapping[str, str] = {},
    refused: Invalid | None = None,
) -> Response[str]:
    """The list; `lifted` is the entry whose form was refused, '' the form for a new one."""
    wrong = {error.field: error for error in (refused.fields if refused else ())}

    def field(name: str, label: str, kind: Any = "text", *, own: bool, **more: Any) -> views.Field:
        error = wrong.get(name) if own else None
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, "") if own else "", **{**more, **said})

    new = lifted == ""
    keeps = BAR.id in work.ctx.permissions
    return await view.html(
        "reception/visitors_barred.html",
        status=422 if refused else 200,
        rows=tuple(
            screens.BarredRow(
                entry,
                (field("reason", msgid("Why"), "textarea", own=str(entry.id) == lifted, required=True, maximum=500),),
                str(entry.id) == lifted,
            )
            for entry in await barred.listed(work, site)
        ),
        keeps=keeps,
        fields=(
            field("name", msgid("Visitor"), own=new, required=True, maximum=60),
            field("phone", msgid("Phone"), "tel", own=new, maximum=30),
            field("id_number", msgid("Document number"), own=new, maximum=30,
                  help=msgid("Only the last four characters are kept.")),
            field("reason", msgid("Why"), "textarea", own=new, required=True, maximum=500),
            field("until", msgid("Until"), "date", own=new, help=msgid("Empty: for good.")),
        ),
        show=new,
    )  # fmt: skip


def _wanted(site: Site, query: Mapping[str, str]) -> VisitFilter:
    since, until = local_day(query.get("from", "")), local_day(query.get("to", ""))
    try:
        return msgspec.convert(
            {
                "status": query.get("status") or None,
                "since": midnight(site, since) if since else None,
                "until": midnight(site, until, 1) if until else None,
                "text": query.get("q", "").strip() or None,
                "cursor": query.get("after") or None,
            },
            VisitFilter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error


HANDLERS: list[HTTPRouteHandler] = [visitor_log, count_gate, visitor_export, barred_list, bar, lift]
