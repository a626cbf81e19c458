"""Visitors as templates show them: rows, facts, what happened, and the forms. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import FieldError, Site, msgid, views
from plugins.reception.screens import Kpi
from plugins.reception.visitors import service
from plugins.reception.visitors.model import Barred, Day, Step, Visit
from plugins.reception.visitors.policy import VisitorRules

STATES: Final = {
    "expected": views.Word("expected", msgid("Expected"), "info"),
    "waiting": views.Word("waiting", msgid("At the desk"), "warn"),
    "inside": views.Word("inside", msgid("In the house"), "ok"),
    "left": views.Word("left", msgid("Left")),
    "turned_away": views.Word("turned_away", msgid("Turned away"), "breach"),
    "cancelled": views.Word("cancelled", msgid("Cancelled"), "paused"),
}
ID_KINDS: Final = {
    "": msgid("Not seen"),
    "id_card": msgid("ID card"),
    "passport": msgid("Passport"),
    "driving": msgid("Driving licence"),
    "work": msgid("Work permit"),
    "other": msgid("Other document"),
}
HAPPENED: Final[dict[str, tuple[str, str, views.Tone]]] = {
    "book": (msgid("Appointment made"), "calendar-plus", ""),
    "arrive": (msgid("Came to the desk"), "door-enter", ""),
    "found": (msgid("Met inside without registration"), "alert-triangle", "risk"),
    "warn": (msgid("May be on the blacklist"), "alert-triangle", "breach"),
    "ask": (msgid("Household asked, no answer yet"), "phone-outgoing", ""),
    "accept": (msgid("Household agrees"), "user-check", "ok"),
    "refuse": (msgid("Household refuses"), "user-x", "breach"),
    "admit": (msgid("Let in"), "door-enter", "ok"),
    "leave": (msgid("Left"), "door-exit", ""),
    "badge_back": (msgid("Badge handed in"), "id-badge-2", ""),
    "security": (msgid("Security informed"), "shield", "risk"),
    "turn_away": (msgid("Refused"), "ban", "breach"),
    "police": (msgid("Reported to the police"), "urgent", "breach"),
    "cancel": (msgid("Cancelled"), "calendar-x", ""),
}
# step → label, icon, tone, label of its text, whether the text is asked for
STEPS: Final[dict[str, tuple[str, str, str, str, bool]]] = {
    "arrive": (msgid("Has come"), "door-enter", "primary", "", False),
    "accept": (msgid("Household agrees"), "user-check", "go", msgid("Who answered, and how"), False),
    "refuse": (msgid("Household refuses"), "user-x", "", msgid("Who answered, and how"), False),
    "ask": (msgid("No answer yet"), "phone-outgoing", "", msgid("Who answered, and how"), False),
    "admit": (msgid("Let in"), "door-enter", "primary", msgid("Why they are let in"), False),
    "leave": (msgid("Has left"), "door-exit", "primary", "", False),
    "badge_back": (msgid("Badge handed in"), "id-badge-2", "primary", "", False),
    "security": (msgid("Inform security"), "shield", "", msgid("Whom, and of what"), True),
    "turn_away": (msgid("Refuse"), "ban", "", msgid("Why"), True),
    "police": (msgid("Report to the police"), "urgent", "", msgid("What was reported, and the case number"), True),
    "cancel": (msgid("Cancel the appointment"), "calendar-x", "", msgid("Why"), False),
}
_OFFERED: Final[dict[str, tuple[str, ...]]] = {
    "expected": ("arrive", "refuse", "cancel", "turn_away"),
    "waiting": ("accept", "refuse", "ask", "admit", "turn_away", "security", "police"),
    "inside": ("leave", "security", "police"),
    "left": ("badge_back", "security", "police"),
    "turned_away": ("security", "police"),
    "cancelled": (),
}


class VisitRow(msgspec.Struct, frozen=True):
    """A visit as a row. `stayed` is seconds in the house; `next_step` what a click does, '' for nothing."""

    id: str
    href: str
    name: str
    people: int
    purpose: str
    place: str
    host: str
    badge: str
    badge_out: bool
    at: datetime
    stayed: int | None
    state: views.Word
    warned: bool
    overdue: bool
    by: str
    phone: str
    id_number: str
    next_step: str = ""
    next_label: str = ""


class Action(msgspec.Struct, frozen=True):
    """A step that can be taken: with `fields` in a dialog, which `show` opens at once."""

    name: str
    label: str
    icon: str
    tone: str
    fields: tuple[views.Field, ...] = ()
    show: bool = False


class Happened(msgspec.Struct, frozen=True):
    at: datetime
    label: str
    icon: str
    tone: str
    text: str
    who: str


class BarredRow(msgspec.Struct, frozen=True):
    """Somebody on the blacklist; `fields` are those of the form that lifts it."""

    entry: Barred
    fields: tuple[views.Field, ...] = ()
    show: bool = False


def row(site: Site, visit: Visit, limits: VisitorRules, now: datetime, *, steps: bool = True) -> VisitRow:
    """A visit as a row; with `steps` the obvious next one can be clicked."""
    follows = {"expected": "arrive", "inside": "leave", "left": "badge_back" if visit.badge_out else ""}
    name = follows.get(visit.status, "") if steps else ""
    until = visit.left_at or now
    return VisitRow(
        id=str(visit.id),
        href=f"/s/{site.slug}/reception/visitors/{visit.id}",
        name=visit.name,
        people=visit.people,
        purpose=visit.purpose,
        place=visit.place,
        host=visit.host_name,
        badge=visit.badge,
        badge_out=visit.badge_out,
        at=visit.at,
        stayed=None if visit.admitted_at is None else max(0, int((until - visit.admitted_at).total_seconds())),
        state=STATES[visit.status],
        warned=bool(visit.warning),
        overdue=service.overdue(visit, limits, now),
        by=visit.registered_by_name,
        phone=visit.phone,
        id_number=visit.id_number,
        next_step=name,
        next_label=STEPS[name][0] if name else "",
    )


def kpis(here: Sequence[Visit], today: Day | None, limits: VisitorRules, now: datetime) -> tuple[Kpi, ...]:
    """Who is here, who has stayed too long, and the share of the day's visitors who were registered (REC-7)."""
    inside = [visit for visit in here if visit.status == "inside"]
    late = sum(service.overdue(visit, limits, now) for visit in here)
    share = today.share if today else None
    below = share is not None and share < limits.registered_percent
    return (
        Kpi(msgid("Visitors today"), str(today.came if today else 0)),
        Kpi(msgid("In the house"), str(sum(visit.people for visit in inside))),
        Kpi(msgid("Overdue, or badge not back"), str(late), tone="breach" if late else ""),
        Kpi(msgid("Registered"), "—" if share is None else f"{share:g}", "" if share is None else "%",
            f"≥ {limits.registered_percent} %", "breach" if below else ""),
    )  # fmt: skip


