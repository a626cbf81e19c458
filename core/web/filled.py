"""What people filled in, read into the API's own shapes: structs, and months, days and instants at the site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from core.errors import Invalid, Malformed
from core.tenancy.directory import Site

T = TypeVar("T")
_PLACE = re.compile(r"(.*) - at `\$\.(\w+)`")
_MONTH = re.compile(r"(20\d\d)(?:[-/.年]|\s)?(\d{1,2})(?:月|[-/.]\d{1,2})?")
_MOST = re.compile(r"of length <= (\d+)")


def read_form(values: Mapping[str, object], shape: type[T]) -> T:
    """The struct that the values make. Raises Invalid naming the field that does not fit."""
    try:
        return msgspec.convert(dict(values), shape, strict=False)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        if found is None:
            raise Malformed from error
        most = _MOST.search(found[1])
        if most:
            raise Invalid.field(found[2], "Give at most {maximum} characters.", maximum=int(most[1])) from error
        if values.get(found[2]) == "":
            raise Invalid.field(found[2], "Choose an answer.") from error
        raise Invalid.field(found[2], "This cannot be read: correct it.") from error


def local_instant(site: Site, text: str, field: str = "") -> datetime | None:
    """An instant as a datetime field has it, in the site's time; None for an empty one. Raises Malformed, or Invalid
    where people may type into a `field` of that name."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site.timezone)) if text else None
    except ValueError:
        if field:
            raise Invalid.field(field, "This cannot be read: correct it.") from None
        raise Malformed from None


def local_text(site: Site, instant: datetime | None) -> str:
    """Wall time at the site, for workbooks and fields; '' for none."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def local_day(text: str) -> date | None:
    """A date of a century or two as a date field has it; None for an empty one. Raises Malformed."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed from None
    if day is not None and not 1900 <= day.year < 2200:
        raise Malformed
    return day


def local_month(text: str) -> date | None:
    """The first day of a month as a month field has it (`2026-11`), or as somebody types it where there is none; a day
    of it will do. None for an empty one. Raises Malformed."""
    if not text.strip():
        return None
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise Malformed
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise Malformed from None


def midnight(site: Site, day: date, days: int = 0) -> datetime:
    """The beginning of the day that is `days` after that one, at the site. Raises Malformed."""
    try:
        return datetime.combine(day, time.min, ZoneInfo(site.timezone)) + timedelta(days)
    except OverflowError:
        raise Malformed from None
