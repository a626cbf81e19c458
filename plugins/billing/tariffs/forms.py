"""The forms of fee items: their fields, and what was filled in as the API takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from core.sdk import FieldError, Invalid, local_day, msgid, views
from plugins.billing.tariffs.example import version_of
from plugins.billing.tariffs.model import (
    BASES,
    CYCLES,
    MODES,
    PAYERS,
    PRORATES,
    UNITS,
    Assignment,
    Basis,
    FeeItem,
    ItemDetail,
    TariffVersion,
)
from plugins.billing.tariffs.screens import Said, building, choices, fields, price

Fields = tuple[views.Field, ...]
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHARGED: Final = {"true": msgid("Charged"), "false": msgid("Exempt")}


class ItemRow(msgspec.Struct, frozen=True):
    """An item in the list, with today's price in words and the next one."""

    item: FeeItem
    price: Said | None
    since: date | None
    coming: Said | None
    coming_from: date | None
    ended: bool


class VersionRow(msgspec.Struct, frozen=True):
    """A version in the history: in force today, replaced by another from the same day, or still to come."""

    version: TariffVersion
    price: Said
    state: views.Word | None


class Dialog(msgspec.Struct, frozen=True):
    """What is asked for in a dialog."""

    name: str
    fields: Fields


def history(detail: ItemDetail, today: date) -> list[VersionRow]:
    """The versions with how they stand."""

    def state(version: TariffVersion) -> views.Word | None:
        if version_of(detail.versions, version.valid_from) != version:
            return views.Word("replaced", msgid("replaced"))
        if version.valid_from > today:
            return views.Word("coming", msgid("coming"), "info")
        return views.Word("in_force", msgid("in force"), "ok") if version == detail.in_force else None

    return [VersionRow(version, price(detail.item, version), state(version)) for version in detail.versions]


def item(values: Mapping[str, str], *, new: bool = False) -> dict[str, object]:
    """A form of an item as the API takes it. Raises Invalid for a code that is none."""
    names = ("title", "cycle", "payer", "collected_for") + (("code", "basis") if new else ())
    filled: dict[str, object] = {name: values.get(name, "").strip() for name in names}
    if new and not _CODE.fullmatch(str(filled["code"])):
        raise Invalid.field("code", "Give small letters, digits and _ only, a letter first.")
    if not filled["title"]:
        raise Invalid.field("title", "Give it a name.")
    return {**filled, "due_days": values.get("due_days", "").strip(), "ended_on": _day(values, "ended_on")}


def version(values: Mapping[str, str]) -> dict[str, object]:
    """A form of a version as the API takes it. Raises Invalid for a price that is no number, a tier that is none."""
    names = ("formula", "prorate", "rounding_unit", "rounding_mode", "note")
    return {
        **{name: values[name].strip() for name in names if name in values},
        "price": decimal(values, "price") if values.get("price", "").strip() else None,
        "valid_from": _needed(values, "valid_from"),
        "tiers": [_tier(line) for line in values.get("tiers", "").splitlines() if line.strip()],
    }


def _tier(line: str) -> dict[str, str | None]:
    parts = line.replace(":", " ").replace("：", " ").split()
    if not 1 <= len(parts) <= 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise Invalid.field(
            "tiers", "Give a tier a line: up to how much, and the price. The last line is a price alone."
        )
    return {"up_to": parts[0] if len(parts) == 2 else None, "price": parts[-1]}


def assignment(values: Mapping[str, str]) -> dict[str, object]:
    """A form of a line as the API takes it; the unit is looked up."""
    return {
        "building": values.get("building", "").strip(),
        "since": _needed(values, "since"),
        **assignment_change(values),
    }


def assignment_change(values: Mapping[str, str]) -> dict[str, object]:
    """What may change of a line, as the API takes it."""
    return {"until": _day(values, "until"), "charged": values.get("charged", "true") == "true"}


def decimal(values: Mapping[str, str], name: str) -> str:
    """A number as people write it. Raises Invalid."""
    text = values.get(name, "").strip()
    if not _NUMBER.fullmatch(text):
        raise Invalid.field(name, "Give a number such as 2.35.")
    return text


def _needed(values: Mapping[str, str], name: str) -> date:
    day = _day(values, name)
    if day is None:
        raise Invalid.field(name, "Give a day.")
    return day


def _day(values: Mapping[str, str], name: str) -> date | None:
    return local_day(values.get(name, "").strip())


def as_item(item: FeeItem) -> dict[str, str]:
    """An item as its form shows it."""
    shown = {name: str(getattr(item, name)) for name in ("title", "cycle", "payer", "due_days", "collected_for")}
    return {**shown, "ended_on": str(item.ended_on or "")}


