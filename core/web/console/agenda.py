"""The regular meeting on screen: its agenda, minutes, and the meetings that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.analysis.model import Agenda, AgendaItem, ItemChange, Meeting, NewItem
from core.errors import Conflict, Invalid, LodgeError, Malformed, PreconditionFailed
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Colleague, Site
from core.tickets.model import Ticket
from core.web.console import queue, words
from core.web.view import View
from core.web.views import AgendaRow, Choice, Clock, Field, MeetingLink, MeetingView, Word
from core.work import Work

S = TypeVar("S", bound=msgspec.Struct)
MANAGE = "agenda.manage"
REASONS: Final = {
    "critical": Word("critical", msgid("Critical"), "breach"),
    "escalated": Word("escalated", msgid("Escalated"), "risk"),
    "overdue": Word("overdue", msgid("Overdue"), "risk"),
    "repeat": Word("repeat", msgid("Repeated"), "warn"),
    "manual": Word("manual", msgid("Raised"), "info"),
}
_NOBODY = Choice("", msgid("Nobody yet"))
_NAMES = {"responsible_id": "responsible"}  # fields of the API and of the forms


@get("/agenda", permission="analysis.view")
async def agenda_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The next meeting and what it is to talk about; `ticket` is to be put on it. Raises NotFound."""
    form: dict[str, str] = {}
    if ticket is not None:
        matter = await platform.tickets.get(work, site, ticket)
        form = {"ticket": str(ticket), "title": _title(matter.description)}
    return await page(work, site, platform, view, form=form)


