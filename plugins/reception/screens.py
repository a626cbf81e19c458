"""The front desk as templates show it: figures, the card, rows of the log. Labels are message ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from core.sdk import HouseholdCard, Promise, Site, View, masked, msgid, views, words
from plugins.reception.cards import CallCard, Candidate
from plugins.reception.schemas import PARTS, Call, Figures
from plugins.reception.scripts.service import Advice, Line

_ROLES: Final = {"owner": msgid("Owner"), "tenant": msgid("Tenant"), "agent": msgid("Agent"), "": ""}
CHANNELS: Final = {
    "call": msgid("Call"),
    "visit": msgid("Visit"),
    "letter": msgid("Letter"),
    "complaint_box": msgid("Complaint box"),
    "staff_opinion": msgid("Heard by staff"),
}
OUTCOMES: Final = {
    "ringing": views.Word("ringing", msgid("Ringing"), "risk"),
    "answered": views.Word("answered", msgid("On the line"), "info"),
    "ended": views.Word("ended", msgid("Ended"), "ok"),
    "missed": views.Word("missed", msgid("Missed call"), "breach"),
    "abandoned": views.Word("abandoned", msgid("Caller hung up"), "paused"),
}
PART_LABELS: Final = {"name": msgid("Name"), "address": msgid("Address"), "phone": msgid("Phone number")}
# English has one form for one and many: minutes, hours and days are abbreviated or never one.
_AMOUNTS: Final = {
    "minutes": msgid("{n} min"),
    "hours": msgid("{n} h"),
    "days": msgid("{n} days"),
    "working_days": msgid("{n} working days"),
}


class Kpi(msgspec.Struct, frozen=True):
    """A figure; `value` is text."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: views.Tone = ""


class Choice(msgspec.Struct, frozen=True):
    """Somebody the caller may be; `id` names unit and party."""

    id: str
    name: str
    role: str
    unit: str


class Caller(msgspec.Struct, frozen=True):
    """The household of whoever calls; `people` are the others of it, each with a role."""

    name: str
    role: str
    unit: str
    unit_id: str
    area: str
    since: date | None
    people: tuple[tuple[str, str], ...]
    tags: tuple[views.Word, ...]
    tickets: tuple[views.TicketRow, ...]


class Tick(msgspec.Struct, frozen=True):
    """A part of somebody's identity, and what the house knows it to be; `needed`: nothing is told without it."""

    part: str
    label: str
    known: str
    done: bool
    needed: bool


class Confirmed(msgspec.Struct, frozen=True):
    """How the caller's identity stands; `purposes` are titles, each with what it still needs (message ids)."""

    enough: bool
    by: str
    ticks: tuple[Tick, ...]
    purposes: tuple[tuple[str, tuple[str, ...]], ...]


class Card(msgspec.Struct, frozen=True):
    """See `_card.html`."""

    state: str
    call_id: str = ""
    phone: str = ""
    since: datetime | None = None
    match: str = "unknown"
    caller: Caller | None = None
    identity: Confirmed | None = None
    candidates: tuple[Choice, ...] = ()
    script: tuple[Line, ...] = ()
    step: int = 0
    matter: str = ""
    answer: str = ""
    situations: tuple[Line, ...] = ()
    guidance: tuple[Advice, ...] = ()


class Promised(msgspec.Struct, frozen=True):
    label: str
    amount: int
    unit: str


class Told(msgspec.Struct, frozen=True):
    """What may be promised; see `_promise.html`."""

    category: str
    severity: str
    goals: tuple[Promised, ...]


class CallRow(msgspec.Struct, frozen=True):
    """A row of the log; the template masks `phone`."""

    id: str
    at: datetime
    channel: views.Word
    phone: str
    who: str
    place: str
    waited: int | None
    talked: int | None
    outcome: views.Word
    clerk: str
    ticket_number: str
    ticket_href: str
    matter: str
    answer: str
    confirmed: tuple[str, ...]
    confirmed_by: str
    lost: bool
    called_back_at: datetime | None
    called_back_by: str
    erased: bool = False


def kpis(figures: Figures, goal_seconds: int, view: View) -> tuple[Kpi, ...]:
    """The row of figures at the top; waiting too long for an answer shows (REC-2)."""
    wait = figures.average_wait
    return (
        Kpi(msgid("Calls today"), str(figures.calls), note=msgid("since midnight")),
        Kpi(
            msgid("Average answer"),
            "—" if wait is None else f"{wait:.0f}",
            "" if wait is None else msgid("s"),
            view.say(msgid("goal: {n} s"), n=goal_seconds),
            "warn" if wait is not None and wait > goal_seconds else "",
        ),
        Kpi(msgid("Waiting for response"), str(figures.waiting), tone="warn" if figures.waiting else ""),
        Kpi(msgid("Due soon"), str(figures.due_soon), tone="risk" if figures.due_soon else ""),
        Kpi(msgid("Overdue"), str(figures.overdue), tone="breach" if figures.overdue else ""),
    )


