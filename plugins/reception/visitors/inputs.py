"""What is filled in about visitors: the form that registers one, the steps of a visit with their dialogs, the gate's
count. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from core.sdk import FieldError, HouseholdCard, msgid, views
from plugins.reception.visitors import screens
from plugins.reception.visitors.model import Visit
from plugins.reception.visitors.policy import VisitorRules

# step → label, icon, tone, label of its text, whether the text is asked for
STEPS: Final[dict[str, tuple[str, str, str, str, bool]]] = {
    "arrive": (msgid("Has come"), "door-enter", "primary", "", False),
    "accept": (msgid("Household agrees"), "user-check", "go", msgid("What was said"), False),
    "refuse": (msgid("Household refuses"), "user-x", "", msgid("What was said"), False),
    "ask_by_text": (msgid("Ask by text message"), "message-2", "", "", False),
    "ask": (msgid("No answer yet"), "phone-outgoing", "", msgid("What was said"), False),
    "admit": (msgid("Let in"), "door-enter", "primary", msgid("Why they are let in"), False),
    "leave": (msgid("Has left"), "door-exit", "primary", "", False),
    "badge_back": (msgid("Badge handed in"), "id-badge-2", "primary", "", False),
    "badge_lost": (msgid("Badge lost"), "id-badge-off", "", msgid("How it was lost, and what was done"), False),
    "security": (msgid("Inform security"), "shield", "", msgid("Whom, and of what"), True),
    "turn_away": (msgid("Refuse"), "ban", "", msgid("Why"), True),
    "police": (msgid("Report to the police"), "urgent", "", msgid("What was reported, and the case number"), True),
    "cancel": (msgid("Cancel the appointment"), "calendar-x", "", msgid("Why"), False),
}
_OFFERED: Final[dict[str, tuple[str, ...]]] = {
    "expected": ("arrive", "refuse", "cancel", "turn_away"),
    "waiting": ("accept", "refuse", "ask", "ask_by_text", "admit", "turn_away", "security", "police"),
    "inside": ("leave", "security", "police"),
    "left": ("badge_back", "badge_lost", "security", "police"),
    "turned_away": ("security", "police"),
    "cancelled": (),
}
_BY_WORD: Final = (views.Choice("phone", msgid("by phone")), views.Choice("person", msgid("in person")))


class Action(msgspec.Struct, frozen=True):
    """A step that can be taken: with `fields` in a dialog, which `show` opens at once."""

    name: str
    label: str
    icon: str
    tone: str
    fields: tuple[views.Field, ...] = ()
    show: bool = False


def form(
    limits: VisitorRules, badge: str, spare: str, values: Mapping[str, str], errors: Iterable[FieldError] = ()
) -> dict[str, views.Field]:
    """The registration form's fields by name; a badge is proposed, and others named that are free."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", default: str = "", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, default), **{**more, **said})

    purposes = tuple(views.Choice(purpose, purpose) for purpose in limits.purposes)
    more_free = {"help": msgid("Also free: {badges}"), "params": {"badges": spare}} if spare else {}
    fields = (
        field("name", msgid("Visitor"), maximum=60, required=True),
        field("phone", msgid("Phone"), "tel", maximum=30),
        field("purpose", msgid("Purpose"), "select", choices=purposes),
        field("people", msgid("Number of people"), "number", "1", minimum=1, maximum=99),
        field("place", msgid("Visits (unit, name or place)"), maximum=100),
        field("host_name", msgid("Host"), maximum=60),
        field("id_kind", msgid("Document seen"), "select", choices=_choices(screens.ID_KINDS)),
        field("id_number", msgid("Its number"), maximum=30, help=msgid("Only the last four characters are kept.")),
        field("badge", msgid("Badge"), default=badge, maximum=20, **more_free),
        field("escort", msgid("Escort"), maximum=60),
        field("plate", msgid("Number plate"), maximum=20),
        field("accepted", msgid("The household agrees"), "checkbox"),
        field("answered_by", msgid("Who agreed, on the phone"), maximum=60),
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
    household: HouseholdCard | None,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> tuple[Action, ...]:
    """What can be done next; `household` can be asked by text message. What was `taken` was refused and is shown again
    as it was filled in."""
    wrong = {"text" if e.field == "accepted" else e.field: e for e in errors}
    offered = []
    for name in _OFFERED[visit.status]:
        if name in ("badge_back", "badge_lost") and not visit.badge_out:
            continue
        if name == "badge_lost" and visit.badge_lost_at:
            continue
        if name in ("accept", "ask", "ask_by_text") and visit.host_answer == "accepted":
            continue
        fields = _fields(name, visit, free, household, asked=name == taken)
        if name == "ask_by_text" and not fields:
            continue
        if name == taken and values is not None:
            fields = [_again(field, values, wrong.get(field.name)) for field in fields]
        label, icon, tone, *_ = STEPS[name]
        offered.append(Action(name, label, icon, tone, tuple(fields), name == taken))
    return tuple(offered)


def count_form(today: date) -> tuple[views.Field, ...]:
    """The guard's own count of a day."""
    return (
        views.Field("day", msgid("Day"), "date", str(today), required=True),
        views.Field("people", msgid("Counted at the gate"), "number", required=True, minimum=0, maximum=99_999),
    )


def _fields(
    name: str, visit: Visit, free: Sequence[str], household: HouseholdCard | None, *, asked: bool
) -> list[views.Field]:
    """What a step asks for."""
    *_, text, needed = STEPS[name]
    fields: list[views.Field] = []
    if name == "ask_by_text":
        people = [person for person in household.occupants if person.phones] if household else []
        chosen = tuple(views.Choice(str(each.party_id), f"{each.name} {each.phones[0]}") for each in people)
        return [views.Field("party_id", msgid("Whom"), "select", choices=chosen)] if chosen else []
    if name in ("accept", "refuse", "ask"):
        fields.append(views.Field("who", msgid("Who was asked"), value=visit.host_name, maximum=60))
        fields.append(views.Field("via", msgid("How"), "select", "phone", choices=_BY_WORD))
    if name == "admit":
        fields.append(views.Field("badge", msgid("Badge"), value=free[0] if free else "", maximum=20))
        fields.append(views.Field("escort", msgid("Escort"), value=visit.escort, maximum=60))
    if text and (name != "admit" or visit.warning or asked):
        fields.append(views.Field("text", text, "textarea", required=needed or name == "admit", maximum=500))
    if name == "refuse":
        fields.append(views.Field("at", msgid("Another time agreed"), "datetime-local"))
    if name == "leave" and visit.badge_out:
        fields.append(views.Field("badge_back", msgid("Badge handed in"), "checkbox", "true"))
    return fields


def _again(field: views.Field, values: Mapping[str, str], wrong: FieldError | None) -> views.Field:
    said = {"error": wrong.message, "params": wrong.params} if wrong else {}
    return msgspec.structs.replace(field, value=values.get(field.name, ""), **said)


def _choices(labels: Mapping[str, str]) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(value, label) for value, label in labels.items())
