"""Posted forms of the console read into the API's own shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from core.sdk import Invalid, Malformed

T = TypeVar("T")
_PLACE = re.compile(r"(.*) - at `\$\.(\w+)`")


def read_form(values: Mapping[str, object], shape: type[T]) -> T:
    """The struct that the filled-in values make. Raises Invalid naming the field that does not fit."""
    try:
        return msgspec.convert({name: value for name, value in values.items() if value != ""}, shape, strict=False)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        if found is None:
            raise Malformed from error
        raise Invalid.field(found[2], "This cannot be read: correct it.") from error
