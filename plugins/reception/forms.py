"""Fields of a form as it was filled in, with its faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from core.sdk import FieldError, views


def fielder(values: Mapping[str, str], errors: Iterable[FieldError]) -> Any:
    """Makes the fields of a form that was filled in with these values, some of them wrong."""
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", value: str = "", **more: Any) -> views.Field:
        error = wrong.get(name)
        said = {"error": error.message, "params": error.params} if error else {}
        return views.Field(name, label, kind, values.get(name, value), **{**more, **said})

    return field


def of_place(faults: Iterable[FieldError]) -> Iterator[FieldError]:
    """What is wrong with the unit, at the field that it was looked up in."""
    return (msgspec.structs.replace(each, field="place") for each in faults if each.field == "unit_id")
