"""Repeated matters on screen: a hint while one is taken in, the month's list, its countermeasures, its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.analysis.model import Countermeasure, Recurrence, RepeatGroup
from core.analysis.periods import add_months
from core.errors import Invalid, LodgeError, Malformed
from core.exchange.report import Table
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Colleague, Site
from core.tickets.model import AlikeTicket, TicketDetail
from core.web.console import queue, words
from core.web.download import report
from core.web.filled import local_month
from core.web.view import View
from core.web.views import Choice, Field, RepeatNote, RepeatRow, TicketLink
from core.work import Work

_NOBODY = Choice("", msgid("Nobody yet"))
_HEADINGS = (
    msgid("Place"),
    msgid("Category"),
    msgid("Kind"),
    msgid("Times"),
    msgid("Tickets"),
    msgid("Cause"),
    msgid("Countermeasure"),
    msgid("Responsible"),
    msgid("Due on"),
    msgid("Outcome"),
)


@get("/tickets/repeats", permission="ticket.create")
async def repeat_hint(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    category: FromQuery[str] = "",
    unit_id: FromQuery[str] = "",
    place: FromQuery[str] = "",
) -> Response[str]:
    """What the clerk is told while a matter is being taken in: how often it has come already (TKT-7)."""
    found = await platform.repeats.before(work, site, category, _uuid(unit_id), place)
    return await view.html("analysis/repeat_hint.html", repeat=note(site, found))


@get("/repeats", permission="analysis.view")
async def repeat_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[str]:
    """The repeated matters of a month."""
    return await _page(work, site, platform, view, _month(work, site, month))


@post("/repeats", permission="repeat.manage", status_code=200)
async def repeat_record(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Record what was found out and decided. A refusal comes back with the form as it was filled in."""
    form = await view.form()
    try:
        named = {"responsible_id": form.get("responsible") or None, "due_on": form.get("due_on") or None}
        texts = {name: form.get(name, "") for name in ("category", "place", "cause", "countermeasure", "outcome")}
        month = form.get("month", "")
        whole = {"month": month, "unit_id": form.get("unit_id") or None, **named, **texts}
        entry = msgspec.convert(whole, Countermeasure, strict=False)
        version = int(form.get("version", ""))
    except ValueError as error:
        raise Malformed from error
    try:
        await platform.repeats.record(work, site, entry, version)
    except Invalid as refused:
        return await _page(work, site, platform, view, entry.month.replace(day=1), form, refused)
    return view.redirect(f"/s/{site.slug}/repeats?month={entry.month:%Y-%m}")


@get("/repeats/export", permission="analysis.view")
async def repeat_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    month: FromQuery[str] = "",
) -> Response[bytes]:
    """The month's list as a workbook."""
    first = _month(work, site, month)
    titles, types = await _titles(work, site, platform), platform.tickets.types
    rows = [
        (
            group.place,
            titles.get(group.category, group.category),
            view.say(types.title(group.type)),
            group.times,
            view.listed(ticket.number for ticket in group.tickets),
            group.cause,
            group.countermeasure,
            group.responsible_name,
            group.due_on,
            group.outcome,
        )
        for group in await platform.repeats.month(work, site, first)
    ]
    sheet = Table(f"{first:%Y-%m}", [view.say(heading) for heading in _HEADINGS], rows)
    return report(f"repeats-{site.slug}-{first:%Y-%m}", [sheet], work.now)


def _month(work: Work, site: Site, text: str) -> date:
    return local_month(text) or site.today(work.now).replace(day=1)


async def mark(platform: Platform, work: Work, site: Site, detail: TicketDetail) -> RepeatNote | None:
    """What a ticket's page says of a matter that had come too often already when it was taken in."""
    found = await platform.repeats.of_ticket(work, site, detail)
    return note(site, found) if found.repeated else None


