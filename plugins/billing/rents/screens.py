"""Rent contracts as templates and workbooks show them. Labels are message ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from core.sdk import FieldError, Invalid, local_day, msgid, views
from plugins.billing.amounts.number import plain
from plugins.billing.rents.model import HOW, PER, Rent, Rise
from plugins.billing.tariffs import forms
from plugins.billing.tariffs.model import MODES, UNITS, FeeItem
from plugins.billing.tariffs.screens import Said, choices, fields

Fields = tuple[views.Field, ...]
_PLACES: Final = Decimal("0.000001")
_ROUNDED: Final = {"": msgid("Not rounded")} | {str(code): label for code, label in UNITS.items()}
_RISES: Final = {"": msgid("It stays the same")} | {str(code): label for code, label in HOW.items()}
# fields of the form by those of the API
NAMED: Final = {"unit_id": "unit", "rise": "by"}


def short(price: str) -> str:
    """A price as people read it, to six places; what is exact has more."""
    exact = Fraction(price)
    places = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{places.quantize(_PLACES):f}".rstrip("0").rstrip(".")


def rise_in_words(rise: Rise | None) -> Said | None:
    """`5 % every 12 months`."""
    if rise is None:
        return None
    if rise.how == "rate":
        of = {"percent": plain(Fraction(rise.by) * 100), "months": rise.every_months}
        return Said(msgid("{percent} % every {months} months"), of)
    return Said(msgid("{yuan} yuan every {months} months"), {"yuan": rise.by, "months": rise.every_months})


def agreed(values: Mapping[str, str]) -> dict[str, object]:
    """What was filled in of days and prices, as the API takes it. Raises Invalid naming the field."""
    filled: dict[str, object] = {"per": values.get("per", "month"), "price": forms.decimal(values, "price")}
    for name in ("first_day", "last_day"):
        filled[name] = local_day(values.get(name, "").strip())
        if filled[name] is None:
            raise Invalid.field(name, "Give a day.")
    how = values.get("how", "")
    if how:
        every = values.get("every_months", "").strip()
        if not every.isascii() or not every.isdecimal() or not 1 <= int(every[:4]) <= 240:
            raise Invalid.field("every_months", "Give a number of months, from 1 to 240.")
        by = forms.decimal(values, "by")
        by = plain(Fraction(by) / 100) if how == "rate" else by
        if len(by.partition(".")[2]) > 6:
            raise Invalid.field("by", "Give four places at most.")
        rise: dict[str, object] = {"every_months": int(every), "how": how, "by": by}
        if values.get("rounding_unit"):
            rise |= {name: values[name] for name in ("rounding_unit", "rounding_mode") if name in values}
        filled["rise"] = rise
    return filled


def as_form(rent: Rent) -> dict[str, str]:
    """What may change of a contract, as its forms show it."""
    return {"number": rent.number, "note": rent.note, "ended_on": str(rent.until)}


def new_fields(
    items: Iterable[FeeItem],
    people: Iterable[tuple[str, str]],
    values: Mapping[str, str],
    errors: Iterable[FieldError],
) -> dict[str, Fields]:
    """What a contract is asked for, in three groups: who and where, what price, how it rises. `people` are ids and
    names of who is at the unit."""
    wrong = [FieldError(NAMED.get(each.field, each.field), each.message, each.params) for each in errors]
    field = fields(values, wrong)
    tenants = (views.Choice("", msgid("Choose the tenant")), *(views.Choice(id, name) for id, name in people))
    return {
        "who": (
            field("item_id", msgid("Fee item"), "select",
                  choices=tuple(views.Choice(str(item.id), item.title) for item in items)),
            field("unit", msgid("Unit of the roll"), maximum=80, required=True),
            field("party_id", msgid("Tenant"), "select", choices=tenants, required=True,
                  help=msgid("Who is or was at the unit, says the roll: enter a new tenant there first.")),
            field("number", msgid("Contract number"), maximum=60, required=True),
        ),
        "price": (
            field("first_day", msgid("First day"), "date", required=True),
            field("last_day", msgid("Last day"), "date", required=True),
            field("price", msgid("Price (yuan)"), maximum=16, required=True),
            field("per", msgid("Price for"), "select", choices=choices(PER)),
        ),
        "rise": (
            field("how", msgid("How it rises"), "select", choices=choices(_RISES)),
            field("every_months", msgid("Every so many months"), "number", minimum=1, maximum=240),
            field("by", msgid("By how much"), maximum=16, help=msgid("5 for 5 %, or so many yuan.")),
            field("rounding_unit", msgid("Each new price"), "select", choices=choices(_ROUNDED)),
            field("rounding_mode", msgid("How it is rounded"), "select", choices=choices(MODES)),
            field("note", msgid("Note"), "textarea", maximum=500),
        ),
    }  # fmt: skip


def change_fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """Number and note."""
    field = fields(values, errors)
    return (
        field("number", msgid("Contract number"), maximum=60, required=True),
        field("note", msgid("Note"), "textarea", maximum=500),
    )


def end_fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> Fields:
    """The last day."""
    return (
        fields(values, errors)("ended_on", msgid("Last day"), "date", required=True,
                               help=msgid("The day before its first takes it back altogether.")),
    )  # fmt: skip


def there(values: Mapping[str, str]) -> bool:
    """Whether days and price are filled in, so that the steps can be shown."""
    return all(values.get(name, "").strip() for name in ("first_day", "last_day", "price"))
