"""The intake form: filled in from a call, read back, and shown again with what is wrong, nothing lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import (
    SEVERITIES,
    Category,
    FieldError,
    Invalid,
    Malformed,
    NewTicket,
    Platform,
    Severity,
    Site,
    TicketType,
    View,
    Work,
    masked,
    msgid,
    new_id,
    ticket_fields,
    ticket_queue,
    views,
    words,
)
from plugins.reception import screens
from plugins.reception.schemas import Call, Who
from plugins.reception.screens import Told

_LONGEST: Final = {"category": 100, "place": 100, "contact": 100, "phone": 30, "description": 4000, "visit": 100}
# the ticket's names for what the form calls otherwise
_FIELDS: Final = {
    "unit_id": "place",
    "party_id": "place",
    "assignee_id": "assignee",
    "concerns_id": "concerns",
    "reporter_name": "contact",
    "reporter_phone": "phone",
    "convenient_time": "visit",
}
_SLOTS: Final = (("08:00", "12:00"), ("14:00", "17:00"), ("18:00", "20:00"))
_CHANNELS: Final[tuple[Literal["call", "visit", "letter"], ...]] = ("call", "visit", "letter")


class OwnFields(msgspec.Struct, frozen=True):
    """What a type of ticket asks for besides, in the categories of that type; `shown`: one of them is chosen."""

    title: str
    categories: tuple[str, ...]
    fields: tuple[views.Field, ...]
    shown: bool


class Intake(msgspec.Struct, frozen=True):
    """See `_intake.html`."""

    call_id: str
    idempotency_key: str
    unit_id: str
    caller: str
    channel: str
    category: views.Field
    unit: views.Field
    contact: views.Field
    phone: views.Field
    description: views.Field
    severity: views.Field
    visit: views.Field
    assignee: views.Field
    promise: Told
    phrases: tuple[str, ...]
    own: tuple[OwnFields, ...] = ()
    concerns: views.Field | None = None
    complaints: tuple[str, ...] = ()
    suggests: bool = False


class Filled(msgspec.Struct, frozen=True):
    """What a posted form says."""

    form_id: UUID
    call_id: UUID | None
    ticket: NewTicket


def from_call(call: Call, who: Who) -> dict[str, str]:
    """What a call and who it is from tell of the form's fields."""
    return {
        "call_id": str(call.id),
        "channel": call.channel,
        "unit_id": str(who.unit_id or ""),
        "caller": screens.candidate_id(who.unit_id, who.party_id) if who.unit_id else "",
        "place": who.place or call.place,
        "contact": who.caller_name or call.caller_name,
        "phone": call.phone if call.open else masked(call.phone),
    }


async def build(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
) -> Intake:
    """The form with these values and errors."""
    faults = tuple(errors)
    wrong = {_FIELDS.get(error.field, error.field): error for error in faults}
    kinds = await kinds_of(platform, work, site)
    categories = tuple(category for category, _ in kinds)
    titles = {c.key: ticket_queue.title(c, work.ctx.locale) for c in categories}
    chosen = next((c for c in categories if c.key == values.get("category")), categories[0])
    severity = read_severity(values.get("severity") or "routine")
    colleagues = platform.directory.colleagues(work.ctx.company_id, site)
    staff = tuple(views.Choice(str(c.id), c.name) for c in colleagues)

    def field(
        name: str,
        label: str,
        kind: Literal["text", "tel", "select"] = "text",
        choices: tuple[views.Choice, ...] = (),
        value: str = "",
    ) -> views.Field:
        error = wrong.get(name)
        return views.Field(
            name,
            label,
            kind,
            values.get(name, value),
            choices=choices,
            maximum=_LONGEST.get(name),
            error=error.message if error else "",
            params=error.params if error else {},
        )

    promises = await platform.tickets.promise(work, site, chosen.key, severity)
    return Intake(
        call_id=values.get("call_id", ""),
        idempotency_key=values.get("idempotency_key") or str(new_id()),
        unit_id=values.get("unit_id", ""),
        caller=values.get("caller", ""),
        channel=values.get("channel", "call"),
        category=field(
            "category",
            msgid("Category"),
            "select",
            tuple(views.Choice(c.key, titles[c.key], c.icon) for c in categories),
            chosen.key,
        ),
        unit=field("place", msgid("Unit or place")),
        contact=field("contact", msgid("Contact")),
        phone=field("phone", msgid("Phone"), "tel"),
        description=field("description", msgid("Description")),
        severity=field(
            "severity",
            msgid("Severity"),
            "select",
            tuple(views.Choice(w.code, w.label, tone=w.tone) for w in words.SEVERITIES.values()),
            severity,
        ),
        visit=field("visit", msgid("Convenient time"), "select", tuple(_visits(work.now, site, view))),
        assignee=field(
            "assignee",
            msgid("Assign to"),
            "select",
            (views.Choice("", msgid("Nobody yet")), *staff),
        ),
        promise=screens.told(
            promises,
            titles[chosen.key],
            words.SEVERITIES[severity].label,
            partial(platform.tickets.types.goal_title, chosen.ticket_type),
        ),
        phrases=chosen.phrases_zh,
        own=tuple(own_fields(kinds, chosen.key, values, faults)),
        concerns=field(
            "concerns", msgid("Colleague concerned"), "select", (views.Choice("", msgid("Nobody of us")), *staff)
        ),
        complaints=tuple(category.key for category, kind in kinds if kind.basic == "complaint"),
        suggests="ticket.assign" in work.ctx.permissions,
    )


