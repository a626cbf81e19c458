"""Visits as templates show them: rows, facts, what happened, and the forms. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import FieldError, Site, msgid, views
from plugins.returnvisits.visits.model import Step, Visit

_OPEN: Final = views.Choice("", msgid("Choose"))
STATES: Final = {
    "open": views.Word("open", msgid("Owed"), "info"),
    "held": views.Word("held", msgid("Waits for rework"), "paused"),
    "done": views.Word("done", msgid("Made"), "ok"),
    "void": views.Word("void", msgid("Cancelled")),
}
SOURCES: Final = {
    "drawn": msgid("Drawn by the system"),
    "recheck": msgid("Visited again after rework"),
    "added": msgid("Added by hand"),
    "regular": msgid("Regular visit"),
}
ROLES: Final = {
    "desk": msgid("Front desk"),
    "steward": msgid("Steward of the area"),
    "supervisor": msgid("Supervisor"),
    "manager": msgid("Site manager"),
}
WAYS: Final = {
    "any": msgid("Any way"),
    "phone": msgid("By telephone"),
    "visit": msgid("Visit at home"),
    "onsite": msgid("On site"),
}
DONE_WAYS: Final = {way: label for way, label in WAYS.items() if way != "any"}
QUALITY: Final = {
    "5": msgid("5 very good"),
    "4": msgid("4 good"),
    "3": msgid("3 fair"),
    "2": msgid("2 poor"),
    "1": msgid("1 very poor"),
}
EFFECTS: Final = {"solved": msgid("Solved"), "partly": msgid("Partly solved"), "unsolved": msgid("Not solved")}
SATISFACTION: Final = {
    "satisfied": views.Word("satisfied", msgid("Satisfied"), "ok"),
    "fair": views.Word("fair", msgid("Fairly satisfied"), "info"),
    "dissatisfied": views.Word("dissatisfied", msgid("Dissatisfied"), "breach"),
}
SIGNED: Final = {
    "": msgid("Not signed yet"),
    "pad": msgid("Signed on the screen"),
    "paper": msgid("Signed on paper"),
    "phone": msgid("Confirmed by telephone"),
}
FOLLOW_UPS: Final = {
    "reopened": msgid("Back to work"),
    "rework": msgid("New ticket for the rework"),
    "follow_up": msgid("New ticket for what is left"),
}
HAPPENED: Final[dict[str, tuple[str, str, views.Tone]]] = {
    "drawn": (msgid("Drawn by the system"), "dice-5", ""),
    "recheck": (msgid("Visited again after rework"), "refresh", ""),
    "added": (msgid("Added by hand"), "plus", ""),
    "regular": (msgid("Regular visit"), "calendar-event", ""),
    "no_answer": (msgid("Nobody reached"), "phone-off", "warn"),
    "to_visit": (msgid("To be visited at home from now on"), "door-enter", "risk"),
    "hold": (msgid("Waits for rework"), "player-pause", "paused"),
    "resume": (msgid("Rework done: the time runs again"), "player-play", ""),
    "merged": (msgid("Merged into another ticket"), "arrow-merge", ""),
    "assign": (msgid("Given to somebody"), "user", ""),
    "cancel": (msgid("Cancelled"), "x", ""),
    "done": (msgid("Visit made"), "circle-check", "ok"),
    "signed": (msgid("Signed"), "signature", "ok"),
    "measure": (msgid("Countermeasure"), "tool", ""),
    "reopened": (msgid("Back to work"), "refresh", "breach"),
    "rework": (msgid("New ticket for the rework"), "refresh", "breach"),
    "follow_up": (msgid("New ticket for what is left"), "refresh", "breach"),
}
# action → label, icon, tone
ACTIONS: Final[dict[str, tuple[str, str, str]]] = {
    "attempt": (msgid("Nobody reached"), "phone-off", ""),
    "assign": (msgid("Give to somebody"), "user", ""),
    "cancel": (msgid("Cancel the visit"), "x", ""),
    "measure": (msgid("Countermeasure"), "tool", "primary"),
}


class VisitRow(msgspec.Struct, frozen=True):
    """A visit as a row; its clock runs to the deadline."""

    visit: Visit
    href: str
    state: views.Word
    clock: views.Clock
    who: str
    said: views.Word | None


class Happened(msgspec.Struct, frozen=True):
    at: datetime
    label: str
    icon: str
    tone: str
    how: str
    text: str
    who: str


class Action(msgspec.Struct, frozen=True):
    """What can be done, in a dialog that `show` opens at once."""

    name: str
    label: str
    icon: str
    tone: str
    fields: tuple[views.Field, ...]
    show: bool = False


def row(site: Site, visit: Visit) -> VisitRow:
    """A visit as a row."""
    return VisitRow(
        visit,
        f"/s/{site.slug}/returnvisits/visits/{visit.id}",
        STATES[visit.status],
        clock(visit),
        visit.done_by_name or visit.visitor_name or ROLES[visit.visitor_role],
        SATISFACTION.get(visit.satisfaction),
    )


def clock(visit: Visit) -> views.Clock:
    """How much of the time is left."""
    span = int((visit.due_at - visit.created_at).total_seconds())
    return views.Clock(visit.due_at, max(1, span), visit.status == "held", visit.status in ("done", "void"))


def happened(step: Step) -> Happened:
    """A step in words; a way that was taken down as its code is said."""
    label, icon, tone = HAPPENED[step.kind]
    code, _, text = step.text.partition(": ")
    coded = step.kind in ("no_answer", "done") and code in DONE_WAYS
    how, text = (DONE_WAYS[code], text) if coded else ("", step.text)
    return Happened(step.at, label, icon, tone, how, text, step.by_name)


def said(visit: Visit) -> tuple[tuple[str, str], ...]:
    """What the household said: label and text; labels and coded texts are message ids."""
    if visit.status != "done":
        return ()
    told = (
        (msgid("Quality of the work"), QUALITY.get(str(visit.quality), "")),
        (msgid("Effect"), EFFECTS.get(visit.effect, "")),
        (msgid("Satisfaction"), SATISFACTION[visit.satisfaction].label if visit.satisfaction else ""),
        (msgid("Shortcomings"), visit.shortcomings),
        (msgid("Opinions and suggestions"), visit.opinions),
        (msgid("Signature"), SIGNED[visit.signed]),
    )
    return tuple((label, text) for label, text in told if text)


def outcome(visit: Visit, values: Mapping[str, str], errors: Iterable[FieldError] = ()) -> tuple[views.Field, ...]:
    """The form of VIS-4."""
    ways = {"visit": WAYS["visit"], "onsite": WAYS["onsite"]} if visit.way in ("visit", "onsite") else DONE_WAYS
    field = fields(values, errors)
    return (
        field("way", msgid("How"), "select", choices=_choices(ways)),
        field("quality", msgid("Quality of the work"), "select", choices=_asked(QUALITY), required=True),
        field("effect", msgid("Effect"), "select", choices=_asked(EFFECTS), required=True),
        field("satisfaction", msgid("Satisfaction"), "select", choices=_asked(SATISFACTION), required=True),
        field("shortcomings", msgid("Shortcomings"), "textarea", maximum=1000),
        field("opinions", msgid("Opinions and suggestions"), "textarea", maximum=1000),
    )


def actions(
    visit: Visit,
    possible: Sequence[str],
    staff: Sequence[tuple[str, str]],
    again: str,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> tuple[Action, ...]:
    """What can be done besides the form; `taken` was refused and is shown again as it was filled in. `again`: when it
    is proposed to try once more."""
    colleagues = (_OPEN, *(views.Choice(*each) for each in staff))
    offered = []
    for name in (each for each in possible if each in ACTIONS):
        given = values if name == taken and values is not None else {}
        field = fields(given, errors if name == taken else ())
        shown: tuple[views.Field, ...]
        if name == "attempt":
            shown = (
                field("way", msgid("How"), "select", choices=_choices(DONE_WAYS)),
                field("again_at", msgid("Try again"), "datetime-local", default=again),
                field("text", msgid("Remark"), maximum=500),
            )
        elif name == "assign":
            shown = (field("visitor_id", msgid("Visited by"), "select", choices=colleagues, required=True),)
        elif name == "cancel":
            shown = (field("reason", msgid("Why"), "textarea", required=True, maximum=500),)
        else:
            shown = (
                field("measure", msgid("What is done about it"), "textarea", default=visit.measure, maximum=1000),
                field(
                    "responsible_id",
                    msgid("Responsible"),
                    "select",
                    default=str(visit.measure_by or ""),
                    choices=colleagues,
                ),
                field("due_on", msgid("Until"), "date", default=str(visit.measure_due or ""), required=True),
            )
        offered.append(Action(name, *ACTIONS[name], shown, name == taken))
    return tuple(offered)


def local_minute(site: Site, instant: datetime) -> str:
    """As a datetime field has it, in the site's time."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%dT%H:%M")


def local(site: Site, instant: datetime | None) -> str:
    """Wall time at the site, for a workbook."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> Any:
    """Makes a form's fields: `field(name, label, kind, default, …)`, as filled in and with what is wrong."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", default: str = "", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, default), **{**more, **said})

    return field


def _asked(labels: Mapping[str, str] | Mapping[str, views.Word]) -> tuple[views.Choice, ...]:
    """Choices of which none is taken before the household says so: what is put in its mouth is no answer (VIS-5)."""
    return (_OPEN, *_choices(labels))


def _choices(labels: Mapping[str, str] | Mapping[str, views.Word]) -> tuple[views.Choice, ...]:
    return tuple(
        views.Choice(value, label.label if isinstance(label, views.Word) else label) for value, label in labels.items()
    )
