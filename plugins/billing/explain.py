"""Worked examples of amounts: reads a case, or a list of cases, as JSON and says what it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import msgspec

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.number import as_json
from plugins.billing.calculation import compute, read_calculation
from plugins.billing.formula import FormulaError


class Explanation(TypedDict):
    """What a case comes to, shaped like the case's `expect`: an amount in fen and how it came about, or an `error`."""

    name: str
    result: dict[str, Any]


def explain_case(case: bytes | str) -> list[Explanation]:
    """Compute one case or a list of them, given as JSON; `expect` may be there and is not compared.

    Raises ValueError naming the case and the place in it that is wrong.
    """
    try:
        decoded = msgspec.json.decode(case)
    except msgspec.DecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    cases = decoded if isinstance(decoded, list) else [decoded]
    return [_explain(item, number) for number, item in enumerate(cases, 1)]


def _explain(item: object, number: int) -> Explanation:
    if not isinstance(item, dict) or not isinstance(name := item.get("name"), str):
        raise ValueError(f"case {number}: an object with a name is expected")
    facts = {key: value for key, value in item.items() if key not in ("name", "expect")}
    try:
        result = msgspec.json.decode(as_json(compute(read_calculation(facts))))
    except FormulaError as error:
        result = {"error": error.code, "line": error.place.line, "column": error.place.column, "message": str(error)}
    except AmountError as error:
        result = {"error": error.code}
    except ValueError as error:
        raise ValueError(f"case {number} {name!r}: {error}") from error
    return {"name": name, "result": result}


def lines(explanation: Explanation) -> Iterator[str]:
    """It in words for a terminal: the name, then what it comes to, a line each."""
    yield explanation["name"]
    for key, value in explanation["result"].items():
        match value:
            case [{"fraction": _}, *_]:
                yield from (f"  {part['from']} to {part['to']}: {part['fraction']} month" for part in value)
            case dict():
                yield from (f"  {id}: {yuan(fen)}" for id, fen in value.items())
            case list():
                yield from (f"  {number}: {yuan(fen)}" for number, fen in enumerate(value, 1))
            case int():
                yield f"  {key.removesuffix('_fen')}: {yuan(value)}"
            case str():
                yield f"  {key}: {value}"


def yuan(fen: int) -> str:
    """An amount for people: `-12.05`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"