async def read(platform: Platform, work: Work, site: Site, form: Mapping[str, str]) -> Filled:
    """What the form says. Raises Invalid for what is too long, Malformed for what no form of ours holds."""
    long = [
        FieldError(name, "Give at most {maximum} characters.", {"maximum": most})
        for name, most in _LONGEST.items()
        if len(form.get(name, "")) > most
    ]
    if long:
        raise Invalid(fields=long)
    unit_id = read_id(form.get("unit_id", ""))
    caller_unit, _, caller_party = form.get("caller", "").partition(".")
    same_unit = unit_id is not None and caller_unit == str(unit_id)
    assigned = form.get("then") != "hold"
    form_id = read_id(form.get("idempotency_key", ""))
    if form_id is None:
        raise Malformed
    kind = next((k for c, k in await kinds_of(platform, work, site) if c.key == form.get("category")), None)
    return Filled(
        form_id,
        read_id(form.get("call_id", "")),
        NewTicket(
            description=form.get("description", ""),
            category=form.get("category", ""),
            severity=read_severity(form.get("severity", "")),
            channel=read_channel(form.get("channel", "")),
            unit_id=unit_id,
            party_id=read_id(caller_party) if same_unit else None,
            place=form.get("place", ""),
            reporter_name=form.get("contact", ""),
            reporter_phone=form.get("phone", ""),
            convenient_time=form.get("visit", ""),
            assignee_id=read_id(form.get("assignee", "")) if assigned else None,
            concerns_id=read_id(form.get("concerns", "")) if kind is not None and kind.basic == "complaint" else None,
            fields=ticket_fields.posted(kind, form),
        ),
    )


async def kinds_of(platform: Platform, work: Work, site: Site) -> list[tuple[Category, TicketType]]:
    """The categories that a matter can be taken in for, each with its type: not those whose module is off."""
    active = platform.tickets.types.active
    found = [(c, active(work.ctx, site.id, c.ticket_type)) for c in await platform.tickets.categories(work, site)]
    return [(category, kind) for category, kind in found if kind is not None]


def own_fields(
    kinds: list[tuple[Category, TicketType]], chosen: str, values: Mapping[str, str], faults: tuple[FieldError, ...]
) -> Iterator[OwnFields]:
    """What each type that asks for more asks for; faults are those of the chosen category's."""
    for kind in {kind.id: kind for _, kind in kinds if kind.fields is not None}.values():
        keys = tuple(category.key for category, each in kinds if each.id == kind.id)
        shown = chosen in keys
        yield OwnFields(kind.title, keys, ticket_fields.asked(kind, values, faults if shown else ()), shown)


def read_channel(text: str) -> Literal["call", "visit", "letter"]:
    """Raises Malformed for anything else."""
    for channel in _CHANNELS:
        if channel == text:
            return channel
    raise Malformed


def read_severity(text: str) -> Severity:
    """Raises Malformed for anything else."""
    for severity in SEVERITIES:
        if severity == text:
            return severity
    raise Malformed


def read_id(text: str) -> UUID | None:
    """An id that a form may leave empty. Raises Malformed."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None


def _visits(now: datetime, site: Site, view: View) -> Iterator[views.Choice]:
    """When somebody may come: at once, or in a slot of today that is not over, or of tomorrow."""
    yield views.Choice("", msgid("As soon as possible"))
    local = now.astimezone(ZoneInfo(site.timezone))
    for days, label in ((0, msgid("Today {slot}")), (1, msgid("Tomorrow {slot}"))):
        for start, end in _SLOTS:
            if days or f"{local:%H:%M}" < end:
                slot = f"{start}–{end}"
                yield views.Choice(f"{local + timedelta(days):%m-%d} {slot}", view.say(label, slot=slot))
