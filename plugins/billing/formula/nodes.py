"""What a formula is made of, and what each part comes to. A part knows its unit; how deep it may be is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

import msgspec

from plugins.billing.formula.errors import FormulaError, Place
from plugins.billing.formula.units import Unit

Inputs = Mapping[str, Fraction]
LONGEST_BITS: Final = 2048  # exact numbers grow with each step; no tariff needs 600 digits, and none may take the time
FUNCTIONS: Final[dict[str, Callable[[list[Fraction]], Fraction]]] = {
    "min": min,
    "max": max,
    "floor": lambda values: Fraction(math.floor(values[0])),
    "ceil": lambda values: Fraction(math.ceil(values[0])),
}
OPERATIONS: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
}
COMPARISONS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


class Number(msgspec.Struct, frozen=True):
    unit: Unit
    value: Fraction
    depth: int = 1


class Name(msgspec.Struct, frozen=True):
    unit: Unit
    name: str
    place: Place
    depth: int = 1


class Chain(msgspec.Struct, frozen=True):
    """A sum or a product: the first part, and the others one after the other, each with its sign and where that is."""

    unit: Unit
    first: Node
    others: tuple[Link, ...]
    depth: int


class Call(msgspec.Struct, frozen=True):
    unit: Unit
    function: str
    values: tuple[Node, ...]
    depth: int


class Choice(msgspec.Struct, frozen=True):
    """One or the other; what is not chosen is not computed, so it may guard a division."""

    unit: Unit
    condition: Condition
    then: Node
    otherwise: Node
    depth: int


class Comparison(msgspec.Struct, frozen=True):
    sign: str
    one: Node
    other: Node
    depth: int


class Both(msgspec.Struct, frozen=True):
    """All of the conditions, or any of them."""

    every: bool
    conditions: tuple[Condition, ...]
    depth: int


Link = tuple[str, Place, "Node"]
Node = Number | Name | Chain | Call | Choice
Condition = Comparison | Both


def value(node: Node, inputs: Inputs) -> Fraction:
    """What it comes to. Raises FormulaError for an input that is missing and for a division by nought."""
    match node:
        case Number():
            return node.value
        case Name():
            if node.name not in inputs:
                raise FormulaError(node.place, "{name} has no value", name=node.name)
            return inputs[node.name]
        case Chain():
            result = value(node.first, inputs)
            for sign, place, part in node.others:
                result = _linked(result, sign, value(part, inputs), place)
            return result
        case Call():
            return FUNCTIONS[node.function]([value(each, inputs) for each in node.values])
        case Choice():
            return value(node.then if holds(node.condition, inputs) else node.otherwise, inputs)


def _linked(one: Fraction, sign: str, other: Fraction, place: Place) -> Fraction:
    if sign == "/" and not other:
        raise FormulaError(place, "what is divided by is 0")
    result = OPERATIONS[sign](one, other)
    if max(result.numerator.bit_length(), result.denominator.bit_length()) > LONGEST_BITS:
        raise FormulaError(place, "the number becomes too long")
    return result


def holds(condition: Condition, inputs: Inputs) -> bool:
    """Whether it is so. Raises as `value` does."""
    match condition:
        case Comparison():
            return COMPARISONS[condition.sign](value(condition.one, inputs), value(condition.other, inputs))
        case Both():
            decided = (holds(each, inputs) for each in condition.conditions)
            return all(decided) if condition.every else any(decided)
