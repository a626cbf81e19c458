"""The names that a tariff's formula may use, and what is told of one that is wrong (BIL-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from core.sdk import FieldError, Invalid, msgid
from plugins.billing.amounts.history import Since
from plugins.billing.formula import Formula, FormulaError, compile_formula, unit_of
from plugins.billing.formula.nodes import Both, Call, Chain, Choice, Comparison, Condition, Name, Node
from plugins.billing.formula.tariff import A_MONTH, KnownSince
from plugins.billing.tariffs.model import Measured

NAMES: Final[dict[str, Measured]] = {
    "built": "built",
    "usable": "usable",
    "charged": "charged",
    "spaces": "spaces",
    "建筑面积": "built",
    "使用面积": "usable",
    "计费面积": "charged",
    "车位数": "spaces",
}
UNITS: Final[dict[str, str]] = {"built": "m2", "usable": "m2", "charged": "m2", "spaces": "space"}
_KNOWN: Final = {name: unit_of(UNITS[basis]) for name, basis in NAMES.items()}
_AT: Final = "Line {line}, column {column}: "
FAULTS: Final = (
    msgid("Line {line}, column {column}: the formula is longer than {most} characters"),
    msgid("Line {line}, column {column}: the formula is nested deeper than {most}"),
    msgid("Line {line}, column {column}: the formula comes to {found}, and must come to {wanted}"),
    msgid("Line {line}, column {column}: {one} and {other} do not go together"),
    msgid("Line {line}, column {column}: {why}"),
    msgid('Line {line}, column {column}: there is no "{name}"; there are: {known}'),
    msgid('Line {line}, column {column}: there is no function "{name}"; there are: {known}'),
    msgid("Line {line}, column {column}: {name} takes {wanted}, and is given {count}"),
    msgid("Line {line}, column {column}: the formula ends here; expected: {expected}"),
    msgid('Line {line}, column {column}: "{found}" cannot stand here; expected: {expected}'),
)
# what may be expected at a place, as the grammar says it
WORDS: Final = (
    msgid("a number"),
    msgid("a name"),
    msgid("a unit in []"),
    msgid("+ or -"),
    msgid("* or /"),
    msgid("a comparison such as >="),
    msgid("and"),
    msgid("or"),
    msgid("the end"),
)


def checked(text: str) -> Formula:
    """The formula, which comes to yuan a month. Raises Invalid of the field `formula` with line, column and what was
    expected there."""
    try:
        return compile_formula(text, _KNOWN, A_MONTH)
    except FormulaError as error:
        place = {"line": error.place.line, "column": error.place.column}
        raise Invalid(fields=[FieldError("formula", _AT + error.message, {**place, **error.params})]) from None


@lru_cache(maxsize=256)  # a run charges thousands of households by one formula
def names_of(text: str) -> Mapping[str, Measured]:
    """The names that a formula which is right uses, and of what each is the quantity."""
    return {name: NAMES[name] for name in _names(checked(text).root)}


def inputs(text: str, quantities: Mapping[Any, tuple[Since, ...]]) -> dict[str, KnownSince]:
    """What the formula is given: of the names that it uses, the unit's histories; none for what is not known."""
    return {name: KnownSince(UNITS[basis], quantities.get(basis, ())) for name, basis in names_of(text).items()}


def _names(part: Node | Condition) -> Iterator[str]:
    if isinstance(part, Name):
        yield part.name
    for inner in _parts(part):
        yield from _names(inner)


def _parts(part: Node | Condition) -> tuple[Node | Condition, ...]:
    match part:
        case Chain():
            return (part.first, *(link for _, _, link in part.others))
        case Call():
            return part.values
        case Choice():
            return part.condition, part.then, part.otherwise
        case Comparison():
            return part.one, part.other
        case Both():
            return part.conditions
    return ()