def facts(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Label and text; labels and documents are message ids."""
    told = (
        (msgid("Visits"), visit.place),
        (msgid("Host"), visit.host_name),
        (msgid("Purpose"), visit.purpose),
        (msgid("Number of people"), str(visit.people)),
        (msgid("Escort"), visit.escort),
        (msgid("Badge"), visit.badge),
        (msgid("Registered by"), visit.registered_by_name),
    )
    return tuple((label, text) for label, text in told if text)


def happened(step: Step) -> Happened:
    label, icon, tone = HAPPENED[step.kind]
    text = "" if step.kind == "leave" and step.text == "-" else step.text
    return Happened(step.at, label, icon, tone, text, step.by_name)


def form(
    limits: VisitorRules, free: Sequence[str], values: Mapping[str, str], errors: Iterable[FieldError] = ()
) -> dict[str, views.Field]:
    """The registration form's fields by name."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", default: str = "", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, default), **{**more, **said})

    purposes = tuple(views.Choice(purpose, purpose) for purpose in limits.purposes)
    fields = (
        field("name", msgid("Visitor"), maximum=60, required=True),
        field("phone", msgid("Phone"), "tel", maximum=30),
        field("purpose", msgid("Purpose"), "select", choices=purposes),
        field("people", msgid("Number of people"), "number", "1", minimum=1, maximum=99),
        field("place", msgid("Visits (unit, name or place)"), maximum=100),
        field("host_name", msgid("Host"), maximum=60),
        field("id_kind", msgid("Document seen"), "select", choices=_choices(ID_KINDS)),
        field("id_number", msgid("Its number"), maximum=30, help=msgid("Only the last four characters are kept.")),
        field("badge", msgid("Badge"), default=free[0] if free else "", maximum=20, help="、".join(free[1:4])),
        field("escort", msgid("Escort"), maximum=60),
        field("accepted", msgid("The household agrees"), "checkbox"),
        field("found", msgid("Met inside without registration"), "checkbox"),
        field("expected_at", msgid("Comes at"), "datetime-local", help=msgid("Only for an appointment.")),
    )
    unit = wrong.get("unit_id")
    shown = {each.name: each for each in fields}
    if unit:
        shown["place"] = msgspec.structs.replace(shown["place"], error=unit.message, params=unit.params)
    return shown


def actions(
    visit: Visit,
    free: Sequence[str],
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> tuple[Action, ...]:
    """What can be done next; `taken` was refused and is shown again as it was filled in."""
    wrong = {"text" if e.field == "accepted" else e.field: e for e in errors}
    offered = []
    for name in _OFFERED[visit.status]:
        if name == "badge_back" and not visit.badge_out:
            continue
        if name in ("accept", "ask") and visit.host_answer == "accepted":
            continue
        label, icon, tone, text, needed = STEPS[name]
        fields = []
        if name == "admit":
            fields.append(views.Field("badge", msgid("Badge"), value=free[0] if free else "", maximum=20))
            fields.append(views.Field("escort", msgid("Escort"), value=visit.escort, maximum=60))
        if text and (name != "admit" or visit.warning or taken == "admit"):
            needed = needed or name == "admit"
            fields.append(views.Field("text", text, "textarea", required=needed, maximum=500))
        if name == "refuse":
            fields.append(views.Field("at", msgid("Another time agreed"), "datetime-local"))
        if name == "leave" and visit.badge_out:
            fields.append(views.Field("badge_back", msgid("Badge handed in"), "checkbox", "true"))
        if name == taken and values is not None:
            fields = [
                msgspec.structs.replace(
                    f,
                    value=values.get(f.name, ""),
                    error=wrong[f.name].message if f.name in wrong else "",
                    params=wrong[f.name].params if f.name in wrong else {},
                )
                for f in fields
            ]
        offered.append(Action(name, label, icon, tone, tuple(fields), name == taken))
    return tuple(offered)


def local(site: Site, instant: datetime | None) -> str:
    """Wall time at the site, for a workbook."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def _choices(labels: Mapping[str, str]) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(value, label) for value, label in labels.items())
