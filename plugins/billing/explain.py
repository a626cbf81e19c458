"""Worked examples of amounts: reads a case, or a list of cases, as JSON and says what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypedDict, TypeVar

import msgspec

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.number import as_json
from plugins.billing.calculation import Calculation, compute, read_calculation
from plugins.billing.formula import FormulaError
from plugins.billing.telling import tell

T = TypeVar("T")


class Explanation(TypedDict):
    """What a case comes to, shaped like the case's `expect`: an amount in fen and how it came about, or an `error`."""

    name: str
    result: dict[str, Any]


def explain_case(case: bytes | str) -> list[Explanation]:
    """Compute one case or a list of them, given as JSON; `expect` may be there and is not compared.

    Raises ValueError naming the case and the place in it that is wrong.
    """
    return [{"name": name, "result": result} for name, result in _each(case, _result)]


def tell_case(case: bytes | str) -> Iterator[str]:
    """The same for people, in lines: the name, how it comes about, what it comes to. Raises as `explain_case`."""
    for name, told in _each(case, lambda calculation: [*tell(calculation)]):
        yield name
        yield from (f"  {line}" for line in told)


def _each(case: bytes | str, say: Callable[[Calculation], T]) -> list[tuple[str, T]]:
    try:
        decoded = msgspec.json.decode(case)
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    return [
        _said(item, number, say) for number, item in enumerate(decoded if isinstance(decoded, list) else [decoded], 1)
    ]


def _said(item: object, number: int, say: Callable[[Calculation], T]) -> tuple[str, T]:
    if not isinstance(item, dict) or not isinstance(name := item.get("name"), str):
        raise ValueError(f"case {number}: an object with a name is expected")
    facts = {key: value for key, value in item.items() if key not in ("name", "expect")}
    try:
        return name, say(read_calculation(facts))
    except ValueError as error:
        raise ValueError(f"case {number} {name!r}: {error}") from error


def _result(calculation: Calculation) -> dict[str, Any]:
    try:
        result: dict[str, Any] = msgspec.json.decode(as_json(compute(calculation)))
    except FormulaError as error:
        return {"error": error.code, "line": error.place.line, "column": error.place.column, "message": str(error)}
    except AmountError as error:
        return {"error": error.code}
    return result
