"""How the JSON value of one leaf becomes the values of HTML inputs, and back.

Names are paths: `week.mon`; the parts of a duration are `urgent.arrival.amount|unit|clock`; rows repeat
`categories.key`, … once per row. What cannot be read is handed on as text, for validation to name the mend.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import msgspec

from core.policies.schema import Entries, Fields, Items, Json, Leaf, Scalar
from core.policies.values import Duration
from core.sla.model import ClockKind, Unit

Kind: TypeAlias = Literal[
    "text",
    "textarea",
    "script",
    "number",
    "boolean",
    "select",
    "choices",
    "date",
    "duration",
    "shifts",
    "dates",
    "lines",
    "rows",
]
Inputs: TypeAlias = dict[str, list[str]]

NONE = "none"
UNITS: tuple[str, ...] = get_args(Unit)
CLOCKS: tuple[str, ...] = get_args(ClockKind)
_DASHES = str.maketrans({"–": "-", "—": "-", "~": "-", "～": "-", "至": "-", "：": ":"})
_COMMAS = str.maketrans({"，": ",", "、": ",", ";": ",", "；": ",", "\r": ",", "\n": ","})


def kind_of(node: Leaf) -> Kind:
    """The control a leaf is shown with."""
    if isinstance(node, Entries):
        return "dates"
    if isinstance(node, Items):
        if isinstance(node.item, Fields):
            return "rows"
        return "shifts" if node.is_shifts else "choices" if kind_of(node.item) == "select" else "lines"
    if node.base is Duration:
        return "duration"
    if node.words or (node.base is bool and node.nullable) or (node.base is str and node.about.labels):
        return "select"
    if node.base is str:
        return "script" if node.about.placeholders else "textarea" if node.about.kind == "textarea" else "text"
    return "boolean" if node.base is bool else "number" if node.base in (int, float) else "date"


def columns(node: Leaf) -> dict[str, Leaf]:
    """The cells of one row of a list of objects, or of the special days of a calendar."""
    if isinstance(node, Items) and isinstance(node.item, Fields):
        return {name: child for name, child in node.item.fields.items() if isinstance(child, Scalar | Items)}
    assert isinstance(node, Entries) and isinstance(node.item, Items)
    return {"date": Scalar(node.key, msgspec.structs.replace(node.about, title="Date"), node.key), "shifts": node.item}


def choices(node: Leaf) -> tuple[str, ...]:
    """What a select offers, '' being no value, and what a list of words may hold."""
    if isinstance(node, Items) and kind_of(node) == "choices":
        return choices(node.item)  # type: ignore[arg-type]
    if not isinstance(node, Scalar) or kind_of(node) != "select":
        return ()
    named = tuple(node.about.labels) if node.base is str else ("true", "false")
    return ("",) * node.nullable + (node.words or named)


def units(node: Leaf) -> tuple[str, ...]:
    """What the unit of a duration offers: besides units the words it may be instead, and `none`."""
    words = node.words if isinstance(node, Scalar) else ()
    return (*words, *UNITS, *(NONE,) * (isinstance(node, Scalar) and node.nullable))


def render(node: Leaf, name: str, value: Json) -> Inputs:
    """The posted form of a value. Lists of rows end in a blank one, so that an empty list is posted too."""
    kind = kind_of(node)
    if kind in ("rows", "dates"):
        rows = [_render_row(node, name, row) for row in _rows(value)] + [blank_row(node, name)]
        return {cell: [row[cell][0] for row in rows] for cell in rows[0]}
    if kind == "duration":
        parts = value if isinstance(value, dict) else {"unit": NONE if value is None else value}
        return {f"{name}.{part}": [_text(parts.get(part))] for part in ("amount", "unit", "clock")}
    if isinstance(value, list):
        spans = kind == "shifts"
        return {name: [", ".join(map(_span, value)) if spans else "\n".join(map(_text, value))]}
    return {name: [_text(value)]}


def blank_row(node: Leaf, name: str) -> Inputs:
    """The inputs of a row nobody has filled in: defaults, and the first choice of a select."""
    values: Inputs = {}
    defaults = node.item.defaults if isinstance(node, Items) and isinstance(node.item, Fields) else {}
    for column, child in columns(node).items():
        offered = choices(child)  # a browser posts the first of them
        first: Json = {"unit": "minutes", "clock": "elapsed"} if kind_of(child) == "duration" else None
        first = next(iter(offered), None) if kind_of(child) == "select" else first
        first = False if kind_of(child) == "boolean" else first
        values |= render(child, f"{name}.{column}", defaults.get(column, first))
    return values


def parse(node: Leaf, name: str, form: Mapping[str, list[str]]) -> Json | msgspec.UnsetType:
    """The JSON value that was posted for a leaf; UNSET if the form does not have it."""
    kind = kind_of(node)
    if kind in ("rows", "dates"):
        return _parse_rows(node, name, form)
    if kind == "duration":
        return _parse_duration(node, name, form)
    if not form.get(name):
        return msgspec.UNSET
    posted = form[name][-1].replace("\r\n", "\n")
    if kind == "shifts":
        return [_parse_span(part) for part in posted.translate(_DASHES).translate(_COMMAS).split(",") if part.strip()]
    if isinstance(node, Items) and isinstance(node.item, Scalar):
        return [_parse_scalar(node.item, line.strip()) for line in posted.split("\n") if line.strip()]
    return _parse_scalar(node, posted if kind in ("textarea", "script") else posted.strip())


def posted_rows(node: Leaf, name: str, form: Mapping[str, list[str]]) -> list[Inputs]:
    """What was posted row by row; a list that is too short counts as blank at its end."""
    blank = blank_row(node, name)
    count = max(len(form.get(cell, ())) for cell in blank)
    return [
        {cell: [form[cell][index]] if index < len(form.get(cell, ())) else default for cell, default in blank.items()}
        for index in range(count)
    ]


def _rows(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [{"date": day, "shifts": shifts} for day, shifts in sorted(value.items())]
    return value if isinstance(value, list) else []


def _render_row(node: Leaf, name: str, row: Json) -> Inputs:
    assert isinstance(row, dict)
    cells: Inputs = {}
    for column, child in columns(node).items():
        cells |= render(child, f"{name}.{column}", row.get(column))
    return cells


def _parse_rows(node: Leaf, name: str, form: Mapping[str, list[str]]) -> Json | msgspec.UnsetType:
    rows = posted_rows(node, name, form)
    if not rows:
        return msgspec.UNSET
    blank = blank_row(node, name)
    parsed: list[dict[str, Json]] = []
    for row in rows:
        if row != blank:
            values = {column: parse(child, f"{name}.{column}", row) for column, child in columns(node).items()}
            parsed.append({column: value for column, value in values.items() if value is not msgspec.UNSET})
    if kind_of(node) == "rows":
        return list(parsed)
    return {str(row["date"] or ""): row["shifts"] for row in parsed}


def _parse_duration(node: Leaf, name: str, form: Mapping[str, list[str]]) -> Json | msgspec.UnsetType:
    assert isinstance(node, Scalar)
    posted = {
        part: form[f"{name}.{part}"][-1].strip() for part in ("amount", "unit", "clock") if form.get(f"{name}.{part}")
    }
    unit = posted.get("unit")
    if unit is None:
        return msgspec.UNSET
    if unit in node.words:
        return unit
    if unit == NONE and node.nullable:
        return None
    amount: Json = _number(int, posted.get("amount", ""))
    return {"amount": amount, "unit": unit, "clock": posted.get("clock") or "elapsed"}


def _parse_scalar(node: Leaf, posted: str) -> Json:
    assert isinstance(node, Scalar)
    if not posted and node.nullable:
        return None
    if node.base is bool:
        return posted == "true" if posted in ("true", "false") else posted
    return _number(node.base, posted) if node.base in (int, float) else posted


def _number(base: type, posted: str) -> Json:
    try:
        if base is int:
            return int(posted)
        number = float(posted)
    except ValueError:
        return posted
    return number if math.isfinite(number) else posted


def _parse_span(part: str) -> Json:
    times: list[Json] = [time.strip().zfill(len("00:00")) for time in part.split("-")]
    return times


def _span(span: Json) -> str:
    return "-".join(map(_text, span)) if isinstance(span, list) else _text(span)


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
