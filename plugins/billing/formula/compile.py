"""From text to a formula that was checked: names are known, units fit, nothing is too long or too deep."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import msgspec
from lark import Token, Transformer_NonRecursive, UnexpectedInput, v_args
from lark.exceptions import VisitError

from plugins.billing.amounts.number import exact
from plugins.billing.formula import nodes
from plugins.billing.formula.errors import FormulaError, Place
from plugins.billing.formula.grammar import parser, place_of, unexpected
from plugins.billing.formula.nodes import Condition, Inputs, Node
from plugins.billing.formula.units import PLAIN, Unit, unit_of

LONGEST: Final = 1000
DEEPEST: Final = 30
_VALUES: Final = {"min": (2, 20), "max": (2, 20), "floor": (1, 1), "ceil": (1, 1)}
_SIGNS: Final = {"PLUS": "+", "MINUS": "-", "TIMES": "*", "OVER": "/"}
_START: Final = Place(1, 1)


class Formula(msgspec.Struct, frozen=True):
    """A formula that is right; what it comes to is in `unit`."""

    text: str
    unit: Unit
    root: Node

    def value(self, inputs: Inputs) -> Fraction:
        """What it comes to for inputs in the units they were declared in. Raises FormulaError; never nought instead."""
        return nodes.value(self.root, inputs)


def compile_formula(text: str, names: Mapping[str, Unit], unit: Unit) -> Formula:
    """The formula that may use these names and must come to that unit. Raises FormulaError naming the place."""
    if len(text) > LONGEST:
        raise FormulaError(_START, "the formula is longer than {most} characters", most=str(LONGEST))
    try:
        root: Node = _Checked(names).transform(parser().parse(text))
    except UnexpectedInput as error:
        raise unexpected(error, text) from None
    except VisitError as error:
        raise error.orig_exc from None
    if root.unit != unit:
        raise FormulaError(
            _START, "the formula comes to {found}, and must come to {wanted}", found=str(root.unit), wanted=str(unit)
        )
    return Formula(text, unit, root)


def _depth(*parts: Node | Condition) -> int:
    depth = 1 + max(part.depth for part in parts)
    if depth > DEEPEST:
        raise FormulaError(_START, "the formula is nested deeper than {most}", most=str(DEEPEST))
    return depth


def _chain(unit: Unit, first: Node, rest: tuple[Any, ...]) -> Node:
    """A sum or a product; `rest` is signs and parts by turns."""
    links = tuple((_SIGNS[sign.type], place_of(sign), part) for sign, part in zip(rest[::2], rest[1::2], strict=True))
    return nodes.Chain(unit, first, links, _depth(first, *rest[1::2]))


def _same(place: Place, one: Unit, other: Unit) -> None:
    if one != other:
        raise FormulaError(place, "{one} and {other} do not go together", one=str(one), other=str(other))


@v_args(inline=True)
class _Checked(Transformer_NonRecursive[Token, Any]):
    """Makes nodes of what was read, the inner ones first."""

    def __init__(self, names: Mapping[str, Unit]) -> None:
        super().__init__(visit_tokens=False)
        self._names: Final = names

    def start(self, root: Node) -> Node:
        return root

    def number(self, number: Token, unit: Token | None = None) -> Node:
        place = place_of(number)
        try:
            value = exact(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
            if unit is None:
                return nodes.Number(PLAIN, value)
            place = place_of(unit)
            return nodes.Number(unit_of(unit[1:-1]), value)
        except ValueError as error:
            raise FormulaError(place, "{why}", why=str(error)) from None

    def name(self, name: Token) -> Node:
        if name not in self._names:
            raise FormulaError(
                place_of(name),
                'there is no "{name}"; there are: {known}',
                name=str(name)[:40],
                known=", ".join(self._names),
            )
        return nodes.Name(self._names[name], str(name), place_of(name))

    def negative(self, sign: Token, part: Node) -> Node:
        nought = nodes.Number(part.unit, Fraction(0))
        return nodes.Chain(part.unit, nought, (("-", place_of(sign), part),), _depth(part))

    def sum(self, first: Node, *rest: Any) -> Node:
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            _same(place_of(sign), first.unit, term.unit)
        return _chain(first.unit, first, rest)

    def product(self, first: Node, *rest: Any) -> Node:
        unit = first.unit
        for sign, part in zip(rest[::2], rest[1::2], strict=True):
            unit = unit * part.unit if sign.type == "TIMES" else unit / part.unit
        return _chain(unit, first, rest)

    def call(self, function: Token, *values: Node) -> Node:
        place = place_of(function)
        if function not in _VALUES:
            raise FormulaError(
                place,
                'there is no function "{name}"; there are: {known}',
                name=str(function)[:40],
                known=", ".join((*_VALUES, "if")),
            )
        least, most = _VALUES[function]
        if not least <= len(values) <= most:
            wanted = "1 value" if most == 1 else f"{least} to {most} values"
            told = "{name} takes {wanted}, and is given {count}"
            raise FormulaError(place, told, name=str(function), wanted=wanted, count=str(len(values)))
        for value in values:
            _same(place, values[0].unit, value.unit)
        return nodes.Call(values[0].unit, str(function), values, _depth(*values))

    def choice(self, word: Token, condition: Condition, then: Node, otherwise: Node) -> Node:
        _same(place_of(word), then.unit, otherwise.unit)
        return nodes.Choice(then.unit, condition, then, otherwise, _depth(condition, then, otherwise))

    def comparison(self, one: Node, sign: Token, other: Node) -> Condition:
        _same(place_of(sign), one.unit, other.unit)
        return nodes.Comparison(str(sign), one, other, _depth(one, other))

    def both(self, *conditions: Any) -> Condition:
        return nodes.Both(True, conditions[::2], _depth(*conditions[::2]))

    def condition(self, *conditions: Any) -> Condition:
        return nodes.Both(False, conditions[::2], _depth(*conditions[::2]))