def as_version(current: TariffVersion | None, today: date) -> dict[str, str]:
    """The form of a version: as today's, from today on."""
    if current is None:
        return {"valid_from": str(today)}
    names = ("formula", "prorate", "rounding_unit", "rounding_mode")
    shown = {name: str(getattr(current, name)) for name in names}
    tiers = "\n".join(" ".join(filter(None, (tier.up_to, tier.price))) for tier in current.tiers)
    return {**shown, "price": current.price or "", "tiers": tiers, "valid_from": str(today)}


def as_line(line: Assignment) -> dict[str, str]:
    """A line as its form shows it."""
    return {"until": str(line.until or ""), "charged": "true" if line.charged else "false"}


def item_fields(values: Mapping[str, str], errors: Iterable[FieldError], *, new: bool = False) -> Fields:
    """What an item is asked for; code and basis of a new one alone."""
    field = fields(values, errors)
    fixed: tuple[Any, ...] = (
        field("code", msgid("Code"), maximum=40, required=True, help=msgid("For programs, such as property_fee.")),
        field("basis", msgid("Basis"), "select", choices=choices(BASES), help=msgid("Stays as it is.")),
    )
    return (
        field("title", msgid("Title"), maximum=60, required=True),
        *(fixed if new else ()),
        field("cycle", msgid("Billed"), "select", choices=choices(CYCLES)),
        field("payer", msgid("Paid by"), "select", choices=choices(PAYERS)),
        field("due_days", msgid("Days to pay"), "number", minimum=0, maximum=366, required=True,
              help=msgid("After the first day of the period.")),
        field("collected_for", msgid("Collected for"), maximum=60,
              help=msgid("Whose money it is, if not the company's: water, electricity, gas.")),
        field("ended_on", msgid("Last day"), "date", help=msgid("Empty: until further notice.")),
    )  # fmt: skip


def version_fields(values: Mapping[str, str], errors: Iterable[FieldError], basis: Basis = "fixed") -> Fields:
    """What a version of an item of that basis is asked for."""
    field = fields(values, errors)
    asked: tuple[views.Field, ...] = (
        field("price", msgid("Price (yuan a month)"), maximum=16, help=msgid("Leave empty where a formula says it.")),
        field("formula", msgid("Formula"), "textarea", maximum=1000,
              help=msgid("Comes to yuan a month. Names: built, usable, charged, spaces, or 建筑面积, 使用面积, "
                         "计费面积, 车位数. Such as min(built, 90[m2]) * 2[yuan/m2/month].")),
        field("prorate", msgid("Days of a part of a month"), "select", choices=choices(PRORATES)),
    )  # fmt: skip
    if basis == "meter":
        asked = (
            field("tiers", msgid("Tiers (yuan for each unit used)"), "textarea", maximum=400, required=True,
                  help=msgid("A tier a line: up to how much, and the price, such as 180 3.45. The last line is the "
                             "price of all the rest; where there is one price only, it stands alone.")),
        )  # fmt: skip
    elif basis == "rent":
        asked = asked[2:]
    elif basis == "once":
        asked = (field("price", msgid("Price (yuan each time)"), maximum=16, required=True),)
    return (
        field("valid_from", msgid("From"), "date", required=True),
        *asked,
        field("rounding_unit", msgid("Rounded"), "select", choices=choices(UNITS)),
        field("rounding_mode", msgid("How it is rounded"), "select", choices=choices(MODES)),
        field("note", msgid("Note for the price list"), "textarea", maximum=500),
    )  # fmt: skip


def assignment_fields(buildings: Sequence[str], values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """What a line is asked for."""
    wrong = [msgspec.structs.replace(e, field="unit") if e.field == "unit_id" else e for e in errors]
    field = fields(values, wrong)
    places = (views.Choice("", msgid("The whole site")), *(views.Choice(each, building(each)) for each in buildings))
    return (
        field("building", msgid("Building"), "select", choices=places),
        field("unit", msgid("Unit of the roll"), maximum=80,
              help=msgid("For a single unit, as the roll names it; leave the building at the whole site.")),
        field("since", msgid("From"), "date", required=True),
        field("until", msgid("Until"), "date", help=msgid("Empty: until further notice.")),
        field("charged", msgid("Charged here"), "select", choices=choices(_CHARGED)),
    )  # fmt: skip


def line_fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """What may change of a line."""
    field = fields(values, errors)
    return (
        field("until", msgid("Until"), "date", help=msgid("Empty: until further notice.")),
        field("charged", msgid("Charged here"), "select", choices=choices(_CHARGED)),
    )
