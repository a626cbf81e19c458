"""Letters in the console, below /s/{site_id}/reception/letters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import (
    UPLOAD,
    FieldError,
    Invalid,
    Malformed,
    Platform,
    ReportTable,
    Site,
    View,
    Work,
    local_day,
    local_instant,
    local_text,
    midnight,
    msgid,
    read_form,
    report,
    views,
    words,
)
from plugins.reception.forms import fielder
from plugins.reception.letters import screens, service
from plugins.reception.letters.model import LetterFilter, NewAnswer, NewLetter, Side
from plugins.reception.permissions import LETTER, LETTER_ANSWER, LETTER_VIEW, LOG_EXPORT

_MOST = 5000  # rows of a workbook
_TEXTS = (
    "sender_name",
    "sender_kind",
    "reference",
    "via",
    "subject",
    "content",
    "category",
    "severity",
    "place",
    "phone",
)
SCANS = "application/pdf,image/jpeg,image/png,image/webp"


@get("/letters", permission=LETTER_VIEW.id)
async def letter_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The register of letters (REC-10)."""
    query = {name: text for name in ("which", "mine", "from", "to", "q") if (text := view.query.get(name, "").strip())}
    after = view.query.get("after", "")
    found = await service.listed(work, site, _wanted(site, {**query, "after": after}))
    address = f"/s/{site.slug}/reception/letters?"
    mine = (views.Choice("", msgid("Everybody's")), views.Choice("true", msgid("Mine")))
    return await view.html(
        "reception/letters.html",
        rows=tuple(screens.row(site, letter) for letter in found.items),
        filters=views.Filters(
            text=query.get("q", ""),
            selects=(
                views.Field(
                    "which", msgid("Which"), "select", query.get("which", "open"), choices=words.choices(screens.WHICH)
                ),
                views.Field("mine", msgid("Handler"), "select", query.get("mine", ""), choices=mine),
                views.Field("from", msgid("From"), "date", query.get("from", "")),
                views.Field("to", msgid("To"), "date", query.get("to", "")),
            ),
        ),
        senders=screens.SENDERS,
        pager_view=views.Pager(
            len(found.items),
            "",
            address + urlencode({**query, "after": found.cursor}) if found.cursor else None,
            address + urlencode(query) if after else None,
        ),
        registers=LETTER.id in work.ctx.permissions,
        export=f"/s/{site.slug}/reception/letters/export?{urlencode(query)}"
        if LOG_EXPORT.id in work.ctx.permissions
        else "",
    )


