"""Visitors as templates show them: rows, facts, what happened, and the forms. Labels are message ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Site, msgid, views
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
    "ask_by_text": (msgid("Household asked by text message"), "message-2", ""),
    "accept": (msgid("Household agrees"), "user-check", "ok"),
    "refuse": (msgid("Household refuses"), "user-x", "breach"),
    "admit": (msgid("Let in"), "door-enter", "ok"),
    "leave": (msgid("Left"), "door-exit", ""),
    "badge_back": (msgid("Badge handed in"), "id-badge-2", ""),
    "badge_lost": (msgid("Badge lost"), "id-badge-off", "breach"),
    "security": (msgid("Security informed"), "shield", "risk"),
    "turn_away": (msgid("Refused"), "ban", "breach"),
    "police": (msgid("Reported to the police"), "urgent", "breach"),
    "cancel": (msgid("Cancelled"), "calendar-x", ""),
}
VIAS: Final = {
    "": "",
    "phone": msgid("by phone"),
    "person": msgid("in person"),
    "link": msgid("by text message"),
    "notice": msgid("announced"),
}


_NUMBERS: Final = re.compile(r"([0-9]+)")
_NEXT: Final = {"arrive": msgid("Has come"), "leave": msgid("Has left"), "badge_back": msgid("Badge handed in")}


class VisitRow(msgspec.Struct, frozen=True):
    """A visit as a row. `stayed` is seconds in the house; `answer` the household's, '' until there is one;
    `next_step` what a click does, '' for nothing."""

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
    plate: str
    answer: str
    lost: bool
    next_step: str = ""
    next_label: str = ""


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
        plate=visit.plate,
        answer=visit.host_answer,
        lost=visit.badge_lost_at is not None,
        next_step=name,
        next_label=_NEXT[name] if name else "",
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
        (msgid("Number plate"), visit.plate),
        (msgid("Registered by"), visit.registered_by_name),
    )
    return tuple((label, text) for label, text in told if text)


def happened(step: Step) -> Happened:
    label, icon, tone = HAPPENED[step.kind]
    text = "" if step.kind == "leave" and step.text == "-" else step.text
    return Happened(step.at, label, icon, tone, text, step.by_name)


def natural(place: str) -> tuple[tuple[int, str], ...]:
    """Orders places as people do: 2幢 before 10幢."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(place))


def local(site: Site, instant: datetime | None) -> str:
    """Wall time at the site, for a workbook."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""