def card(site: Site, shown: CallCard | None) -> Card:
    """The call in hand; a missed or abandoned one is over like any other."""
    if shown is None:
        return Card("none")
    call = shown.call
    state = call.status if call.status in ("ringing", "answered") else "ended"
    return Card(
        state=state,
        call_id=str(call.id),
        phone=call.phone,
        since={"ringing": call.ringing_at, "answered": call.answered_at}.get(state, call.ended_at),
        match=shown.match,
        caller=_caller(site, shown, shown.household) if shown.household else None,
        identity=_confirmed(shown) if shown.identity.known else None,
        candidates=tuple(map(_choice, shown.candidates)),
        script=tuple(shown.script) if state != "ended" else (),
        step=0 if state == "ringing" else 1,
        matter=call.matter,
        answer=call.answer,
        situations=tuple(shown.situations) if state != "ended" else (),
        guidance=tuple(shown.guidance) if state != "ended" else (),
    )


def told(promises: Sequence[Promise], category: str, severity: str, own: Callable[[str], str | None]) -> Told:
    """The promise before it is made; `category` and `severity` are labels, `own` names the goals of the type's own."""
    goals = tuple(Promised(own(p.name) or words.goal_title(p.name), p.amount, p.unit) for p in promises)
    return Told(category, severity, goals)


def promise_in_words(promise: Told, view: View) -> str:
    """`Response 10 min → Resolution 2 h`, translated."""
    return " → ".join(
        f"{view.say(goal.label)} {view.say(_AMOUNTS[goal.unit], n=goal.amount)}" for goal in promise.goals
    )


def row(site: Site, call: Call) -> CallRow:
    """A call as a row of the log."""
    return CallRow(
        id=str(call.id),
        at=call.ringing_at,
        channel=views.Word(call.channel, CHANNELS[call.channel]),
        phone=call.phone,
        who=call.caller_name or ("" if call.ticket_id else call.note),
        place=call.place,
        waited=call.waited,
        talked=call.talked,
        outcome=OUTCOMES[call.status],
        clerk=call.answered_by_name,
        ticket_number=call.ticket_number,
        ticket_href=f"/s/{site.slug}/tickets/{call.ticket_id}" if call.ticket_id else "",
        matter=call.about,
        answer=call.answer,
        confirmed=tuple(PART_LABELS[part] for part in call.confirmed),
        confirmed_by=call.confirmed_by_name,
        lost=call.status in ("missed", "abandoned"),
        called_back_at=call.called_back_at,
        called_back_by=call.called_back_by_name,
        erased=call.erased_at is not None,
    )


def candidate_id(unit_id: Any, party_id: Any) -> str:
    """How a form names a party of a unit."""
    return f"{unit_id}.{party_id or ''}"


def _caller(site: Site, shown: CallCard, household: HouseholdCard) -> Caller:
    person = shown.caller
    return Caller(
        name=person.name if person else shown.call.caller_name,
        role=_ROLES[person.role] if person else "",
        unit=household.label,
        unit_id=str(household.unit_id),
        area="" if household.area_m2 is None else f"{household.area_m2.normalize():f}",
        since=household.moved_in_on,
        people=tuple((o.name, _ROLES[o.role]) for o in household.occupants if o is not person),
        tags=(views.Word("remark", household.remark, "care"),) if household.remark else (),
        tickets=tuple(
            views.TicketRow(
                id=str(ticket.id),
                number=ticket.number,
                href=f"/s/{site.slug}/tickets/{ticket.id}",
                title=ticket.description,
                place=household.label,
                category="",
                severity=views.Word("", ""),
                state=words.STATES[ticket.status],
                clock=views.Clock(ticket.due_at, ticket.due_seconds or 1) if ticket.due_at else None,
            )
            for ticket in household.tickets
        ),
    )


def _confirmed(shown: CallCard) -> Confirmed:
    """What is asked of the caller, with what the answers should be."""
    call, stand = shown.call, shown.identity
    known = {"name": call.caller_name, "address": call.place, "phone": masked(call.phone)}
    needed = {*stand.missing, *(part for each in stand.purposes for part in each.missing)}
    return Confirmed(
        stand.enough,
        stand.by,
        tuple(
            Tick(part, PART_LABELS[part], known[part], part in stand.confirmed, part in stand.missing)
            for part in PARTS
            if part in needed or part in stand.confirmed
        ),
        tuple((each.title, tuple(PART_LABELS[part] for part in each.missing)) for each in stand.purposes),
    )


def _choice(candidate: Candidate) -> Choice:
    return Choice(
        candidate_id(candidate.unit_id, candidate.party_id), candidate.name, _ROLES[candidate.role], candidate.unit
    )
