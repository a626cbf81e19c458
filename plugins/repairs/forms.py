"""Numbers, days and instants of forms, with the field at fault."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from core.sdk import Invalid, Malformed, Site


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
