"""Posted forms of the console read into the API's own shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Invalid, Malformed, Site

T = TypeVar("T")
_PLACE = re.compile(r"(.*) - at `\$\.(\w+)`")


def read_form(values: Mapping[str, object], shape: type[T]) -> T:
    """The struct that the values make. Raises Invalid naming the field that does not fit."""
    try:
        return msgspec.convert(dict(values), shape, strict=False)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        if found is None:
            raise Malformed from error
        raise Invalid.field(found[2], "This cannot be read: correct it.") from error


def local_instant(site: Site, text: str, field: str) -> datetime | None:
    """An instant as a datetime field has it, in the site's time; None for an empty one. Raises Invalid."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site.timezone)) if text else None
    except ValueError:
        raise Invalid.field(field, "This cannot be read: correct it.") from None


def local_day(text: str) -> date | None:
    """A date as a date field has it; None for an empty one. Raises Malformed."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed from None
    if day is not None and not 2000 < day.year < 2100:
        raise Malformed
    return day


def scaled(text: str, factor: int, field: str) -> int:
    """A number as people write it, in parts of `factor`: 1.5 hours are 1500 thousandths. Raises Invalid."""
    try:
        number = Decimal(text.strip()) * factor
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise Invalid.field(field, "Give a number.") from None
    if whole != number:
        raise Invalid.field(field, "Give fewer digits behind the point.")
    return whole
