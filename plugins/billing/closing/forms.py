"""The forms of cash closing: their fields, and what was filled in as the API takes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from core.sdk import FieldError, Invalid, msgid, views
from plugins.billing.closing.counting import SLIPPED, VALUES, Pieces, Slips
from plugins.billing.closing.model import CountedShift, NewHandover, NewShift
from plugins.billing.ledger.pages import MEANS_WORDS

_YUAN: Final = re.compile(r"(-?)([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_WHOLE: Final = re.compile(r"[0-9]{1,6}")
GOES_TO: Final = {"finance": msgid("Finance"), "bank": msgid("Bank")}


def fen(values: Mapping[str, str], name: str, least: int = 0) -> int:
    """An amount in yuan as somebody types it; 0 for an empty one. Raises Invalid."""
    text = unicodedata.normalize("NFKC", values.get(name, "")).replace(",", "").strip().removeprefix("¥")
    found = _YUAN.fullmatch(text or "0")
    amount = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0")) if found else 0
    amount = -amount if found and found[1] else amount
    if found is None or amount < least:
        raise Invalid.field(name, msgid("Enter an amount in yuan, such as 120 or 120.50."))
    return amount


def whole(values: Mapping[str, str], name: str) -> int:
    """A number of pieces; 0 for an empty one. Raises Invalid."""
    text = unicodedata.normalize("NFKC", values.get(name, "")).strip()
    if not _WHOLE.fullmatch(text or "0"):
        raise Invalid.field(name, msgid("Enter a whole number."))
    return int(text or "0")


def new_shift(values: Mapping[str, str]) -> NewShift:
    """What the form of a new shift says. Raises Invalid."""
    return NewShift(fen(values, "float_yuan"))


def counted(values: Mapping[str, str]) -> CountedShift:
    """What the form of the count says, naming every field that is wrong. Raises Invalid."""
    problems: list[FieldError] = []
    cash, slips = [], []
    for value in VALUES:
        try:
            cash.append(Pieces(value, whole(values, f"cash_{value}")))
        except Invalid as wrong:
            problems += wrong.fields
    for means in SLIPPED:
        try:
            number = whole(values, f"{means}_slips")
            slips.append(Slips(means, number, fen(values, f"{means}_yuan", -(10**12))))  # type: ignore[arg-type]
        except Invalid as wrong:
            problems += wrong.fields
    reason = values.get("reason", "").strip()
    if len(reason) > 200:
        problems.append(FieldError("reason", msgid("Use at most {n} characters."), {"n": 200}))
    if problems:
        raise Invalid(fields=problems)
    return CountedShift([each for each in cash if each.pieces], slips, reason)


def handed(values: Mapping[str, str]) -> NewHandover:
    """What the form of a handover says. Raises Invalid."""
    goes_to, slip = values.get("goes_to", ""), values.get("slip_no", "").strip()
    if goes_to not in GOES_TO:
        raise Invalid.field("goes_to", msgid("Say where the cash goes."))
    if len(slip) > 40:
        raise Invalid.field("slip_no", msgid("Use at most {n} characters."), n=40)
    return NewHandover(goes_to, fen(values, "amount_yuan", 1), slip)  # type: ignore[arg-type]


def field(
    values: Mapping[str, str], errors: Iterable[FieldError], name: str, label: str, kind: str = "text", **more: object
) -> views.Field:
    """A field with what was typed into it and what is wrong with that."""
    error = next((each for each in errors if each.field == name), FieldError(name, ""))
    given = {"value": values.get(name, ""), "error": error.message, "params": error.params}
    return views.Field(name, label, kind, **given, **more)  # type: ignore[arg-type]


def cash_fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> list[tuple[int, views.Field]]:
    """Each note and coin with the field of its number, by value in fen."""
    faults = list(errors)
    return [
        (value, field(values, faults, f"cash_{value}", msgid("Pieces"), "number", minimum=0, maximum=999_999))
        for value in VALUES
    ]


def slip_fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> list[tuple[str, views.Field, views.Field]]:
    """Each means with the fields of its slips: their number and sum."""
    faults = list(errors)
    return [
        (
            MEANS_WORDS[means],
            field(values, faults, f"{means}_slips", msgid("Number of slips"), "number", minimum=0, maximum=999_999),
            field(values, faults, f"{means}_yuan", msgid("Amount (yuan)"), maximum=14),
        )
        for means in SLIPPED
    ]
