"""Meters as templates show them: rows, fields of forms, what was filled in. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import FieldError, Invalid, local_day, msgid, read_form, views
from plugins.billing.meters.model import Fault, Meter, MeterChange, MonthReading, NewMeter, NewReading, SetUp
from plugins.billing.tariffs.model import FeeItem
from plugins.billing.tariffs.screens import fields

PROBLEMS: Final = {
    "reading_went_back": msgid("It went back"),
    "implausible": msgid("Not plausible"),
}
KINDS: Final = {
    "reading": msgid("Reading"),
    "replacement": msgid("Replacement"),
    "withdrawn": msgid("Withdrawn"),
}
Fields = tuple[views.Field, ...]


class ReadingRow(msgspec.Struct, frozen=True):
    """A meter in a month as a row; `typed` is what was typed and refused, `fault` why."""

    month: MonthReading
    value: str
    problem: str
    fault: Fault | None = None
    done: bool = False


def row(month: MonthReading, typed: str | None = None, fault: Fault | None = None, *, done: bool = False) -> ReadingRow:
    """The row, with what is wrong in it."""
    value = month.value or "" if typed is None else typed
    return ReadingRow(month, value, PROBLEMS.get(month.problem or "", ""), fault, done)


def reading(values: Mapping[str, str], kind: str = "reading") -> NewReading:
    """A form of a reading. Raises Invalid naming the field."""
    filled: dict[str, Any] = {"kind": kind, "day": day(values, "day")}
    if kind != "withdrawn":
        filled["value"] = number(values, "value")
    if kind == "replacement":
        filled["old_final"] = number(values, "old_final")
    return read_form(filled, NewReading)


def number(values: Mapping[str, str], name: str) -> str:
    """What a meter shows, as people write it. Raises Invalid."""
    text = values.get(name, "").strip().replace(",", "").replace("，", "")
    whole, point, part = text.partition(".")
    fits = whole.isascii() and whole.isdecimal() and len(whole) <= 11
    if not fits or (point and not (part.isascii() and part.isdecimal() and len(part) <= 3)):
        raise Invalid.field(name, "Give what the meter shows, such as 1234.5.")
    return text


def day(values: Mapping[str, str], name: str) -> date:
    """A day of a form. Raises Invalid without one."""
    found = local_day(values.get(name, "").strip())
    if found is None:
        raise Invalid.field(name, "Give a day.")
    return found


def new_meter(values: Mapping[str, str], unit_id: UUID | None) -> NewMeter:
    """A form of a meter; the unit is looked up. Raises Invalid."""
    initial = number(values, "initial") if values.get("initial", "").strip() else None
    filled = {**_change(values), "item_id": values.get("item_id", ""), "unit_id": unit_id, "initial": initial}
    return read_form({**filled, "installed_on": day(values, "installed_on")}, NewMeter)


def set_up(values: Mapping[str, str]) -> SetUp:
    """A form for many meters. Raises Invalid."""
    filled = {"item_id": values.get("item_id", ""), "digits": values.get("digits", "").strip() or None}
    return read_form({**filled, "installed_on": day(values, "installed_on")}, SetUp)


def change(values: Mapping[str, str]) -> MeterChange:
    """A form of what may change of a meter. Raises Invalid."""
    return read_form(_change(values), MeterChange)


def _change(values: Mapping[str, str]) -> dict[str, object]:
    return {
        "number": values.get("number", "").strip(),
        "label": values.get("label", "").strip(),
        "digits": values.get("digits", "").strip() or None,
        "multiplier": values.get("multiplier", "").strip() or "1",
        "removed_on": local_day(values.get("removed_on", "").strip()),
    }


def as_meter(meter: Meter) -> dict[str, str]:
    """A meter as its form shows it."""
    names = ("number", "label", "digits", "multiplier", "removed_on")
    return {name: str(getattr(meter, name) or "") for name in names}


def items(found: Iterable[FeeItem], *bases: str) -> tuple[views.Choice, ...]:
    """Items that meters can be for, to choose one of."""
    return tuple(views.Choice(str(item.id), item.title) for item in found if item.basis in bases)


def meter_fields(
    values: Mapping[str, str], errors: Iterable[FieldError], choices: Sequence[views.Choice] = (), *, new: bool = False
) -> Fields:
    """What a meter is asked for; item, unit and first reading of a new one alone."""
    wrong = [msgspec.structs.replace(e, field="unit") if e.field == "unit_id" else e for e in errors]
    field = fields(values, wrong)
    fixed: Fields = (
        field("item_id", msgid("Fee item"), "select", choices=tuple(choices)),
        field("unit", msgid("Unit of the roll"), maximum=80,
              help=msgid("As the roll names it. Empty for a meter of what households share.")),
        field("installed_on", msgid("Installed on"), "date", required=True),
        field("initial", msgid("Reading when it was installed"), maximum=16,
              help=msgid("Empty: its first reading is where it begins.")),
    )  # fmt: skip
    return (
        *(fixed if new else ()),
        field("number", msgid("Meter number"), maximum=40),
        field("label", msgid("Where it is"), maximum=60),
        field("digits", msgid("Digits before the point"), "number", minimum=1, maximum=11,
              help=msgid("So that it is known when it turns over. Empty: it never does.")),
        field("multiplier", msgid("Each worth"), maximum=10,
              help=msgid("How many units one on the dial stands for, such as 40 behind a current transformer.")),
        *(() if new else (field("removed_on", msgid("Removed on"), "date", help=msgid("Empty: it is there.")),)),
    )  # fmt: skip


def set_up_fields(values: Mapping[str, str], errors: Iterable[FieldError], choices: Sequence[views.Choice]) -> Fields:
    """What is asked for to set many meters up."""
    field = fields(values, errors)
    return (
        field("item_id", msgid("Fee item"), "select", choices=tuple(choices),
              help=msgid("Each unit where it is charged gets a meter, if it has none.")),
        field("installed_on", msgid("From"), "date", required=True),
        field("digits", msgid("Digits before the point"), "number", minimum=1, maximum=11),
    )  # fmt: skip


def reading_fields(values: Mapping[str, str], errors: Iterable[FieldError], kind: str) -> Fields:
    """What a reading is asked for, or a replacement."""
    field = fields(values, errors)
    on = field("day", msgid("Day"), "date", required=True)
    if kind == "reading":
        return on, field("value", msgid("Reading"), maximum=16, required=True)
    return (
        on,
        field("old_final", msgid("Old meter at last"), maximum=16, required=True),
        field("value", msgid("New meter at first"), maximum=16, required=True),
    )
