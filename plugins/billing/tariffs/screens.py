"""Tariffs as templates show them: fields of forms, and prices in words. Labels are message ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from core.sdk import FieldError, View, amount_for, msgid, views
from plugins.billing.tariffs.formulas import WORDS
from plugins.billing.tariffs.model import (
    BASES,
    CYCLES,
    MODES,
    PAYERS,
    PRORATES,
    UNITS,
    Basis,
    Example,
    FeeItem,
    TariffVersion,
    in_words,
)
from plugins.billing.telling import yuan

PRICES: Final[dict[Basis, str]] = {
    "built": msgid("{price} yuan a month per m² of built area"),
    "usable": msgid("{price} yuan a month per m² of usable area"),
    "charged": msgid("{price} yuan a month per m² of charged area"),
    "spaces": msgid("{price} yuan a month per parking space"),
    "fixed": msgid("{price} yuan a month per household"),
    "once": msgid("{price} yuan each time"),
}
_GIVEN: Final[dict[Basis, str]] = {
    "built": msgid("{n} m² of built area"),
    "usable": msgid("{n} m² of usable area"),
    "charged": msgid("{n} m² of charged area"),
    "spaces": msgid("parking spaces: {n}"),
    "fixed": msgid("households: {n}"),
    "meter": msgid("used: {n}"),
    "once": msgid("times: {n}"),
}
_NUMBERED: Final = re.compile(r"[0-9A-Z-]+")
_OF_A_MONTH: Final = msgid("{given}, full month: {yuan} yuan")
_OF_USE: Final = msgid("{given}: {yuan} yuan")
_OF_NOTHING: Final = msgid("{given}, full month: the formula comes to no amount")
# what templates call the codes of items and versions
WORDS_OF: Final[dict[str, Mapping[Any, str]]] = {
    "BASES": BASES,
    "CYCLES": CYCLES,
    "PAYERS": PAYERS,
    "PRORATES": PRORATES,
    "UNITS": UNITS,
    "MODES": MODES,
}


class Said(msgspec.Struct, frozen=True):
    """A message and what fills it."""

    message: str
    params: Mapping[str, object]


def price(item: FeeItem, version: TariffVersion) -> Said:
    """What a version costs, in words."""
    if len(version.tiers) == 1:
        return Said(msgid("{price} yuan for each unit used"), {"price": version.tiers[0].price})
    if version.tiers:
        return Said(msgid("Yuan for each unit used, by tiers: {tiers}"), {"tiers": in_words(version.tiers)})
    if item.basis == "rent":
        return Said(msgid("As its contracts say"), {})
    if version.price is None:
        return Said(msgid("By formula: {formula}"), {"formula": version.formula})
    return Said(PRICES[item.basis], {"price": version.price})


def worked(view: View, held: frozenset[str], example: Example) -> str:
    """`90 m² of built area, full month: 225.00 yuan`, in the reader's language."""
    given = view.listed(view.say(_GIVEN[each.basis], n=each.value) for each in example.given)
    if example.amount_fen is None:
        return view.say(_OF_NOTHING, given=given)
    said = _OF_USE if any(each.basis in ("meter", "once") for each in example.given) else _OF_A_MONTH
    return view.say(said, given=given or "—", yuan=amount_for(held, yuan(example.amount_fen)))


def building(name: str) -> str:
    """A building of the roll as people say it: `3幢` for `3`; one with a name keeps it."""
    return f"{name}幢" if _NUMBERED.fullmatch(name) else name


def choices(words: Mapping[Any, str]) -> tuple[views.Choice, ...]:
    """Codes with their labels, to choose one of."""
    return tuple(views.Choice(code, label) for code, label in words.items())


def fields(values: Mapping[str, str], errors: Iterable[FieldError]) -> Callable[..., views.Field]:
    """Makes a form's fields: `field(name, label, kind, …)`, as filled in and with what is wrong."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, ""), **{**more, **said})

    return field


def expected_in_words(view: View, errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """What a formula is expected to have at a place, in the reader's language too."""

    def said(error: FieldError) -> FieldError:
        expected = error.params.get("expected")
        if not isinstance(expected, str):
            return error
        words = [view.say(word) if word in WORDS else word for word in expected.split(", ")]
        return msgspec.structs.replace(error, params={**error.params, "expected": view.listed(words)})

    return tuple(said(error) for error in errors)


def version_seen(values: Mapping[str, str]) -> int:
    """The version that a form was filled in for; 0 for none."""
    return int(values["version"]) if values.get("version", "").isdecimal() else 0