@post("/agenda", permission=MANAGE, status_code=200)
async def agenda_raise(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    form = await view.form()
    new = read(
        NewItem,
        title=form.get("title", ""),
        ticket_id=form.get("ticket") or None,
        responsible_id=form.get("responsible") or None,
        due_on=form.get("due_on") or None,
    )
    try:
        await platform.meetings.raise_item(work, site, new)
    except (Invalid, Conflict) as refused:
        return await page(work, site, platform, view, form=form, refused=refused)
    return view.redirect(f"/s/{site.slug}/agenda")


@post("/agenda/collect", permission=MANAGE, status_code=200)
async def agenda_collect(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Put on the agenda what belongs there by now."""
    await platform.meetings.collect(work, site)
    return view.redirect(f"/s/{site.slug}/agenda")


@post("/agenda/{agenda_item_id:uuid}", permission=MANAGE, status_code=200)
async def agenda_change(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    agenda_item_id: FromPath[UUID],
) -> Response[Any]:
    """Minutes, responsible person, due date, outcome. A refusal comes back with the form as it was filled in."""
    form = await view.form()
    change = read(
        ItemChange,
        responsible_id=form.get("responsible") or None,
        due_on=form.get("due_on") or None,
        minutes=form.get("minutes", ""),
        outcome=form.get("outcome", ""),
    )
    try:
        await platform.meetings.change_item(work, site, agenda_item_id, change, version_of(form))
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await page(work, site, platform, view, form=form, refused=refused, item_id=agenda_item_id)
    return view.redirect(f"/s/{site.slug}/agenda")


async def page(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    *,
    form: Mapping[str, str] = {},
    refused: LodgeError | None = None,
    item_id: UUID | None = None,
) -> Response[str]:
    """The agenda; what was refused is said, and its form is as it was filled in."""
    agenda = await platform.meetings.agenda(work, site)
    held = await platform.meetings.held(work, site)
    context = await shown(work, site, platform, agenda, editable=MANAGE in work.ctx.permissions)
    if item_id is not None:
        context["rows"] = tuple(
            msgspec.structs.replace(row, fields=_again(row.fields, form, refused), show=True)
            if row.id == str(item_id)
            else row
            for row in context["rows"]
        )
    staff = platform.directory.colleagues(work.ctx.company_id, site)
    raising = (
        Field("title", msgid("Matter"), required=True, maximum=200),
        Field("responsible", msgid("Responsible"), "select", choices=_people(staff)),
        Field("due_on", msgid("Due on"), "date"),
    )
    mine = item_id is None and "title" in form
    return await view.html(
        "analysis/agenda.html",
        status=int(refused.status) if refused else 200,
        toast=view.say(refused.message, **refused.params) if refused else None,
        **context,
        raising=_again(raising, form, refused) if mine else raising,
        raised_of=form.get("ticket", ""),
        raise_now=mine,
        refusal=refused if refused and item_id is None and not mine else None,
        planning=_again(_planning(None, site.today(work.now)), form, refused)
        if "held_on" in form
        else _planning(None, site.today(work.now)),
        held=tuple(MeetingLink(f"/s/{site.slug}/meetings/{m.id}", m.held_on, m.closed_by) for m in held),
    )


async def shown(work: Work, site: Site, platform: Platform, agenda: Agenda, *, editable: bool) -> dict[str, Any]:
    """What the agenda's and a meeting's template have in common."""
    titles = {c.key: queue.title(c, work.ctx.locale) for c in await platform.tickets.categories(work, site)}
    staff = platform.directory.colleagues(work.ctx.company_id, site) if editable else []
    today = site.today(work.now)
    meeting = agenda.meeting
    return {
        "meeting": None if meeting is None else _meeting(meeting, today, editable),
        "rows": tuple(_row(site, today, item, titles, staff, editable, meeting is not None) for item in agenda.items),
        "editable": editable,
    }


def raising(work: Work, site: Site, ticket: Ticket) -> str:
    """Where the ticket is put on the agenda, for whom that is to do."""
    return f"/s/{site.slug}/agenda?ticket={ticket.id}" if MANAGE in work.ctx.permissions else ""


def _title(description: str) -> str:
    return description.partition("\n")[0][:200]


def _row(
    site: Site,
    today: date,
    item: AgendaItem,
    titles: Mapping[str, str],
    staff: Sequence[Colleague],
    editable: bool,
    planned: bool,
) -> AgendaRow:
    title = item.title.partition("\n")[0]
    if item.category is not None:
        title = f"{title} · {titles.get(item.category, item.category)}"
    href = f"/s/{site.slug}/tickets/{item.ticket_id}" if item.ticket_id else ""
    if item.month is not None:
        title = f"{title} · {item.month:%Y-%m}"
        href = f"/s/{site.slug}/repeats?month={item.month:%Y-%m}"
    fields = (
        *((Field("minutes", msgid("Meeting minutes"), "textarea", item.minutes, maximum=2000),) if planned else ()),
        Field("responsible", msgid("Responsible"), "select", str(item.responsible_id or ""), choices=_people(staff)),
        Field("due_on", msgid("Due on"), "date", str(item.due_on or "")),
        Field(
            "outcome",
            msgid("Outcome"),
            "textarea",
            item.outcome,
            maximum=2000,
            help=msgid("With an outcome the matter leaves the agenda when the meeting is closed."),
        ),
    )
    return AgendaRow(
        id=str(item.id),
        title=title,
        reason=REASONS[item.reason],
        since=item.raised_at,
        meetings=item.meetings,
        version=item.version,
        href=href,
        number=item.number or "",
        state=words.STATES[item.status] if item.status else None,
        clock=Clock(item.ticket_due_at, 1) if item.ticket_due_at and item.status != "closed" else None,
        responsible=item.responsible_name,
        due_on=item.due_on,
        late=item.due_on is not None and not item.outcome and item.due_on < today,
        minutes=item.minutes,
        outcome=item.outcome,
        fields=fields if editable else (),
    )


def _meeting(meeting: Meeting, today: date, editable: bool) -> MeetingView:
    changing = editable and meeting.closed_at is None
    return MeetingView(
        id=str(meeting.id),
        held_on=meeting.held_on,
        attendees=meeting.attendees,
        notes=meeting.notes,
        version=meeting.version,
        closed_at=meeting.closed_at,
        closed_by=meeting.closed_by,
        fields=_planning(meeting, today) if changing else (),
        closing=(
            Field(
                "next_on",
                msgid("Next meeting on"),
                "date",
                help=msgid("Empty: not decided yet. Matters without an outcome are carried over."),
            ),
        )
        if changing and meeting.held_on <= today
        else (),
    )


def _planning(meeting: Meeting | None, today: date) -> tuple[Field, ...]:
    return (
        Field("held_on", msgid("Held on"), "date", str(meeting.held_on if meeting else today), required=True),
        Field("attendees", msgid("Attendees"), value=meeting.attendees if meeting else "", maximum=500),
        *((Field("notes", msgid("Notes"), "textarea", meeting.notes, maximum=2000),) if meeting else ()),
    )


def _people(staff: Sequence[Colleague]) -> tuple[Choice, ...]:
    return (_NOBODY, *(Choice(str(person.id), person.name) for person in staff))


def _again(fields: tuple[Field, ...], form: Mapping[str, str], refused: LodgeError | None) -> tuple[Field, ...]:
    """The fields as they were filled in, with what is wrong."""
    errors = {_NAMES.get(fault.field, fault.field): fault for fault in refused.fields} if refused else {}
    return tuple(
        msgspec.structs.replace(
            field,
            value=form.get(field.name, field.value),
            error=errors[field.name].message if field.name in errors else "",
            params=errors[field.name].params if field.name in errors else {},
        )
        for field in fields
    )


def read(shape: type[S], **values: object) -> S:
    """A form as a struct. Raises Malformed for what a form of ours never sends."""
    try:
        return msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


def version_of(form: Mapping[str, str]) -> int:
    try:
        return int(form.get("version", ""))
    except ValueError as error:
        raise Malformed from error


HANDLERS = [agenda_page, agenda_raise, agenda_collect, agenda_change]