@get("/letters/new", permission=LETTER.id)
async def letter_form(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The form for a letter that has come."""
    return await _form(platform, work, site, view, {})


@post("/letters/new", permission=LETTER.id, status_code=200)
async def letter_from_desk(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The form, filled in with what was typed at the desk before it turned out to be a letter."""
    typed = await screens.from_desk(platform, work, site, await view.form())
    return await _form(platform, work, site, view, typed, carried=True)


@post("/letters", permission=LETTER.id, status_code=200)
async def register(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Register a letter; its own page comes next, where the scans are put. A refusal shows the form again."""
    values = await view.form()
    try:
        new = read_form(
            {
                **{name: values[name] for name in _TEXTS if name in values},
                **{name: values.get(name) or None for name in ("unit_id", "assignee_id", "concerns_id")},
                "received_at": local_instant(site, values.get("received_at", "")) or work.now,
                "answer_by": local_instant(site, values.get("answer_by", "")),
                "fields": await screens.own_fields(platform, work, site, values),
            },
            NewLetter,
        )
        made = await service.register(platform, work, site, new)
    except Invalid as refused:
        return await _form(platform, work, site, view, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/reception/letters/{made.ticket_id}")


@get("/letters/units", permission=LETTER.id)
async def suggest_units(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Options for the unit: labels alone, as not everybody may see who lives there."""
    hits = {hit.unit_id: hit.label for hit in await platform.estate.suggest_units(work, site, q) if hit.by == "unit"}
    shown = tuple(views.UnitHit(str(unit_id), label) for unit_id, label in hits.items())
    return await view.html("reception/visitors_units.html", hits=shown)


# not a GET: that somebody took the register with them is put on record
@post("/letters/export", permission=LOG_EXPORT.id, status_code=200)
async def letter_export(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[bytes]:
    """The narrowed register as a workbook."""
    found = await service.whole(work, site, _wanted(site, view.query), _MOST)
    say = view.say
    rows = [
        (
            each.number,
            local_text(site, each.received_at),
            each.sender_name,
            say(screens.SENDERS[each.sender_kind]),
            each.reference,
            say(screens.VIAS[each.via]),
            each.subject,
            each.place,
            each.assignee_name,
            each.ticket_number,
            local_text(site, each.due_at),
            local_text(site, each.answered_at),
            each.answer_reference,
            each.answered_by_name,
        )
        for each in found
    ]
    table = ReportTable(say(msgid("Letters")), [say(heading) for heading in screens.HEADINGS], rows)
    name = f"{say(msgid('Letters'))}-{site.name}-{site.today(work.now):%Y%m%d}"
    return await asyncio.to_thread(report, name, [table], work.now)


@get("/letters/{ticket_id:uuid}", permission=LETTER_VIEW.id)
async def letter_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[str]:
    """A letter, its scans, and the form for its answer."""
    return await _letter(work, site, view, ticket_id)


@post("/letters/{ticket_id:uuid}/answer", permission=LETTER_ANSWER.id, status_code=200)
async def answer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Record the answer that went out. A refusal shows the form again."""
    values = await view.form()
    try:
        said = {name: values.get(name, "") for name in ("text", "reference")}
        via = values.get("via") or "post"
        await service.answer(platform, work, site, ticket_id, read_form({**said, "via": via}, NewAnswer))
    except Invalid as refused:
        return await _letter(work, site, view, ticket_id, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/reception/letters/{ticket_id}")


@post("/letters/{ticket_id:uuid}/scans", permission=LETTER.id, status_code=200, request_max_body_size=UPLOAD)
async def add_scans(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    side: FromQuery[Side] = "letter",
) -> Response[Any]:
    """Keep what was chosen or dropped: all of it or nothing. The page sends each file by itself."""
    files = await view.files("file")
    if not files:
        raise Invalid.field("file", "Choose a file.")
    await service.scan(platform, work, site, ticket_id, side, files)
    return view.refresh(f"/s/{site.slug}/reception/letters/{ticket_id}")


async def _form(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
    *,
    carried: bool = False,
) -> Response[str]:
    faults = tuple(errors)
    now = local_text(site, work.now).replace(" ", "T")
    return await view.html(
        "reception/letter_new.html",
        status=422 if faults else 200,
        form=await screens.form(platform, work, site, values, faults, now),
        carried=carried,
    )


async def _letter(
    work: Work,
    site: Site,
    view: View,
    ticket_id: UUID,
    values: Mapping[str, str] = {},
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    detail = await service.detail(work, site, ticket_id)
    letter = detail.letter
    faults = tuple(errors)
    field = fielder(values, faults)
    answers = letter.answered_at is None and letter.status != "closed" and LETTER_ANSWER.id in work.ctx.permissions
    fields = (
        field("text", msgid("The answer that was given"), "textarea", required=True, maximum=4000),
        field("reference", msgid("Our reference"), maximum=100),
        field("via", msgid("Went"), "select", choices=words.choices(screens.VIAS)),
    )
    scans = [screens.scan(site, letter, each) for each in detail.scans]
    return await view.html(
        "reception/letter.html",
        status=422 if faults else 200,
        letter=letter,
        row=screens.row(site, letter),
        sender=screens.SENDERS[letter.sender_kind],
        via=screens.VIAS[letter.via],
        answer_via=screens.VIAS.get(letter.answer_via, ""),
        fields=fields if answers else (),
        sides=tuple(
            (side, title, tuple(each for each in scans if each.scan.side == side))
            for side, title in (("letter", msgid("Scans of the letter")), ("answer", msgid("Scans of the answer")))
        ),
        accept=SCANS if LETTER.id in work.ctx.permissions else "",
    )


def _wanted(site: Site, query: Mapping[str, str]) -> LetterFilter:
    since, until = local_day(query.get("from", "")), local_day(query.get("to", ""))
    try:
        return msgspec.convert(
            {
                "which": query.get("which") or "open",
                "mine": query.get("mine") == "true",
                "since": midnight(site, since) if since else None,
                "until": midnight(site, until, 1) if until else None,
                "text": query.get("q", "").strip() or None,
                "cursor": query.get("after") or None,
            },
            LetterFilter,
        )
    except msgspec.ValidationError as error:
        raise Malformed from error


HANDLERS: list[HTTPRouteHandler] = [
    letter_list,
    letter_form,
    letter_from_desk,
    register,
    suggest_units,
    letter_export,
    letter_page,
    answer,
    add_scans,
]
