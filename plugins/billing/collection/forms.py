"""The forms of collection at home: their fields, and what was filled in as the services take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import FieldError, Invalid, Malformed, local_day, msgid, read_form, views
from plugins.billing.collection.model import HomeVisit, NewCollection, VisitOutcome
from plugins.billing.collection.repository import Dunned
from plugins.billing.collection.taking import Row
from plugins.billing.counter.forms import fen_of
from plugins.billing.counter.model import Person
from plugins.billing.ledger.model import UnitAccount
from plugins.billing.ledger.pages import MEANS_WORDS

MOST: Final = 100  # lines of the form
EITHER: Final = msgid("Enter what was collected, or why nothing was; not both.")
Fields = tuple[views.Field, ...]
Collectors = Sequence[tuple[UUID, str]]
# where a line has another name for what the service refuses
NAMES: Final = {"paper_number": "number", "amount_fen": "amount"}


class Line(msgspec.Struct, frozen=True):
    """A visit on the form: what its unit owes, what was typed, and what is wrong by field ('' the line as a whole)."""

    visit: HomeVisit
    account: UnitAccount | None
    values: Mapping[str, str]
    ticked: frozenset[str]
    wrong: Mapping[str, FieldError]
    told: str = ""


class Posted(msgspec.Struct, frozen=True):
    """The form as it was posted: the day of the money, the visits on it, each field's texts."""

    collected_on: str
    visits: tuple[UUID, ...]
    lists: Mapping[str, Sequence[str]]

    def values(self, visit_id: UUID) -> dict[str, str]:
        """What was typed into a line."""
        names = ("number", "means", "amount", "reference", "reason", "version")
        return {name: (self.lists.get(f"{name}-{visit_id}") or [""])[-1].strip() for name in names}

    def ticked(self, visit_id: UUID) -> frozenset[str]:
        """The charges that are ticked in a line."""
        return frozenset(self.lists.get(f"charge-{visit_id}", ()))

    def row(self, visit_id: UUID) -> Row | None:
        """A line as the service takes it; None for one that nothing was typed into. Raises Invalid, Malformed."""
        values = self.values(visit_id)
        money = values["number"] or values["amount"]
        if money and values["reason"]:
            raise Invalid.field("reason", EITHER)
        if values["reason"]:
            told = read_form({"reason": values["reason"]}, VisitOutcome)
            return Row(visit_id, None, told, version_of(values))
        if not money:
            return None
        if not values["number"]:
            raise Invalid.field("number", msgid("Enter the number of the slip that the household got."))
        fen = fen_of(values["amount"], "amount")
        if not fen:
            raise Invalid.field("amount", msgid("Enter what was collected."))
        given = {
            "paper_number": values["number"],
            "means": values["means"] or "cash",
            "amount_fen": fen,
            "collected_on": day_of(self.collected_on, "collected_on").isoformat(),
            "charge_ids": sorted(self.ticked(visit_id)),
            "reference": values["reference"],
        }
        return Row(visit_id, read_form(given, NewCollection))


def posted(lists: Mapping[str, Sequence[str]]) -> Posted:
    """The form that was posted. Raises Malformed."""
    try:
        visits = tuple(dict.fromkeys(UUID(text) for text in lists.get("visit", ())))
    except ValueError:
        raise Malformed from None
    if len(visits) > MOST:
        raise Malformed
    return Posted((lists.get("collected_on") or [""])[-1], visits, lists)


def day_of(text: str, field: str) -> date:
    """A day that was chosen. Raises Invalid naming the field."""
    try:
        day = local_day(text.strip())
    except Malformed:
        day = None
    if day is None:
        raise Invalid.field(field, msgid("Choose a day."))
    return day


def time_of(text: str, field: str) -> time:
    """A time of the day. Raises Invalid naming the field."""
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Invalid.field(field, msgid("Enter a time such as 18:30.")) from None


def when(values: Mapping[str, str]) -> dict[str, Any]:
    """Day, time, who goes and why, as they were filled in. Raises Invalid naming the field."""
    return {
        "day": day_of(values.get("day", ""), "day").isoformat(),
        "starts": time_of(values.get("starts", ""), "starts").isoformat(),
        "ends": time_of(values.get("ends", ""), "ends").isoformat(),
        "collector_id": values.get("collector_id", ""),
        "why": values.get("why", ""),
        "note": values.get("note", ""),
    }


