"""Posted forms of contact sheets, in which an empty field is one that was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from core.sdk import read_form as read

T = TypeVar("T")


def read_form(values: Mapping[str, object], shape: type[T]) -> T:
    """The struct that the filled-in values make. Raises Invalid naming the field that does not fit."""
    return read({name: value for name, value in values.items() if value != ""}, shape)
