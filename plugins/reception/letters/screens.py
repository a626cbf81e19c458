"""Letters and complaint boxes as templates show them. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from core.sdk import FieldError, Platform, Site, Work, msgid, ticket_fields, ticket_queue, views, words
from plugins.reception import intake
from plugins.reception import service as desk
from plugins.reception.forms import fielder, of_place
from plugins.reception.intake import OwnFields
from plugins.reception.letters.model import Letter, Scan
from plugins.reception.log import first_line

SENDERS: Final = {
    "resident": msgid("Owner or resident"),
    "committee": msgid("Owners' committee"),
    "authority": msgid("Authority"),
    "builder": msgid("Builder"),
    "company": msgid("Company or tenant"),
    "other": msgid("Other"),
}
VIAS: Final = {
    "post": msgid("By post"),
    "courier": msgid("By courier"),
    "by_hand": msgid("By hand"),
    "email": msgid("By e-mail"),
}
WHICH: Final = {
    "open": msgid("Not answered yet"),
    "overdue": msgid("Overdue"),
    "answered": msgid("Answer given"),
    "all": msgid("All letters"),
}
HEADINGS: Final = (
    msgid("Register number"),
    msgid("Received"),
    msgid("Sender"),
    msgid("Kind of sender"),
    msgid("Their reference"),
    msgid("Came"),
    msgid("About"),
    msgid("Unit or place"),
    msgid("Handler"),
    msgid("Ticket"),
    msgid("Answer due"),
    msgid("Answered on"),
    msgid("Our reference"),
    msgid("Answered by"),
)


# what the intake form of the desk calls otherwise
_OF_INTAKE: Final = {
    "contact": "sender_name",
    "assignee": "assignee_id",
    "concerns": "concerns_id",
}


class LetterRow(msgspec.Struct, frozen=True):
    """A letter as a row; its clock runs to the answer that is owed."""

    letter: Letter
    href: str
    state: views.Word
    clock: views.Clock | None


class ScanRow(msgspec.Struct, frozen=True):
    """A scan; `preview` is the URL of a small picture, '' for a PDF."""

    scan: Scan
    href: str
    preview: str


class LetterForm(msgspec.Struct, frozen=True):
    """The form for a new letter: fields by name, what categories ask for besides, and the unit that was chosen."""

    fields: dict[str, views.Field]
    own: tuple[OwnFields, ...]
    unit_id: str


def row(site: Site, letter: Letter) -> LetterRow:
    """As a row of the register."""
    due = letter.due_at
    span = 1 if due is None else max(1, int((due - letter.registered_at).total_seconds()))
    return LetterRow(
        letter,
        f"/s/{site.slug}/reception/letters/{letter.ticket_id}",
        state(letter),
        views.Clock(due, span) if due is not None and letter.answered_at is None else None,
    )


def state(letter: Letter) -> views.Word:
    """What has become of it: its answer counts, else how its ticket stands."""
    if letter.answered_at is not None:
        if letter.late:
            return views.Word("answered", msgid("Answered late"), "warn")
        return views.Word("answered", msgid("Answer given"), "ok")
    return words.STATES[letter.status]


def scan(site: Site, letter: Letter, found: Scan) -> ScanRow:
    href = f"/s/{site.slug}/tickets/{letter.ticket_id}/attachments/{found.attachment_id}"
    return ScanRow(found, href, f"{href}/preview" if found.preview else "")


async def own_fields(platform: Platform, work: Work, site: Site, values: Mapping[str, str]) -> dict[str, Any]:
    """What was posted of the fields that the chosen category asks for besides."""
    kinds = await intake.kinds_of(platform, work, site)
    kind = next((kind for category, kind in kinds if category.key == values.get("category")), None)
    return dict(ticket_fields.posted(kind, values))


async def from_desk(platform: Platform, work: Work, site: Site, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed at the desk, as the letter's form has it: `q` (a phone, a room or a name) looked up, the rest an
    intake form, unless that is about a call."""
    values = {} if typed.get("call_id") else {_OF_INTAKE.get(name, name): text for name, text in typed.items()}
    said = values.get("description", "").strip()
    values["subject"] = first_line(said)
    values["content"] = "" if said == values["subject"] else said
    q = typed.get("q", "").strip()[:60]
    if q:
        is_phone, who = await desk.meant(platform, work, site, q)
        found = {"place": who.place, "unit_id": str(who.unit_id or ""), "sender_name": who.caller_name}
        values |= {name: text for name, text in found.items() if text}
        if is_phone:
            values["phone"] = q
        elif not who.unit_id:
            values["sender_name"] = q
    return values


async def form(
    platform: Platform, work: Work, site: Site, values: Mapping[str, str], errors: Iterable[FieldError], now: str
) -> LetterForm:
    """The form for a new letter; `now` is the local time that it was received at unless another is given."""
    faults = tuple(errors)
    field = fielder(values, (*faults, *of_place(faults)))
    kinds = await intake.kinds_of(platform, work, site)
    categories = tuple(views.Choice(c.key, ticket_queue.title(c, work.ctx.locale)) for c, _ in kinds)
    staff = tuple(views.Choice(str(c.id), c.name) for c in platform.directory.colleagues(work.ctx.company_id, site))
    chosen = values.get("category") or categories[0].value
    fields = (
        field("sender_name", msgid("Sender"), required=True, maximum=100),
        field("sender_kind", msgid("Kind of sender"), "select", choices=words.choices(SENDERS)),
        field("reference", msgid("Their reference"), maximum=100),
        field("received_at", msgid("Received"), "datetime-local", now, required=True),
        field("via", msgid("Came"), "select", choices=words.choices(VIAS)),
        field("subject", msgid("About"), required=True, maximum=200),
        field("content", msgid("What it says"), "textarea", maximum=3500),
        field("category", msgid("Category"), "select", chosen, choices=categories),
        field("severity", msgid("Severity"), "select", choices=words.choices(words.SEVERITIES)),
        field("place", msgid("Unit or place"), maximum=100),
        field("phone", msgid("Phone"), "tel", maximum=30),
        field("assignee_id", msgid("Assign to"), "select", choices=(views.Choice("", msgid("Nobody yet")), *staff)),
        field(
            "concerns_id",
            msgid("Colleague concerned"),
            "select",
            choices=(views.Choice("", msgid("Nobody of us")), *staff),
        ),
        field(
            "answer_by",
            msgid("Answer by"),
            "datetime-local",
            help=msgid("If the letter names a day; else the site's usual time counts."),
        ),
    )
    own = tuple(intake.own_fields(kinds, chosen, values, faults))
    return LetterForm({each.name: each for each in fields}, own, values.get("unit_id", ""))