def note(site: Site, found: Recurrence) -> RepeatNote:
    """How often a matter has come, as it is said beside a form or a ticket."""
    return RepeatNote(
        found.times,
        found.threshold,
        found.window_days,
        found.repeated,
        tuple(link(site, ticket) for ticket in found.earlier[:5]),
    )


def link(site: Site, ticket: AlikeTicket) -> TicketLink:
    """A ticket named in passing."""
    href = f"/s/{site.slug}/tickets/{ticket.id}"
    title = ticket.title.partition("\n")[0]
    return TicketLink(ticket.number, href, title, ticket.created_at, words.STATES[ticket.status])


async def _page(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    first: date,
    form: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    groups = await platform.repeats.month(work, site, first)
    titles, types = await _titles(work, site, platform), platform.tickets.types
    editable = "repeat.manage" in work.ctx.permissions
    staff = platform.directory.colleagues(work.ctx.company_id, site) if editable else []
    errors = {fault.field: fault for fault in refused.fields} if refused else {}
    rows = []
    for n, group in enumerate(groups, 1):
        mine = bool(form) and all(form.get(name, "") == text for name, text in _hidden(group)[:4])
        fields = _fields(group, staff) if editable else ()
        if mine:
            fields = tuple(
                msgspec.structs.replace(
                    f,
                    value=form.get(f.name, ""),
                    error=errors[name].message if (name := _ERROR.get(f.name, f.name)) in errors else "",
                    params=errors[name].params if name in errors else {},
                )
                for f in fields
            )
        rows.append(_row(work, site, n, group, titles, types.title(group.type), fields, show=mine))
    following = add_months(first, 1)
    return await view.html(
        "analysis/repeats.html",
        status=int(refused.status) if refused else 200,
        month=first,
        choose=Field("month", msgid("Month"), "month", f"{first:%Y-%m}"),
        before=add_months(first, -1),
        after=following if following <= site.today(work.now) else None,
        rows=tuple(rows),
        rules=await platform.repeats.rules(work, site),
    )


_ERROR = {"responsible": "responsible_id"}


def _row(
    work: Work,
    site: Site,
    n: int,
    group: RepeatGroup,
    titles: Mapping[str, str],
    kind: str,
    fields: tuple[Field, ...],
    *,
    show: bool,
) -> RepeatRow:
    return RepeatRow(
        key=str(n),
        category=titles.get(group.category, group.category),
        kind=kind,
        place=group.place,
        times=group.times,
        tickets=tuple(link(site, ticket) for ticket in group.tickets),
        cause=group.cause,
        countermeasure=group.countermeasure,
        responsible=group.responsible_name,
        due_on=group.due_on,
        late=group.due_on is not None and not group.outcome and group.due_on < site.today(work.now),
        outcome=group.outcome,
        hidden=_hidden(group),
        fields=fields,
        show=show,
    )


def _hidden(group: RepeatGroup) -> tuple[tuple[str, str], ...]:
    return (
        ("month", group.month.isoformat()),
        ("category", group.category),
        ("unit_id", str(group.unit_id or "")),
        ("place", group.place),
        ("version", str(group.version)),
    )


def _fields(group: RepeatGroup, staff: Sequence[Colleague]) -> tuple[Field, ...]:
    people = (_NOBODY, *(Choice(str(person.id), person.name) for person in staff))
    responsible = str(group.responsible_id or "")
    return (
        Field("cause", msgid("Cause"), "textarea", group.cause, maximum=2000),
        Field("countermeasure", msgid("Countermeasure"), "textarea", group.countermeasure, maximum=2000),
        Field("responsible", msgid("Responsible"), "select", responsible, choices=people),
        Field("due_on", msgid("Due on"), "date", str(group.due_on or "")),
        Field("outcome", msgid("Outcome"), "textarea", group.outcome, maximum=2000),
    )


async def _titles(work: Work, site: Site, platform: Platform) -> dict[str, str]:
    return {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Malformed from error


HANDLERS = [repeat_hint, repeat_list, repeat_record, repeat_export]
