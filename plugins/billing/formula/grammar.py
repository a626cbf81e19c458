"""The grammar, and what is expected where a text leaves it."""

from __future__ import annotations

from functools import cache
from typing import Final

from lark import Lark, Token, UnexpectedInput, UnexpectedToken

from plugins.billing.formula.errors import FormulaError, Place

GRAMMAR: Final = r"""
start: sum
?sum: product ((PLUS | MINUS) product)*
?product: signed ((TIMES | OVER) signed)*
?signed: MINUS signed -> negative
       | NUMBER UNIT? -> number
       | NAME -> name
       | NAME _OPEN sum (_COMMA sum)* _CLOSE -> call
       | IF _OPEN condition _COMMA sum _COMMA sum _CLOSE -> choice
       | _OPEN sum _CLOSE
?condition: both (OR both)*
?both: test (AND test)*
?test: sum COMPARISON sum -> comparison
     | _OPEN condition _CLOSE

PLUS: "+"
MINUS: "-"
TIMES: "*" | "×"
OVER: "/" | "÷"
_OPEN: "(" | "（"
_CLOSE: ")" | "）"
_COMMA: "," | "，"
COMPARISON: "<=" | ">=" | "!=" | "<" | ">" | "="
IF: "if"
AND: "and"
OR: "or"
NUMBER: /[0-9]+(\.[0-9]+)?%?/
UNIT: /\[[^\[\]\n]*\]/
NAME: /[^\W\d_]\w*/
%ignore /[ \t\r\n\u3000]+/
"""
_VALUE: Final = ("a number", "a name", '"("')
_EXPECTED: Final = {
    "UNIT": "a unit in []",
    "PLUS": "+ or -",
    "TIMES": "* or /",
    "COMPARISON": "a comparison such as >=",
    "AND": "and",
    "OR": "or",
    "_OPEN": '"("',
    "_COMMA": '","',
    "_CLOSE": '")"',
    "$END": "the end",
}


@cache
def parser() -> Lark:
    """The parser of formulas: LALR, so its time grows with the length of a text alone, and no text overflows it."""
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def place_of(token: Token) -> Place:
    """Where a token stands."""
    return Place(token.line or 1, token.column or 1)


def unexpected(error: UnexpectedInput, text: str) -> FormulaError:
    """A text that leaves the grammar: the place, what stands there, what was expected."""
    ends = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    read = text if ends or error.pos_in_stream is None else text[: error.pos_in_stream]
    place = Place(read.count("\n") + 1, len(read) - read.rfind("\n"))
    interactive = parser().parse_interactive(read)
    interactive.exhaust_lexer()
    accepted: set[str] = interactive.accepts()  # type: ignore[no-untyped-call]  # so in lark
    expected = _words(accepted)
    if ends:
        return FormulaError(place, "the formula ends here; expected: {expected}", expected=expected)
    found = error.token if isinstance(error, UnexpectedToken) else text[len(read)]
    return FormulaError(
        place, '"{found}" cannot stand here; expected: {expected}', found=str(found)[:40], expected=expected
    )


def _words(expected: set[str]) -> str:
    """Terminals in words; where a value may begin, only that is said."""
    if "NUMBER" in expected:
        return ", ".join(_VALUE)
    return ", ".join(word for terminal, word in _EXPECTED.items() if terminal in expected)