def version_of(values: Mapping[str, str]) -> int:
    """The version that a form was made of; 0, which is nothing's, for none."""
    text = values.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def agreeing(
    values: Mapping[str, str],
    errors: Iterable[FieldError],
    people: Iterable[Person],
    collectors: Collectors,
    dunnings: Iterable[Dunned],
) -> Fields:
    """Who is visited when by whom, and why."""
    field = maker(values, errors)
    payers = tuple(views.Choice(str(each.party_id), each.name) for each in people)
    steps = [(str(each.id), f"{each.done_on} · {each.done_on.year}-{each.number:04}") for each in dunnings]
    none = views.Choice("", msgid("None"))
    label = msgid("Step of dunning that led to it")
    step = field("dunning_id", label, "select", choices=(none, *(views.Choice(id, text) for id, text in steps)))
    return (
        field("party_id", msgid("Payer"), "select", choices=payers, required=True),
        *_when(field, collectors),
        *([step] if steps else []),
    )


def changing(
    visit: HomeVisit, values: Mapping[str, str], errors: Iterable[FieldError], collectors: Collectors
) -> Fields:
    """The same of a visit that is agreed already."""
    now = {
        "day": str(visit.day),
        "starts": f"{visit.starts:%H:%M}",
        "ends": f"{visit.ends:%H:%M}",
        "collector_id": str(visit.collector_id),
        "why": visit.why,
        "note": visit.note,
    }
    return _when(maker(values or now, errors), collectors)


def reason(label: str, values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """Why nothing was paid, or why nobody goes."""
    return (maker(values, errors)("reason", label, "textarea", required=True, maximum=200),)


def handing(values: Mapping[str, str], errors: Iterable[FieldError], collectors: Collectors) -> Fields:
    """Which book goes to whom."""
    field = maker(values, errors)
    return (
        field("first", msgid("First number"), required=True, maximum=30, help=msgid("As printed, with its letters.")),
        field("last", msgid("Last number"), required=True, maximum=30),
        field("holder_id", msgid("Collector"), "select", choices=_people(collectors), required=True),
        field("signed", msgid("The collector has signed for it"), "checkbox"),
    )


def marking(values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """Which numbers are spoiled or lost, and why."""
    field = maker(values, errors)
    states = (views.Choice("spoiled", msgid("spoiled slip")), views.Choice("lost", msgid("lost slip")))
    return (
        field("state", msgid("State"), "select", choices=states, required=True),
        field("first", msgid("Number"), required=True, maximum=30),
        field("last", msgid("Last number"), maximum=30, help=msgid("Of several; empty for one.")),
        field("reason", msgid("What became of it"), "textarea", required=True, maximum=200),
    )


def returning(values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """How many unused slips came back."""
    field = maker(values, errors)
    label = msgid("Unused slips, as counted")
    return (field("unused", label, "number", required=True, minimum=0, maximum=200),)


def means_choices() -> tuple[views.Choice, ...]:
    """What money was collected by."""
    return tuple(views.Choice(code, label) for code, label in MEANS_WORDS.items())


def maker(values: Mapping[str, str], errors: Iterable[FieldError]) -> Any:
    """Fields as they were filled in, with what is wrong."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        said: dict[str, Any] = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, values.get(name, ""), **more, **said)

    return field


def _when(field: Any, collectors: Collectors) -> Fields:
    return (
        field("day", msgid("Day"), "date", required=True),
        field("starts", msgid("Visit begins at"), "time", required=True),
        field("ends", msgid("Visit ends at"), "time", required=True),
        field("collector_id", msgid("Who goes"), "select", choices=_people(collectors), required=True),
        field("why", msgid("Why at home"), maximum=200),
        field("note", msgid("Remark for whoever goes"), maximum=200),
    )


def _people(collectors: Collectors) -> tuple[views.Choice, ...]:
    return (views.Choice("", msgid("Choose…")), *(views.Choice(str(id), name) for id, name in collectors))
