"""Posted forms of the console read into the API's own shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import FieldError, Invalid, Malformed, Site, views

T = TypeVar("T")
_PLACE = re.compile(r"(.*) - at `\$\.(\w+)`")
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
        raise Invalid.field(found[2], "This cannot be read: correct it.") from error


def local_instant(site: Site, text: str) -> datetime | None:
    """An instant as a datetime field has it, in the site's time; None for an empty one. Raises Malformed."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site.timezone)) if text else None
    except ValueError:
        raise Malformed from None


def local_text(site: Site, instant: datetime | None) -> str:
    """Wall time at the site, for workbooks and fields; '' for none."""
    return instant.astimezone(ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M") if instant else ""


def local_day(text: str) -> date | None:
    """A date as a date field has it; None for an empty one. Raises Malformed."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed from None


def midnight(site: Site, day: date, days: int = 0) -> datetime:
    """The beginning of the day that is `days` after that one, at the site. Raises Malformed."""
    try:
        return datetime.combine(day, time.min, ZoneInfo(site.timezone)) + timedelta(days)
    except OverflowError:
        raise Malformed from None


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
